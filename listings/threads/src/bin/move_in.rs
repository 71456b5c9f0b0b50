//! `move` gives a list to a thread and `join` gives it back: one buffer, never copied or shared.

use std::thread::Builder;

fn main() {
    let mut basket = Vec::with_capacity(3);
    basket.extend(["apple", "pear"]);
    let buffer = basket.as_ptr().addr();
    println!("main gives {basket:?}");

    let shopper = Builder::new()
        .name("shopper".into())
        .spawn(move || {
            basket.push("plum"); // (1)
            basket // (2)
        })
        .expect("no thread to be had");

    let basket = shopper.join().expect("worker panicked"); // (3)
    println!("main gets  {basket:?}");
    assert_eq!(basket, ["apple", "pear", "plum"]);
    assert_eq!(basket.as_ptr().addr(), buffer); // (4)
    println!("the same list came back, not a copy");
}
