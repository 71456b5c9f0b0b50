//! Money moves in two stores, and a reader between them sees 60 of 100: half of an update.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread::{self, Builder};

const TOTAL: u32 = 100; // euros, all in savings at first
const MOVED: u32 = 40; // euros from savings to cash

fn main() {
    let (savings, cash) = (AtomicU32::new(TOTAL), AtomicU32::new(0));
    let sum = || savings.load(SeqCst) + cash.load(SeqCst);
    let meeting = Barrier::new(2);

    let transfer = || {
        savings.store(TOTAL - MOVED, SeqCst);
        meeting.wait(); // (1)
        meeting.wait(); // (2)
        cash.store(MOVED, SeqCst);
    };
    let read = || {
        meeting.wait();
        let seen = sum(); // (3)
        meeting.wait();
        seen
    };
    let seen = thread::scope(|scope| {
        let builder = Builder::new().name("transfer".into());
        let writer = builder.spawn_scoped(scope, transfer);
        writer.expect("no thread to be had");
        let builder = Builder::new().name("reader".into());
        let reader = builder.spawn_scoped(scope, read);
        let reader = reader.expect("no thread to be had");
        reader.join().expect("worker panicked")
    });

    println!("between the stores: {seen} of {TOTAL}");
    println!("after both stores: {} of {TOTAL}", sum());
    assert_eq!(seen, TOTAL - MOVED);
    assert_eq!(sum(), TOTAL); // (4)
}
