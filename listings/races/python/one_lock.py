"""With one lock over both accounts the reader cannot look between the writes: it sees 100."""

import threading

TOTAL = 100  # euros, all in savings at first
MOVED = 40  # euros from savings to cash

savings, cash = TOTAL, 0
accounts_lock = threading.Lock()  # (1) nothing forces a reader to take it


def main():
    meeting = threading.Barrier(2)
    reports = []

    def transfer():
        global savings, cash
        with accounts_lock:
            savings -= MOVED
            meeting.wait()
            meeting.wait()
            cash += MOVED  # (2)

    def read():
        meeting.wait()
        locked_out = not accounts_lock.acquire(blocking=False)  # (3)
        meeting.wait()
        with accounts_lock:  # (4)
            reports.append((locked_out, savings + cash))

    writer = threading.Thread(target=transfer, name="transfer")
    reader = threading.Thread(target=read, name="reader")
    writer.start()
    reader.start()
    writer.join()
    reader.join()

    [(locked_out, seen)] = reports
    assert locked_out
    print("between the writes: the reader is locked out")
    print(f"after both writes: {seen} of {TOTAL}")
    assert seen == TOTAL


if __name__ == "__main__":
    main()
