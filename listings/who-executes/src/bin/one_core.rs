//! A core runs one thread at a time, and all tasks of one thread together use one core at most.

use std::hint::black_box;
use who_executes::{cores_used, give_way, pin_to_one_core, start, take_turns, task};

const STEPS: u32 = 1_000_000; // of each of two jobs
const TURNS: u32 = 20; // in which a task makes them
const ONE: f64 = 1.05; // core, with some slack: the clocks are not read at one instant

fn main() {
    let cores = cores_used(two_threads); // (1)
    println!("≈ two threads on all cores: {cores:.2} cores in use");
    let cores = cores_used(two_tasks);
    assert!(cores <= ONE); // (2)
    println!("two tasks on one thread, on all cores: at most one core in use");
    pin_to_one_core();
    let cores = cores_used(two_threads);
    assert!(cores <= ONE); // (3)
    println!("two threads pinned to one core: at most one core in use");
}

fn two_threads() {
    let workers = ["busy-1", "busy-2"].map(|name| start(name, || compute(STEPS)));
    for worker in workers {
        worker.join().expect("worker panicked");
    }
}

fn two_tasks() {
    let busy = || async {
        for _ in 0..TURNS {
            compute(STEPS / TURNS);
            give_way().await; // (4)
        }
    };
    take_turns([task(busy()), task(busy())]);
}

fn compute(steps: u32) {
    for step in 0..steps {
        black_box(step);
    }
}
