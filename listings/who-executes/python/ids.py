"""The kernel has an id for each thread of a process, and for a thousand waiting tasks none."""

import asyncio
import os
import threading

TASKS = 1_000

meeting = threading.Barrier(3)


def main():
    found = []
    workers = [
        threading.Thread(target=stay, args=(found,), name=name) for name in ("worker-1", "worker-2")
    ]
    for worker in workers:
        worker.start()
    meeting.wait()
    listed = threads_listed()  # (1)
    waiting, listed_then = asyncio.run(wait_in_tasks())
    meeting.wait()

    ids = {threading.get_native_id()}
    for worker in workers:
        worker.join()
    for process, thread in found:
        assert process == os.getpid()  # (3)
        ids.add(thread)
    assert (len(ids), ids) == (3, listed)  # (4)
    print("main, worker-1, worker-2: one process id, three thread ids")
    assert (waiting, listed_then) == (TASKS, listed)  # (5)
    print(f"{TASKS} tasks have begun and wait: the kernel lists the same three")


def stay(found):
    meeting.wait()
    meeting.wait()
    found.append((os.getpid(), threading.get_native_id()))


def threads_listed():
    return {int(name) for name in os.listdir("/proc/self/task")}


async def wait_in_tasks():
    begun, word = [], asyncio.Event()

    async def wait(number):
        begun.append(number)
        await word.wait()

    tasks = [asyncio.create_task(wait(number)) for number in range(TASKS)]
    await asyncio.sleep(0)  # (2) now the event loop lets each of them begin
    waiting = [number for number in begun if not tasks[number].done()]
    return len(waiting), threads_listed()  # asyncio.run cancels those that wait


if __name__ == "__main__":
    main()
