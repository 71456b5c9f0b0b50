"""`join` inside the start loop runs the threads one by one; after the loop, all can be alive."""

import threading

TASKS = 5

alive = 0
most_alive = 0
counting = threading.Lock()


def main():
    for task in range(TASKS):
        start(task, threading.Barrier(1)).join()  # (1)
    inside = reset_most_alive()

    no_wait = threading.Barrier(1)
    lazy_threads = (start(task, no_wait) for task in range(TASKS))  # (2)
    for thread in lazy_threads:
        thread.join()
    lazy = reset_most_alive()

    wait_for_all = threading.Barrier(TASKS)
    threads = [start(task, wait_for_all) for task in range(TASKS)]  # (3)
    for thread in threads:
        thread.join()
    after = reset_most_alive()

    print(f"join inside the loop:    {inside} alive at once")
    print(f"join on a lazy iterator: {lazy} alive at once")
    print(f"join after the loop:     {after} alive at once")
    assert inside == 1
    assert lazy == 1
    assert after == TASKS


def start(task, barrier):
    def live():
        global alive, most_alive
        with counting:
            alive += 1
            most_alive = max(most_alive, alive)
        barrier.wait()  # (4)
        with counting:
            alive -= 1

    thread = threading.Thread(target=live, name=f"task-{task + 1}")
    thread.start()
    return thread


def reset_most_alive():
    global most_alive
    most, most_alive = most_alive, 0
    return most


if __name__ == "__main__":
    main()
