"""Threads read main's list without a copy; only `join` keeps main from going on too early."""

import threading

LEN = 100


def main():
    numbers = list(range(1, LEN + 1))
    sums = {}

    def add(name, start, end):
        sums[name] = sum(numbers[index] for index in range(start, end))  # (1)

    low_adder = threading.Thread(target=add, name="low", args=("low", 0, LEN // 2))
    high_adder = threading.Thread(target=add, name="high", args=("high", LEN // 2, LEN))
    low_adder.start()
    high_adder.start()
    low_adder.join()
    high_adder.join()  # (2) Python has no scope: a forgotten join goes unnoticed

    low_sum, high_sum = sums["low"], sums["high"]
    total = low_sum + high_sum
    assert total == 5_050
    print(f"low half {low_sum}, high half {high_sum}, together {total}")
    assert len(numbers) == LEN  # (3)
    print(f"main still has its {len(numbers)} numbers")


if __name__ == "__main__":
    main()
