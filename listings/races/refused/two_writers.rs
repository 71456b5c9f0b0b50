//! Must not compile (E0499): two threads borrow one counter mutably at the same time.

use std::thread;

fn main() {
    let mut counter = 0;
    thread::scope(|scope| {
        scope.spawn(|| counter += 1); // (1)
        scope.spawn(|| counter += 1); // (2)
    });
    println!("{counter}");
}
