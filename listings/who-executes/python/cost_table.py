"""To begin and end a task costs less than a thread does, and a thread costs less than a process."""

import asyncio
import multiprocessing
import resource
import statistics
import threading

ROUNDS = 7

fork = multiprocessing.get_context("fork")


def main():
    costs = {"task": [], "thread": [], "process": []}
    for _ in range(ROUNDS):
        costs["task"].append(cpu_cost(500, many_tasks))  # (1)
        costs["thread"].append(cpu_cost(30, many_threads))
        costs["process"].append(cpu_cost(5, many_processes))
    task, thread, process = map(statistics.median, costs.values())  # (2)
    for name, cost in zip(costs, (task, thread, process)):
        print(f"≈ {name}: {cost * 1e6:.2f} µs of CPU time")
    assert task < thread < process  # (3)
    print("a task costs less than a thread, a thread less than a process")


def many_tasks(count):
    async def nothing():
        pass

    async def start_and_await():
        for _ in range(count):
            await asyncio.create_task(nothing())

    asyncio.run(start_and_await())


def many_threads(count):
    for _ in range(count):
        thread = threading.Thread(target=int, name="short")
        thread.start()
        thread.join()


def many_processes(count):
    for _ in range(count):
        process = fork.Process(target=int)
        process.start()
        process.join()
        assert process.exitcode == 0


def cpu_cost(count, work):
    """CPU time for one of so many."""
    before = cpu_time()
    work(count)
    return (cpu_time() - before) / count


def cpu_time():
    usages = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


if __name__ == "__main__":
    main()
