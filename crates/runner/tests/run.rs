//! Real processes under a real supervisor.

use runner::{
    Diagnostic, End, Event, Outcome, Source, Spec, Stop, What, Why, run_to_end, run_with,
};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const PROBE: &str = env!("CARGO_BIN_EXE_runner-probe");
/// Far above what any of these runs takes; only a hang reaches it.
const HANG: Duration = Duration::from_secs(8);

fn supervisor() -> Command {
    let mut command = Command::new(PROBE);
    command.arg("supervise");
    command
}

fn probe(args: &[&str]) -> Spec {
    Spec::listing(PROBE).args(args.iter().copied())
}

fn shell(script: &str) -> Spec {
    Spec::listing("sh").args(["-c", script])
}

fn run(spec: &Spec) -> Outcome {
    run_to_end(&mut supervisor(), spec).expect("a verdict")
}

fn check_end(args: &[&str], why: Why, code: Option<i32>) -> Outcome {
    let outcome = run(&probe(args));
    assert_eq!(
        (outcome.end.why, outcome.end.code),
        (why, code),
        "{outcome:?}"
    );
    outcome
}

/// Dead, or about to be waited for by init.
fn is_gone(pid: &str) -> bool {
    assert!(pid.parse::<u32>().is_ok(), "`{pid}` is no process number");
    let state = Command::new("ps")
        .args(["-o", "state=", "-p", pid])
        .output()
        .expect("ps runs");
    matches!(state.stdout.first(), None | Some(b'Z'))
}

fn assert_gone_soon(pid: &str) {
    let start = Instant::now();
    while !is_gone(pid) {
        assert!(
            start.elapsed() < Duration::from_secs(3),
            "process {pid} is still alive"
        );
        thread::sleep(Duration::from_millis(10));
    }
}

/// Stops at the first output, so the run ends only if that came before the program's own end.
fn first_output(spec: &Spec) -> (String, End) {
    let stop = Stop::new();
    let mut text = String::new();
    let end = run_with(&mut supervisor(), spec, &stop, &mut |event: Event| {
        if let What::Out { text: more, .. } = event.what {
            text.push_str(&more);
            stop.stop();
        }
    });
    (text, end.expect("a verdict"))
}

#[test]
fn an_exit_code_is_reported() {
    check_end(&["exit", "3"], Why::Exit, Some(3));
}

#[test]
fn a_signal_is_reported_by_its_number() {
    check_end(&["abort"], Why::Signal, Some(6));
}

#[test]
fn a_program_that_does_not_exist_is_named() {
    let outcome = run(&Spec::listing("/nowhere/x"));
    assert_eq!(outcome.end.why, Why::StartFailed);
    assert!(
        outcome.stderr.contains("/nowhere/x cannot be started"),
        "{outcome:?}"
    );
}

#[test]
fn all_output_arrives_in_order() {
    let expected: String = (0..2000).map(|line| format!("line {line}\n")).collect();
    assert_eq!(run(&probe(&["many-lines", "2000"])).stdout, expected);
}

#[test]
fn standard_error_is_kept_apart() {
    let outcome = run(&shell("echo one; echo two >&2"));
    assert_eq!((&*outcome.stdout, &*outcome.stderr), ("one\n", "two\n"));
}

#[test]
fn a_line_arrives_while_the_program_runs() {
    let (text, end) = first_output(&probe(&["say-then-hang", "now\n"]));
    assert_eq!((&*text, end.why), ("now\n", Why::Stopped));
}

#[test]
fn a_prompt_without_a_newline_arrives_while_the_program_runs() {
    let (text, end) = first_output(&probe(&["say-then-hang", "name? "]));
    assert_eq!((&*text, end.why), ("name? ", Why::Stopped));
}

#[test]
fn lines_in_quick_succession_share_events() {
    let mut events = 0;
    let spec = probe(&["ticking-lines", "200"]);
    run_with(&mut supervisor(), &spec, &Stop::new(), &mut |_| events += 1).expect("a verdict");
    assert!(events < 150, "{events} events for 200 lines");
}

