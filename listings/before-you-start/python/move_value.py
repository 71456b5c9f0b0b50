"""A value has any number of names: assignment adds one, and only `copy` makes a second list."""

import json


def main():
    basket = ["apple", "pear"]

    shopper = basket  # (1) nothing moves
    assert shopper is basket
    clone = shopper.copy()  # (2)
    shopper.append("plum")  # (3) the plum is in the basket, too
    assert basket == ["apple", "pear", "plum"]

    print("shopper has", json.dumps(shopper))
    print("clone has", json.dumps(clone))
    assert shopper == ["apple", "pear", "plum"]
    assert clone == ["apple", "pear"]

    price = 4
    paid = price  # (4)
    print(f"price {price}, paid {paid}")
    assert price + paid == 8


if __name__ == "__main__":
    main()
