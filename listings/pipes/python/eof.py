"""End of file comes when the last write end closes, in whatever process: a read returns nothing."""

import os
import select

WORDS = b"last words"


def main():
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.write(writer, WORDS)
        os._exit(0)  # (1)

    assert os.waitpid(child, 0) == (child, 0)
    words = os.read(reader, 64)
    assert words == WORDS  # (2)
    print(f"the child has ended, its {len(words)} bytes are read")

    assert read_would_wait(reader)  # (3)
    print("one write end is open: a read would wait")
    os.close(writer)
    assert not read_would_wait(reader)
    print("no write end is open: a read returns at once")

    for _ in range(2):
        end = os.read(reader, 64)
        assert end == b""  # (4)
        print(f"read returned {len(end)} bytes: the end")


def read_would_wait(reader):
    """Asks without waiting whether the pipe is empty and may still be written to."""
    ends = select.poll()
    ends.register(reader, select.POLLIN)
    return ends.poll(0) == []


if __name__ == "__main__":
    main()
