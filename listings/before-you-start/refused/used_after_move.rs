//! Must not compile (E0382): the list was moved away, so its old name has nothing to print.

fn main() {
    let basket = vec!["apple", "pear"];
    let mut shopper = basket; // (1)
    shopper.push("plum");
    println!("{basket:?}"); // (2)
}
