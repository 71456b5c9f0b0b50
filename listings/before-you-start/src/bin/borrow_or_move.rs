//! A closure borrows what it uses, to read or to change it; with `move` it becomes the owner.

fn main() {
    let mut basket = vec!["apple", "pear"];

    let count = || basket.len(); // (1)
    println!("count says {}, main says {}", count(), basket.len());
    assert_eq!(count(), basket.len());

    let mut add = |fruit| basket.push(fruit); // (2)
    add("plum");
    println!("main has {basket:?}"); // (3)
    assert_eq!(basket, ["apple", "pear", "plum"]);

    let shopper = move || basket.join(" and "); // (4)
    println!("shopper has {}", shopper());
    assert_eq!(shopper(), "apple and pear and plum");
}
