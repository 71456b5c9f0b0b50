//! Must not compile (E0382): what was moved into a thread is no longer there for main.

use std::thread;

fn main() {
    let numbers = vec![1, 2, 3];
    let printer = thread::spawn(move || println!("{numbers:?}")); // (1)
    printer.join().expect("worker panicked");
    println!("{numbers:?}"); // (2)
}
