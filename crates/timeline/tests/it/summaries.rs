//! What is said of each story, in both languages.

use crate::run::{Run, mutex};
use crate::stories;
use directives::Language;
use runner::{Event, On, State, Why};
use timeline::{deadlock, draw, html, layout};

#[track_caller]
fn check(events: &[Event], english: &str, chinese: &str) {
    let layout = layout(events);
    assert_eq!(draw(&layout, Language::English, "x").summary, english);
    assert_eq!(draw(&layout, Language::Chinese, "x").summary, chinese);
}

#[test]
fn the_longest_wait_and_who_ended_it() {
    check(
        &stories::one_lock(),
        "Over 1.93 ms, 3 threads ran in one process. \
         `adder-1` waited 39 % of its life until `adder-2` woke it.",
        "历时 1.93 ms，共 1 个进程、3 个线程。`adder-1` 有 39% 的时间在等 `adder-2` 唤醒它。",
    );
    check(
        &stories::forty_threads(),
        "Over 3.3 ms, 41 threads ran in one process. \
         `worker-1` waited 84 % of its life for a lock, a join or a channel.",
        "历时 3.3 ms，共 1 个进程、41 个线程。`worker-1` 有 84% 的时间在等锁、等 join 或等通道。",
    );
}

#[test]
fn waits_that_are_no_locks_have_their_own_words() {
    check(
        &stories::pool_of_three(),
        "Over 201 ms, 4 threads ran in one process. `worker-1` slept for 99 % of its life.",
        "历时 201 ms，共 1 个进程、4 个线程。`worker-1` 有 99% 的时间在睡眠。",
    );
    check(
        &stories::async_one_lane(),
        "Over 40.6 ms, one thread ran. `main` waited 92 % of its life for events, in `poll`.",
        "历时 40.6 ms，只有 1 个线程。`main` 有 92% 的时间在 `poll` 里等事件。",
    );
    check(
        &stories::fork_and_pipe(),
        "Over 2.45 ms, 2 threads ran in 2 processes. \
         Process 2 waited 57 % of its life to read or to write.",
        "历时 2.45 ms，共 2 个进程、2 个线程。进程 2 有 57% 的时间在等读写。",
    );
    check(
        &stories::six_children(),
        "Over 3 ms, 7 threads ran in 7 processes. \
         Process 1 waited 58 % of its life for child processes to end.",
        "历时 3 ms，共 7 个进程、7 个线程。进程 1 有 58% 的时间在等子进程结束。",
    );
}

#[test]
fn a_join_is_told_where_there_is_nothing_else() {
    let mut run = Run::of("joins");
    run.at(500)
        .thread(101, "worker")
        .at(600)
        .state(100, State::Lock);
    run.at(2500).joined(101, 100);
    check(
        &run.done(2600),
        "Over 2.2 ms, 2 threads ran in one process. \
         `main` waited 86 % of its life for `worker` to end.",
        "历时 2.2 ms，共 1 个进程、2 个线程。`main` 有 86% 的时间在等 `worker` 结束。",
    );
}

#[test]
fn that_a_watchdog_waits_is_no_news() {
    let mut run = Run::of("watched");
    run.at(500)
        .thread(101, "watchdog")
        .at(520)
        .state(101, State::Lock);
    run.at(600)
        .thread(102, "worker")
        .at(700)
        .state(102, State::Sleep);
    run.at(1200)
        .state(102, State::Run)
        .at(2590)
        .exit(102)
        .exit(101);
    check(
        &run.done(2600),
        "Over 2.2 ms, 3 threads ran in one process. `worker` slept for 25 % of its life.",
        "历时 2.2 ms，共 1 个进程、3 个线程。`worker` 有 25% 的时间在睡眠。",
    );
}

#[test]
fn a_thread_without_a_name_is_told_by_its_number() {
    let mut run = Run::of("numbers");
    run.at(500)
        .thread(101, "numbers")
        .at(600)
        .state(101, State::Sleep);
    run.at(2500).exit(101);
    check(
        &run.done(2600),
        "Over 2.2 ms, 2 threads ran in one process. Thread 2 slept for 95 % of its life.",
        "历时 2.2 ms，共 1 个进程、2 个线程。线程 2 有 95% 的时间在睡眠。",
    );
}

#[test]
fn nobody_waited_or_nobody_was_there() {
    check(
        &stories::one_thread(),
        "Over 700 µs, one thread ran. It hardly waited.",
        "历时 700 µs，只有 1 个线程。它几乎没有等待。",
    );
    check(
        &stories::nothing(),
        "No thread was seen.",
        "没有看到任何线程。",
    );
    check(&[], "No thread was seen.", "没有看到任何线程。");
}

