"""A nested function shares the variables that it uses with everyone, for as long as it lives."""

import json


def main():
    basket = ["apple", "pear"]

    def count():
        return len(basket)  # (1)

    print(f"count says {count()}, main says {len(basket)}")
    assert count() == len(basket)

    def add(fruit):
        basket.append(fruit)  # (2) others may read meanwhile

    add("plum")
    print("main has", json.dumps(basket))  # (3)
    assert basket == ["apple", "pear", "plum"]

    def shopper():
        return " and ".join(basket)  # (4) nothing moves

    print("shopper has", shopper())
    assert shopper() == "apple and pear and plum"
    basket.append("fig")
    assert shopper() == "apple and pear and plum and fig"


if __name__ == "__main__":
    main()
