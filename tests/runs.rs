//! What the pages show of a run is what a run prints: now, every time, and in Python.

use crate::need::need;
use crate::sources::{catalogue, none, root, says};
use book::programs::{Programs, Supervisor};
use book::record;
use directives::Problem;
use mdbook_listings::{Catalogue, Kind, Listing, Recorded, Stress};
use runner::{On, Spec, Stop, Wait, What, Why};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, OnceLock};
use std::{env, thread};

fn supervisor() -> Supervisor {
    Supervisor::at(env!("CARGO_BIN_EXE_book-tests-supervisor"))
}

/// How often a listing is run, at least once.
fn repetitions(stress: Stress) -> usize {
    let variable = match stress {
        Stress::Sync => "BOOK_STRESS_SYNC",
        Stress::Watchdog | Stress::Spins => "BOOK_STRESS_WATCHDOG",
        Stress::None => return 1,
    };
    env::var(variable).map_or(5, |count| {
        count
            .parse()
            .unwrap_or_else(|_| panic!("{variable} is no number: {count}"))
    })
}

/// All programs of the book, compiled once for all tests.
fn executable(listing: &Listing) -> &'static PathBuf {
    static PROGRAMS: OnceLock<BTreeMap<String, PathBuf>> = OnceLock::new();
    let programs = PROGRAMS.get_or_init(|| {
        let programs = Programs::new(root(), supervisor(), catalogue());
        programs
            .ensure_all(None, &mut |_| {})
            .unwrap_or_else(|error| panic!("{error:#}"))
    });
    &programs[&listing.id]
}

/// The problems that `check` finds in the items, found on as many threads as there are cores.
fn in_parallel<T: Sync>(items: &[T], check: impl Fn(&T) -> Vec<Problem> + Sync) -> Vec<Problem> {
    let next = AtomicUsize::new(0);
    let problems = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Relaxed)) {
                    let found = check(item);
                    problems.lock().unwrap().extend(found);
                }
            });
        }
    });
    let mut problems = problems.into_inner().unwrap();
    problems.sort_by(|a, b| a.path.cmp(&b.path));
    problems
}

/// A run whose output differs from the recording: where, and what to do.
fn check_same(
    path: &Path,
    chapter: &str,
    recorded: &Recorded,
    fresh: &Recorded,
) -> Option<Problem> {
    if recorded.same_as(fresh) {
        return None;
    }
    let streams = [
        ("standard output", &recorded.stdout, &fresh.stdout),
        ("standard error", &recorded.stderr, &fresh.stderr),
    ];
    let differing = streams.into_iter().find_map(|(stream, old, new)| {
        let lines = old.len().max(new.len());
        let at = (0..lines).find(|at| !same_line(old.get(*at), new.get(*at)))?;
        let quoted = |line: Option<&String>| line.map_or("nothing".into(), |l| format!("`{l}`"));
        let (old, new) = (quoted(old.get(at)), quoted(new.get(at)));
        Some(format!(
            "line {} of {stream} is {new}, recorded is {old}",
            at + 1
        ))
    });
    let message = differing.unwrap_or_else(|| {
        format!(
            "the exit status is {}, recorded is {}",
            fresh.exit, recorded.exit
        )
    });
    Some(Problem::new(path, 0, message).hint(format!(
        "if the new output is right and always the same, run `cargo book record {chapter}`"
    )))
}

/// Whether two lines are the same but for what a measurement may change.
fn same_line(old: Option<&String>, new: Option<&String>) -> bool {
    let alone = |line: &String| Recorded::new(0, line, "");
    match (old, new) {
        (Some(old), Some(new)) => alone(old).same_as(&alone(new)),
        _ => old == new,
    }
}

/// A program that does not print what is recorded, once or some time.
fn check_program<E: Display>(
    listing: &Listing,
    count: usize,
    mut run: impl FnMut() -> Result<Recorded, E>,
) -> Vec<Problem> {
    let Some(recorded) = &listing.recorded else {
        return Vec::new();
    };
    for number in 1..=count {
        let problem = match run() {
            Ok(fresh) => check_same(&listing.path, &listing.chapter, recorded, &fresh),
            Err(error) => Some(Problem::new(&listing.path, 0, format!("{error:#}"))),
        };
        if let Some(mut problem) = problem {
            problem.message = format!("run {number} of {count}: {}", problem.message);
            return vec![problem];
        }
    }
    Vec::new()
}

