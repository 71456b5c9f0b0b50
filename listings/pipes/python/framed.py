"""A pipe keeps the order of bytes, not where a write ended: a length before each message does."""

import os
import struct

MESSAGES = 100
BYTES_MORE = 7  # by so much is each message longer than the one before
LENGTH = struct.Struct("<I")


def main():
    stream = b"".join(frame(message(n)) for n in range(MESSAGES))
    for piece in [len(stream), 1_000, 3]:
        received = send_and_receive(stream, piece)
        assert len(received) == MESSAGES
        assert all(received[n] == message(n) for n in range(MESSAGES))  # (1)
        print(f"written in pieces of {piece} bytes: {MESSAGES} messages")
    try:
        send_and_receive(stream[:-1], len(stream))
    except EOFError as torn:
        error = str(torn)
    else:
        error = None
    assert error == "unexpected end of file"  # (2)
    print(f"one byte short: {error}")


def message(n):
    return bytes([n]) * (n * BYTES_MORE)


def frame(message):
    return LENGTH.pack(len(message)) + message  # (3)


def read_message(reader):
    """The next message, or None at an end that no message straddles."""
    first = reader.read(1)
    if not first:
        return None  # (4)
    (length,) = LENGTH.unpack(first + read_exact(reader, LENGTH.size - 1))
    return read_exact(reader, length)  # (5)


def read_exact(reader, length):
    found = reader.read(length)  # a buffered reader reads on until it has so many, or the end
    if len(found) < length:
        raise EOFError("unexpected end of file")
    return found


def send_and_receive(stream, piece):
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        with open(writer, "wb", buffering=0) as writer:
            for start in range(0, len(stream), piece):
                writer.write(stream[start : start + piece])
        os._exit(0)
    os.close(writer)
    try:
        with open(reader, "rb") as reader:
            return list(iter(lambda: read_message(reader), None))
    finally:
        assert os.waitpid(child, 0) == (child, 0)


if __name__ == "__main__":
    main()
