"""The kernel takes the core from a thread that spins; nobody takes the thread from a task."""

import asyncio
import os
import queue
import resource
import threading

PATIENCE_S = 0.3

spin_on = False
never_filled = queue.SimpleQueue()


def main():
    global spin_on
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    preempted = []
    spinner = threading.Thread(target=lambda: preempted.append(spin()), name="spinner")
    spinner.start()
    while not spin_on:
        os.sched_yield()
    spin_on = False  # (1)
    spinner.join()
    assert preempted[0] >= 1  # (2)
    print("threads: the kernel took the core from the spinner, and main stopped it")

    gave_way = asyncio.run(two_tasks(spin_politely()))
    assert gave_way == 1  # (3)
    print("tasks: the spinner gave way, and the other stopped it", flush=True)

    spin_on = True  # only stop clears it
    threading.Thread(target=watch, name="watchdog", daemon=True).start()
    asyncio.run(two_tasks(spin_in_a_task()))  # (5)
    raise AssertionError("the spinner was stopped")


async def two_tasks(spinner):
    return (await asyncio.gather(spinner, stop()))[0]


async def stop():
    global spin_on
    spin_on = False


async def spin_politely():
    global spin_on
    spin_on, gave_way = True, 0
    while spin_on:
        gave_way += 1
        await asyncio.sleep(0)
    return gave_way


async def spin_in_a_task():
    return spin()


def spin():
    """Spins until it is stopped, and tells how often the core was taken from its thread."""
    global spin_on
    spin_on = True
    while spin_on:
        pass
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nivcsw


def watch():
    try:
        never_filled.get(timeout=PATIENCE_S)
    except queue.Empty:
        print("watchdog: the spinner does not give way, and the other never begins", flush=True)
        os._exit(0 if spin_on else 1)  # (4)


if __name__ == "__main__":
    main()