#[test]
fn a_run_that_did_not_end_by_itself_says_why() {
    check(
        &stories::abort(),
        "Over 700 µs, 2 threads ran in one process. \
         `main` waited 83 % of its life for a lock, a join or a channel. Signal 6 ended it.",
        "历时 700 µs，共 1 个进程、2 个线程。\
         `main` 有 83% 的时间在等锁、等 join 或等通道。信号 6 终止了它。",
    );
    let mut run = Run::of("loops");
    check(
        &run.at(10_000_400).end(Why::Timeout, None),
        "Over 10 s, one thread ran. It hardly waited. It was stopped at its time limit.",
        "历时 10 s，只有 1 个线程。它几乎没有等待。到了时限，停止运行。",
    );
}

#[test]
fn a_deadlock_says_who_waits_for_whom() {
    check(
        &stories::deadlock(),
        "Over 101 ms, 4 threads ran in one process. Deadlock: `main` waits for `copy` to end; \
         `copy` waits for lock A, which `fax` very likely holds; \
         `fax` waits for lock B, which `copy` very likely holds.",
        "历时 101 ms，共 1 个进程、4 个线程。死锁：`main` 在等 `copy` 结束；\
         `copy` 在等锁 A，这把锁很可能在 `fax` 手里；`fax` 在等锁 B，这把锁很可能在 `copy` 手里。",
    );
    check(
        &stories::relock(),
        "Over 101 ms, one thread ran. \
         Deadlock: `main` waits for lock A, which it very likely holds itself.",
        "历时 101 ms，只有 1 个线程。死锁：`main` 在等锁 A，这把锁很可能就在它自己手里。",
    );
}

#[test]
fn the_verdict_of_a_deadlock_has_a_sentence_for_each_thread() {
    let futex = |held_by| On::Futex {
        lock: "B".to_owned(),
        held_by,
    };
    let mut run = Run::of("all_kinds");
    run.at(500)
        .thread(101, "all_kinds")
        .at(600)
        .spawn(201, Some(100), 201, "all_kinds");
    run.at(101_000).deadlock(&[
        (100, "a", mutex("A", None)),
        (101, "b", futex(Some(100))),
        (201, "c", futex(None)),
        (100, "d", On::Pipe { reading: true }),
        (101, "e", On::Pipe { reading: false }),
        (100, "f", On::Child { of: Some(201) }),
        (100, "g", On::Child { of: None }),
        (999, "gone`", On::Join { of: 998 }),
    ]);
    let layout = layout(&run.events);
    assert_eq!(
        deadlock(&layout, Language::English),
        [
            "Deadlock: 8 threads can never go on.",
            "`main` waits for lock A (`src/bin/a.rs:100`).",
            "Thread 2 waits to be woken at futex B (`src/bin/b.rs:101`), which `main` very likely holds.",
            "Process 2 waits to be woken at futex B (`src/bin/c.rs:201`).",
            "`main` waits for bytes from a pipe (`src/bin/d.rs:100`) that only these threads could write.",
            "Thread 2 waits for room in a pipe (`src/bin/e.rs:101`) that only these threads could read.",
            "`main` waits for process 2 to end (`src/bin/f.rs:100`).",
            "`main` waits for a child process to end (`src/bin/g.rs:100`).",
            "`gone'` waits for thread 998 to end (`src/bin/gone'.rs:999`).",
        ]
    );
    assert_eq!(
        deadlock(&layout, Language::Chinese),
        [
            "死锁：有 8 个线程再也走不下去了。",
            "`main` 在等锁 A（`src/bin/a.rs:100`）。",
            "线程 2 在 futex B 上等唤醒（`src/bin/b.rs:101`），这个 futex 很可能在 `main` 手里。",
            "进程 2 在 futex B 上等唤醒（`src/bin/c.rs:201`）。",
            "`main` 在等管道里来数据（`src/bin/d.rs:100`），而能写这个管道的只有这些线程。",
            "线程 2 在等管道腾出空间（`src/bin/e.rs:101`），而能读这个管道的只有这些线程。",
            "`main` 在等进程 2 结束（`src/bin/f.rs:100`）。",
            "`main` 在等子进程结束（`src/bin/g.rs:100`）。",
            "`gone'` 在等线程 998 结束（`src/bin/gone'.rs:999`）。",
        ]
    );
    assert!(deadlock(&timeline::layout(&stories::one_lock()), Language::English).is_empty());
}

#[test]
fn html_makes_code_of_names_and_text_of_the_rest() {
    assert_eq!(
        html("`<b>` waits & `a"),
        "<code translate=\"no\">&lt;b&gt;</code> waits &amp; <code translate=\"no\">a</code>"
    );
    // The names of all stories come in pairs, whatever they are made of.
    for (name, events) in stories::all() {
        let summary = draw(&layout(&events), Language::English, "x").summary;
        assert_eq!(summary.matches('`').count() % 2, 0, "{name}: {summary}");
    }
}
