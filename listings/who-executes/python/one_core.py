"""A core runs one thread at a time, and all tasks of one thread together use one core at most."""

import asyncio
import os
import resource
import threading
import time

STEPS = 400_000  # of each of two jobs
TURNS = 20  # in which a task makes them
ONE = 1.05  # core, with some slack: the clocks are not read at one instant
ROUNDS = 3


def main():
    cores = cores_used(two_threads)  # (1) the interpreter's lock allows one thread at a time
    print(f"≈ two threads on all cores: {cores:.2f} cores in use")
    cores = cores_used(two_tasks)
    assert cores <= ONE  # (2)
    print("two tasks on one thread, on all cores: at most one core in use")
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    cores = cores_used(two_threads)
    assert cores <= ONE  # (3)
    print("two threads pinned to one core: at most one core in use")


def two_threads():
    workers = [
        threading.Thread(target=compute, args=(STEPS,), name=name) for name in ("busy-1", "busy-2")
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def two_tasks():
    async def busy():
        for _ in range(TURNS):
            compute(STEPS // TURNS)
            await asyncio.sleep(0)  # (4)

    async def both():
        await asyncio.gather(busy(), busy())

    asyncio.run(both())


def compute(steps):
    for _ in range(steps):
        pass


def cores_used(work):
    """CPU time over wall time, in the one of some rounds in which it was highest."""

    def one_round():
        start = time.monotonic()
        before = cpu_time()
        work()
        used = cpu_time() - before
        return used / (time.monotonic() - start)

    return max(one_round() for _ in range(ROUNDS))


def cpu_time():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
