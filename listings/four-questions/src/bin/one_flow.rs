//! Parallel work in one logical flow: threads add up parts, and the caller sees a single call.

use std::thread::{self, Builder};

fn main() {
    let numbers: Vec<u64> = (1..=1_000).collect();
    for workers in 1..=4 {
        let sum = sum_of_squares(&numbers, workers); // (1)
        println!("workers: {workers}, sum: {sum}");
        assert_eq!(sum, 333_833_500); // (2)
    }
}

fn sum_of_squares(numbers: &[u64], workers: usize) -> u64 {
    let length = numbers.len().div_ceil(workers);
    thread::scope(|scope| {
        let mut adders = Vec::new();
        for part in numbers.chunks(length) {
            let add = || part.iter().map(|n| n * n).sum::<u64>(); // (3)
            let adder = Builder::new().name("adder".into());
            adders.push(adder.spawn_scoped(scope, add).expect("no thread to be had"));
        }
        assert_eq!(adders.len(), workers);
        let sums = adders.into_iter().map(|adder| adder.join());
        sums.map(|sum| sum.expect("worker panicked")).sum()
    })
}
