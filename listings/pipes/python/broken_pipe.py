"""A write that nobody can read any more fails or kills: which of the two, SIGPIPE decides."""

import os
import signal


def main():
    reader, writer = os.pipe()
    os.close(reader)  # (1)
    try:
        os.write(writer, b"anyone?")
    except BrokenPipeError as found:
        error = os.strerror(found.errno).lower()
    else:
        error = None
    assert error == "broken pipe"  # (2)
    print(f"SIGPIPE ignored, as at the start: {error}")

    child = os.fork()
    if child == 0:
        before = signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # (3)
        assert before == signal.SIG_IGN
        os.write(writer, b"anyone?")  # (4)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGPIPE  # (5)
    print("SIGPIPE by default: it killed the child")


if __name__ == "__main__":
    main()
