"""Two threads take two locks in opposite order: each holds what the other waits for, for ever."""

import os
import queue
import threading

PATIENCE_S = 0.3

scanner = threading.Lock()
printer = threading.Lock()
each_holds_one = threading.Barrier(2)
reports = queue.Queue()


def main():
    workers = [  # (1)
        threading.Thread(target=work, args=("copy", scanner, printer), name="copy", daemon=True),
        threading.Thread(target=work, args=("fax", printer, scanner), name="fax", daemon=True),
    ]
    for worker in workers:
        worker.start()

    held = dict([reports.get(), reports.get()])  # (4)
    assert held == {"copy": scanner, "fax": printer}
    assert scanner.locked() and printer.locked()
    print("copy holds the scanner, waits for the printer")
    print("fax holds the printer, waits for the scanner")

    threading.Thread(target=watch, name="watchdog", daemon=True).start()
    for worker in workers:
        worker.join()  # (6)
    raise AssertionError("both threads got both locks")


def work(name, first, second):
    with first:
        each_holds_one.wait()  # (2)
        reports.put((name, first))
        with second:  # (3)
            print(f"{name} has both")


def watch():
    try:
        reports.get(timeout=PATIENCE_S)
    except queue.Empty:
        print("watchdog: copy waits for fax, fax waits for copy", flush=True)
        os._exit(0)  # (5) sys.exit would end only this thread


if __name__ == "__main__":
    main()
