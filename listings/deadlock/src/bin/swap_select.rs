//! If both send first, only a time-out ends the wait; if each sends or receives, both finish.

use crossbeam::channel::{Receiver, SendTimeoutError, Sender, bounded, select};
use std::sync::Barrier;
use std::thread::{self, Builder};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_millis(20);

fn main() {
    let (to_ben, from_ada) = bounded(0); // (1)
    let (to_ada, from_ben) = bounded(0);
    let both_gave_up = Barrier::new(2);
    let ada = ("ada", "apple", to_ben, from_ben);
    let ben = ("ben", "pear", to_ada, from_ada);

    let swaps = thread::scope(|scope| {
        let swappers = [ada, ben].map(|(name, fruit, give, take)| {
            let both_gave_up = &both_gave_up;
            let swap = move || {
                let stuck = give.send_timeout(fruit, PATIENCE); // (2)
                both_gave_up.wait();
                (stuck, swap_in_any_order(fruit, &give, &take))
            };
            let builder = Builder::new().name(name.into());
            let started = builder.spawn_scoped(scope, swap);
            started.expect("no thread to be had")
        });
        swappers.map(|swapper| swapper.join().expect("worker panicked"))
    });

    let [(ada_stuck, ada_got), (ben_stuck, ben_got)] = swaps;
    assert_eq!(ada_stuck, Err(SendTimeoutError::Timeout("apple"))); // (3)
    assert_eq!(ben_stuck, Err(SendTimeoutError::Timeout("pear")));
    println!("both send first: both time out, both keep their fruit");
    assert_eq!((ada_got, ben_got), ("pear", "apple"));
    println!("send or receive: ada got the {ada_got}, ben the {ben_got}");
}

type Fruit = &'static str;

fn swap_in_any_order(mine: Fruit, give: &Sender<Fruit>, take: &Receiver<Fruit>) -> Fruit {
    select! {
        send(give, mine) -> sent => { // (4)
            sent.expect("the other has gone");
            take.recv().expect("the other has gone")
        }
        recv(take) -> theirs => { // (5)
            give.send(mine).expect("the other has gone");
            theirs.expect("the other has gone")
        }
    }
}