/// A Python twin that fails or prints something else than the listing's recording.
fn check_twin(listing: &Listing, root: &Path, supervisor: &Supervisor) -> Vec<Problem> {
    let (Some((path, _)), Some(recorded)) = (&listing.python, &listing.recorded) else {
        return Vec::new();
    };
    let spec = Spec::python(root.join(path)).limit_s(listing.settings.limit_s);
    let outcome = match runner::run_to_end(&mut supervisor.command(), &spec) {
        Ok(outcome) => outcome,
        Err(error) => return vec![Problem::new(path, 0, format!("cannot be run: {error:#}"))],
    };
    if outcome.end.why != Why::Exit || outcome.end.code != Some(listing.settings.exit) {
        let end = format!("{:?}, code {:?}", outcome.end.why, outcome.end.code);
        let message = format!("the twin fails: {end}\n{}", outcome.stderr);
        return vec![Problem::new(path, 0, message).hint(format!("python3 {}", path.display()))];
    }
    // What goes to standard error is the language's own way of telling a failure.
    let stdout_only = |recorded: &Recorded| Recorded {
        stderr: Vec::new(),
        ..recorded.clone()
    };
    let fresh = Recorded::new(listing.settings.exit, &outcome.stdout, "");
    let problem = check_same(path, &listing.chapter, &stdout_only(recorded), &fresh);
    let hint = format!("make the twin print what {} prints", listing.path.display());
    problem
        .map(|problem| problem.hint(hint))
        .into_iter()
        .collect()
}

/// A program that compiles, is refused for another reason, or with other words than are recorded.
fn check_refused(listing: &Listing, root: &Path) -> Vec<Problem> {
    match record::refuse(root, listing) {
        Err(error) => vec![Problem::new(&listing.path, 0, format!("{error:#}"))],
        Ok((fresh, _)) => {
            let recorded = listing.recorded.as_ref();
            let differs = |recorded| check_same(&listing.path, &listing.chapter, recorded, &fresh);
            recorded.and_then(differs).into_iter().collect()
        }
    }
}

fn of_kind(catalogue: &Catalogue, kind: Kind) -> Vec<&Listing> {
    catalogue
        .listings()
        .filter(|listing| listing.kind == kind)
        .collect()
}

#[test]
fn every_listing_prints_what_is_recorded_every_time() {
    let programs = of_kind(catalogue(), Kind::Program);
    none(in_parallel(&programs, |listing| {
        let count = repetitions(listing.settings.stress).max(1);
        let executable = executable(listing);
        check_program(listing, count, || {
            record::run(&supervisor(), listing, executable)
        })
    }));
}

/// A listing that prints something else when it is traced, and a verdict where there is no deadlock, or
/// none where there is one.
fn check_traced(listing: &Listing, executable: &Path) -> Vec<Problem> {
    let spec = Spec::listing(executable).limit_s(listing.settings.limit_s);
    let (mut stdout, mut stderr, mut verdict) = (String::new(), String::new(), None);
    let end = runner::run_with(
        &mut supervisor().command(),
        &spec.traced(),
        &Stop::new(),
        &mut |event| match event.what {
            What::Out { text, .. } => stdout.push_str(&text),
            What::Err { text, .. } => stderr.push_str(&text),
            What::Deadlock { waits } => verdict = Some(waits),
            _ => {}
        },
    );
    let problem = |message| vec![Problem::new(&listing.path, 0, message)];
    let end = match end {
        Ok(end) => end,
        Err(error) => return problem(format!("cannot be traced: {error:#}")),
    };
    // One that starts thousands of threads does more than a time line can show, and says so.
    if end.why == Why::EventLimit && listing.settings.timeline.is_some() {
        return Vec::new();
    }
    let Some(code) = end.code.filter(|_| end.why == Why::Exit) else {
        return problem(format!("ends by {:?} when it is traced", end.why));
    };
    let hangs = listing.settings.stress == Stress::Watchdog;
    match &verdict {
        Some(waits) if !hangs => problem(format!("a verdict on what does not hang: {waits:?}")),
        None if hangs => problem("no verdict on what hangs".to_owned()),
        Some(waits) if !waits.iter().any(|wait| is_in(wait, listing)) => {
            problem(format!("the verdict does not point into it: {waits:?}"))
        }
        _ => {
            let fresh = Recorded::new(code, &stdout, &stderr);
            let recorded = listing.recorded.as_ref();
            let differs = |recorded| check_same(&listing.path, &listing.chapter, recorded, &fresh);
            recorded.and_then(differs).into_iter().collect()
        }
    }
}

