//! A thread-local exists once per thread: each counts in its own copy, and main's stays at 0.

use std::cell::Cell;
use std::thread::Builder;

const WORKERS: u32 = 3;

thread_local! {
    static CALLS: Cell<u32> = const { Cell::new(0) }; // (1)
}

fn main() {
    let mut handles = Vec::new();
    for worker in 1..=WORKERS {
        let work = move || {
            for _ in 0..worker * 10 {
                count_call();
            }
            CALLS.get() // (2)
        };
        let builder = Builder::new().name(format!("worker-{worker}"));
        handles.push(builder.spawn(work).expect("no thread to be had"));
    }
    for (worker, handle) in (1..=WORKERS).zip(handles) {
        let counted = handle.join().expect("worker panicked");
        println!("worker-{worker} counted {counted} calls");
        assert_eq!(counted, worker * 10);
    }
    println!("main counted {} calls", CALLS.get());
    assert_eq!(CALLS.get(), 0); // (3)
}

fn count_call() {
    CALLS.set(CALLS.get() + 1); // (4)
}
