//! A thread that locks a `Mutex` which it already holds waits for itself, for ever.

use std::process;
use std::sync::Mutex;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::Builder;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_millis(300);
const PRICE: u32 = 7; // euros
const PAID: u32 = 10; // euros

static TILL: Mutex<u32> = Mutex::new(100); // euros

fn main() {
    let (report, reports) = mpsc::channel();
    let sell = move || {
        let mut till = TILL.lock().unwrap(); // (1)
        *till += PAID;
        let can_take_it_again = TILL.try_lock().is_ok(); // (2)
        report.send(can_take_it_again).expect("main has gone");
        give_change(PAID - PRICE); // (3)
        println!("sold");
    };
    let clerk = Builder::new().name("clerk".into());
    let clerk = clerk.spawn(sell).expect("no thread to be had");

    let can_take_it_again = reports.recv().expect("no report");
    assert!(!can_take_it_again);
    println!("clerk holds the till: try_lock says no, even to clerk");
    println!("clerk calls give_change, which locks the till");

    let watch = move || {
        if reports.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            println!("watchdog: clerk waits for clerk");
            process::exit(0);
        }
    };
    let watchdog = Builder::new().name("watchdog".into());
    watchdog.spawn(watch).expect("no thread to be had");
    clerk.join().expect("worker panicked");
    unreachable!("one thread locked a Mutex twice");
}

fn give_change(change: u32) {
    let mut till = TILL.lock().unwrap(); // (4)
    *till -= change;
}
