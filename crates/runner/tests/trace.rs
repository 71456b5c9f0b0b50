//! Traced runs of real programs: the lanes, the edges and the end that each must have.
#![cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]

use runner::{End, Event, On, Spec, State, Step, Stop, Wait, What, Why, run_with, self_test};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

const PROBE: &str = env!("CARGO_BIN_EXE_runner-probe");
const TRACED: &str = env!("CARGO_BIN_EXE_runner-traced");

fn supervisor() -> Command {
    let mut command = Command::new(PROBE);
    command.arg("supervise");
    command
}

/// Programs with what only tests depend on: an example, which cargo builds beside the tests.
fn pools(role: &str) -> Run {
    let path = PathBuf::from(PROBE).with_file_name("examples/runner-pools");
    assert!(
        path.exists(),
        "run `cargo build -p runner --examples` first"
    );
    let run = traced(&Spec::listing(path).args([role]));
    assert_eq!(
        (run.end.why, run.end.code),
        (Why::Exit, Some(0)),
        "{}",
        run.text()
    );
    run
}

/// What a traced run did.
struct Run {
    events: Vec<Event>,
    end: End,
}

fn traced(spec: &Spec) -> Run {
    let mut events = Vec::new();
    let spec = spec.clone().traced();
    let end = run_with(&mut supervisor(), &spec, &Stop::new(), &mut |event| {
        events.push(event);
    });
    let run = Run {
        events,
        end: end.expect("a verdict"),
    };
    run.check_order();
    run
}

fn run(args: &[&str]) -> Run {
    traced(&Spec::listing(TRACED).args(args.iter().copied()))
}

/// A run that ends by itself, with success.
fn good(args: &[&str]) -> Run {
    let run = run(args);
    let end = (run.end.why, run.end.code);
    assert_eq!(end, (Why::Exit, Some(0)), "{args:?}: {}", run.text());
    run
}

impl Run {
    /// What holds in every run: time goes forward; a thread begins before all else, does nothing when
    /// it is gone but leave bytes to read, and runs between two waits.
    fn check_order(&self) {
        let mut states: BTreeMap<i32, State> = BTreeMap::new();
        let mut over = BTreeSet::new();
        let mut last = 0;
        for event in &self.events {
            assert!(event.t >= last, "{event:?} is told too late");
            last = event.t;
            let What::Ev { tid, step } = &event.what else {
                continue;
            };
            match step {
                Step::Spawn { parent, .. } => {
                    assert!(parent.is_none_or(|parent| states.contains_key(&parent)));
                    let before = states.insert(*tid, State::Run);
                    assert!(before.is_none() || over.remove(tid), "{event:?} again");
                    continue;
                }
                Step::Data { .. } => continue,
                Step::State { state } => {
                    let before = states.insert(*tid, *state);
                    let is_change = (before == Some(State::Run)) != (*state == State::Run);
                    assert!(is_change, "{event:?} after {before:?}: {}", self.text());
                }
                Step::Exit { .. } => assert!(over.insert(*tid), "{event:?} twice"),
                Step::Wake { to } | Step::Join { to } => {
                    assert!(states.contains_key(to), "{event:?}");
                }
                Step::Name { .. } | Step::Exec { .. } => {}
            }
            let is_exit = matches!(step, Step::Exit { .. });
            assert!(states.contains_key(tid), "{event:?} of nobody");
            assert!(is_exit || !over.contains(tid), "{event:?} after its end");
        }
    }

    fn text(&self) -> String {
        let events = self.events.iter().take(200);
        events.map(|event| format!("{event:?}\n")).collect()
    }

    fn steps(&self) -> impl Iterator<Item = (u64, i32, &Step)> {
        self.events.iter().filter_map(|event| match &event.what {
            What::Ev { tid, step } => Some((event.t, *tid, step)),
            _ => None,
        })
    }

    /// Every thread by the last name that it had.
    fn names(&self) -> BTreeMap<i32, String> {
        let names = self.steps().filter_map(|(_, tid, step)| match step {
            Step::Spawn { name, .. } | Step::Name { name } | Step::Exec { name } => {
                Some((tid, name.clone()))
            }
            _ => None,
        });
        names.collect()
    }

