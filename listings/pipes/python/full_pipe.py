"""A pipe holds so many bytes and no more: then a `write` waits, or is refused if it must not."""

import fcntl
import os


def main():
    reader, writer = os.pipe()
    capacity = fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ)  # (1)
    print(f"≈ this pipe holds {capacity} bytes")

    os.set_blocking(writer, False)  # (2)
    too_much = b"x" * (2 * capacity)
    taken = os.write(writer, too_much)
    assert taken == capacity  # (3)
    print("offered twice as many, it took exactly so many")

    try:
        os.write(writer, b"y")
    except BlockingIOError:
        refused = True
    else:
        refused = False
    assert refused  # (4)
    print("one more byte was refused: the pipe is full")

    with open(reader, "rb") as reader:
        drained = reader.read(capacity)
        assert drained == too_much[:capacity]
        taken = os.write(writer, too_much[capacity:])
        assert taken == len(too_much) - capacity  # (5)
    print("the reader emptied it, and the rest went in")


if __name__ == "__main__":
    main()
