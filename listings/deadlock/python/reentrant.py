"""A re-entrant lock saves a thread from itself; two threads with two of them still deadlock."""

import os
import queue
import threading

PATIENCE_S = 0.3
STEPS = 5

depth = 0
depth_lock = threading.RLock()  # (1)
scanner = threading.RLock()
printer = threading.RLock()
each_holds_one = threading.Barrier(2)
reports = queue.Queue()


def main():
    count_down(STEPS)

    workers = [
        threading.Thread(target=work, args=("copy", scanner, printer), name="copy", daemon=True),
        threading.Thread(target=work, args=("fax", printer, scanner), name="fax", daemon=True),
    ]
    for worker in workers:
        worker.start()
    assert {reports.get(), reports.get()} == {"copy", "fax"}
    for lock in (scanner, printer):
        taken = lock.acquire(blocking=False)
        assert not taken
    print("copy holds the scanner twice, fax the printer")

    threading.Thread(target=watch, name="watchdog", daemon=True).start()
    for worker in workers:
        worker.join()
    raise AssertionError("both threads got both locks")


def work(name, first, second):
    with first, first:  # (2)
        each_holds_one.wait()
        reports.put(name)
        with second:  # (3)
            print(f"{name} has both")


def watch():
    try:
        reports.get(timeout=PATIENCE_S)
    except queue.Empty:
        print("watchdog: copy waits for fax, fax waits for copy", flush=True)
        os._exit(0)


def count_down(step):
    global depth
    with depth_lock:  # (4)
        depth += 1
        print(f"{step} at depth {depth}")
        assert depth == STEPS + 1 - step
        if step > 1:
            count_down(step - 1)


if __name__ == "__main__":
    main()
