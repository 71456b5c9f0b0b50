"""A list goes to a thread and comes back, never copied; but main could use it all the while."""

import json
import threading


def main():
    basket = ["apple", "pear"]
    print("main gives", json.dumps(basket))
    returned = []

    def shop(basket):
        basket.append("plum")  # (1)
        returned.append(basket)  # (2)

    shopper = threading.Thread(target=shop, args=(basket,), name="shopper")
    shopper.start()
    shopper.join()  # (3)

    print("main gets ", json.dumps(returned[0]))
    assert returned[0] == ["apple", "pear", "plum"]
    assert returned[0] is basket  # (4)
    print("the same list came back, not a copy")


if __name__ == "__main__":
    main()