    /// The thread of this name; the first thread is `main` here.
    fn tid(&self, name: &str) -> i32 {
        if name == "main" {
            return self.steps().next().expect("a first step").1;
        }
        let names = self.names();
        let mut found = names.iter().filter(|(_, known)| *known == name);
        let tid = found
            .next()
            .unwrap_or_else(|| panic!("no `{name}`: {}", self.text()));
        assert!(found.next().is_none(), "two are called `{name}`");
        *tid.0
    }

    fn has(&self, name: &str, step: &Step) -> bool {
        let tid = self.tid(name);
        self.steps()
            .any(|(_, of, known)| of == tid && known == step)
    }

    /// How often a thread was in a state.
    fn count(&self, name: &str, state: State) -> usize {
        let tid = self.tid(name);
        let step = Step::State { state };
        self.steps()
            .filter(|(_, of, known)| *of == tid && **known == step)
            .count()
    }

    #[track_caller]
    fn assert_waits(&self, name: &str, state: State) {
        assert!(
            self.count(name, state) > 0,
            "{name}, {state:?}: {}",
            self.text()
        );
    }

    #[track_caller]
    fn assert_never(&self, state: State) {
        let mut steps = self.steps();
        let found = steps.find(|(_, _, step)| **step == Step::State { state });
        assert!(found.is_none(), "{found:?}: {}", self.text());
    }

    #[track_caller]
    fn assert_wakes(&self, by: &str, to: &str) {
        let step = Step::Wake { to: self.tid(to) };
        assert!(self.has(by, &step), "{by} wakes {to}: {}", self.text());
    }

    #[track_caller]
    fn assert_joins(&self, by: &str, to: &str) {
        let step = Step::Join { to: self.tid(by) };
        assert!(self.has(to, &step), "{by} joins {to}: {}", self.text());
    }

    #[track_caller]
    fn assert_data(&self, by: &str, to: &str) {
        let step = Step::Data { to: self.tid(to) };
        assert!(self.has(by, &step), "from {by} to {to}: {}", self.text());
    }

    fn exit_of(&self, tid: i32) -> Option<(Option<i32>, Option<i32>)> {
        self.steps().find_map(|(_, of, step)| match step {
            Step::Exit { code, signal } if of == tid => Some((*code, *signal)),
            _ => None,
        })
    }

    /// All lines, each with its thread. A line may come in pieces.
    fn out(&self) -> Vec<(String, Option<i32>)> {
        let mut lines = Vec::new();
        let mut open: BTreeMap<Option<i32>, String> = BTreeMap::new();
        for event in &self.events {
            let (What::Out { text, tid } | What::Err { text, tid }) = &event.what else {
                continue;
            };
            for piece in text.split_inclusive('\n') {
                let line = open.entry(*tid).or_default();
                line.push_str(piece);
                if let Some(whole) = line.strip_suffix('\n') {
                    lines.push((whole.to_owned(), *tid));
                    line.clear();
                }
            }
        }
        assert!(open.values().all(String::is_empty), "{open:?}");
        lines
    }

    fn printed(&self) -> String {
        self.out()
            .into_iter()
            .map(|(line, _)| line + "\n")
            .collect()
    }

    /// The verdict, with its time.
    fn verdict(&self) -> Option<(u64, &[Wait])> {
        let mut verdicts = self.events.iter().filter_map(|event| match &event.what {
            What::Deadlock { waits } => Some((event.t, &waits[..])),
            _ => None,
        });
        let verdict = verdicts.next();
        assert!(verdicts.next().is_none(), "two verdicts");
        verdict
    }

    #[track_caller]
    fn waits(&self) -> BTreeMap<&str, &Wait> {
        let Some((_, waits)) = self.verdict() else {
            panic!("no verdict: {}", self.text());
        };
        waits
            .iter()
            .map(|wait| match wait.tid == self.tid("main") {
                true => ("main", wait),
                false => (&*wait.name, wait),
            })
            .collect()
    }
}

#[test]
fn this_machine_can_trace() {
    assert_eq!(self_test(&mut supervisor()), Ok(()));
}

