//! Types say what may be missing, what was forgotten, and what may go to another thread.

fn main() {
    let basket = for_a_thread(vec!["apple", "pear", "plum"]); // (1)
    let lengths: Vec<usize> = basket.iter().map(|fruit| fruit.len()).collect(); // (2)
    assert_eq!(lengths, [5, 4, 4]);

    for wanted in ["apple", "fig"] {
        match place_of(wanted, &basket) {
            Some(place) => println!("{wanted} is at {place}"), // (3)
            None => println!("{wanted} is missing"),
        }
    }
    assert_eq!(place_of("apple", &basket), Some(0));
    assert_eq!(place_of("fig", &basket), None);
}

fn place_of(wanted: &str, basket: &[&str]) -> Option<usize> {
    basket.iter().position(|fruit| *fruit == wanted)
}

fn for_a_thread<T: Send>(value: T) -> T {
    value // (4)
}
