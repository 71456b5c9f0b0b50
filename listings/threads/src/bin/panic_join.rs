//! A panic ends only its own thread: `join` returns it as `Err`, and the other threads go on.

use std::sync::mpsc::{self, Sender};
use std::thread::{Builder, JoinHandle};

fn main() {
    let [(to_1, adder_1), (to_2, adder_2), (to_3, adder_3)] =
        ["adder-1", "adder-2", "adder-3"].map(start);

    to_1.send("1").expect("adder-1 has gone");
    to_2.send("two").expect("adder-2 has gone");
    to_3.send("3").expect("adder-3 has gone");
    drop(to_2);

    let payload = adder_2.join().expect_err("adder-2 did not panic"); // (1)
    let message = payload.downcast::<String>(); // (2)
    let message = message.expect("the message was not formatted");
    println!("adder-2: Err, {message}");
    assert_eq!(*message, "`two` is not a number");

    to_1.send("10").expect("adder-1 has gone"); // (3)
    to_3.send("30").expect("adder-3 has gone");
    drop((to_1, to_3));
    let sum_1 = adder_1.join().expect("worker panicked");
    let sum_3 = adder_3.join().expect("worker panicked");
    println!("adder-1: Ok, {sum_1}");
    println!("adder-3: Ok, {sum_3}");
    assert_eq!((sum_1, sum_3), (11, 33));
}

/// An adder sums the words that it is sent until its sender is dropped.
fn start(name: &str) -> (Sender<&'static str>, JoinHandle<u32>) {
    let (sender, words) = mpsc::channel();
    let add = move || words.iter().map(parse).sum();
    let handle = Builder::new().name(name.into()).spawn(add);
    (sender, handle.expect("no thread to be had"))
}

fn parse(word: &str) -> u32 {
    let number = word.parse();
    number.unwrap_or_else(|_| panic!("`{word}` is not a number")) // (4)
}