#[test]
fn a_machine_that_cannot_trace_says_why() {
    let silent = self_test(&mut Command::new("true")).expect_err("it is no supervisor");
    assert!(silent.contains("without a verdict"), "{silent}");
}

#[test]
fn tracing_can_be_switched_off() {
    let probe = |value| {
        let mut probe = Command::new(PROBE);
        let output = probe.arg("self-test").env("BOOK_TRACE", value).output();
        String::from_utf8(output.expect("it runs").stdout).expect("text")
    };
    assert_eq!(
        probe("off"),
        "fails: tracing is switched off by BOOK_TRACE=off\n"
    );
    assert_eq!(probe("on"), "works\n");
}

#[test]
fn where_ptrace_is_forbidden_a_run_says_so_and_leaves_nothing() {
    let mut supervisor = Command::new(PROBE);
    supervisor.args(["without-ptrace", "supervise"]);
    let refused = self_test(&mut supervisor).expect_err("it is forbidden");
    assert!(
        refused.contains("does not let it be traced: EPERM"),
        "{refused}"
    );
}

#[test]
fn the_first_thread_begins_and_ends_the_run() {
    let run = run(&["exit", "3"]);
    assert_eq!((run.end.why, run.end.code), (Why::Exit, Some(3)));
    let steps: Vec<_> = run.steps().map(|(_, _, step)| step.clone()).collect();
    let tid = run.tid("main");
    let begin = Step::Spawn {
        parent: None,
        pid: tid,
        name: "runner-traced".to_owned(),
    };
    let end = Step::Exit {
        code: Some(3),
        signal: None,
    };
    // The loader and the runtime read files and ask for much; none of that is shown.
    assert_eq!(steps, [begin, end]);
}

#[test]
fn a_program_that_cannot_be_started_is_named() {
    let run = traced(&Spec::listing("/nowhere/x"));
    assert_eq!(run.end.why, Why::StartFailed);
    assert!(
        run.printed()
            .contains("/nowhere/x cannot be started: No such file"),
        "{}",
        run.text()
    );
}

#[test]
fn a_signal_that_ends_the_program_is_its_last_step() {
    let run = traced(&Spec::listing("sh").args(["-c", "kill -ABRT $$"]));
    assert_eq!((run.end.why, run.end.code), (Why::Signal, Some(6)));
    assert_eq!(run.exit_of(run.tid("main")), Some((None, Some(6))));
}

#[test]
fn a_thread_waits_for_a_lock_until_its_holder_wakes_it() {
    let run = good(&["mutex"]);
    run.assert_waits("worker", State::Lock);
    run.assert_waits("main", State::Sleep);
    run.assert_wakes("main", "worker");
    let parent = Some(run.tid("main"));
    let is_spawn = |step: &Step| matches!(step, Step::Spawn { parent: by, .. } if *by == parent);
    assert!(
        run.steps()
            .any(|(_, tid, step)| tid == run.tid("worker") && is_spawn(step))
    );
    assert_eq!(run.exit_of(run.tid("worker")), Some((None, None)));
}

#[test]
fn a_thread_that_ends_is_told_to_have_been_joined() {
    let run = good(&["join"]);
    run.assert_waits("main", State::Lock);
    run.assert_joins("main", "worker");
}

#[test]
fn every_sleep_is_seen() {
    let run = good(&["sleepers"]);
    for number in 1..=4 {
        let sleeper = format!("sleeper-{number}");
        assert_eq!(run.count(&sleeper, State::Sleep), 5, "{}", run.text());
    }
}

#[test]
fn a_condition_variable_wakes_its_waiter() {
    let run = good(&["condvar"]);
    run.assert_wakes("main", "consumer");
    let join = Step::Join {
        to: run.tid("consumer"),
    };
    assert!(!run.has("main", &join), "{}", run.text());
}

#[test]
fn a_channel_wakes_its_receiver() {
    let run = good(&["channel"]);
    run.assert_wakes("main", "consumer");
    assert!(run.count("consumer", State::Lock) >= 3, "{}", run.text());
}

#[test]
fn a_rendezvous_of_crossbeam_wakes_its_receiver() {
    pools("crossbeam").assert_wakes("main", "consumer");
}