#[test]
fn an_endless_loop_is_ended_at_its_limit() {
    let start = Instant::now();
    let outcome = run(&Spec {
        wall_ms: 200,
        ..probe(&["spin"])
    });
    assert_eq!(outcome.end.why, Why::Timeout);
    assert!(
        outcome.end.wall_ms >= 200 && start.elapsed() < HANG,
        "{outcome:?}"
    );
}

#[test]
fn an_endless_flood_is_cut_at_the_cap() {
    let outcome = check_end(&["flood"], Why::OutputLimit, None);
    assert_eq!(outcome.stdout.len(), Spec::OUTPUT_BYTES);
}

#[test]
fn output_of_exactly_the_cap_is_no_offence() {
    let outcome = check_end(
        &["bytes", &Spec::OUTPUT_BYTES.to_string()],
        Why::Exit,
        Some(0),
    );
    assert_eq!(outcome.stdout.len(), Spec::OUTPUT_BYTES);
}

#[test]
fn one_byte_above_the_cap_is_an_offence() {
    let bytes = (Spec::OUTPUT_BYTES + 1).to_string();
    let outcome = check_end(&["bytes", &bytes], Why::OutputLimit, None);
    assert_eq!(outcome.stdout.len(), Spec::OUTPUT_BYTES);
}

#[test]
fn output_is_valid_text_without_escape_sequences() {
    assert_eq!(run(&probe(&["invalid-utf8"])).stdout, "a\u{fffd}bc\n");
}

#[test]
fn children_in_the_background_are_killed_and_counted() {
    let outcome = run(&shell("sleep 60 & sleep 60 & echo $!"));
    assert_eq!(outcome.end.leftovers, 2, "{outcome:?}");
    assert!(is_gone(outcome.stdout.trim()));
}

#[cfg(target_os = "linux")]
#[test]
fn a_child_that_was_never_waited_for_is_counted() {
    // `exec` replaces the shell by a program that knows nothing of the shell's child.
    let outcome = run(&shell("true & exec sleep 0.3"));
    assert_eq!(outcome.end.leftovers, 1, "{outcome:?}");
    assert_eq!(run(&shell("true & wait")).end.leftovers, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn a_grandchild_in_a_session_of_its_own_is_killed() {
    let outcome = run(&probe(&["orphan"]));
    assert_eq!(outcome.end.leftovers, 1, "{outcome:?}");
    assert!(is_gone(outcome.stdout.trim()));
}

#[cfg(target_os = "linux")]
#[test]
fn sessions_within_sessions_are_killed() {
    let script = "setsid sh -c 'setsid sleep 60 & setsid sleep 60 & echo $$; wait' & wait";
    let (pid, end) = first_output(&shell(script));
    assert_eq!(end.leftovers, 3, "{end:?}");
    assert!(is_gone(pid.trim()));
}

#[test]
fn a_stopped_run_leaves_nothing() {
    let (pid, end) = first_output(&shell("sleep 60 & echo $!; wait"));
    assert_eq!(end.why, Why::Stopped);
    assert!(is_gone(pid.trim()));
}

#[test]
fn a_run_stopped_before_its_start_ends_at_once() {
    let stop = Stop::new();
    stop.stop();
    let start = Instant::now();
    let end = run_with(&mut supervisor(), &probe(&["spin"]), &stop, &mut |_| {});
    assert_eq!(end.expect("a verdict").why, Why::Stopped);
    assert!(start.elapsed() < HANG);
}

#[cfg(target_os = "linux")]
#[test]
fn a_client_killed_with_9_leaves_nothing() {
    let output = Command::new(PROBE)
        .args(["client", "orphan-then-hang"])
        .output()
        .expect("it starts");
    assert!(!output.status.success());
    let pids = String::from_utf8(output.stdout).expect("numbers");
    assert_eq!(
        pids.split_whitespace().count(),
        2,
        "program and orphan: {pids}"
    );
    pids.split_whitespace().for_each(assert_gone_soon);
}

#[test]
fn the_environment_is_clean() {
    let mut supervisor = supervisor();
    supervisor
        .env("RUST_BACKTRACE", "1")
        .env("LD_PRELOAD", "")
        .env("SECRET", "x");
    let outcome = run_to_end(&mut supervisor, &probe(&["environment"])).expect("a verdict");
    let mut names: Vec<_> = outcome
        .stdout
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(n, _)| n)
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["HOME", "LANG", "LC_ALL", "PATH", "TMPDIR"]);
}

