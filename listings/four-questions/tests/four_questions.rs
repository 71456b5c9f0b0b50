//! Each listing of the chapter, run as a reader runs it: what it must print, and always the same.

use listing_output::lines_of;

const RUNS: usize = 20;

#[test]
fn a_caller_that_waits_goes_on_after_its_callee() {
    let lines = lines_of(env!("CARGO_BIN_EXE_call_and_wait"), RUNS);
    let callee = lines.iter().filter(|line| line.starts_with("callee"));
    assert_eq!(callee.count(), 2);
    assert_eq!(lines[3..], ["caller: goes on, with 25 primes"]);
}

#[test]
fn a_caller_may_wait_asleep_or_awake() {
    let lines = lines_of(env!("CARGO_BIN_EXE_two_ways_to_wait"), RUNS);
    let expected = [
        "recv: its thread fell asleep, and then it got 25",
        "try_recv: after 1000 times “not yet” and more, it got 25",
        "≈",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_caller_that_goes_on_learns_of_the_end_in_three_ways() {
    let lines = lines_of(env!("CARGO_BIN_EXE_call_and_go_on"), RUNS);
    let expected = [
        "main: goes on",
        "worker: callback, 25 primes",
        "main: goes on",
        "main: notice, 25 primes",
        "main: done? false, goes on",
        "main: done? true, 25 primes",
    ];
    assert_eq!(lines, expected);
}

/// The order of steps, the most jobs that were open, and the results, which never differ.
fn steps_and_open(program: &str) -> (String, String) {
    let lines = lines_of(program, RUNS);
    assert_eq!(lines[2..], ["results: [8, 27, 125]"]);
    (lines[0].clone(), lines[1].clone())
}

#[test]
fn serial_jobs_are_open_one_at_a_time() {
    let (steps, open) = steps_and_open(env!("CARGO_BIN_EXE_serial"));
    assert_eq!(steps, "steps: A1 A2 A3 B1 B2 B3 C1 C2 C3");
    assert_eq!(open, "open at once: 1");
}

#[test]
fn one_thread_keeps_three_jobs_open() {
    let (steps, open) = steps_and_open(env!("CARGO_BIN_EXE_concurrent_one_thread"));
    assert_eq!(steps, "steps: A1 B1 C1 A2 B2 C2 A3 B3 C3");
    assert_eq!(open, "open at once: 3");
}

#[test]
fn three_threads_keep_three_jobs_open() {
    let (steps, open) = steps_and_open(env!("CARGO_BIN_EXE_parallel"));
    assert_eq!(steps, "steps: A1 B1 C1 A2 B2 C2 A3 B3 C3");
    assert_eq!(open, "open at once: 3");
}

#[test]
fn on_one_core_no_two_threads_advance_at_the_same_instant() {
    let lines = lines_of(env!("CARGO_BIN_EXE_same_instant"), RUNS);
    assert_eq!(lines, ["on one core: 0 of 10 looks", "≈"]);
}

#[test]
fn a_sum_is_the_same_whatever_the_number_of_workers() {
    let lines = lines_of(env!("CARGO_BIN_EXE_one_flow"), RUNS);
    let sum = |workers| format!("workers: {workers}, sum: 333833500");
    assert_eq!(lines, [1, 2, 3, 4].map(sum));
}
