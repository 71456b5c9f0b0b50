//! The kernel takes the core from a thread that spins; nobody takes the thread from a task.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::{hint::spin_loop, thread::yield_now, time::Duration};
use who_executes::{give_way, pin_to_one_core, start, take_turns, task, times_preempted, watchdog};

const PATIENCE: Duration = Duration::from_millis(300);

static SPIN: AtomicBool = AtomicBool::new(false);

fn main() {
    pin_to_one_core();
    let spinner = start("spinner", spin);
    while !SPIN.load(SeqCst) {
        yield_now();
    }
    SPIN.store(false, SeqCst); // (1)
    let preempted = spinner.join().expect("worker panicked");
    assert!(preempted >= 1); // (2)
    println!("threads: the kernel took the core from the spinner, and main stopped it");

    let stop = || task(async { SPIN.store(false, SeqCst) });
    let polls = take_turns([task(spin_politely()), stop()]);
    assert_eq!(polls, 3); // (3)
    println!("tasks: the spinner gave way, and the other stopped it");

    SPIN.store(true, SeqCst); // only `stop` clears it
    watchdog(PATIENCE, || {
        println!("watchdog: the spinner does not give way, and the other never begins");
        i32::from(!SPIN.load(SeqCst)) // (4)
    });
    take_turns([task(async { _ = spin() }), stop()]); // (5)
    unreachable!("the spinner was stopped");
}

async fn spin_politely() {
    SPIN.store(true, SeqCst);
    while SPIN.load(SeqCst) {
        give_way().await;
    }
}

/// Spins until it is stopped, and tells how often the core was taken from its thread.
fn spin() -> i64 {
    SPIN.store(true, SeqCst);
    while SPIN.load(SeqCst) {
        spin_loop();
    }
    times_preempted()
}