#[test]
fn a_thread_that_is_gone_at_once_has_woken_the_other_before() {
    for _ in 0..10 {
        good(&["last-words"]).assert_wakes("speaker", "consumer");
    }
}

#[test]
fn the_last_at_a_barrier_wakes_all_others() {
    let run = good(&["barrier"]);
    run.assert_wakes("main", "early-1");
    run.assert_wakes("main", "early-2");
}

#[test]
fn unpark_wakes_a_parked_thread() {
    good(&["park"]).assert_wakes("main", "sleeper");
}

#[test]
fn a_pool_of_rayon_has_a_lane_for_each_thread() {
    let run = pools("rayon");
    let names = run.names();
    assert_eq!(
        names
            .values()
            .filter(|name| name.starts_with("pool-"))
            .count(),
        2
    );
    run.assert_waits("main", State::Lock);
    let waker = |name| {
        run.has(
            name,
            &Step::Wake {
                to: run.tid("main"),
            },
        )
    };
    assert!(waker("pool-0") || waker("pool-1"), "{}", run.text());
}

#[test]
fn timers_of_tokio_are_waits_with_a_time() {
    let run = pools("tokio");
    assert_eq!(run.printed(), "15\n");
    let threads = run
        .names()
        .values()
        .filter(|name| *name == "runtime")
        .count();
    assert_eq!(threads, 2, "{}", run.text());
    run.assert_waits("main", State::Lock);
    assert_eq!(run.verdict(), None);
}

#[test]
fn bytes_of_a_pipe_go_from_writer_to_reader() {
    let run = good(&["pipe"]);
    run.assert_data("main", "cat");
    run.assert_data("cat", "main");
    run.assert_waits("cat", State::Read);
    assert_eq!(run.out(), [("through".to_owned(), Some(run.tid("main")))]);
}

#[test]
fn bytes_of_a_socket_pair_go_from_writer_to_reader() {
    let run = good(&["socket-pair"]);
    run.assert_data("main", "reader");
    run.assert_waits("reader", State::Read);
}

#[test]
fn bytes_may_be_read_when_their_writer_is_gone() {
    let script = "{ echo early; } | { sleep 0.05; read word; echo $word; }";
    let run = traced(&Spec::listing("sh").args(["-c", script]));
    let reader = run.out().pop().expect("a line").1.expect("a thread");
    let data = run
        .steps()
        .find(|(_, _, step)| **step == Step::Data { to: reader });
    let (t, writer, _) = data.unwrap_or_else(|| panic!("no edge: {}", run.text()));
    let mut exits = run.steps().filter(|(_, tid, _)| *tid == writer);
    let exit = exits.find(|(_, _, step)| matches!(step, Step::Exit { .. }));
    assert!(exit.expect("it is gone").0 < t, "{}", run.text());
}

#[test]
fn a_spawned_process_is_another_program_and_ends_the_wait_for_it() {
    let run = good(&["spawn"]);
    let [child] = run.children()[..] else {
        panic!("one child: {}", run.text());
    };
    let name = "runner-traced".to_owned();
    assert!(
        run.steps()
            .any(|(_, tid, step)| tid == child && *step == Step::Exec { name: name.clone() })
    );
    let wake = Step::Join {
        to: run.tid("main"),
    };
    assert!(
        run.steps()
            .any(|(_, tid, step)| tid == child && *step == wake),
        "{}",
        run.text()
    );
    run.assert_waits("main", State::Wait);
    assert_eq!(run.exit_of(child), Some((Some(7), None)));
    assert_eq!(run.printed(), "exit status: 7\n");
}

impl Run {
    /// Processes besides the first.
    fn children(&self) -> Vec<i32> {
        let steps = self.steps().skip(1);
        steps
            .filter(|(_, tid, step)| matches!(step, Step::Spawn { pid, .. } if pid == tid))
            .map(|(_, tid, _)| tid)
            .collect()
    }
}

