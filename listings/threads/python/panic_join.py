"""An exception ends only its own thread, but `join` does not return it: the thread must keep it."""

import queue
import threading


def main():
    adders = [Adder("adder-1"), Adder("adder-2"), Adder("adder-3")]
    for adder, word in zip(adders, ["1", "two", "3"]):
        adder.words.put(word)
    adder_1, adder_2, adder_3 = adders
    adder_2.words.put(None)

    assert adder_2.join() is None  # (1) for a thread that failed, too
    message = str(adder_2.error)  # (2)
    print(f"adder-2: Err, {message}")
    assert message == "`two` is not a number"

    adder_1.words.put("10")  # (3)
    adder_3.words.put("30")
    for adder in (adder_1, adder_3):
        adder.words.put(None)
        adder.join()
        assert adder.error is None
        print(f"{adder.name}: Ok, {adder.sum}")
    assert (adder_1.sum, adder_3.sum) == (11, 33)


class Adder(threading.Thread):
    """Sums the words that it is sent until it gets None."""

    def __init__(self, name):
        super().__init__(name=name, daemon=True)  # if main fails, it must not wait for them
        self.words = queue.Queue()
        self.sum = 0
        self.error = None
        self.start()

    def run(self):
        try:
            for word in iter(self.words.get, None):
                self.sum += parse(word)
        except ValueError as error:
            self.error = error


def parse(word):
    if not word.isdecimal():
        raise ValueError(f"`{word}` is not a number")  # (4)
    return int(word)


if __name__ == "__main__":
    main()
