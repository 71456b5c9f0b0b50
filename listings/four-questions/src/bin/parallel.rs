//! Three jobs in three threads: all are open at once, and on several cores they may be parallel.

use four_questions::{Job, most_open, report, three_jobs};
use std::sync::{Barrier, Mutex};
use std::thread::{self, Builder};

static EVERYONE: Barrier = Barrier::new(3);
static STEPS: Mutex<Vec<String>> = Mutex::new(Vec::new());

// ANCHOR: main
fn main() {
    let mut jobs = three_jobs();
    thread::scope(|scope| {
        for (name, job) in ["a", "b", "c"].into_iter().zip(&mut jobs) {
            let thread = Builder::new().name(name.into());
            let started = thread.spawn_scoped(scope, || all_steps(job)); // (1)
            started.expect("no thread to be had");
        }
    });
    let mut steps = STEPS.lock().unwrap().clone();
    steps.chunks_mut(3).for_each(<[String]>::sort); // (2)
    let results = jobs.map(|job| job.result);

    report(&steps, &results);
    assert_eq!(steps.join(" "), "A1 B1 C1 A2 B2 C2 A3 B3 C3");
    assert_eq!(most_open(&steps), 3);
    assert_eq!(results, [8, 27, 125]);
}

fn all_steps(job: &mut Job) {
    for step in job {
        STEPS.lock().unwrap().push(step);
        EVERYONE.wait(); // (3)
    }
}
// ANCHOR_END: main