#[test]
fn exec_in_a_thread_ends_the_others_and_keeps_the_process() {
    let run = run(&["exec-in-thread"]);
    assert_eq!(
        (run.end.why, run.end.code),
        (Why::Exit, Some(4)),
        "{}",
        run.text()
    );
    for name in ["bystander", "changer"] {
        assert_eq!(
            run.exit_of(run.tid(name)),
            Some((None, None)),
            "{name}: {}",
            run.text()
        );
    }
    let exec = Step::Exec {
        name: "runner-traced".to_owned(),
    };
    assert!(run.has("main", &exec), "{}", run.text());
    assert_eq!(run.exit_of(run.tid("main")), Some((Some(4), None)));
}

#[test]
fn real_time_signals_arrive() {
    assert_eq!(good(&["real-time-signal"]).printed(), "signal\nsignal\n");
}

#[test]
fn a_process_can_be_stopped_and_continued() {
    let run = good(&["stop-and-go"]);
    assert_eq!(run.printed(), "stopped, continued, exited\n");
    assert_eq!(run.exit_of(run.children()[0]), Some((Some(5), None)));
}

#[test]
fn a_sleep_goes_on_after_a_stop() {
    let run = good(&["stopped-in-its-sleep"]);
    assert!(run.count("sleep", State::Sleep) >= 2, "{}", run.text());
}

#[test]
fn four_hundred_threads_at_once_are_seen_to_their_end() {
    let run = good(&["threads", "400"]);
    assert_eq!(run.printed(), "400\n");
    let threads = run
        .names()
        .into_iter()
        .filter(|(_, name)| name.starts_with("thread-"));
    let threads: Vec<_> = threads.map(|(tid, _)| tid).collect();
    assert_eq!(threads.len(), 400);
    assert!(
        threads
            .iter()
            .all(|tid| run.exit_of(*tid) == Some((None, None)))
    );
}

#[test]
fn more_threads_than_a_time_line_can_show_end_the_run() {
    let run = run(&["threads", "600"]);
    assert_eq!((run.end.why, run.end.code), (Why::EventLimit, None));
}

#[test]
fn more_events_than_a_time_line_can_show_end_the_run() {
    let spec = Spec::listing(TRACED).args(["naps", "20000"]);
    let run = traced(&spec.limit_s(Some(120)));
    assert_eq!((run.end.why, run.end.code), (Why::EventLimit, None));
    assert!(
        (20_000..21_000).contains(&run.steps().count()),
        "{}",
        run.steps().count()
    );
}

#[test]
fn yields_are_no_events() {
    assert!(good(&["yields"]).steps().count() < 10);
}

#[test]
fn a_daemon_is_traced_and_killed_at_the_end() {
    let run = good(&["daemon"]);
    assert_eq!(run.end.leftovers, 1, "{}", run.text());
    assert_eq!(run.children().len(), 2);
}

#[test]
fn children_that_are_left_behind_are_counted_once() {
    let leftovers = |script: &str| {
        traced(&Spec::listing("sh").args(["-c", script]))
            .end
            .leftovers
    };
    assert_eq!(leftovers("sleep 60 & sleep 60 & setsid sleep 60 & true"), 3);
    // A child of a child becomes the supervisor's when its own parent has been killed.
    let nested = "mkfifo f; sh -c 'sleep 60 & echo up > f; wait' & read up < f";
    for _ in 0..5 {
        assert_eq!(leftovers(nested), 2);
    }
    assert_eq!(leftovers("true & exec sleep 0.3"), 1);
    assert_eq!(leftovers("true & wait"), 0);
}

#[test]
fn each_line_has_the_thread_that_wrote_it() {
    let run = good(&["writers"]);
    let lines = run.out();
    assert_eq!(lines.len(), 2 * 50 + 2 * 100 + 2 * 9);
    let names = run.names();
    for (line, tid) in lines {
        let name = line.split(' ').next().expect("a name");
        let tid = tid.unwrap_or_else(|| panic!("nobody wrote `{line}`"));
        if names[&tid] == "sh" {
            assert!(["eve", "fay"].contains(&name), "{line}");
        } else {
            assert_eq!(names[&tid], name, "{line}");
        }
    }
}

#[test]
fn an_endless_flood_is_cut_at_the_cap() {
    let run = traced(&Spec::listing(PROBE).args(["flood"]));
    assert_eq!(run.end.why, Why::OutputLimit);
    let length = run.events.iter().map(|event| match &event.what {
        What::Out { text, .. } => text.len(),
        _ => 0,
    });
    assert_eq!(length.sum::<usize>(), Spec::OUTPUT_BYTES);
}

