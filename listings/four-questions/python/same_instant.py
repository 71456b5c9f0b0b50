"""A thread that never left its core saw no other advance: Python code runs in turns."""

import os
import resource
import sys
import threading

LOOKS = 10

steps = 0
enough = False


def main():
    cores = sorted(os.sched_getaffinity(0))
    first, last = cores[0], cores[-1]
    on_one = together(first, first)  # (1)
    print(f"on one core: {on_one} of {LOOKS} looks")
    assert on_one == 0  # (2)
    on_two = together(first, last)
    print(f"≈ on first and last core: {on_two} of {LOOKS} looks")  # (3)
    assert on_two == 0 or not has_gil()  # the global interpreter lock lets one run


def together(here, there):
    """In how many looks another thread advanced while this one did not leave its core."""
    global enough
    enough = False
    stay_on(here)
    walker = threading.Thread(target=walk, args=(there,), name="walker", daemon=True)
    walker.start()
    count = 0
    for _ in range(LOOKS):
        switched, seen = switches(), steps  # (4)
        while steps == seen:  # (5)
            pass
        count += switches() == switched  # (6)
    enough = True
    walker.join()
    return count


def walk(core):
    global steps
    stay_on(core)
    while not enough:
        steps += 1


def has_gil():
    return getattr(sys, "_is_gil_enabled", lambda: True)()  # a build without it exists since 3.13


def stay_on(core):
    os.sched_setaffinity(0, {core})  # of the thread that calls, not of the process


def switches():
    usage = resource.getrusage(resource.RUSAGE_THREAD)
    return usage.ru_nvcsw + usage.ru_nivcsw


if __name__ == "__main__":
    main()
