//! Must not compile (E0277): a `Cell` is written through a shared reference, by one thread only.

use std::cell::Cell;
use std::thread;

fn main() {
    let counter = Cell::new(0);
    thread::scope(|scope| {
        scope.spawn(|| counter.set(counter.get() + 1)); // (1)
        counter.set(counter.get() + 1); // (2)
    });
    println!("{}", counter.get());
}