#[test]
fn an_endless_loop_is_ended_at_its_limit() {
    let spec = Spec::listing(PROBE).args(["spin"]);
    let run = traced(&Spec {
        wall_ms: 200,
        ..spec
    });
    assert_eq!((run.end.why, run.verdict()), (Why::Timeout, None));
}

#[test]
fn a_traced_run_can_be_stopped() {
    let stop = Stop::new();
    let spec = Spec::listing(TRACED).args(["hang"]).traced();
    let end = run_with(&mut supervisor(), &spec, &stop, &mut |event| {
        if matches!(
            event.what,
            What::Ev {
                step: Step::State { .. },
                ..
            }
        ) {
            stop.stop();
        }
    });
    assert_eq!(end.expect("a verdict").why, Why::Stopped);
}

#[test]
fn a_plain_file_is_no_wait() {
    good(&["read-file"]).assert_never(State::Read);
}

#[test]
fn a_call_that_finds_what_it_wants_is_no_wait() {
    // Some take long when the machine is busy, and who can tell that from a wait?
    let waits = good(&["ready-pipe", "100"]).count("main", State::Read);
    assert!(waits < 50, "{waits}");
}

#[test]
fn a_call_that_looks_is_no_wait() {
    let run = good(&["looks"]);
    run.assert_never(State::Wait);
    run.assert_never(State::Poll);
}

#[test]
fn a_python_program_is_traced() {
    let folder = tempfile::tempdir().expect("a temp folder");
    let script = folder.path().join("twin.py");
    let text = "import threading\n\
        lock = threading.Lock()\n\
        lock.acquire()\n\
        t = threading.Thread(target=lambda: lock.acquire() and print('got it'))\n\
        t.start()\nimport time\ntime.sleep(0.02)\nlock.release()\nt.join()\n";
    std::fs::write(&script, text).expect("a script");
    let run = traced(&Spec::python(script));
    assert_eq!(run.printed(), "got it\n", "{}", run.text());
    assert_eq!(run.names().len(), 2);
}

// The verdict.

/// A run that can never go on.
#[track_caller]
fn deadlocked(args: &[&str]) -> Run {
    let run = run(args);
    assert_eq!(
        (run.end.why, run.end.code),
        (Why::Deadlock, None),
        "{}",
        run.text()
    );
    run
}

/// A run that waits for long, but not for ever.
#[track_caller]
fn silent(args: &[&str]) -> Run {
    let run = good(args);
    assert_eq!(run.verdict(), None, "{args:?}");
    run
}

/// The place of a remark in the source of the programs.
fn place(remark: &str) -> Option<String> {
    let source = include_str!("probe/programs.rs");
    let line = source
        .lines()
        .position(|line| line.ends_with(remark))
        .expect("it is there");
    Some(format!(
        "crates/runner/tests/probe/programs.rs:{}",
        line + 1
    ))
}

#[test]
fn two_threads_that_hold_what_the_other_wants_are_deadlocked() {
    let run = deadlocked(&["two-locks"]);
    let waits = run.waits();
    assert_eq!(waits.len(), 3);
    let mutex = |lock: &str, held_by| On::Mutex {
        lock: lock.to_owned(),
        held_by: Some(run.tid(held_by)),
    };
    let of = run.tid("first");
    assert_eq!(waits["main"].on, On::Join { of });
    assert_eq!(waits["first"].on, mutex("A", "second"));
    assert_eq!(waits["second"].on, mutex("B", "first"));
    assert_eq!(waits["first"].place, place("// first waits here"));
    assert_eq!(waits["second"].place, place("// second waits here"));
}

#[test]
fn a_circle_of_philosophers_is_deadlocked_at_the_first_meal() {
    for _ in 0..5 {
        let run = deadlocked(&["philosophers", "wrong", "1"]);
        let waits = run.waits();
        for seat in 0..3 {
            let held_by = Some(run.tid(&format!("philosopher-{}", (seat + 1) % 3)));
            let on = &waits[&*format!("philosopher-{seat}")].on;
            let On::Mutex { held_by: found, .. } = on else {
                panic!("{on:?}");
            };
            assert_eq!(*found, held_by, "seat {seat}: {}", run.text());
        }
    }
}

