//! Concurrent on one thread: three jobs are open at once, and take turns step by step.

use four_questions::{most_open, report, three_jobs};
use std::collections::VecDeque;

fn main() {
    let mut waiting = VecDeque::from(three_jobs());
    let (mut steps, mut results) = (Vec::new(), Vec::new());
    while let Some(mut job) = waiting.pop_front() {
        if let Some(step) = job.next() {
            steps.push(step);
            waiting.push_back(job); // (1)
        } else {
            results.push(job.result);
        }
    }

    report(&steps, &results);
    assert_eq!(steps.join(" "), "A1 B1 C1 A2 B2 C2 A3 B3 C3");
    assert_eq!(most_open(&steps), 3); // (2)
    assert_eq!(results, [8, 27, 125]);
}
