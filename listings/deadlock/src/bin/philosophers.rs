//! Five philosophers who all take the lower-numbered fork first eat 100 meals each.

use std::sync::{Barrier, Mutex};
use std::thread::{self, Builder};

const SEATS: usize = 5;
const MEALS: u32 = 100; // per philosopher

fn main() {
    let forks: [Mutex<u32>; SEATS] = Default::default(); // how often each was used
    let all_seated = Barrier::new(SEATS);

    thread::scope(|scope| {
        for seat in 0..SEATS {
            let (left, right) = (seat, (seat + 1) % SEATS);
            let (first, second) = (left.min(right), left.max(right)); // (1)
            println!("philosopher-{seat} takes fork-{first}, then fork-{second}");
            let (forks, all_seated) = (&forks, &all_seated);
            let dine = move || {
                all_seated.wait();
                for _ in 0..MEALS {
                    let mut first = forks[first].lock().unwrap();
                    thread::yield_now(); // (2)
                    let mut second = forks[second].lock().unwrap(); // (3)
                    *first += 1;
                    *second += 1;
                }
            };
            let builder = Builder::new().name(format!("philosopher-{seat}"));
            let started = builder.spawn_scoped(scope, dine);
            started.expect("no thread to be had");
        }
    });

    let uses = forks.map(|fork| fork.into_inner().unwrap());
    assert_eq!(uses, [2 * MEALS; SEATS]); // (4)
    let meals = uses.iter().sum::<u32>() / 2;
    assert_eq!(meals, 500);
    println!("{meals} meals, each fork used {} times", uses[0]);
}
