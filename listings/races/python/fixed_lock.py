"""Both sellers have looked, and one sells: the look that counts is under the lock of the sale."""

import threading

TICKETS = 1

stock = TICKETS
lock = threading.Lock()


def main():
    both_have_looked = threading.Barrier(2)
    hopes, sales = [], []

    def sell_one():
        global stock
        with lock:
            hope = stock > 0  # (1)
        both_have_looked.wait()
        with lock:
            available = stock > 0  # (2)
            if available:
                stock -= 1  # (3)
        hopes.append(hope)
        sales.append(available)

    sellers = [threading.Thread(target=sell_one, name=f"seller-{i}") for i in (1, 2)]
    for seller in sellers:
        seller.start()
    for seller in sellers:
        seller.join()

    hoped, sold, left = sum(hopes), sum(sales), stock
    print(f"{TICKETS} ticket: {hoped} hoped, {sold} sold, {left} left")
    assert (hoped, sold, left) == (2, 1, 0)


if __name__ == "__main__":
    main()
