//! From events to lanes, in a form that reads.

use crate::run::Run;
use crate::stories;
use directives::Language;
use runner::{Event, State, Step, Why};
use std::fmt::Write as _;
use timeline::{Ended, Layout, Name, layout};

/// A layout in words, times in microseconds.
fn written(layout: &Layout) -> String {
    let mut out = String::new();
    let name = |lane: usize| match &layout.lanes[lane].name {
        Name::Main => format!("main.{}", layout.lanes[lane].process + 1),
        Name::Own(name) => name.clone(),
        Name::Shared(name, count) => format!("{name}#{count}"),
        Name::Nth(place) => format!("thread {place}"),
    };
    let mut process = None;
    for (index, lane) in layout.lanes.iter().enumerate() {
        if process.replace(lane.process) != Some(lane.process) {
            let its = &layout.processes[lane.process];
            let parent = its
                .parent
                .map(|parent| format!(" of process {}", parent + 1));
            let _ = writeln!(
                out,
                "process {} {}{}",
                lane.process + 1,
                its.program,
                parent.unwrap_or_default()
            );
        }
        let segments: Vec<_> = lane
            .segments
            .iter()
            .map(|segment| format!("{:?} {}", segment.state, segment.to / 1000).to_lowercase())
            .collect();
        let ended = match lane.ended {
            Ended::Exit => "exit".to_owned(),
            Ended::Signal(signal) => format!("signal {signal}"),
            Ended::Cut => "cut".to_owned(),
        };
        let stuck = lane.stuck.as_ref().map_or(String::new(), |stuck| {
            let other = stuck.other.map_or("nobody".to_owned(), name);
            format!(", stuck since {} on {other}", stuck.from / 1000)
        });
        let (start, segments) = (lane.start / 1000, segments.join(", "));
        let _ = writeln!(
            out,
            "  {}: {start}, {segments}, {ended}{stuck}",
            name(index)
        );
    }
    for edge in &layout.edges {
        let kind = format!("{:?}", edge.kind).to_lowercase();
        let (at, from, to) = (edge.at / 1000, name(edge.from), name(edge.to));
        let _ = writeln!(out, "{at} {from} -> {to} {kind}");
    }
    for (index, line) in layout.lines.iter().enumerate() {
        let stream = if line.is_err { "err" } else { "out" };
        let who = line.lane.map_or("?".to_owned(), name);
        let (at, nth) = (line.at / 1000, index + 1);
        let _ = writeln!(out, "{at} {stream} {nth} {who}: {}", line.text);
    }
    let _ = write!(out, "over at {}", layout.total / 1000);
    out
}

#[track_caller]
fn check(events: &[Event], expected: &[&str]) {
    let written = written(&layout(events));
    assert_eq!(written, expected.join("\n"), "\n{written}\n");
}

#[test]
fn two_threads_and_a_lock() {
    check(
        &stories::one_lock(),
        &[
            "process 1 two_adders",
            "  main.1: 0, run 180, lock 1800, run 1930, exit",
            "  adder-1: 60, run 490, lock 828, run 1170, lock 1508, run 1800, exit",
            "  adder-2: 140, run 200, lock 468, run 850, lock 1148, run 1610, exit",
            "60 main.1 -> adder-1 spawn",
            "140 main.1 -> adder-2 spawn",
            "460 adder-1 -> adder-2 wake",
            "820 adder-2 -> adder-1 wake",
            "1140 adder-1 -> adder-2 wake",
            "1500 adder-2 -> adder-1 wake",
            "1800 adder-1 -> main.1 end",
            "1860 out 1 main.1: the counter is 4",
            "over at 1930",
        ],
    );
}

#[test]
fn a_child_behind_a_pipe() {
    check(
        &stories::fork_and_pipe(),
        &[
            "process 1 word_count",
            "  main.1: 0, run 940, sleep 1230, run 1290, sleep 1580, run 1640, sleep 1930, run 2100, wait 2320, run 2450, exit",
            "process 2 wc of process 1",
            "  main.2: 500, run 700, read 906, run 1010, read 1256, run 1360, read 1606, run 1710, read 1956, run 2060, read 2140, run 2300, exit",
            "500 main.1 -> main.2 spawn",
            "900 main.1 -> main.2 data",
            "1250 main.1 -> main.2 data",
            "1600 main.1 -> main.2 data",
            "1950 main.1 -> main.2 data",
            "2300 main.2 -> main.1 end",
            "2210 out 1 main.2: 12",
            "2390 out 2 main.1: the child is done",
            "over at 2450",
        ],
    );
}

#[test]
fn a_deadlock() {
    check(
        &stories::deadlock(),
        &[
            "process 1 two_locks",
            "  main.1: 0, run 190, lock 368, run 600, lock 101000, cut, stuck since 600 on copy",
            "  copy: 80, run 210, lock 306, run 410, lock 101000, cut, stuck since 410 on fax",
            "  fax: 160, run 440, lock 101000, cut, stuck since 440 on copy",
            "  watchdog: 560, run 585, lock 101000, cut",
            "80 main.1 -> copy spawn",
            "160 main.1 -> fax spawn",
            "300 fax -> copy wake",
            "360 copy -> main.1 wake",
            "560 main.1 -> watchdog spawn",
            "500 out 1 main.1: copy holds the scanner, waits for the printer",
            "530 out 2 main.1: fax holds the printer, waits for the scanner",
            "over at 101000",
        ],
    );
}

#[test]
fn a_signal_ends_all_threads() {
    check(
        &stories::abort(),
        &[
            "process 1 poisoned",
            "  main.1: 0, run 120, lock 700, signal 6",
            "  worker: 100, run 700, signal 6",
            "100 main.1 -> worker spawn",
            "400 err 1 worker: thread 'worker' panicked at src/bin/poisoned.rs:12:9:",
            "400 err 2 worker: no more",
            "over at 700",
        ],
    );
}