/// Whether a deadlocked thread waits at a line of this listing, and not for the end of a thread only.
fn is_in(wait: &Wait, listing: &Listing) -> bool {
    let start = format!("{}:", listing.path.display());
    let place = wait.place.as_deref().unwrap_or_default();
    place.starts_with(&start) && !matches!(wait.on, On::Join { .. })
}

#[test]
fn every_listing_does_the_same_when_traced_and_only_those_that_hang_get_a_verdict() {
    if !can_trace() {
        return;
    }
    let programs = of_kind(catalogue(), Kind::Program);
    none(in_parallel(&programs, |listing| {
        let executable = executable(listing);
        // A listing's own watchdog may be faster than the verdict when the machine is busy.
        let hangs = listing.settings.stress == Stress::Watchdog;
        let tries = if hangs { 5 } else { 1 };
        let tries = (0..tries).map(|_| check_traced(listing, executable));
        let mut problems = Vec::new();
        for found in tries {
            problems = found;
            if problems.is_empty() {
                break;
            }
        }
        problems
    }));
}

#[test]
fn the_verdict_on_two_locks_names_both_threads_both_locks_and_both_lines() {
    if !can_trace() {
        return;
    }
    let listing = catalogue().get("deadlock/two_locks").expect("it is there");
    let source = std::fs::read_to_string(root().join(&listing.path)).expect("readable");
    let line = source
        .lines()
        .position(|line| line.contains("second.lock()"));
    let place = line.map(|line| format!("{}:{}", listing.path.display(), line + 1));
    let seen = (0..5).any(|_| {
        let mut waits = Vec::new();
        let spec = Spec::listing(executable(listing)).traced();
        let mut supervisor = supervisor().command();
        let end = runner::run_with(&mut supervisor, &spec, &Stop::new(), &mut |event| {
            if let What::Deadlock { waits: found } = event.what {
                waits = found;
            }
        });
        assert_eq!(end.expect("an end").why, Why::Exit);
        let tid = |name: &str| {
            waits
                .iter()
                .find(|wait| wait.name == name)
                .map(|wait| wait.tid)
        };
        let holds = |name: &str, other: &str, label: &str| {
            let on = On::Mutex {
                lock: label.to_owned(),
                held_by: tid(other),
            };
            let wait = waits.iter().find(|wait| wait.name == name);
            wait.is_some_and(|wait| wait.on == on && wait.place == place)
        };
        holds("copy", "fax", "A") && holds("fax", "copy", "B")
            || holds("copy", "fax", "B") && holds("fax", "copy", "A")
    });
    assert!(seen, "not in five runs");
}

/// Where it cannot be done, the runner says so, and the pages show recorded time lines.
fn can_trace() -> bool {
    let tested = runner::self_test(&mut supervisor().command());
    if let Err(reason) = &tested {
        eprintln!("skipped: runs cannot be traced here: {reason}");
    }
    tested.is_ok()
}

#[test]
fn every_twin_prints_what_its_listing_prints() {
    if need("python3").is_none() {
        return;
    }
    let all: Vec<&Listing> = catalogue().listings().collect();
    none(in_parallel(&all, |listing| {
        check_twin(listing, root(), &supervisor())
    }));
}

