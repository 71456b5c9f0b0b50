"""`with` cleans up when its block is left, whichever way; without `with`, nothing does."""

import threading


def main():
    money = 100
    lock = threading.Lock()
    for price in [60, 60]:
        with Bell():  # (1)
            with lock:  # (2)
                assert lock.locked()
                if money < price:
                    break  # (3)
                money -= price
                print(f"paid {price}")
    assert not lock.locked()  # (4)
    assert money == 40
    print("the lock is free again")

    def forgetful():
        lock.acquire()

    forgetful()
    assert lock.locked()


class Bell:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        print("the bell rings")  # (5)


if __name__ == "__main__":
    main()
