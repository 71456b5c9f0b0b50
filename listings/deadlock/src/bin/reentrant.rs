//! A re-entrant lock saves a thread from itself; two threads with two of them still deadlock.

use deadlock::ReentrantLock;
use std::sync::Barrier;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::{cell::Cell, process, thread::Builder, time::Duration};

const PATIENCE: Duration = Duration::from_millis(300);
const STEPS: u32 = 5;

static DEPTH: ReentrantLock<Cell<u32>> = ReentrantLock::new(Cell::new(0)); // (1)
static SCANNER: ReentrantLock<()> = ReentrantLock::new(());
static PRINTER: ReentrantLock<()> = ReentrantLock::new(());
static EACH_HOLDS_ONE: Barrier = Barrier::new(2);

fn main() {
    count_down(STEPS);

    let (report, reports) = mpsc::channel();
    let jobs = [("copy", &SCANNER, &PRINTER), ("fax", &PRINTER, &SCANNER)];
    let workers = jobs.map(|(name, first, second)| {
        let report = report.clone();
        let work = move || {
            let _first = (first.lock(), first.lock()); // (2)
            EACH_HOLDS_ONE.wait();
            report.send(name).expect("main has gone");
            let _second = second.lock(); // (3)
        };
        let builder = Builder::new().name(name.into());
        builder.spawn(work).expect("no thread to be had")
    });
    drop(report);
    assert_eq!(reports.iter().take(2).count(), 2);
    assert!(SCANNER.try_lock().is_none() && PRINTER.try_lock().is_none());
    println!("copy holds the scanner twice, fax the printer");

    let watch = move || {
        if reports.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            println!("watchdog: copy waits for fax, fax waits for copy");
            process::exit(0);
        }
    };
    let watchdog = Builder::new().name("watchdog".into());
    watchdog.spawn(watch).expect("no thread to be had");
    for worker in workers {
        worker.join().expect("worker panicked");
    }
    unreachable!("both threads got both locks");
}

fn count_down(step: u32) {
    let depth = DEPTH.lock(); // (4)
    depth.set(depth.get() + 1);
    println!("{step} at depth {}", depth.get());
    assert_eq!(depth.get(), STEPS + 1 - step);
    if step > 1 {
        count_down(step - 1);
    }
}
