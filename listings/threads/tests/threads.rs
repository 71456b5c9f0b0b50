//! Each listing of the chapter, run as a reader runs it: what it must print, and always the same.

use listing_output::{output_of, run};

const RUNS: usize = 20;

#[test]
fn five_tasks_start_in_order_and_their_results_come_in_join_order() {
    let output = output_of(env!("CARGO_BIN_EXE_five_tasks"), RUNS);
    let lines: Vec<&str> = output.lines().collect();
    for task in 1..=5 {
        assert_eq!(lines[task - 1], format!("task-{task} started"));
        assert!(lines[4 + task].starts_with(&format!("task-{task} ended: ")));
    }
    assert_eq!(lines[10..], ["all: 9592 primes below 100000"]);
}

#[test]
fn scoped_threads_sum_a_borrowed_array() {
    let output = output_of(env!("CARGO_BIN_EXE_scope_borrow"), RUNS);
    assert!(output.contains("together 5050"));
    assert!(output.contains("main still has its 100 numbers"));
}

#[test]
fn a_moved_list_comes_back_through_join() {
    let output = output_of(env!("CARGO_BIN_EXE_move_in"), RUNS);
    assert!(output.contains(r#"main gets  ["apple", "pear", "plum"]"#));
}

#[test]
fn join_inside_the_loop_is_serial() {
    let output = output_of(env!("CARGO_BIN_EXE_join_in_loop"), RUNS);
    assert!(output.contains("inside the loop:    1 alive"));
    assert!(output.contains("a lazy iterator: 1 alive"));
    assert!(output.contains("after the loop:     5 alive"));
}

#[test]
fn a_panic_is_an_err_at_join_and_the_others_go_on() {
    let output = output_of(env!("CARGO_BIN_EXE_panic_join"), RUNS);
    let results = [
        "adder-2: Err, `two` is not a number",
        "adder-1: Ok, 11",
        "adder-3: Ok, 33",
    ];
    assert_eq!(output.lines().collect::<Vec<_>>(), results);
}

#[test]
fn a_panic_message_names_its_thread_once() {
    let output = run(env!("CARGO_BIN_EXE_panic_join"));
    let complaint = String::from_utf8(output.stderr).expect("the panic message is not UTF-8");
    assert_eq!(complaint.matches("thread 'adder-").count(), 1);
    assert!(complaint.contains("thread 'adder-2' "));
}

#[test]
fn a_builder_names_sizes_and_may_refuse() {
    let output = output_of(env!("CARGO_BIN_EXE_builder"), RUNS);
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(
        lines[..2],
        ["reader knows its name", "writer knows its name"]
    );
    assert_eq!(lines[2], "deep had a stack of 16 MiB");
    assert_eq!(lines[3..], ["giant was refused, and main goes on"]);
}

#[test]
fn each_thread_counts_in_its_own_copy() {
    let output = output_of(env!("CARGO_BIN_EXE_tls"), RUNS);
    for worker in 1..=3 {
        assert!(output.contains(&format!("worker-{worker} counted {}0 calls", worker)));
    }
    assert!(output.contains("main counted 0 calls"));
}

#[test]
fn the_end_of_main_cuts_off_a_thread_that_nobody_joined() {
    let output = output_of(env!("CARGO_BIN_EXE_main_ends"), RUNS);
    let (joined, left) = output
        .split_once("if main leaves:\n")
        .expect("no second run");
    assert!(joined.contains("helper: last line\nhelper: cleaned up\n"));
    assert_eq!(left, "helper: first line\n");
}
