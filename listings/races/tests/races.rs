//! Each listing of the chapter, run as a reader runs it: what it must print, and always the same.

use listing_output::output_of;

const RUNS: usize = 20;

#[test]
fn an_update_is_lost_when_both_read_before_either_writes() {
    let output = output_of(env!("CARGO_BIN_EXE_lost_update"), RUNS);
    assert_eq!(output, "two threads added one each: the counter says 1\n");
}

#[test]
fn unforced_losses_are_measured_and_never_exceed_the_updates() {
    let output = output_of(env!("CARGO_BIN_EXE_how_often"), 1);
    let lines: Vec<&str> = output.lines().collect();
    let [pairs, in_a_loop] = lines[..] else {
        panic!("not two lines: {output}");
    };
    assert!(measured(pairs, " of 3000 pairs lost an update") <= 3_000);
    assert!(measured(in_a_loop, " of 10000000 updates lost in a loop") <= 9_999_998);
}

/// The number between `≈` and `unit` of a line that carries a measurement.
fn measured(line: &str, unit: &str) -> u32 {
    let number = line.strip_prefix("≈ ").and_then(|l| l.strip_suffix(unit));
    let number = number.and_then(|number| number.parse().ok());
    number.unwrap_or_else(|| panic!("`{line}` is not a measurement of `{unit}`"))
}

#[test]
fn one_ticket_is_sold_twice_when_both_check_before_either_sells() {
    let output = output_of(env!("CARGO_BIN_EXE_check_then_act"), RUNS);
    assert_eq!(output, "1 ticket: 2 sold, -1 left\n");
}

#[test]
fn a_reader_between_two_stores_sees_half_an_update() {
    let output = output_of(env!("CARGO_BIN_EXE_half_updated"), RUNS);
    assert_eq!(
        output,
        "between the stores: 60 of 100\nafter both stores: 100 of 100\n"
    );
}

#[test]
fn one_lock_keeps_the_reader_out_until_the_update_is_whole() {
    let output = output_of(env!("CARGO_BIN_EXE_one_lock"), RUNS);
    let lines = [
        "between the writes: the reader is locked out",
        "after both writes: 100 of 100",
    ];
    assert_eq!(output.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn an_atomic_update_looks_again_as_it_writes() {
    let output = output_of(env!("CARGO_BIN_EXE_fixed_fetch_update"), RUNS);
    let lines = [
        "fetch_add: both had read 0, the counter says 2",
        "fetch_update: 1 ticket, 1 sold, 0 left",
    ];
    assert_eq!(output.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn a_look_under_the_lock_of_the_sale_sells_one_ticket_once() {
    let output = output_of(env!("CARGO_BIN_EXE_fixed_lock"), RUNS);
    assert_eq!(output, "1 ticket: 2 hoped, 1 sold, 0 left\n");
}

#[test]
fn only_the_two_serial_orders_of_twenty_give_the_right_sum() {
    let output = output_of(env!("CARGO_BIN_EXE_all_interleavings"), RUNS);
    let lines: Vec<&str> = output.lines().collect();
    let (orders, summary) = lines.split_at(20);
    let right: Vec<_> = orders.iter().filter(|line| line.ends_with(": 2")).collect();
    assert_eq!(right, [&"AAABBB: 2", &"BBBAAA: 2"]);
    assert_eq!(summary, ["18 orders give 1, 2 give 2"]);
}
