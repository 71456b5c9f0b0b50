"""Three jobs in three threads: all are open at once; in a default CPython they take turns."""

import threading

everyone = threading.Barrier(3)
steps = []


def main():
    jobs = three_jobs()
    threads = []
    for name, job in zip("abc", jobs):
        thread = threading.Thread(target=all_steps, args=(job,), name=name, daemon=True)
        thread.start()  # (1)
        threads.append(thread)
    for thread in threads:
        thread.join()
    rounds = [sorted(steps[first : first + 3]) for first in range(0, len(steps), 3)]  # (2)
    in_order = sum(rounds, [])
    results = [job.result for job in jobs]

    report(in_order, results)
    assert " ".join(in_order) == "A1 B1 C1 A2 B2 C2 A3 B3 C3"
    assert most_open(in_order) == 3
    assert results == [8, 27, 125]


def all_steps(job):
    for step in job.steps:
        steps.append(step)
        everyone.wait()  # (3)


class Job:
    """A job raises a number to the third power: one multiplication is one step."""

    def __init__(self, name, base):
        self.name = name
        self.base = base
        self.result = 1
        self.steps = self.make_steps()

    def make_steps(self):
        for step in range(1, 4):
            self.result *= self.base
            yield f"{self.name}{step}"


def three_jobs():
    return [Job("A", 2), Job("B", 3), Job("C", 5)]


def report(steps, results):
    print("steps:", *steps)
    print("open at once:", most_open(steps))
    print("results:", results)


def most_open(steps):
    """The most jobs that were open at one time: from its first step to its last."""
    spans = []
    for job in {step[0] for step in steps}:
        places = [place for place, step in enumerate(steps) if step[0] == job]
        spans.append(range(places[0], places[-1] + 1))
    return max(sum(place in span for span in spans) for place in range(len(steps)))


if __name__ == "__main__":
    main()
