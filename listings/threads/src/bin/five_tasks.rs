//! Five threads each count the primes in one slice; `join` waits for a thread and brings its count.

use std::{collections::HashSet, thread};

const TASKS: u32 = 5;
const SLICE: u32 = 20_000; // numbers per task

fn main() {
    let mut handles = Vec::new();
    for task in 1..=TASKS {
        let slice = (task - 1) * SLICE..task * SLICE;
        let work = move || (thread::current().id(), slice.filter(is_prime).count());
        let builder = thread::Builder::new().name(format!("task-{task}"));
        handles.push(builder.spawn(work).expect("no thread to be had")); // (1)
        println!("task-{task} started");
    }
    let (mut ids, mut total) = (HashSet::new(), 0);
    for (task, handle) in (1..=TASKS).zip(handles) {
        let (id, primes) = handle.join().expect("worker panicked"); // (2)
        println!("task-{task} ended: {primes} primes");
        ids.insert(id);
        total += primes;
    }
    println!("all: {total} primes below {}", TASKS * SLICE);
    assert_eq!((ids.len(), total), (5, 9_592)); // (3)
}

fn is_prime(n: &u32) -> bool {
    *n > 1 && (2..=n.isqrt()).all(|d| !n.is_multiple_of(d))
}
