//! Three locks, three threads, one ring: the request that would close the cycle is refused.

use deadlock::{Cycle, LockTable, Name};
use std::sync::Barrier;
use std::thread::{Builder, JoinHandle};

static TABLE: LockTable = LockTable::new();
static EACH_HOLDS_ONE: Barrier = Barrier::new(3);

fn main() {
    let a = start("a", ["x", "y"], 0);
    let b = start("b", ["y", "z"], 1);
    let c = start("c", ["z", "x"], 2); // (1)
    let outcomes = [a, b, c].map(|thread| thread.join().expect("worker panicked"));
    let cycle = Cycle(vec!["c", "a", "b", "c"]);
    assert_eq!(outcomes, [Ok(()), Ok(()), Err(cycle)]); // (2)
}

fn start(me: Name, [first, second]: [Name; 2], turn: usize) -> JoinHandle<Result<(), Cycle>> {
    let work = move || {
        TABLE.lock(me, first)?;
        EACH_HOLDS_ONE.wait();
        TABLE.until_waiting(turn); // (3)
        let chain = TABLE.chain(me, second);
        println!(
            "{me} holds {first}, asks for {second}: {}",
            chain.join(" -> ")
        );
        let outcome = TABLE.lock(me, second); // (4)
        match &outcome {
            Ok(()) => println!("{me} holds {first} and {second}"),
            Err(cycle) => println!("{me} is refused: {cycle} is a cycle"),
        }
        TABLE.unlock_all(me); // (5)
        outcome
    };
    let builder = Builder::new().name(me.into());
    builder.spawn(work).expect("no thread to be had")
}
