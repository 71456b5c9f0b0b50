//! Each listing of the chapter, run as a reader runs it: what it must print, and always the same.

use listing_output::lines_of;

const RUNS: usize = 20;
/// A listing that hangs on purpose takes as long as its watchdog is patient.
const WATCHDOG_RUNS: usize = 3;

#[test]
fn two_locks_in_opposite_order_deadlock() {
    let deadlock = [
        "copy holds the scanner, waits for the printer",
        "fax holds the printer, waits for the scanner",
        "watchdog: copy waits for fax, fax waits for copy",
    ];
    let two_locks = env!("CARGO_BIN_EXE_two_locks");
    assert_eq!(lines_of(two_locks, WATCHDOG_RUNS), deadlock);
}

#[test]
fn one_mutex_locked_twice_deadlocks() {
    let lines = lines_of(env!("CARGO_BIN_EXE_relock"), WATCHDOG_RUNS);
    assert_eq!(lines[2..], ["watchdog: clerk waits for clerk"]);
}

#[test]
fn a_reentrant_lock_counts_down_under_itself() {
    let lines = lines_of(env!("CARGO_BIN_EXE_reentrant"), WATCHDOG_RUNS);
    for (line, step) in lines.iter().zip((1..=5).rev()) {
        assert_eq!(*line, format!("{step} at depth {}", 6 - step));
    }
}

#[test]
fn two_reentrant_locks_in_opposite_order_deadlock() {
    let lines = lines_of(env!("CARGO_BIN_EXE_reentrant"), WATCHDOG_RUNS);
    let deadlock = [
        "copy holds the scanner twice, fax the printer",
        "watchdog: copy waits for fax, fax waits for copy",
    ];
    assert_eq!(lines[5..], deadlock);
}

#[test]
fn philosophers_with_ordered_forks_all_eat() {
    let lines = lines_of(env!("CARGO_BIN_EXE_philosophers"), RUNS);
    assert_eq!(lines[4], "philosopher-4 takes fork-0, then fork-4");
    assert_eq!(lines[5..], ["500 meals, each fork used 200 times"]);
}

#[test]
fn both_locks_or_none_finishes() {
    let lines = lines_of(env!("CARGO_BIN_EXE_try_backoff"), RUNS);
    let pages = "after all tries: 2000 pages scanned, 2000 printed";
    assert_eq!(lines[1..], [pages]);
}

#[test]
fn the_request_that_closes_the_cycle_is_refused() {
    let lines = lines_of(env!("CARGO_BIN_EXE_wait_for_graph"), RUNS);
    let after_the_requests = [
        "c is refused: c -> a -> b -> c is a cycle",
        "b holds y and z",
        "a holds x and y",
    ];
    assert_eq!(lines[3..], after_the_requests);
}

#[test]
fn transfers_in_account_order_keep_the_total() {
    let lines = lines_of(env!("CARGO_BIN_EXE_bank_order"), RUNS);
    let balances = "4000 transfers: [11500, 10500, 9500, 8500]";
    assert_eq!(lines[1..], [balances, "total: 40000, as before"]);
}

#[test]
fn two_threads_that_listen_first_deadlock_on_channels() {
    let lines = lines_of(env!("CARGO_BIN_EXE_channels_too"), WATCHDOG_RUNS);
    let verdict = "watchdog: ada waits for ben, ben waits for ada";
    assert_eq!(lines[2..], [verdict]);
}

#[test]
fn send_or_receive_swaps_where_two_sends_are_stuck() {
    let lines = lines_of(env!("CARGO_BIN_EXE_swap_select"), RUNS);
    let swapped = [
        "both send first: both time out, both keep their fruit",
        "send or receive: ada got the pear, ben the apple",
    ];
    assert_eq!(lines, swapped);
}
