//! Two callers wait: `recv` puts one to sleep, the other asks `try_recv` and never sleeps.

use four_questions::{sleeps, sleeps_of};
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::thread::{self, Builder, JoinHandle};

const ENOUGH: u32 = 1_000; // answers “not yet”
const PRIMES: u32 = 25;

static NOT_YET: AtomicU32 = AtomicU32::new(0);
static BEFORE: AtomicI64 = AtomicI64::new(i64::MAX); // sleeps of a thread before it waits

// ANCHOR: main
fn main() {
    let (answer, sleeper) = start("sleeper", |answers| answers.recv().ok()); // (1)
    while sleeps_of("sleeper") <= Some(BEFORE.load(SeqCst)) {
        thread::yield_now(); // (2)
    }
    answer.send(PRIMES).expect("sleeper has gone");
    let (got, slept) = sleeper.join().expect("worker panicked");
    println!("recv: its thread fell asleep, and then it got {PRIMES}");
    assert_eq!(got, Some(PRIMES));
    assert!(slept >= 1);

    let (answer, asker) = start("asker", ask_again);
    while NOT_YET.load(SeqCst) < ENOUGH {
        thread::yield_now(); // (3)
    }
    answer.send(PRIMES).expect("asker has gone");
    let (got, slept) = asker.join().expect("worker panicked");
    println!("try_recv: after {ENOUGH} times “not yet” and more, it got {PRIMES}");
    println!("≈ and fell asleep {slept} times");
    assert_eq!(got, Some(PRIMES));
    assert_eq!(slept, 0); // (4)
}
// ANCHOR_END: main

fn ask_again(answers: &Receiver<u32>) -> Option<u32> {
    loop {
        match answers.try_recv() {
            Ok(answer) => return Some(answer),
            Err(TryRecvError::Empty) => NOT_YET.fetch_add(1, SeqCst),
            Err(TryRecvError::Disconnected) => return None,
        };
    }
}

type Caller = JoinHandle<(Option<u32>, i64)>;

/// Starts a caller that waits in its way, and counts how often it fell asleep.
fn start(name: &str, wait: fn(&Receiver<u32>) -> Option<u32>) -> (Sender<u32>, Caller) {
    let (answer, answers) = mpsc::channel();
    let call = move || {
        BEFORE.store(sleeps(), SeqCst);
        let got = wait(&answers);
        (got, sleeps() - BEFORE.load(SeqCst))
    };
    let caller = Builder::new().name(name.into()).spawn(call);
    (answer, caller.expect("no thread to be had"))
}
