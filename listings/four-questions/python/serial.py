"""Serial: the next job begins when the last is done, so one is open at a time."""


def main():
    jobs = three_jobs()
    steps = []
    for job in jobs:
        steps.extend(job.steps)  # (1)
    results = [job.result for job in jobs]

    report(steps, results)
    assert " ".join(steps) == "A1 A2 A3 B1 B2 B3 C1 C2 C3"
    assert most_open(steps) == 1
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