#[test]
fn every_refused_program_is_refused_for_its_reason() {
    let refused = of_kind(catalogue(), Kind::Refused);
    none(in_parallel(&refused, |listing| {
        check_refused(listing, root())
    }));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    /// A book of one listing, `t/one`, recorded to print `ready` and `≈ 1 ms`.
    fn book(source: &str, python: &str, settings: &str) -> (tempfile::TempDir, Catalogue) {
        // Not under a private temp folder: as root, runs are another user's.
        let root = tempfile::Builder::new()
            .permissions(fs::Permissions::from_mode(0o755))
            .tempdir()
            .expect("a temp folder");
        let folder = if settings.contains("refused") {
            "refused"
        } else {
            "src/bin"
        };
        let recorded = Recorded::new(0, "ready\n≈ 1 ms\n", "");
        for (path, text) in [
            ("Cargo.toml", ""),
            (&*format!("{folder}/one.rs"), source),
            ("python/one.py", python),
            ("listings.toml", settings),
            ("recorded/one.json", &recorded.to_json()),
        ] {
            let path = root.path().join("listings/t").join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        let catalogue = Catalogue::load(root.path()).expect("it loads");
        (root, catalogue)
    }

    fn one(catalogue: &Catalogue) -> &Listing {
        catalogue.get("t/one").expect("it is there")
    }

    /// Runs a program five times that would print this, in turn.
    fn check_prints(stdouts: &[&str]) -> Vec<Problem> {
        let (_root, catalogue) = book("", "", "");
        let mut stdouts = stdouts.iter().cycle();
        check_program(one(&catalogue), 5, || match stdouts.next() {
            Some(stdout) if !stdout.is_empty() => Ok(Recorded::new(0, stdout, "")),
            _ => Err("assertion failed"),
        })
    }

    #[test]
    fn a_program_that_prints_what_is_recorded_is_accepted() {
        none(check_prints(&["ready\n≈ 7 ms\n", "ready\n≈ 12 ms\n"]));
    }

    #[test]
    fn a_program_that_prints_something_else_is_named_with_the_line() {
        says(
            check_prints(&["ready\n≈ 7 s\n"]),
            "one.rs: run 1 of 5: line 2 of standard output is `≈ 7 s`, recorded is `≈ 1 ms`\n  \
             hint: if the new output is right and always the same, run `cargo book record t`",
        );
        says(
            check_prints(&["ready\n"]),
            "line 2 of standard output is nothing, recorded is `≈ 1 ms`",
        );
    }

    #[test]
    fn another_standard_error_or_exit_status_is_named() {
        let recorded = Recorded::new(0, "a\n", "");
        let check = |fresh| {
            let problem = check_same(Path::new("a.rs"), "t", &recorded, &fresh);
            problem.into_iter().collect()
        };
        says(
            check(Recorded::new(0, "a\n", "x\n")),
            "line 1 of standard error is `x`",
        );
        says(
            check(Recorded::new(3, "a\n", "")),
            "the exit status is 3, recorded is 0",
        );
    }

    #[test]
    fn a_program_that_differs_only_in_a_later_run_is_caught() {
        let good = "ready\n≈ 7 ms\n";
        says(
            check_prints(&[good, good, good, "late\n"]),
            "run 4 of 5: line 1 of standard output is `late`",
        );
    }

    #[test]
    fn a_program_that_fails_is_named_with_what_it_said() {
        says(
            check_prints(&["ready\n≈ 7 ms\n", ""]),
            "run 2 of 5: assertion failed",
        );
    }

    #[test]
    fn a_twin_that_prints_something_else_is_named() {
        if need("python3").is_none() {
            return;
        }
        let check = |python: &str| {
            let (root, catalogue) = book("", python, "");
            check_twin(one(&catalogue), root.path(), &supervisor())
        };
        none(check("print('ready')\nprint('≈ 22 ms')\n"));
        says(
            check("print('steady')\nprint('≈ 22 ms')\n"),
            "listings/t/python/one.py: line 1 of standard output is `steady`, recorded is `ready`\n  \
             hint: make the twin print what listings/t/src/bin/one.rs prints",
        );
        says(check("raise ValueError('no')\n"), "ValueError: no");
    }

    #[test]
    fn a_refused_program_that_compiles_or_fails_otherwise_is_named() {
        let check = |source: &str| {
            let (root, catalogue) = book(source, "", "[one]\nrefused = [\"E0308\"]\n");
            check_refused(one(&catalogue), root.path())
        };
        says(check("fn main() {}\n"), "but: it compiles");
        says(check("fn main() { missing() }\n"), "but: [\"E0425\"]");
        says(
            check("fn main() { let _: u8 = \"\"; }\n"),
            "recorded is `ready`",
        );
    }
}
