"""Two callers wait: `get` puts one to sleep, the other asks `get_nowait`, and is told: not yet."""

import math
import os
import queue
import resource
import threading
from pathlib import Path

ENOUGH = 1_000  # answers “not yet”
PRIMES = 25

not_yet = 0


def main():
    answer, sleeper = start("sleeper", lambda answers: answers.get())  # (1)
    while sleeps_of(sleeper) <= sleeper.before:
        os.sched_yield()  # (2)
    answer.put(PRIMES)
    got, slept = result(sleeper)
    print(f"recv: its thread fell asleep, and then it got {PRIMES}")
    assert got == PRIMES
    assert slept >= 1

    answer, asker = start("asker", ask_again)
    while not_yet < ENOUGH:
        os.sched_yield()  # (3)
    answer.put(PRIMES)
    got, slept = result(asker)
    print(f"try_recv: after {ENOUGH} times “not yet” and more, it got {PRIMES}")
    print(f"≈ and fell asleep {slept} times")  # (4) waiting for the interpreter, now and then
    assert got == PRIMES


def ask_again(answers):
    global not_yet
    while True:
        try:
            return answers.get_nowait()
        except queue.Empty:
            not_yet += 1


class Caller(threading.Thread):
    """Waits in its way, and counts how often it fell asleep."""

    def __init__(self, name, wait):
        super().__init__(name=name, daemon=True)  # if main fails, it must not wait for it
        self.answers = queue.Queue()
        self.wait = wait
        self.before = math.inf

    def run(self):
        self.before = sleeps()
        self.got = self.wait(self.answers)
        self.slept = sleeps() - self.before


def start(name, wait):
    caller = Caller(name, wait)
    caller.start()
    return caller.answers, caller


def result(caller):
    caller.join()
    return caller.got, caller.slept


def sleeps():
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw


def sleeps_of(caller):
    status = Path(f"/proc/self/task/{caller.native_id}/status").read_text()
    return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])


if __name__ == "__main__":
    main()
