//! An asynchronous call returns at once; a callback, a notice or a handle tells of its end.

use std::sync::Mutex;
use std::sync::mpsc::{self, Sender};
use std::thread::{self, Builder, JoinHandle};

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

// ANCHOR: main
fn main() {
    let (may_end, worker) = start(|primes| say(&format!("callback, {primes} primes"))); // (1)
    say("goes on");
    may_end.send(()).expect("worker has gone"); // (2)
    worker.join().expect("worker panicked");

    let (notify, notices) = mpsc::channel();
    let (may_end, _worker) = start(move |primes| notify.send(primes).expect("main has gone"));
    say("goes on");
    may_end.send(()).expect("worker has gone");
    let primes = notices.recv().expect("worker has gone"); // (3)
    say(&format!("notice, {primes} primes"));

    let (may_end, worker) = start(|_| ());
    let done = worker.is_finished(); // (4)
    say(&format!("done? {done}, goes on"));
    may_end.send(()).expect("worker has gone");
    while !worker.is_finished() {
        thread::yield_now();
    }
    let primes = worker.join().expect("worker panicked");
    say(&format!("done? true, {primes} primes"));
    assert_eq!(*LINES.lock().unwrap(), EXPECTED);
}
// ANCHOR_END: main

const EXPECTED: [&str; 6] = [
    "main: goes on",
    "worker: callback, 25 primes",
    "main: goes on",
    "main: notice, 25 primes",
    "main: done? false, goes on",
    "main: done? true, 25 primes",
];

fn say(what: &str) {
    let line = format!("{}: {what}", thread::current().name().unwrap_or("?"));
    println!("{line}");
    LINES.lock().unwrap().push(line);
}

/// Starts the work and returns. The work ends when it is told that it may, and calls `tell`.
fn start(tell: impl FnOnce(usize) + Send + 'static) -> (Sender<()>, JoinHandle<usize>) {
    let (may_end, told) = mpsc::channel();
    let work = move || {
        let primes = (2..100_u32).filter(|n| (2..*n).all(|d| n % d != 0)).count();
        told.recv().expect("main has gone");
        tell(primes);
        primes
    };
    let worker = Builder::new().name("worker".into());
    (may_end, worker.spawn(work).expect("no thread to be had"))
}
