//! Threads that hold both locks or none, and wait a random while between tries, all finish.

use std::sync::{Barrier, Mutex};
use std::thread::{self, Builder, JoinHandle};

const PAGES: u32 = 1_000; // per thread
const LONGEST_BACK_OFF: u64 = 64; // turns given away

static SCANNER: Mutex<u32> = Mutex::new(0); // pages so far
static PRINTER: Mutex<u32> = Mutex::new(0);
static TOGETHER: Barrier = Barrier::new(2);

fn main() {
    let copy = start("copy", 1, [&SCANNER, &PRINTER]);
    let fax = start("fax", 2, [&PRINTER, &SCANNER]); // (1)
    let refused = [copy, fax].map(|worker| worker.join().expect("worker panicked"));
    assert_eq!(refused, [true, true]);
    println!("each holds one lock: both are refused the other, both let go");

    let [scanned, printed] = [&SCANNER, &PRINTER].map(|pages| *pages.lock().unwrap());
    assert_eq!([scanned, printed], [2 * PAGES; 2]);
    println!("after all tries: {scanned} pages scanned, {printed} printed");
}

fn start(name: &str, seed: u64, locks: [&'static Mutex<u32>; 2]) -> JoinHandle<bool> {
    let work = move || {
        let refused = collide(locks);
        let mut random = seed;
        for _ in 0..PAGES {
            let mut longest = 1;
            while !use_both(locks) {
                random = random * 48_271 % 2_147_483_647; // (2)
                (0..=random % longest).for_each(|_| thread::yield_now());
                longest = LONGEST_BACK_OFF.min(2 * longest); // (3)
            }
        }
        refused
    };
    let builder = Builder::new().name(name.into());
    builder.spawn(work).expect("no thread to be had")
}

fn use_both([first, second]: [&Mutex<u32>; 2]) -> bool {
    let mut first = first.lock().unwrap();
    thread::yield_now(); // (4)
    let Ok(mut second) = second.try_lock() else {
        return false; // (5)
    };
    *first += 1;
    *second += 1;
    true
}

fn collide([first, second]: [&Mutex<u32>; 2]) -> bool {
    let _first = first.lock().unwrap();
    TOGETHER.wait();
    let refused = second.try_lock().is_err();
    TOGETHER.wait(); // (6)
    refused
}
