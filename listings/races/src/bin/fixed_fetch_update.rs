//! Both threads have read, and nothing is lost: an atomic update looks again as it writes.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::thread::{self, Builder};

const TICKETS: u32 = 1;

fn main() {
    let meeting = Barrier::new(2);

    let counter = AtomicU32::new(0);
    let seen = in_two_threads(|| {
        let seen = counter.load(SeqCst);
        meeting.wait();
        counter.fetch_add(1, SeqCst); // (1)
        seen
    });
    let total = counter.into_inner();
    println!("fetch_add: both had read 0, the counter says {total}");
    assert_eq!((seen, total), ([0, 0], 2));

    let stock = AtomicU32::new(TICKETS);
    let sold = in_two_threads(|| {
        let mut looks = 0;
        let take_one = |left: u32| {
            looks += 1;
            if looks == 1 {
                meeting.wait(); // (2)
            }
            left.checked_sub(1) // (3)
        };
        stock.fetch_update(SeqCst, SeqCst, take_one).is_ok()
    });
    let sold = sold.into_iter().filter(|&sold| sold).count();
    let left = stock.into_inner();
    println!("fetch_update: {TICKETS} ticket, {sold} sold, {left} left");
    assert_eq!((sold, left), (1, 0)); // (4)
}

fn in_two_threads<T: Send>(work: impl Fn() -> T + Sync) -> [T; 2] {
    thread::scope(|scope| {
        let workers = ["worker-1", "worker-2"].map(|name| {
            let builder = Builder::new().name(name.into());
            let worker = builder.spawn_scoped(scope, &work);
            worker.expect("no thread to be had")
        });
        workers.map(|worker| worker.join().expect("worker panicked"))
    })
}
