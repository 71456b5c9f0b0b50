"""Two threads of three steps have 20 orders: 2 give the right sum, 18 lose an update."""

import itertools

STEPS = 3  # of each thread: read, add, write
TURNS = 2 * STEPS


class Adder:
    steps_done = 0
    own_copy = 0


def main():
    orders_with_total = [0, 0, 0]
    for turns in itertools.product([0, 1], repeat=TURNS):
        if sum(turns) != STEPS:
            continue  # (1)
        total = run(turns)
        names = "".join("AB"[turn] for turn in turns)
        print(f"{names}: {total}")
        orders_with_total[total] += 1
    none, one, two = orders_with_total
    print(f"{one} orders give 1, {two} give 2")
    assert [none, one, two] == [0, 18, 2]  # (2)


def run(turns):
    counter = 0
    adders = [Adder(), Adder()]
    for turn in turns:
        adder = adders[turn]
        match adder.steps_done:
            case 0:
                adder.own_copy = counter  # (3)
            case 1:
                adder.own_copy += 1
            case _:
                counter = adder.own_copy
        adder.steps_done += 1
    return counter


if __name__ == "__main__":
    main()