#[test]
fn philosophers_who_keep_the_order_eat() {
    for _ in 0..5 {
        assert_eq!(
            silent(&["philosophers", "right", "50"]).printed(),
            "all have eaten\n"
        );
    }
}

#[test]
fn a_thread_that_locks_twice_waits_for_itself() {
    let run = deadlocked(&["lock-twice"]);
    let held_by = Some(run.tid("main"));
    let lock = "A".to_owned();
    assert_eq!(run.waits()["main"].on, On::Mutex { lock, held_by });
    assert_eq!(run.waits()["main"].place, place("// main waits here"));
}

#[test]
fn two_that_listen_to_each_other_are_deadlocked() {
    let run = deadlocked(&["both-listen"]);
    let waits = run.waits();
    let is_futex = |name| matches!(waits[name].on, On::Futex { held_by: None, .. });
    assert!(is_futex("ada") && is_futex("ben"), "{waits:?}");
}

#[test]
fn a_reader_that_wants_to_write_waits_for_itself() {
    let run = deadlocked(&["read-then-write"]);
    let held_by = Some(run.tid("main"));
    let lock = "A".to_owned();
    assert_eq!(run.waits()["main"].on, On::Futex { lock, held_by });
}

#[test]
fn a_reader_that_holds_the_only_write_end_waits_for_ever() {
    let run = deadlocked(&["own-write-end"]);
    assert_eq!(run.waits()["main"].on, On::Pipe { reading: true });
}

#[test]
fn a_writer_whose_only_reader_is_itself_waits_for_ever() {
    let run = deadlocked(&["full-pipe"]);
    assert_eq!(run.waits()["main"].on, On::Pipe { reading: false });
}

#[test]
fn two_that_read_from_each_others_socket_wait_for_ever() {
    let run = deadlocked(&["both-read-sockets"]);
    let waits = run.waits();
    assert_eq!(waits["ada"].on, On::Pipe { reading: true });
    assert_eq!(waits["ben"].on, On::Pipe { reading: true });
}

#[test]
fn a_futex_in_shared_memory_is_the_business_of_two_processes() {
    let run = deadlocked(&["shared-futex", "for-ever"]);
    assert_eq!(run.verdict().map(|(_, waits)| waits.len()), Some(2));
    let run = silent(&["shared-futex", "woken"]);
    let child = run.children()[0];
    let wake = Step::Wake { to: child };
    assert!(run.has("main", &wake), "{}", run.text());
}

#[test]
fn a_parent_and_a_child_can_wait_for_each_other() {
    let run = deadlocked(&["parent-and-child"]);
    let of = Some(run.tid("cat"));
    assert_eq!(run.waits()["main"].on, On::Child { of });
    assert_eq!(run.waits()["cat"].on, On::Pipe { reading: true });
}

#[test]
fn children_can_wait_for_each_other() {
    let run = deadlocked(&["children-that-hang"]);
    assert_eq!(
        run.verdict().map(|(_, waits)| waits.len()),
        Some(3),
        "{}",
        run.text()
    );
}

#[test]
fn a_parked_thread_that_is_alone_is_never_unparked() {
    deadlocked(&["nobody-unparks"]);
}

#[test]
fn a_watchdog_may_speak_after_the_verdict() {
    let run = good(&["two-locks-beside", "watchdog"]);
    assert_eq!(run.printed(), "watchdog: it hangs\n");
    assert_eq!(run.waits().len(), 3);
}

#[test]
fn a_bystander_holds_the_verdict_back_until_it_is_gone() {
    for what in ["sleeper", "computation"] {
        let run = deadlocked(&["two-locks-beside", what]);
        let bystander = run.tid("bystander");
        let mut steps = run.steps().filter(|(_, tid, _)| *tid == bystander);
        let exit = steps.find(|(_, _, step)| matches!(step, Step::Exit { .. }));
        let (verdict, waits) = run.verdict().expect("a verdict");
        assert!(
            exit.expect("it is gone").0 < verdict,
            "{what}: {}",
            run.text()
        );
        assert_eq!(waits.len(), 3);
    }
}

