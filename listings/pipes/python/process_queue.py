"""A `Queue` is shared by many processes: each job that one of them puts has one taker."""

import multiprocessing

SENDERS = 2
WORKERS = 3
JOBS = 60  # job n is a text of n letters: to do it is to count them


def main():
    fork = multiprocessing.get_context("fork")
    jobs, results = fork.Queue(), fork.SimpleQueue()  # (1)
    senders = [
        fork.Process(target=put_jobs, args=(index, jobs), daemon=True) for index in range(SENDERS)
    ]
    workers = [
        fork.Process(target=do_jobs, args=(index, jobs, results), daemon=True)
        for index in range(WORKERS)
    ]
    for child in workers + senders:
        child.start()  # (2) a worker closes nothing: its queue holds both ends
    for sender in senders:
        sender.join()  # what it put is in the queue: a process does not end before
    for _ in workers:
        jobs.put(None)  # (3) a queue has no end of file: one mark for each worker

    times_done, by_worker = [0] * JOBS, [0] * WORKERS
    for _ in range(JOBS):
        worker, job = results.get()  # (5)
        times_done[job - 1] += 1
        by_worker[worker] += 1
    for worker in workers:
        worker.join()
    assert all(child.exitcode == 0 for child in senders + workers)
    assert results.empty()
    assert times_done == [1] * JOBS  # (6)
    print(f"{SENDERS} senders, {WORKERS} workers, {JOBS} jobs: each was done once")
    print(f"≈ jobs by worker here: {by_worker}")


def put_jobs(index, jobs):
    for job in range(1 + index, JOBS + 1, SENDERS):
        jobs.put("x" * job)  # (4)


def do_jobs(worker, jobs, results):
    for job in iter(jobs.get, None):
        results.put((worker, len(job)))  # (7)


if __name__ == "__main__":
    main()
