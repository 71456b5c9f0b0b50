"""On one core, threads and tasks let waits overlap; they compute no more than one thread does."""

import asyncio
import math
import os
import queue
import sys
import time
from concurrent.futures import ThreadPoolExecutor

JOBS = 4
ONE = 1.1  # at a time, with slack for the clocks
SEVERAL = 1.5  # at a time
DELAY = 0.1  # seconds that a slow peer takes
PIECES = 20  # a job computes in pieces, so that tasks can take turns
LIMIT = 2_000  # one piece counts the primes below this


def main():
    threads = computing_at_a_time(on_threads)  # (1)
    assert threads < ONE or not has_gil()  # the global interpreter lock lets one compute
    tasks = computing_at_a_time(as_tasks)
    assert tasks < ONE  # (2)
    print(f"≈ computing at a time on all cores: 4 threads {threads:.1f}, 4 tasks {tasks:.1f}")

    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # (3)
    for name, way in [("in turn", in_turn), ("4 threads", on_threads), ("4 tasks", as_tasks)]:
        waiting = waiting_at_a_time(way)  # (4)
        computing = computing_at_a_time(way)
        overlap = waiting > SEVERAL
        assert overlap == (way != in_turn)  # (5)
        assert computing < ONE  # (6)
        waits = "overlap" if overlap else "add up"
        print(f"{name:9} on one core: waits {waits}, one computes at a time")
        print(f"≈ at a time: waiting {waiting:.1f}, computing {computing:.1f}")


def has_gil():
    return getattr(sys, "_is_gil_enabled", lambda: True)()  # a build without it exists since 3.13


def in_turn(job, _):
    return [job() for _ in range(JOBS)]


def on_threads(job, _):
    with ThreadPoolExecutor(JOBS, "worker") as pool:
        return [future.result() for future in [pool.submit(job) for _ in range(JOBS)]]


def as_tasks(_, task):
    async def all_tasks():
        return await asyncio.gather(*(task() for _ in range(JOBS)))

    return asyncio.run(all_tasks())


def waiting_at_a_time(way):
    begin = time.monotonic()
    waits = way(wait, wait_later)
    return sum(waits) / (time.monotonic() - begin)


def computing_at_a_time(way):
    begin, spent = time.monotonic(), time.process_time()
    counts = way(compute, compute_in_turns)
    spent = time.process_time() - spent
    assert len(set(counts)) == 1
    return spent / (time.monotonic() - begin)


def wait():
    begin = time.monotonic()
    try:
        queue.Queue().get(timeout=DELAY)  # the time limit is the slow peer: nothing ever arrives
    except queue.Empty:
        return time.monotonic() - begin


async def wait_later():
    begin = time.monotonic()
    await asyncio.sleep(DELAY)
    return time.monotonic() - begin


def compute():
    return sum(primes_below(LIMIT) for _ in range(PIECES))


async def compute_in_turns():
    count = 0
    for _ in range(PIECES):
        count += primes_below(LIMIT)
        await asyncio.sleep(0)
    return count


def primes_below(limit):
    return sum(map(is_prime, range(2, limit)))


def is_prime(n):
    return all(n % d for d in range(2, math.isqrt(n) + 1))


if __name__ == "__main__":
    main()
