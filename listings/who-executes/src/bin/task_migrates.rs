//! A task has no thread of its own: one worker begins it, and another one goes on with it.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Barrier, Mutex};
use std::task::Poll::{Pending, Ready};
use std::thread::{self, Builder, ThreadId, current};
use who_executes::{give_way, poll_once, task};

static BEGUN: AtomicUsize = AtomicUsize::new(0);
static BOTH_WAIT: Barrier = Barrier::new(2);

fn main() {
    let tasks = [0, 1].map(|_| Mutex::new(task(look_twice())));
    assert_eq!(BEGUN.load(SeqCst), 0); // (1)
    println!("two tasks are made, and neither has begun");

    let work = |own: usize| {
        let first = poll_once(&mut tasks[own].lock().unwrap()); // (2)
        BOTH_WAIT.wait();
        [first, poll_once(&mut tasks[1 - own].lock().unwrap())] // (3)
    };
    thread::scope(|scope| {
        let [worker_1, worker_2] = [("worker-1", 0), ("worker-2", 1)].map(|(name, own)| {
            let worker = Builder::new().name(name.into());
            let worker = worker.spawn_scoped(scope, move || work(own));
            worker.expect("no thread to be had")
        });
        let (id_1, id_2) = (worker_1.thread().id(), worker_2.thread().id());
        let by_2 = worker_2.join().expect("worker panicked");
        let by_1 = worker_1.join().expect("worker panicked");
        assert_eq!(by_2, [Pending, Ready([id_1, id_2])]); // (4)
        println!("the first was begun by worker-1 and ended by worker-2");
        assert_eq!(by_1, [Pending, Ready([id_2, id_1])]);
        println!("the second was begun by worker-2 and ended by worker-1");
    });
}

async fn look_twice() -> [ThreadId; 2] {
    BEGUN.fetch_add(1, SeqCst);
    let before = current().id();
    give_way().await; // (5)
    [before, current().id()]
}
