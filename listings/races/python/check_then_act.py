"""One ticket, two sellers: both check before either sells, so both sell, and -1 is left."""

import threading

TICKETS = 1

stock = TICKETS
lock = threading.Lock()


def main():
    both_have_checked = threading.Barrier(2)
    sales = []

    def sell_one():
        global stock
        with lock:
            available = stock > 0  # (1)
        both_have_checked.wait()
        if available:
            with lock:
                stock -= 1  # (2)
            sales.append("ticket")

    sellers = [threading.Thread(target=sell_one, name=f"seller-{i}") for i in (1, 2)]
    for seller in sellers:
        seller.start()
    for seller in sellers:
        seller.join()

    sold, left = len(sales), stock
    print(f"{TICKETS} ticket: {sold} sold, {left} left")
    assert (sold, left) == (2, -1)  # (3)


if __name__ == "__main__":
    main()
