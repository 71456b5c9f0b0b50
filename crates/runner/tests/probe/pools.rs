//! Programs to be traced that use what only tests depend on. An example, for a binary may not.

use std::env;
use std::process::ExitCode;
use std::thread::{self, sleep};
use std::time::Duration;

/// Long enough for the consumer to reach its wait, in one of three tries.
const MOMENT: Duration = Duration::from_millis(20);

fn main() -> ExitCode {
    match env::args().nth(1).as_deref() {
        Some("rayon") => rayon_sum(1_000_000),
        Some("crossbeam") => crossbeam_channel(),
        Some("tokio") => tokio_timers(),
        role => panic!("no role is called {role:?}"),
    }
    ExitCode::SUCCESS
}

fn rayon_sum(numbers: u64) {
    use rayon::prelude::*;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .thread_name(|number| format!("pool-{number}"))
        .build()
        .expect("no threads to be had");
    let odd = |number: &u64| (0..number % 50).fold(*number, |x, y| x ^ y.rotate_left(3)) % 2 == 1;
    let sum: u64 = pool.install(|| (0..numbers).into_par_iter().filter(odd).map(|_| 1).sum());
    println!("{sum}");
}

fn crossbeam_channel() {
    let (sender, receiver) = crossbeam::channel::bounded(0);
    let consumer = {
        let builder = thread::Builder::new().name("consumer".to_owned());
        let consume = move || receiver.iter().sum::<u32>();
        builder.spawn(consume).expect("no thread to be had")
    };
    for number in 1..=3 {
        sleep(MOMENT);
        sender.send(number).expect("consumer has gone");
    }
    drop(sender);
    assert_eq!(consumer.join().expect("consumer panicked"), 6);
}

fn tokio_timers() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("runtime")
        .enable_time()
        .build()
        .expect("no runtime to be had");
    let done = runtime.block_on(async {
        let tasks: Vec<_> = (1..=5)
            .map(|number| {
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_millis(10 * number)).await;
                    number
                })
            })
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.expect("a task panicked");
        }
        sum
    });
    println!("{done}");
}
