//! A value has one owner: assignment moves it, and only `clone` makes a second one.

fn main() {
    let basket = vec!["apple", "pear"];
    let buffer = basket.as_ptr();

    let mut shopper = basket; // (1)
    assert_eq!(shopper.as_ptr(), buffer);
    let clone = shopper.clone(); // (2)
    shopper.push("plum"); // (3)

    println!("shopper has {shopper:?}");
    println!("clone has {clone:?}");
    assert_eq!(shopper, ["apple", "pear", "plum"]);
    assert_eq!(clone, ["apple", "pear"]);

    let price = 4;
    let paid = price; // (4)
    println!("price {price}, paid {paid}");
    assert_eq!(price + paid, 8);
}
