"""`counter += 1` looks safe: CPython switches threads elsewhere. No rule of Python says so."""

import dis
import threading

PAIRS = 2_000  # each of two fresh threads
ROUNDS = 1_000_000  # additions per thread in the loop

counter = 0


def main():
    lost = 0
    for _ in range(PAIRS):
        total = two_threads_add(1)  # (1)
        assert 1 <= total <= 2
        lost += 2 - total
    print(f"≈ {lost} of {PAIRS} pairs lost an update")

    total = two_threads_add(ROUNDS)  # (2)
    assert 2 <= total <= 2 * ROUNDS  # (3)
    print(f"≈ {2 * ROUNDS - total} of {2 * ROUNDS} updates lost in a loop")

    steps = [instruction.opname for instruction in dis.get_instructions(add)]
    update = steps[steps.index("LOAD_GLOBAL") : steps.index("STORE_GLOBAL") + 1]
    assert len(update) == 4  # read, 1, add, write: not one step
    assert not any(step.startswith(("CALL", "JUMP", "RESUME")) for step in update)  # no place to switch


def two_threads_add(rounds):
    global counter
    counter = 0
    adders = [threading.Thread(target=add, args=(rounds,), name=f"adder-{i}") for i in (1, 2)]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join()
    return counter


def add(rounds):
    global counter
    while rounds:
        counter += 1  # (4)
        rounds -= 1


if __name__ == "__main__":
    main()
