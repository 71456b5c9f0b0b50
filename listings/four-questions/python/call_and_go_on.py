"""An asynchronous call returns at once; a callback, a notice or a handle tells of its end."""

import queue
import threading
from concurrent.futures import ThreadPoolExecutor

EXPECTED = [
    "main: goes on",
    "worker: callback, 25 primes",
    "main: goes on",
    "main: notice, 25 primes",
    "main: done? false, goes on",
    "main: done? true, 25 primes",
]

lines = []


def main():
    with one_worker() as pool:
        may_end, future = start(pool)
        future.add_done_callback(lambda done: say(f"callback, {done.result()} primes"))  # (1)
        say("goes on")
        may_end.set()  # (2)

    with one_worker() as pool:
        notices = queue.SimpleQueue()
        may_end, future = start(pool)
        future.add_done_callback(lambda done: notices.put(done.result()))
        say("goes on")
        may_end.set()
        primes = notices.get()  # (3)
        say(f"notice, {primes} primes")

    with one_worker() as pool:
        may_end, future = start(pool)
        done = future.done()  # (4)
        say(f"done? {str(done).lower()}, goes on")
        may_end.set()
        while not future.done():
            pass
        primes = future.result()
        say(f"done? true, {primes} primes")
    assert lines == EXPECTED


def say(what):
    is_main = threading.current_thread() is threading.main_thread()
    line = f"{'main' if is_main else 'worker'}: {what}"
    print(line)
    lines.append(line)


def one_worker():
    """A pool of one thread; leaving its block waits for all that the thread does."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="worker")


def start(pool):
    """Starts the work and returns. The work ends when it is told that it may."""
    may_end = threading.Event()

    def work():
        primes = sum(all(n % d for d in range(2, n)) for n in range(2, 100))
        may_end.wait()
        return primes

    return may_end, pool.submit(work)


if __name__ == "__main__":
    main()
