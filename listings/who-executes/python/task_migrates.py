"""A task has no thread of its own: one worker begins it, and another one goes on with it."""

import threading
import types

begun = []
both_wait = threading.Barrier(2)


def main():
    tasks = [look_twice(), look_twice()]
    assert begun == []  # (1)
    print("two tasks are made, and neither has begun")

    steps = [[], []]

    def work(own):
        steps[own].append(poll_once(tasks[own]))  # (2)
        both_wait.wait()
        steps[own].append(poll_once(tasks[1 - own]))  # (3)

    worker_1 = threading.Thread(target=work, args=(0,), name="worker-1")
    worker_2 = threading.Thread(target=work, args=(1,), name="worker-2")
    worker_1.start()
    worker_2.start()
    worker_1.join()
    worker_2.join()
    by_1, by_2 = steps
    assert by_2 == ["pending", [worker_1.ident, worker_2.ident]]  # (4)
    print("the first was begun by worker-1 and ended by worker-2")
    assert by_1 == ["pending", [worker_2.ident, worker_1.ident]]
    print("the second was begun by worker-2 and ended by worker-1")


async def look_twice():
    begun.append(True)
    before = threading.get_ident()
    await give_way()  # (5)
    return [before, threading.get_ident()]


@types.coroutine
def give_way():
    yield


def poll_once(coroutine):
    """What asyncio does with a task, except that asyncio keeps it in one thread."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    return "pending"


if __name__ == "__main__":
    main()
