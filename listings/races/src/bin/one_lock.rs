//! With one lock over both accounts the reader cannot look between the writes: it sees 100.

use std::sync::{Barrier, Mutex};
use std::thread::{self, Builder};

const TOTAL: u32 = 100; // euros, all in savings at first
const MOVED: u32 = 40; // euros from savings to cash

struct Accounts {
    savings: u32,
    cash: u32,
}

fn main() {
    let (savings, cash) = (TOTAL, 0);
    let accounts = Mutex::new(Accounts { savings, cash }); // (1)
    let meeting = Barrier::new(2);

    let transfer = || {
        let mut accounts = accounts.lock().unwrap();
        accounts.savings -= MOVED;
        meeting.wait();
        meeting.wait();
        accounts.cash += MOVED;
    }; // (2)
    let read = || {
        meeting.wait();
        let locked_out = accounts.try_lock().is_err(); // (3)
        meeting.wait();
        let accounts = accounts.lock().unwrap(); // (4)
        (locked_out, accounts.savings + accounts.cash)
    };
    let (locked_out, seen) = thread::scope(|scope| {
        let builder = Builder::new().name("transfer".into());
        let writer = builder.spawn_scoped(scope, transfer);
        writer.expect("no thread to be had");
        let builder = Builder::new().name("reader".into());
        let reader = builder.spawn_scoped(scope, read);
        let reader = reader.expect("no thread to be had");
        reader.join().expect("worker panicked")
    });

    assert!(locked_out);
    println!("between the writes: the reader is locked out");
    println!("after both writes: {seen} of {TOTAL}");
    assert_eq!(seen, TOTAL);
}
