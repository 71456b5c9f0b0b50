//! Each listing of the chapter, run as a reader runs it: what it must print, and always the same.

use listing_output::lines_of;

const RUNS: usize = 20;
/// A listing that its watchdog ends takes a third of a second.
const WATCHDOG_RUNS: usize = 3;

#[test]
fn the_parent_reads_a_message_that_the_child_signed() {
    let lines = lines_of(env!("CARGO_BIN_EXE_pipe_message"), RUNS);
    let expected = [
        "the parent read: hello from the child",
        "it is signed with the process id of the child",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn a_write_end_left_open_in_the_reader_hangs_it() {
    let lines = lines_of(env!("CARGO_BIN_EXE_end_left_open"), WATCHDOG_RUNS);
    let expected = [
        "the child said its last words and is gone",
        "watchdog: the reader waits, for its own write end is open",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn the_end_comes_with_the_last_write_end_and_stays() {
    let lines = lines_of(env!("CARGO_BIN_EXE_eof"), RUNS);
    assert_eq!(lines[1], "one write end is open: a read would wait");
    assert_eq!(lines[2], "no write end is open: a read returns at once");
    assert_eq!(lines[3..], ["read returned 0 bytes: the end"; 2]);
}

#[test]
fn a_hundred_framed_messages_arrive_however_they_were_cut() {
    let lines = lines_of(env!("CARGO_BIN_EXE_framed"), RUNS);
    let whole = |line: &String| line.ends_with("bytes: 100 messages");
    assert_eq!(lines.iter().filter(|line| whole(line)).count(), 3);
}

#[test]
fn a_message_cut_short_is_an_error() {
    let lines = lines_of(env!("CARGO_BIN_EXE_framed"), 1);
    assert_eq!(lines[3..], ["one byte short: unexpected end of file"]);
}

#[test]
fn a_socket_pair_carries_requests_and_answers() {
    let lines = lines_of(env!("CARGO_BIN_EXE_socketpair_rpc"), RUNS);
    assert_eq!(
        lines[..3],
        ["6 * 7 -> 42", "2 + 3 -> 5", "2 + -> not understood"]
    );
}

#[test]
fn a_server_can_answer_after_the_client_has_closed_its_direction() {
    let lines = lines_of(env!("CARGO_BIN_EXE_socketpair_rpc"), 1);
    assert_eq!(lines[3..], ["3 requests served"]);
}

#[test]
fn a_pipe_takes_exactly_its_capacity() {
    let lines = lines_of(env!("CARGO_BIN_EXE_full_pipe"), RUNS);
    let expected = [
        "≈",
        "offered twice as many, it took exactly so many",
        "one more byte was refused: the pipe is full",
        "the reader emptied it, and the rest went in",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn writes_of_pipe_buf_bytes_are_never_torn() {
    let lines = lines_of(env!("CARGO_BIN_EXE_atomic_writes"), RUNS);
    let expected = ["records of PIPE_BUF bytes: all 200 arrived whole", "≈"];
    assert_eq!(lines, expected);
}

#[test]
fn a_write_without_readers_fails_or_kills() {
    let lines = lines_of(env!("CARGO_BIN_EXE_broken_pipe"), RUNS);
    let expected = [
        "SIGPIPE ignored, as at the start: broken pipe",
        "SIGPIPE by default: it killed the child",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn each_job_in_a_queue_between_processes_is_done_once() {
    let lines = lines_of(env!("CARGO_BIN_EXE_process_queue"), RUNS);
    let expected = ["2 senders, 3 workers, 60 jobs: each was done once", "≈"];
    assert_eq!(lines, expected);
}
