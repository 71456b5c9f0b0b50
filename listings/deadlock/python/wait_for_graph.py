"""Three locks, three threads, one ring: the request that would close the cycle is refused."""

import threading


def main():
    a = start("a", ["x", "y"], 0)
    b = start("b", ["y", "z"], 1)
    c = start("c", ["z", "x"], 2)  # (1)
    for thread in (a, b, c):
        thread.join()
    assert outcomes == {"a": None, "b": None, "c": ["c", "a", "b", "c"]}  # (2)


class Cycle(Exception):
    pass


class LockTable:
    """Locks by name. A request that would close a cycle of waits is refused."""

    def __init__(self):
        self.changed = threading.Condition()
        self.holder = {}  # lock -> thread
        self.wants = {}  # thread -> lock

    def lock(self, thread, lock):
        with self.changed:
            chain = self.chain(thread, lock)
            if thread in chain[1:]:
                raise Cycle(chain)
            self.wants[thread] = lock
            self.changed.notify_all()
            self.changed.wait_for(lambda: lock not in self.holder)
            del self.wants[thread]
            self.holder[lock] = thread

    def unlock_all(self, thread):
        with self.changed:
            self.holder = {lock: holder for lock, holder in self.holder.items() if holder != thread}
            self.changed.notify_all()

    def chain(self, thread, lock):
        """`thread`, who holds `lock`, who holds what that one waits for, and so on."""
        with self.changed:  # an RLock: `lock` above holds it already
            chain = [thread]
            while holder := self.holder.get(lock):
                chain.append(holder)
                if holder == thread:
                    break
                lock = self.wants.get(holder)
            return chain

    def until_waiting(self, count):
        with self.changed:
            self.changed.wait_for(lambda: len(self.wants) >= count)


table = LockTable()
each_holds_one = threading.Barrier(3)
outcomes = {}


def start(me, locks, turn):
    def work():
        first, second = locks
        table.lock(me, first)
        each_holds_one.wait()
        table.until_waiting(turn)  # (3)
        chain = table.chain(me, second)
        print(f"{me} holds {first}, asks for {second}: {' -> '.join(chain)}")
        try:
            table.lock(me, second)  # (4)
            outcomes[me] = None
            print(f"{me} holds {first} and {second}")
        except Cycle as cycle:
            outcomes[me] = cycle.args[0]
            print(f"{me} is refused: {' -> '.join(outcomes[me])} is a cycle")
        table.unlock_all(me)  # (5)

    thread = threading.Thread(target=work, name=me, daemon=True)
    thread.start()
    return thread


if __name__ == "__main__":
    main()
