"""Parts of a sum in several threads, one logical flow: the caller sees a single call."""

from concurrent.futures import ThreadPoolExecutor


def main():
    numbers = list(range(1, 1_001))
    for workers in range(1, 5):
        total = sum_of_squares(numbers, workers)  # (1)
        print(f"workers: {workers}, sum: {total}")
        assert total == 333_833_500  # (2)


def sum_of_squares(numbers, workers):
    length = -(-len(numbers) // workers)
    parts = [numbers[at : at + length] for at in range(0, len(numbers), length)]
    assert len(parts) == workers

    def add(part):
        return sum(n * n for n in part)  # (3)

    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="adder") as adders:
        return sum(adders.map(add, parts))


if __name__ == "__main__":
    main()
