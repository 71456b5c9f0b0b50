//! Scoped threads may borrow a local array: the scope does not end before they have.

use std::thread::{self, Builder};

const LEN: usize = 100;

fn main() {
    let numbers: [usize; LEN] = std::array::from_fn(|index| index + 1);
    let (low, high) = numbers.split_at(LEN / 2);

    let (low_sum, high_sum) = thread::scope(|scope| {
        let low_adder = Builder::new()
            .name("low".into())
            .spawn_scoped(scope, || low.iter().sum::<usize>()) // (1)
            .expect("no thread to be had");
        let high_adder = Builder::new()
            .name("high".into())
            .spawn_scoped(scope, || high.iter().sum::<usize>())
            .expect("no thread to be had");
        let low_sum = low_adder.join().expect("worker panicked");
        let high_sum = high_adder.join().expect("worker panicked");
        (low_sum, high_sum)
    }); // (2)

    let sum = low_sum + high_sum;
    assert_eq!(sum, 5_050);
    println!("low half {low_sum}, high half {high_sum}, together {sum}");
    assert_eq!(numbers.len(), LEN); // (3)
    println!("main still has its {} numbers", numbers.len());
}
