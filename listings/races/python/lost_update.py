"""Two threads add one to a counter at 0, and it says 1: both read before either writes."""

import threading

counter = 0


def main():
    both_have_read = threading.Barrier(2)

    def add_one():
        global counter
        seen = counter  # (1)
        both_have_read.wait()  # (2) `counter += 1` has no such place for a switch
        counter = seen + 1

    adders = [threading.Thread(target=add_one, name=f"adder-{i}") for i in (1, 2)]
    for adder in adders:
        adder.start()
    for adder in adders:
        adder.join()

    print(f"two threads added one each: the counter says {counter}")
    assert counter == 1  # (3)


if __name__ == "__main__":
    main()
