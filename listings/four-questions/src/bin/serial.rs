//! Serial: the next job begins when the last is done, so one is open at a time.

use four_questions::{most_open, report, three_jobs};

fn main() {
    let mut jobs = three_jobs();
    let mut steps = Vec::new();
    for job in &mut jobs {
        steps.extend(job); // (1)
    }
    let results = jobs.map(|job| job.result);

    report(&steps, &results);
    assert_eq!(steps.join(" "), "A1 A2 A3 B1 B2 B3 C1 C2 C3");
    assert_eq!(most_open(&steps), 1);
    assert_eq!(results, [8, 27, 125]);
}
