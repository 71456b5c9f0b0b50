"""Two threads that each listen before they speak deadlock on queues, with no lock of their own."""

import os
import queue
import threading

PATIENCE_S = 0.3

to_ada = queue.Queue()
to_ben = queue.Queue()
reports = queue.Queue()


def main():
    talkers = [
        threading.Thread(target=talk, args=("ada", to_ada, to_ben), name="ada", daemon=True),
        threading.Thread(target=talk, args=("ben", to_ben, to_ada), name="ben", daemon=True),
    ]
    for talker in talkers:
        talker.start()

    before = dict([reports.get(), reports.get()])
    assert before == {"ada": "empty", "ben": "empty"}  # (4)
    print("ada listens: the channel is open and empty")
    print("ben listens: the channel is open and empty")

    threading.Thread(target=watch, name="watchdog", daemon=True).start()
    for talker in talkers:
        talker.join()
    raise AssertionError("somebody spoke first")


def talk(name, ear, mouth):
    reports.put((name, "empty" if ear.empty() else "a word"))  # (1)
    heard = ear.get()  # (2)
    mouth.put(name)  # (3)
    print(f"{name} heard {heard}")


def watch():
    try:
        reports.get(timeout=PATIENCE_S)
    except queue.Empty:
        print("watchdog: ada waits for ben, ben waits for ada", flush=True)
        os._exit(0)


if __name__ == "__main__":
    main()
