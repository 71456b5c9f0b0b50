"""A thread uses the memory of its process; a child process has a copy, at the same addresses."""

import multiprocessing
import threading

number = [0]  # its id is its address, in CPython


def main():
    fork = multiprocessing.get_context("fork")
    child_end, parent_end = fork.Pipe()
    child = fork.Process(target=answer, args=(child_end, parent_end))
    child.start()  # (1)
    child_end.close()
    number[0] = 1  # (2)

    found = []
    thread = threading.Thread(target=lambda: found.append(look()), name="reader")
    thread.start()
    thread.join()
    parent_end.send("?")
    seen_by_child = parent_end.recv()  # (3)
    child.join()
    assert child.exitcode == 0

    assert found == [f"1 at {id(number)}"]
    print("the thread found 1")
    assert seen_by_child == f"0 at {id(number)}"  # (4)
    print("the child process found 0, at the same address")


def answer(child_end, parent_end):
    parent_end.close()
    child_end.recv()
    child_end.send(look())


def look():
    return f"{number[0]} at {id(number)}"


if __name__ == "__main__":
    main()
