//! Unforced, a lost update is luck: rare when two threads add once, common when they add in a loop.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread::{self, Builder};

const PAIRS: u32 = 3_000; // each of two fresh threads
const ROUNDS: u32 = 5_000_000; // additions per thread in the loop

fn main() {
    let mut lost = 0;
    for _ in 0..PAIRS {
        let total = two_threads_add(1); // (1)
        assert!((1..=2).contains(&total));
        lost += 2 - total;
    }
    println!("≈ {lost} of {PAIRS} pairs lost an update");

    let total = two_threads_add(ROUNDS); // (2)
    assert!((2..=2 * ROUNDS).contains(&total)); // (3)
    let (all, lost) = (2 * ROUNDS, 2 * ROUNDS - total);
    println!("≈ {lost} of {all} updates lost in a loop");
}

fn two_threads_add(rounds: u32) -> u32 {
    let counter = AtomicU32::new(0);
    let add = || {
        for _ in 0..rounds {
            let seen = counter.load(SeqCst);
            counter.store(seen + 1, SeqCst); // (4)
        }
    };
    thread::scope(|scope| {
        for name in ["adder-1", "adder-2"] {
            let builder = Builder::new().name(name.into());
            let adder = builder.spawn_scoped(scope, add);
            adder.expect("no thread to be had");
        }
    });
    counter.into_inner()
}
