//! One ticket, two sellers: both check before either sells, so both sell, and -1 is left.

use std::sync::Barrier;
use std::sync::atomic::{AtomicI32, Ordering::SeqCst};
use std::thread::{self, Builder};

const TICKETS: i32 = 1;

fn main() {
    let stock = AtomicI32::new(TICKETS);
    let both_have_checked = Barrier::new(2);

    let sell_one = || {
        let available = stock.load(SeqCst) > 0; // (1)
        both_have_checked.wait();
        if available {
            stock.fetch_sub(1, SeqCst); // (2)
        }
        available
    };
    let sold = thread::scope(|scope| {
        let sellers = ["seller-1", "seller-2"].map(|name| {
            let builder = Builder::new().name(name.into());
            let seller = builder.spawn_scoped(scope, sell_one);
            seller.expect("no thread to be had")
        });
        sellers.map(|seller| seller.join().expect("worker panicked"))
    });

    let sold = sold.into_iter().filter(|&sold| sold).count();
    let left = stock.into_inner();
    println!("{TICKETS} ticket: {sold} sold, {left} left");
    assert_eq!((sold, left), (2, -1)); // (3)
}
