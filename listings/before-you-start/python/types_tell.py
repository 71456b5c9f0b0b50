"""Types say little before the run: a missing value looks like any other, and 0 like a missing one."""


def main():
    basket = for_a_thread(["apple", "pear", "plum"])  # (1)
    lengths = [len(fruit) for fruit in basket]  # (2)
    assert lengths == [5, 4, 4]

    for wanted in ["apple", "fig"]:
        match place_of(wanted, basket):
            case None:
                print(f"{wanted} is missing")
            case place:
                print(f"{wanted} is at {place}")  # (3)
    assert place_of("apple", basket) == 0
    assert place_of("fig", basket) is None
    assert not place_of("apple", basket)  # as false as None, and yet found


def place_of(wanted, basket):
    places = (place for place, fruit in enumerate(basket) if fruit == wanted)
    return next(places, None)


def for_a_thread(value):
    return value  # (4) any object may go


if __name__ == "__main__":
    main()
