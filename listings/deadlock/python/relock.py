"""A thread that takes a `Lock` which it already holds waits for itself, for ever."""

import os
import queue
import threading

PATIENCE_S = 0.3
PRICE = 7  # euros
PAID = 10  # euros

till = 100  # euros
till_lock = threading.Lock()
reports = queue.Queue()


def main():
    clerk = threading.Thread(target=sell, name="clerk", daemon=True)
    clerk.start()

    can_take_it_again = reports.get()
    assert not can_take_it_again
    print("clerk holds the till: try_lock says no, even to clerk")
    print("clerk calls give_change, which locks the till")

    threading.Thread(target=watch, name="watchdog", daemon=True).start()
    clerk.join()
    raise AssertionError("one thread took a Lock twice")


def sell():
    global till
    with till_lock:  # (1)
        till += PAID
        can_take_it_again = till_lock.acquire(blocking=False)  # (2)
        reports.put(can_take_it_again)
        give_change(PAID - PRICE)  # (3)
        print("sold")


def watch():
    try:
        reports.get(timeout=PATIENCE_S)
    except queue.Empty:
        print("watchdog: clerk waits for clerk", flush=True)
        os._exit(0)


def give_change(change):
    global till
    with till_lock:  # (4)
        till -= change


if __name__ == "__main__":
    main()
