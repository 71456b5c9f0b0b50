"""Money moves in two assignments, and a reader between them sees 60 of 100: half of an update."""

import threading

TOTAL = 100  # euros, all in savings at first
MOVED = 40  # euros from savings to cash

savings, cash = TOTAL, 0


def main():
    meeting = threading.Barrier(2)
    reports = []

    def transfer():
        global savings, cash
        savings = TOTAL - MOVED
        meeting.wait()  # (1)
        meeting.wait()  # (2)
        cash = MOVED

    def read():
        meeting.wait()
        reports.append(savings + cash)  # (3)
        meeting.wait()

    writer = threading.Thread(target=transfer, name="transfer")
    reader = threading.Thread(target=read, name="reader")
    writer.start()
    reader.start()
    writer.join()
    reader.join()

    [seen] = reports
    print(f"between the stores: {seen} of {TOTAL}")
    print(f"after both stores: {savings + cash} of {TOTAL}")
    assert seen == TOTAL - MOVED
    assert savings + cash == TOTAL  # (4)


if __name__ == "__main__":
    main()
