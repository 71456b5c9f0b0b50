"""A `Pipe` carries objects from one process to another: the parent gets what the child sent."""

import multiprocessing
import os


def main():
    fork = multiprocessing.get_context("fork")
    reader, writer = fork.Pipe(duplex=False)  # (1) it frames and pickles what it carries

    child = fork.Process(target=say_hello, args=(reader, writer))
    child.start()

    writer.close()  # (4)
    greeting, signature = reader.recv()  # (5)
    try:
        reader.recv()
    except EOFError:
        ended = True
    else:
        ended = False
    assert ended
    child.join()
    assert child.exitcode == 0  # (6)

    print(f"the parent read: {greeting}")
    assert greeting == "hello from the child"
    assert signature == child.pid  # (7)
    print("it is signed with the process id of the child")


def say_hello(reader, writer):
    reader.close()  # (2)
    writer.send(("hello from the child", os.getpid()))  # (3) then multiprocessing calls os._exit


if __name__ == "__main__":
    main()
