//! Two threads add one to a counter at 0, and it says 1: both read before either writes.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread::{self, Builder};

fn main() {
    let counter = AtomicU32::new(0);
    let both_have_read = Barrier::new(2);

    let add_one = || {
        let seen = counter.load(SeqCst); // (1)
        both_have_read.wait(); // (2)
        counter.store(seen + 1, SeqCst);
    };
    thread::scope(|scope| {
        for name in ["adder-1", "adder-2"] {
            let builder = Builder::new().name(name.into());
            let adder = builder.spawn_scoped(scope, add_one);
            adder.expect("no thread to be had");
        }
    });

    let total = counter.into_inner();
    println!("two threads added one each: the counter says {total}");
    assert_eq!(total, 1); // (3)
}
