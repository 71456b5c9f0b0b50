//! Each listing of the chapter, run as a reader runs it: what it must print, and always the same.

use listing_output::{output_of, run};

const RUNS: usize = 20;

#[test]
fn a_plum_for_the_new_owner_is_no_plum_for_the_clone() {
    let output = output_of(env!("CARGO_BIN_EXE_move_value"), RUNS);
    assert_eq!(
        output.lines().collect::<Vec<_>>(),
        [
            r#"shopper has ["apple", "pear", "plum"]"#,
            r#"clone has ["apple", "pear"]"#,
            "price 4, paid 4"
        ]
    );
}

#[test]
fn main_sees_what_a_closure_changed_once_the_loan_is_over() {
    let output = output_of(env!("CARGO_BIN_EXE_borrow_or_move"), RUNS);
    assert_eq!(
        output.lines().collect::<Vec<_>>(),
        [
            "count says 2, main says 2",
            r#"main has ["apple", "pear", "plum"]"#,
            "shopper has apple and pear and plum"
        ]
    );
}

#[test]
fn the_bell_rings_at_the_end_of_the_block_and_at_the_break() {
    let output = output_of(env!("CARGO_BIN_EXE_guard_drops"), RUNS);
    let bell = "the bell rings\n";
    assert_eq!(
        output,
        format!("paid 60\n{bell}{bell}the lock is free again\n")
    );
}

#[test]
fn a_word_that_is_no_number_is_an_err_and_no_panic() {
    let output = run(env!("CARGO_BIN_EXE_results"));
    assert_eq!(output.stdout, b"3 + 4 = 7\n3 + four: not a number\n");
    assert_eq!(output.stderr, b"");
}

#[test]
fn what_is_missing_is_none_and_what_is_first_is_not_missing() {
    let output = output_of(env!("CARGO_BIN_EXE_types_tell"), RUNS);
    assert_eq!(output, "apple is at 0\nfig is missing\n");
}
