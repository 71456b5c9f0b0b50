"""Five threads each count the primes in one slice; `join` waits, a list holds the counts."""

import math
import threading

TASKS = 5
SLICE = 20_000  # numbers per task


def main():
    reports = [None] * TASKS

    def work(task):
        primes = sum(map(is_prime, range((task - 1) * SLICE, task * SLICE)))
        reports[task - 1] = (threading.current_thread(), primes)

    threads = []
    for task in range(1, TASKS + 1):
        thread = threading.Thread(target=work, args=(task,), name=f"task-{task}")
        thread.start()  # (1)
        threads.append(thread)
        print(f"task-{task} started")
    ids, total = set(), 0
    for task, thread in enumerate(threads, start=1):
        thread.join()  # (2) returns None: the result is in the list
        identity, primes = reports[task - 1]
        print(f"task-{task} ended: {primes} primes")
        ids.add(identity)
        total += primes
    print(f"all: {total} primes below {TASKS * SLICE}")
    assert (len(ids), total) == (5, 9_592)  # (3)


def is_prime(n):
    return n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))


if __name__ == "__main__":
    main()