#[test]
fn a_thread_without_a_name_of_its_own_is_numbered() {
    let mut run = Run::of("names");
    run.at(500)
        .thread(101, "names")
        .at(510)
        .thread(102, "pool")
        .at(520)
        .thread(103, "pool");
    run.at(530)
        .spawn(104, Some(102), 100, "pool")
        .at(540)
        .thread(105, "names");
    run.at(550).step(
        105,
        Step::Name {
            name: "late".to_owned(),
        },
    );
    let names: Vec<_> = layout(&run.done(600))
        .lanes
        .into_iter()
        .map(|lane| lane.name)
        .collect();
    let own = |name: &str| Name::Own(name.to_owned());
    let shared = |count| Name::Shared("pool".to_owned(), count);
    assert_eq!(
        names,
        [
            Name::Main,
            Name::Nth(2),
            shared(1),
            shared(2),
            Name::Nth(5),
            own("late")
        ]
    );
}

#[test]
fn lanes_are_grouped_by_process_in_the_order_of_their_coming() {
    let mut run = Run::of("parent");
    run.at(500).spawn(201, Some(100), 201, "parent");
    run.at(510).spawn(102, Some(100), 100, "late");
    run.at(520).spawn(202, Some(201), 201, "inner");
    let tids: Vec<_> = layout(&run.done(600))
        .lanes
        .iter()
        .map(|lane| lane.tid)
        .collect();
    assert_eq!(tids, [100, 102, 201, 202]);
}

#[test]
fn a_number_that_the_kernel_uses_again_is_another_lane() {
    let mut run = Run::of("again");
    run.at(500).thread(101, "first").at(600).exit(101);
    run.at(700)
        .thread(101, "second")
        .at(800)
        .state(101, State::Sleep)
        .at(900)
        .exit(101);
    let layout = layout(&run.done(1000));
    let lives: Vec<_> = layout
        .lanes
        .iter()
        .map(|lane| (lane.start, lane.end))
        .collect();
    assert_eq!(
        lives,
        [(0, 600_000), (100_000, 200_000), (300_000, 500_000)]
    );
}

#[test]
fn a_process_number_that_the_kernel_uses_again_is_another_process() {
    let mut run = Run::of("again");
    for t in [500, 700] {
        run.at(t)
            .spawn(201, Some(100), 201, "child")
            .at(t + 100)
            .exit(201);
    }
    let layout = layout(&run.done(1000));
    let processes: Vec<_> = layout.lanes.iter().map(|lane| lane.process).collect();
    assert_eq!(processes, [0, 1, 2]);
}

#[test]
fn exec_ends_the_other_threads_of_its_process() {
    let mut run = Run::of("before");
    run.at(500).thread(101, "worker").at(700).step(
        100,
        Step::Exec {
            name: "after".to_owned(),
        },
    );
    let layout = layout(&run.done(900));
    assert_eq!(layout.processes[0].program, "after");
    assert_eq!(
        (layout.lanes[1].end, layout.lanes[1].ended),
        (300_000, Ended::Exit)
    );
    assert_eq!(layout.lanes[0].end, 500_000);
}

#[test]
fn a_line_in_pieces_is_one_line_of_the_time_it_began() {
    let mut run = Run::of("pieces");
    run.at(500)
        .out(100, "one, ")
        .at(600)
        .err(100, "other\n")
        .at(700)
        .out(100, "two\nthree\n\nfive");
    let lines = layout(&run.done(900)).lines;
    let lines: Vec<_> = lines
        .iter()
        .map(|line| (line.at / 1000, line.text.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            (100, "one, two"),
            (200, "other"),
            (300, "three"),
            (300, ""),
            (300, "five")
        ]
    );
}

#[test]
fn output_that_comes_after_its_thread_is_put_at_its_end() {
    let mut run = Run::of("late");
    run.at(500)
        .thread(101, "worker")
        .at(600)
        .exit(101)
        .at(30_000)
        .out(101, "bye\n");
    let layout = layout(&run.done(700));
    assert_eq!(layout.lines[0].at, 200_000);
    assert_eq!(
        layout.total, 300_000,
        "waiting for output is no part of the run"
    );
}

#[test]
fn a_run_that_was_stopped_has_lanes_without_an_end() {
    let mut run = Run::of("loops");
    run.at(500)
        .thread(101, "worker")
        .at(9_000_000)
        .killed(101, 9)
        .killed(100, 9);
    let stopped = layout(&run.clone().end(Why::Timeout, None));
    assert!(stopped.lanes.iter().all(|lane| lane.ended == Ended::Cut));
    // The same signal from someone else is an end like any other.
    let killed = layout(&run.end(Why::Signal, Some(9)));
    assert!(
        killed
            .lanes
            .iter()
            .all(|lane| lane.ended == Ended::Signal(9))
    );
}

#[test]
fn events_that_make_no_sense_are_left_out() {
    let mut run = Run::default();
    run.at(100)
        .state(7, State::Lock)
        .wake(7, 8)
        .exit(7)
        .out(7, "who?\n");
    run.at(200)
        .spawn(1, None, 1, "x")
        .at(150)
        .state(1, State::Sleep)
        .wake(1, 99)
        .data(99, 1);
    run.at(400).exit(1).at(500).state(1, State::Run).exit(1);
    let layout = layout(&run.events);
    assert_eq!(layout.lanes.len(), 1);
    assert!(layout.edges.is_empty());
    for language in Language::BOTH {
        timeline::draw(&layout, language, "x");
    }
}
