//! Two threads take two locks in opposite order: each holds what the other waits for, for ever.

use std::process;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Barrier, Mutex};
use std::thread::Builder;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_millis(300);

static SCANNER: Mutex<&str> = Mutex::new("scanner");
static PRINTER: Mutex<&str> = Mutex::new("printer");
static EACH_HOLDS_ONE: Barrier = Barrier::new(2);

fn main() {
    let (report, reports) = mpsc::channel();
    let jobs = [("copy", &SCANNER, &PRINTER), ("fax", &PRINTER, &SCANNER)]; // (1)
    let workers = jobs.map(|(name, first, second)| {
        let report = report.clone();
        let work = move || {
            let first = first.lock().unwrap();
            EACH_HOLDS_ONE.wait(); // (2)
            report.send((name, *first)).expect("main has gone");
            let second = second.lock().unwrap(); // (3)
            println!("{name} has {first} and {second}");
        };
        let builder = Builder::new().name(name.into());
        builder.spawn(work).expect("no thread to be had")
    });
    drop(report);

    let mut held: Vec<_> = reports.iter().take(2).collect(); // (4)
    held.sort();
    assert_eq!(held, [("copy", "scanner"), ("fax", "printer")]);
    assert!(SCANNER.try_lock().is_err() && PRINTER.try_lock().is_err());
    println!("copy holds the scanner, waits for the printer");
    println!("fax holds the printer, waits for the scanner");

    let watch = move || {
        if reports.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            println!("watchdog: copy waits for fax, fax waits for copy");
            process::exit(0); // (5)
        }
    };
    let watchdog = Builder::new().name("watchdog".into());
    watchdog.spawn(watch).expect("no thread to be had");
    for worker in workers {
        worker.join().expect("worker panicked"); // (6)
    }
    unreachable!("both threads got both locks");
}
