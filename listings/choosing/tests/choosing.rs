//! Each listing of the chapter, run as a reader runs it: what it must print, and always the same.

use listing_output::lines_of;

const RUNS: usize = 10;

#[test]
fn six_designs_count_the_same_primes() {
    let lines = lines_of(env!("CARGO_BIN_EXE_matrix"), RUNS);
    let primes: usize = [1_000, 2_000, 3_000, 4_000, 5_000, 6_000]
        .map(choosing::primes_below)
        .iter()
        .sum();
    assert_eq!(lines.len(), 6);
    assert!(
        lines
            .iter()
            .all(|line| line.ends_with(&format!(", {primes} primes")))
    );
}

#[test]
fn asynchronous_designs_keep_all_six_jobs_open() {
    let lines = lines_of(env!("CARGO_BIN_EXE_matrix"), RUNS);
    let open = |line: &String| line.contains(" asynchronous 6 open at once, ");
    assert_eq!(lines.iter().filter(|line| open(line)).count(), 3);
}

#[test]
fn synchronous_designs_keep_one_job_open_for_each_worker() {
    let lines = lines_of(env!("CARGO_BIN_EXE_matrix"), RUNS);
    let open = |line: &String, jobs| line.contains(&format!(" synchronous  {jobs} open at once, "));
    assert!(
        open(&lines[0], 1) && open(&lines[2], 3) && open(&lines[4], 3),
        "{lines:?}"
    );
}

#[test]
fn on_one_core_waits_overlap_and_computing_does_not() {
    let lines = lines_of(env!("CARGO_BIN_EXE_cpu_vs_io"), RUNS);
    let expected = [
        "≈",
        "in turn   on one core: waits add up, one computes at a time",
        "≈",
        "4 threads on one core: waits overlap, one computes at a time",
        "≈",
        "4 tasks   on one core: waits overlap, one computes at a time",
        "≈",
    ];
    assert_eq!(lines, expected);
}
