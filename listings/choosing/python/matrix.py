"""One workload in six designs: who executes it and how it is called differ, the sum does not."""

import asyncio
import math
import multiprocessing
import socket
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

JOBS = 6
WORKERS = 3
SHARE = JOBS // WORKERS
STEP = 1_000  # the server's answers are limits: 1000, 2000, and so on
PRIMES = 2_903  # below 1000, 2000, ... 6000, added up


def main():
    designs = [
        ("one thread", "synchronous", 1, one_by_one),
        ("one thread", "asynchronous", 6, in_turn),
        ("3 threads", "synchronous", 3, threads_one_by_one),
        ("3 threads", "asynchronous", 6, threads_in_turn),
        ("3 processes", "synchronous", 3, processes_one_by_one),
        ("3 processes", "asynchronous", 6, processes_in_turn),
    ]
    for unit, call, open_at_once, carry_out in designs:
        server = SlowServer(open_at_once)  # (2)
        primes = carry_out(server.address)
        assert server.most_open() == open_at_once  # (3)
        assert primes == PRIMES  # (4)
        print(f"{unit:11} {call:12} {open_at_once} open at once, {primes} primes")


def one_by_one(server):
    return sum(ask_and_count(server) for _ in range(JOBS))


def in_turn(server, jobs=JOBS):
    async def ask_all():
        return sum(await asyncio.gather(*(ask_later_and_count(server) for _ in range(jobs))))

    return asyncio.run(ask_all())


def threads_one_by_one(server):
    with ThreadPoolExecutor(WORKERS, "worker") as pool:
        return sum(pool.map(ask_and_count, [server] * JOBS))


def threads_in_turn(server):
    # An event loop for each thread: a task of asyncio stays with its loop.
    with ThreadPoolExecutor(WORKERS, "worker") as pool:
        return sum(pool.map(in_turn, [server] * WORKERS, [SHARE] * WORKERS))


def processes_one_by_one(server):
    with process_pool() as pool:
        return sum(pool.map(ask_and_count, [server] * JOBS))


def processes_in_turn(server):
    with process_pool() as pool:
        return sum(pool.map(in_turn, [server] * WORKERS, [SHARE] * WORKERS))


def process_pool():
    # The server is a thread: a fork of a process with threads is not safe.
    return ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn"))


def ask_and_count(server):
    with socket.create_connection(server) as connection, connection.makefile() as answer:
        return primes_below(int(answer.read()))


async def ask_later_and_count(server):
    reader, writer = await asyncio.open_connection(*server)
    limit = int(await reader.read())
    writer.close()
    return primes_below(limit)


def primes_below(limit):
    return sum(map(is_prime, range(2, limit)))


def is_prime(n):
    return all(n % d for d in range(2, math.isqrt(n) + 1))


class SlowServer:
    """Answers nobody before so many connections are open at once."""

    def __init__(self, at_once):
        self.listener = socket.create_server(("localhost", 0))
        self.address = self.listener.getsockname()
        self.thread = threading.Thread(target=self.serve, args=(at_once,), name="server")
        self.thread.daemon = True  # when an assertion fails, nobody waits for it
        self.most = 0
        self.thread.start()

    def serve(self, at_once):
        answered = 0
        while answered < JOBS:
            connections = [self.listener.accept()[0] for _ in range(at_once)]
            connections += self.those_who_ask_too()
            self.most = max(self.most, len(connections))
            for connection in connections:
                answered += 1
                with connection:
                    connection.sendall(str(answered * STEP).encode())

    def those_who_ask_too(self):
        self.listener.setblocking(False)
        more = []
        try:
            while True:
                more.append(self.listener.accept()[0])
        except BlockingIOError:
            self.listener.setblocking(True)
        return more

    def most_open(self):
        self.thread.join()
        self.listener.close()
        return self.most


if __name__ == "__main__":  # (1) a worker imports this file too, and stops here
    main()
