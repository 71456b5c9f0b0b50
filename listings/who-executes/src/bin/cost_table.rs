//! To begin and end a task costs less than a thread does, and a thread costs less than a process.

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use std::array::from_fn;
use who_executes::{cpu_cost, poll_once, start, task};

const ROUNDS: usize = 15;

fn main() {
    let rounds: [_; ROUNDS] = from_fn(|_| {
        let task = cpu_cost(1_000, one_task); // (1)
        [task, cpu_cost(30, one_thread), cpu_cost(10, one_process)]
    });
    let [task, thread, process] = from_fn(|unit| {
        let mut costs = rounds.map(|costs| costs[unit]);
        costs.sort();
        costs[ROUNDS / 2] // (2)
    });
    for (name, cost) in [("task", task), ("thread", thread), ("process", process)] {
        println!("≈ {name}: {:.2} µs of CPU time", cost.as_secs_f64() * 1e6);
    }
    assert!(task < thread && thread < process); // (3)
    println!("a task costs less than a thread, a thread less than a process");
}

fn one_task() {
    let mut task = task(async {});
    assert!(poll_once(&mut task).is_ready());
}

fn one_thread() {
    start("short", || ()).join().expect("worker panicked");
}

fn one_process() {
    // SAFETY: all threads were joined, so the child inherits no lock that another one holds.
    let ForkResult::Parent { child } = unsafe { fork() }.expect("no process to be had") else {
        // SAFETY: `_exit` takes any status and ends this process at once.
        unsafe { libc::_exit(0) }
    };
    assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0)));
}