#[test]
fn a_wait_with_a_timeout_holds_the_verdict_back() {
    let run = deadlocked(&["two-locks-beside", "timed-wait"]);
    let (verdict, _) = run.verdict().expect("a verdict");
    assert!(verdict > 400_000_000, "{}", run.text());
}

#[test]
fn a_deadlock_in_a_child_does_not_end_its_parent() {
    let run = good(&["two-locks-in-a-child"]);
    let (_, waits) = run.verdict().expect("a verdict");
    let names: BTreeSet<&str> = waits.iter().map(|wait| &*wait.name).collect();
    assert_eq!(names, ["first", "runner-traced", "second"].into());
    assert!(waits.iter().all(|wait| wait.tid != run.tid("main")));
}

#[test]
fn a_timeout_is_no_deadlock() {
    silent(&["wait-with-timeout"]);
    silent(&["socket-with-timeout"]);
}

#[test]
fn work_is_no_deadlock() {
    silent(&["compute", "400"]);
    let run = traced(&Spec::listing("sh").args(["-c", "sleep 0.4"]));
    assert_eq!((run.end.why, run.verdict()), (Why::Exit, None));
}

#[test]
fn a_timer_is_no_deadlock() {
    let run = run(&["alarm"]);
    let end = (run.end.why, run.end.code, run.verdict());
    assert_eq!(end, (Why::Exit, Some(9), None), "{}", run.text());
}

#[test]
fn a_signal_that_will_be_handled_is_no_deadlock() {
    silent(&["signal-from-a-child"]);
}

#[test]
fn a_pipe_whose_writer_sleeps_is_no_deadlock() {
    let script = "{ sleep 0.4; echo late; } | cat";
    let run = traced(&Spec::listing("sh").args(["-c", script]));
    assert_eq!((run.end.why, run.verdict()), (Why::Exit, None));
    run.assert_waits("cat", State::Read);
}

#[test]
fn the_end_of_standard_input_is_no_wait() {
    let run = traced(&Spec::listing("cat"));
    assert_eq!((run.end.why, run.verdict()), (Why::Exit, None));
}

/// Longer than the verdict takes.
const WHILE: Duration = Duration::from_millis(400);

#[test]
fn a_socket_to_the_world_is_no_deadlock() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        thread::sleep(WHILE);
        stream.write_all(b"late\n").expect("it listens");
    });
    let run = silent(&["read-from", &port.to_string()]);
    assert_eq!(run.printed(), "late\n");
    run.assert_waits("main", State::Read);
    server.join().expect("server panicked");
}

#[test]
fn a_pipe_to_the_world_is_no_deadlock() {
    let (_folder, path) = fifo();
    let written = path.clone();
    let writer = thread::spawn(move || {
        let mut fifo = std::fs::File::create(written).expect("it can be opened");
        thread::sleep(WHILE);
        fifo.write_all(b"late\n").expect("it is read");
    });
    let run = silent(&["open", path.to_str().expect("text")]);
    assert_eq!(run.printed(), "late\n");
    run.assert_waits("main", State::Read);
    writer.join().expect("writer panicked");
}

#[test]
fn a_pipe_with_a_name_is_no_deadlock() {
    let (_folder, path) = fifo();
    let written = path.clone();
    let writer = thread::spawn(move || {
        thread::sleep(2 * WHILE);
        let mut fifo = std::fs::File::create(written).expect("it can be opened");
        fifo.write_all(b"late").expect("it is read");
    });
    let run = silent(&["open-both-ends", path.to_str().expect("text")]);
    assert_eq!(run.printed(), "late\n");
    writer.join().expect("writer panicked");
}

/// A pipe with a name, which every user may read and write.
fn fifo() -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a temp folder");
    let path = folder.path().join("fifo");
    let nobody = nix::sys::stat::Mode::empty();
    nix::unistd::mkfifo(&path, nobody).expect("a fifo");
    for (path, mode) in [(&*path, 0o666), (folder.path(), 0o755)] {
        let for_all = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(path, for_all).expect("ours");
    }
    (folder, path)
}
