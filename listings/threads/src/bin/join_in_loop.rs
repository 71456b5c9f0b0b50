//! `join` inside the spawn loop runs the threads one by one; after the loop, all can be alive.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread::{Builder, JoinHandle};

const TASKS: usize = 5;

static ALIVE: AtomicUsize = AtomicUsize::new(0);
static MOST_ALIVE: AtomicUsize = AtomicUsize::new(0);
static NO_WAIT: Barrier = Barrier::new(1);
static WAIT_FOR_ALL: Barrier = Barrier::new(TASKS);

fn main() {
    for task in 1..=TASKS {
        let handle = start(task, &NO_WAIT);
        handle.join().expect("worker panicked"); // (1)
    }
    let inside = MOST_ALIVE.swap(0, SeqCst);

    let lazy_handles = (1..=TASKS).map(|task| start(task, &NO_WAIT)); // (2)
    for handle in lazy_handles {
        handle.join().expect("worker panicked");
    }
    let lazy = MOST_ALIVE.swap(0, SeqCst);

    let handles: Vec<_> = (1..=TASKS).map(|task| start(task, &WAIT_FOR_ALL)).collect(); // (3)
    for handle in handles {
        handle.join().expect("worker panicked");
    }
    let after = MOST_ALIVE.swap(0, SeqCst);

    println!("join inside the loop:    {inside} alive at once");
    println!("join on a lazy iterator: {lazy} alive at once");
    println!("join after the loop:     {after} alive at once");
    assert_eq!(inside, 1);
    assert_eq!(lazy, 1);
    assert_eq!(after, TASKS);
}

fn start(task: usize, barrier: &'static Barrier) -> JoinHandle<()> {
    let live = || {
        let alive = ALIVE.fetch_add(1, SeqCst) + 1;
        MOST_ALIVE.fetch_max(alive, SeqCst);
        barrier.wait(); // (4)
        ALIVE.fetch_sub(1, SeqCst);
    };
    let builder = Builder::new().name(format!("task-{task}"));
    builder.spawn(live).expect("no thread to be had")
}
