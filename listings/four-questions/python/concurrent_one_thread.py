"""Concurrent on one thread: three jobs are open at once, and take turns step by step."""

from collections import deque


def main():
    waiting = deque(three_jobs())
    steps, results = [], []
    while waiting:
        job = waiting.popleft()
        step = next(job.steps, None)
        if step:
            steps.append(step)
            waiting.append(job)  # (1)
        else:
            results.append(job.result)

    report(steps, results)
    assert " ".join(steps) == "A1 B1 C1 A2 B2 C2 A3 B3 C3"
    assert most_open(steps) == 3  # (2)
    assert results == [8, 27, 125]


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
