"""Threads that hold both locks or none, and wait a random while between tries, all finish."""

import random
import threading

PAGES = 1_000  # per thread
LONGEST_WAIT_S = 0.001

scanner = threading.Lock()
printer = threading.Lock()
pages = {scanner: 0, printer: 0}
refused = {}
together = threading.Barrier(2)


def main():
    copy = start("copy", 1, scanner, printer)
    fax = start("fax", 2, printer, scanner)  # (1)
    copy.join()
    fax.join()
    assert refused == {"copy": True, "fax": True}
    print("each holds one lock: both are refused the other, both let go")

    scanned, printed = pages[scanner], pages[printer]
    assert [scanned, printed] == [2 * PAGES] * 2
    print(f"after all tries: {scanned} pages scanned, {printed} printed")


def start(name, seed, first, second):
    def work():
        refused[name] = collide(first, second)
        chance = random.Random(seed)  # (2)
        for _ in range(PAGES):
            longest = LONGEST_WAIT_S / 64
            while not use_both(first, second, chance.uniform(0, longest)):
                longest = min(LONGEST_WAIT_S, 2 * longest)  # (3)

    worker = threading.Thread(target=work, name=name, daemon=True)
    worker.start()
    return worker


def use_both(first, second, patience_s):
    with first:
        if not second.acquire(timeout=patience_s):  # (4) the wait is part of the try
            return False  # (5)
        try:
            pages[first] += 1
            pages[second] += 1
        finally:
            second.release()
        return True


def collide(first, second):
    with first:
        together.wait()
        taken = second.acquire(timeout=LONGEST_WAIT_S)
        together.wait()  # (6)
        return not taken


if __name__ == "__main__":
    main()