#[test]
fn the_scratch_folder_is_wiped() {
    let outcome = check_end(&["write-home"], Why::Exit, Some(0));
    let folder = Path::new(outcome.stdout.trim());
    assert!(folder.is_absolute() && !folder.exists(), "{outcome:?}");
}

#[test]
fn a_file_cannot_grow_beyond_its_limit() {
    check_end(&["big-file"], Why::Signal, Some(25));
}

#[cfg(target_os = "linux")]
#[test]
fn memory_is_limited() {
    let outcome = check_end(&["big-memory"], Why::Signal, Some(6));
    assert!(outcome.stderr.contains("memory allocation"), "{outcome:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn threads_and_processes_are_limited() {
    let outcome = check_end(&["threads", "5000"], Why::Exit, Some(0));
    let started: u32 = outcome.stdout.trim().parse().expect("a count");
    assert!(started < 5000, "{outcome:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_is_never_root() {
    assert_ne!(run(&probe(&["user"])).stdout.trim(), "0");
}

#[test]
fn a_program_can_start_itself_again() {
    assert_eq!(run(&probe(&["find-myself"])).stdout, "exit status: 7\n");
}

#[test]
fn a_python_twin_sees_a_path_that_never_changes() {
    let folder = tempfile::tempdir().expect("a temp folder");
    let script = folder.path().join("twin.py");
    std::fs::write(&script, "import sys\nprint(sys.argv)\n").expect("a script");
    let outcome = run(&Spec::python(script));
    assert_eq!(outcome.stdout, "['../bin/twin.py']\n", "{outcome:?}");
}

#[test]
fn a_tool_keeps_environment_and_folder() {
    let folder = tempfile::tempdir().expect("a temp folder");
    let spec = Spec::tool("sh", folder.path()).args(["-c", "echo $KEPT; pwd"]);
    let outcome = run_to_end(supervisor().env("KEPT", "yes"), &spec).expect("a verdict");
    let here = folder.path().canonicalize().expect("it exists");
    assert_eq!(outcome.stdout, format!("yes\n{}\n", here.display()));
}

#[test]
fn a_supervisor_with_half_a_specification_says_so() {
    let mut supervisor = supervisor()
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the supervisor starts");
    let mut stdin = supervisor.stdin.take().expect("a pipe");
    stdin.write_all(b"{\"run\":").expect("it reads");
    drop(stdin);
    let output = supervisor.wait_with_output().expect("it ends");
    assert!(!output.status.success());
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(
        message.contains("the specification is not valid"),
        "{message}"
    );
}

/// A program in one file, compiled by whatever rustc is there.
fn source(text: &str) -> Source {
    let sysroot = Command::new("rustc")
        .args(["--print", "sysroot"])
        .output()
        .expect("rustc runs");
    let sysroot = String::from_utf8(sysroot.stdout).expect("a path");
    Source {
        rustc: Path::new(sysroot.trim()).join("bin/rustc"),
        args: vec!["--edition=2024".to_owned()],
        file: "listings/test/src/bin/edited.rs".into(),
        text: text.to_owned(),
    }
}

/// A script in the place of the compiler.
fn compiler(script: &str) -> Source {
    Source {
        rustc: "/bin/sh".into(),
        args: vec!["-c".to_owned(), script.to_owned()],
        ..source("")
    }
}

/// Everything that a run of this source tells.
fn events(source: Source) -> Vec<What> {
    let mut events = Vec::new();
    let spec = Spec::source(source);
    run_with(&mut supervisor(), &spec, &Stop::new(), &mut |event| {
        events.push(event.what);
    })
    .expect("a verdict");
    events
}

fn end(events: &[What]) -> &End {
    match events.last() {
        Some(What::End(end)) => end,
        other => panic!("no end: {other:?}"),
    }
}

fn diagnostics(events: &[What]) -> Vec<&Diagnostic> {
    events
        .iter()
        .filter_map(|what| match what {
            What::Diag(said) => Some(said),
            _ => None,
        })
        .collect()
}

#[test]
fn source_is_compiled_and_run_and_panics_at_its_own_place() {
    let events = events(source("fn main() {\n    panic!(\"boo\");\n}\n"));
    let mut kinds = Vec::new();
    let mut stderr = String::new();
    for what in &events {
        kinds.push(match what {
            What::Build { .. } => "build",
            What::Start { .. } => "start",
            What::Err { text, .. } => {
                stderr.push_str(text);
                "err"
            }
            What::End(_) => "end",
            other => panic!("{other:?}"),
        });
    }
    // The message comes in one event or in several.
    kinds.dedup();
    assert_eq!(kinds, ["build", "start", "err", "end"]);
    let place = "panicked at listings/test/src/bin/edited.rs:2:5:\nboo";
    assert!(stderr.contains(place), "{stderr}");
    assert_eq!(
        (end(&events).why, end(&events).code),
        (Why::Exit, Some(101))
    );
}

#[test]
fn a_mistake_is_told_at_its_line_and_nothing_runs() {
    let events = events(source("fn main() {\n    let x: u8 = \"a\";\n}\n"));
    let said = diagnostics(&events);
    assert_eq!(said.len(), 1, "{said:?}");
    assert_eq!(
        (said[0].line, said[0].code.as_deref()),
        (Some(2), Some("E0308"))
    );
    assert!(
        said[0].text.contains("listings/test/src/bin/edited.rs:2:"),
        "{}",
        said[0].text
    );
    assert_eq!(end(&events).why, Why::BuildFailed);
    assert!(!events.iter().any(|what| matches!(what, What::Start { .. })));
}

#[test]
fn a_compiler_that_does_not_exist_is_named() {
    let events = events(Source {
        rustc: "/nowhere/rustc".into(),
        ..source("fn main() {}")
    });
    let said = diagnostics(&events);
    assert!(
        said[0].text.contains("/nowhere/rustc cannot be started"),
        "{said:?}"
    );
    assert_eq!(end(&events).why, Why::BuildFailed);
}

#[test]
fn a_file_outside_of_its_folder_is_refused() {
    for file in ["../escaped.rs", "/tmp/escaped.rs", "a/../../escaped.rs"] {
        let events = events(Source {
            file: file.into(),
            ..source("fn main() {}")
        });
        assert!(
            diagnostics(&events)[0].text.contains("outside"),
            "{events:?}"
        );
        assert_eq!(end(&events).why, Why::BuildFailed);
    }
}

#[test]
fn a_compiler_that_talks_without_end_is_stopped() {
    let events = events(compiler("while :; do echo aaaaaaaaaaaaaaaa >&2; done"));
    let said = diagnostics(&events);
    assert!(said[0].text.contains("longer than 1024 KiB"), "{said:?}");
    assert_eq!(end(&events).why, Why::BuildFailed);
}

#[test]
fn a_compiler_that_dies_says_by_what() {
    let events = events(compiler("kill -ABRT $$"));
    assert!(
        diagnostics(&events)[0].text.contains("signal 6"),
        "{events:?}"
    );
}

#[test]
fn the_compiler_sees_nothing_of_the_callers_environment_but_the_path() {
    let mut supervisor = supervisor();
    supervisor.env("BOOK_SECRET", "x");
    let text = "fn main() { println!(\"{:?}\", option_env!(\"BOOK_SECRET\")) }";
    let outcome = run_to_end(&mut supervisor, &Spec::source(source(text))).expect("a verdict");
    assert_eq!(outcome.stdout, "None\n");
}

#[test]
fn stop_ends_a_compilation() {
    let stop = Stop::new();
    let endless = compiler("while :; do :; done");
    let start = Instant::now();
    let end = run_with(
        &mut supervisor(),
        &Spec::source(endless),
        &stop,
        &mut |event| {
            if matches!(event.what, What::Build { .. }) {
                stop.stop();
            }
        },
    );
    assert_eq!(end.expect("a verdict").why, Why::Stopped);
    assert!(start.elapsed() < HANG);
}

#[test]
fn a_supervisor_that_is_not_needed_ends_without_a_word() {
    let mut supervisor = supervisor();
    let idle = runner::Idle::start(supervisor.stderr(Stdio::piped())).expect("it starts");
    idle.dismiss();
    let output = supervisor.stdin(Stdio::null()).output().expect("it runs");
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
