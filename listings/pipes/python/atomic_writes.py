"""A write of at most PIPE_BUF bytes goes into a pipe in one piece, however many processes write."""

import os
from select import PIPE_BUF

NAMES = b"ABCD"
RECORDS = 50  # of each writer


def main():
    whole = whole_records(PIPE_BUF)
    assert whole == [RECORDS] * len(NAMES)  # (1)
    everything = len(NAMES) * RECORDS
    print(f"records of PIPE_BUF bytes: all {everything} arrived whole")

    whole = sum(whole_records(5 * PIPE_BUF))  # (2)
    print(f"≈ records five times as long: {whole} of {everything} arrived whole here")


def whole_records(length):
    """How many records of this length in bytes arrived whole, for each writer."""
    reader, writer = os.pipe()
    children = []
    for name in NAMES:
        child = os.fork()
        if child == 0:
            os.close(reader)
            record = bytes([name]) * length  # (3)
            for _ in range(RECORDS):
                assert os.write(writer, record) == length  # (4)
            os._exit(0)
        children.append(child)
    os.close(writer)
    with open(reader, "rb") as reader:
        stream = reader.read()
    for child in children:
        assert os.waitpid(child, 0) == (child, 0)
    assert len(stream) == len(NAMES) * RECORDS * length
    records = [stream[start : start + length] for start in range(0, len(stream), length)]
    return [records.count(bytes([name]) * length) for name in NAMES]  # (5)


if __name__ == "__main__":
    main()
