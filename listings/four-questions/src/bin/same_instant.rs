//! On one core two threads never advance at the same instant; on two they can.

use four_questions::{cores, stay_on, switches};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread::{self, Builder};

const LOOKS: usize = 10;

static STEPS: AtomicU64 = AtomicU64::new(0);
static ENOUGH: AtomicBool = AtomicBool::new(false);

// ANCHOR: main
fn main() {
    let cores = cores();
    let (first, last) = (cores[0], cores[cores.len() - 1]);
    let on_one = together(first, first); // (1)
    println!("on one core: {on_one} of {LOOKS} looks");
    assert_eq!(on_one, 0); // (2)
    let on_two = together(first, last);
    println!("≈ on first and last core: {on_two} of {LOOKS} looks"); // (3)
}

/// In how many looks another thread advanced while this one did not leave its core.
fn together(here: usize, there: usize) -> usize {
    stay_on(here);
    thread::scope(|scope| {
        walk_on(there, scope);
        let looks = (0..LOOKS).filter(|_| {
            let (switched, seen) = (switches(), STEPS.load(SeqCst)); // (4)
            while STEPS.load(SeqCst) == seen {} // (5)
            switches() == switched // (6)
        });
        let together = looks.count();
        ENOUGH.store(true, SeqCst);
        together
    })
}
// ANCHOR_END: main

/// Starts a thread that makes steps on this core until it is enough.
fn walk_on<'scope>(core: usize, scope: &'scope thread::Scope<'scope, '_>) {
    ENOUGH.store(false, SeqCst);
    let walk = move || {
        stay_on(core);
        while !ENOUGH.load(SeqCst) {
            STEPS.fetch_add(1, SeqCst);
        }
    };
    let walker = Builder::new().name("walker".into());
    let started = walker.spawn_scoped(scope, walk);
    started.expect("no thread to be had");
}
