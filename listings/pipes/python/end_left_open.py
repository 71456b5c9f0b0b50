"""A reader that keeps a write end open itself waits for ever: for it, the end never comes."""

import os
import queue
import threading

PATIENCE_S = 0.3
WORDS = b"last words"

never_filled = queue.SimpleQueue()


def main():
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        os.write(writer, WORDS)
        os._exit(0)
    # (1) the parent still has its writer

    assert os.waitpid(child, 0) == (child, 0)  # (2)
    words = os.read(reader, len(WORDS))
    assert words == WORDS
    print("the child said its last words and is gone", flush=True)

    threading.Thread(target=watch, name="watchdog", daemon=True).start()  # (4)
    read = os.read(reader, 1)  # (5)
    raise AssertionError(f"the read returned {read}")


def watch():
    try:
        never_filled.get(timeout=PATIENCE_S)
    except queue.Empty:
        print("watchdog: the reader waits, for its own write end is open", flush=True)
        os._exit(0)  # (3) sys.exit would end only this thread


if __name__ == "__main__":
    main()
