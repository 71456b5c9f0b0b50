//! Each listing of the chapter, run as a reader runs it: what it must print, and always the same.

use listing_output::lines_of;

const RUNS: usize = 20;
/// A listing that computes, or that its watchdog ends, takes a third of a second.
const SLOW_RUNS: usize = 3;

#[test]
fn a_thread_shares_what_a_child_process_has_a_copy_of() {
    let lines = lines_of(env!("CARGO_BIN_EXE_addresses"), RUNS);
    let expected = [
        "the thread found 1",
        "the child process found 0, at the same address",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn the_kernel_lists_threads_and_no_tasks() {
    let lines = lines_of(env!("CARGO_BIN_EXE_ids"), RUNS);
    let expected = [
        "main, worker-1, worker-2: one process id, three thread ids",
        "1000 tasks have begun and wait: the kernel lists the same three",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_task_does_nothing_before_it_is_polled() {
    let lines = lines_of(env!("CARGO_BIN_EXE_task_migrates"), 1);
    assert_eq!(lines[0], "two tasks are made, and neither has begun");
}

#[test]
fn each_of_two_tasks_is_polled_by_two_threads() {
    let lines = lines_of(env!("CARGO_BIN_EXE_task_migrates"), RUNS);
    let expected = [
        "the first was begun by worker-1 and ended by worker-2",
        "the second was begun by worker-2 and ended by worker-1",
    ];
    assert_eq!(lines[1..], expected);
}

#[test]
fn neither_pinned_threads_nor_the_tasks_of_a_thread_use_more_than_one_core() {
    let lines = lines_of(env!("CARGO_BIN_EXE_one_core"), SLOW_RUNS);
    let expected = [
        "≈",
        "two tasks on one thread, on all cores: at most one core in use",
        "two threads pinned to one core: at most one core in use",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn the_kernel_takes_the_core_from_a_spinning_thread() {
    let lines = lines_of(env!("CARGO_BIN_EXE_who_preempts"), SLOW_RUNS);
    let expected = "threads: the kernel took the core from the spinner, and main stopped it";
    assert_eq!(lines[0], expected);
}

#[test]
fn a_task_that_gives_way_lets_the_other_go_on_and_one_that_does_not_keeps_its_thread() {
    let lines = lines_of(env!("CARGO_BIN_EXE_who_preempts"), SLOW_RUNS);
    let expected = [
        "tasks: the spinner gave way, and the other stopped it",
        "watchdog: the spinner does not give way, and the other never begins",
    ];
    assert_eq!(lines[1..], expected);
}

#[test]
fn a_task_costs_less_than_a_thread_and_a_thread_less_than_a_process() {
    let lines = lines_of(env!("CARGO_BIN_EXE_cost_table"), RUNS);
    let expected = [
        "≈",
        "≈",
        "≈",
        "a task costs less than a thread, a thread less than a process",
    ];
    assert_eq!(lines, expected);
}
