"""Five philosophers who all take the lower-numbered fork first eat 100 meals each."""

import os
import threading

SEATS = 5
MEALS = 100  # per philosopher

forks = [threading.Lock() for _ in range(SEATS)]
uses = [0] * SEATS  # of each fork
all_seated = threading.Barrier(SEATS)


def main():
    philosophers = []
    for seat in range(SEATS):
        left, right = seat, (seat + 1) % SEATS
        first, second = min(left, right), max(left, right)  # (1)
        print(f"philosopher-{seat} takes fork-{first}, then fork-{second}")
        philosopher = threading.Thread(
            target=dine, args=(first, second), name=f"philosopher-{seat}", daemon=True
        )
        philosopher.start()
        philosophers.append(philosopher)
    for philosopher in philosophers:
        philosopher.join()

    assert uses == [2 * MEALS] * SEATS  # (4)
    meals = sum(uses) // 2
    assert meals == 500
    print(f"{meals} meals, each fork used {uses[0]} times")


def dine(first, second):
    all_seated.wait()
    for _ in range(MEALS):
        with forks[first]:
            os.sched_yield()  # (2)
            with forks[second]:  # (3)
                uses[first] += 1
                uses[second] += 1


if __name__ == "__main__":
    main()
