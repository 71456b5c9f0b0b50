//! Must not compile (E0502): the loop reads the list, and meanwhile nobody may change it.

fn main() {
    let mut basket = vec!["apple", "pear"];
    let fruits = basket.iter(); // (1)
    for fruit in fruits {
        basket.push(fruit); // (2)
    }
    println!("{basket:?}");
}
