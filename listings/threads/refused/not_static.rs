//! Must not compile (E0373): a spawned thread could outlive the local variable that it borrows.

use std::thread;

fn main() {
    let numbers = vec![1, 2, 3];
    let printer = thread::spawn(|| println!("{numbers:?}")); // (1)
    printer.join().expect("worker panicked"); // (2)
}
