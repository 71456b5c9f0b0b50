"""A thread-local exists once per thread: each counts in its own copy, and main's stays at 0."""

import threading

WORKERS = 3


class Calls(threading.local):
    count = 0  # (1)


calls = Calls()


def main():
    counts = {}

    def work(worker):
        for _ in range(worker * 10):
            count_call()
        counts[worker] = calls.count  # (2)

    threads = []
    for worker in range(1, WORKERS + 1):
        thread = threading.Thread(target=work, args=(worker,), name=f"worker-{worker}")
        thread.start()
        threads.append(thread)
    for worker, thread in enumerate(threads, start=1):
        thread.join()
        print(f"worker-{worker} counted {counts[worker]} calls")
        assert counts[worker] == worker * 10
    print(f"main counted {calls.count} calls")
    assert calls.count == 0  # (3)


def count_call():
    calls.count += 1  # (4)


if __name__ == "__main__":
    main()
