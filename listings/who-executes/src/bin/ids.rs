//! The kernel has an id for each thread of a process, and for a thousand waiting tasks none.

use nix::unistd::{Pid, getpid, gettid};
use std::{collections::BTreeSet, sync::Barrier};
use who_executes::{give_way, poll_once, start, task, threads_listed};

const TASKS: usize = 1_000;
static MEETING: Barrier = Barrier::new(3);

fn main() {
    let workers = ["worker-1", "worker-2"].map(|name| start(name, stay));
    MEETING.wait();
    let listed = threads_listed(); // (1)
    let mut tasks: Vec<_> = (0..TASKS).map(|_| task(give_way())).collect();
    let begin = tasks.iter_mut().map(poll_once); // (2)
    let waiting = begin.filter(|step| step.is_pending()).count();
    let listed_then = threads_listed();
    MEETING.wait();

    let mut ids = BTreeSet::from([gettid()]);
    for worker in workers {
        let (process, thread) = worker.join().expect("worker panicked");
        assert_eq!(process, getpid()); // (3)
        ids.insert(thread);
    }
    assert_eq!((ids.len(), &ids), (3, &listed)); // (4)
    println!("main, worker-1, worker-2: one process id, three thread ids");
    assert_eq!((waiting, listed_then), (TASKS, listed)); // (5)
    println!("{TASKS} tasks have begun and wait: the kernel lists the same three");
}

fn stay() -> (Pid, Pid) {
    MEETING.wait();
    MEETING.wait();
    (getpid(), gettid())
}
