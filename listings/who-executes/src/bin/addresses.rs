//! A thread uses the memory of its process; a child process has a copy, at the same addresses.

use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use who_executes::{ask_child, start};

static NUMBER: AtomicU32 = AtomicU32::new(0);

fn main() {
    // SAFETY: this process has one thread.
    let child = unsafe { ask_child(look) }; // (1)
    NUMBER.store(1, SeqCst); // (2)

    let seen_by_thread = start("reader", look).join().expect("worker panicked");
    let seen_by_child = child(); // (3)

    let address = NUMBER.as_ptr();
    assert_eq!(seen_by_thread, format!("1 at {address:?}"));
    println!("the thread found 1");
    assert_eq!(seen_by_child, format!("0 at {address:?}")); // (4)
    println!("the child process found 0, at the same address");
}

fn look() -> String {
    format!("{} at {:?}", NUMBER.load(SeqCst), NUMBER.as_ptr())
}
