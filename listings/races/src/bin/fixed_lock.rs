//! Both sellers have looked, and one sells: the look that counts is under the lock of the sale.

use std::sync::{Barrier, Mutex};
use std::thread::{self, Builder};

const TICKETS: i32 = 1;

fn main() {
    let stock = Mutex::new(TICKETS);
    let both_have_looked = Barrier::new(2);

    let sell_one = || {
        let hope = *stock.lock().unwrap() > 0; // (1)
        both_have_looked.wait();
        let mut left = stock.lock().unwrap();
        let available = *left > 0; // (2)
        if available {
            *left -= 1; // (3)
        }
        (hope, available)
    };
    let sellers = thread::scope(|scope| {
        let sellers = ["seller-1", "seller-2"].map(|name| {
            let builder = Builder::new().name(name.into());
            let seller = builder.spawn_scoped(scope, sell_one);
            seller.expect("no thread to be had")
        });
        sellers.map(|seller| seller.join().expect("worker panicked"))
    });

    let hopes = sellers.iter().filter(|(hope, _)| *hope).count();
    let sold = sellers.iter().filter(|(_, sold)| *sold).count();
    let left = stock.into_inner().unwrap();
    println!("{TICKETS} ticket: {hopes} hoped, {sold} sold, {left} left");
    assert_eq!((hopes, sold, left), (2, 1, 0));
}
