//! What a listing prints, for the tests of its chapter: run as a reader runs it, and always the same.

use std::process::{Command, Output};

/// Runs a listing once, with an empty environment.
///
/// # Panics
///
/// It cannot be started, or it fails.
#[must_use]
pub fn run(program: &str) -> Output {
    let output = Command::new(program).env_clear().output();
    let output = output.unwrap_or_else(|error| panic!("{program} cannot be started: {error}"));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {complaint}", output.status);
    output
}

/// The standard output of a listing, after `runs` runs that agree.
///
/// # Panics
///
/// A run fails or differs from the first, or does not print UTF-8.
#[must_use]
pub fn output_of(program: &str, runs: usize) -> String {
    agreed(runs, || text(&run(program)))
}

/// The lines that a listing prints, after `runs` runs that agree; of a measurement, only that it is
/// one.
///
/// # Panics
///
/// A run fails or differs from the first, does not print UTF-8, or writes to standard error.
#[must_use]
pub fn lines_of(program: &str, runs: usize) -> Vec<String> {
    agreed(runs, || {
        let output = run(program);
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        let mask = |line: &str| if line.starts_with('≈') { "≈" } else { line }.to_owned();
        text(&output).lines().map(mask).collect()
    })
}

fn agreed<T: PartialEq + std::fmt::Debug>(runs: usize, run: impl Fn() -> T) -> T {
    let first = run();
    for _ in 1..runs {
        assert_eq!(run(), first, "a run differs from the first");
    }
    first
}

fn text(output: &Output) -> String {
    let text = str::from_utf8(&output.stdout);
    text.expect("the listing did not print UTF-8").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::catch_unwind;

    #[test]
    fn what_all_runs_print_is_the_output() {
        let runs = std::cell::Cell::new(0);
        let count = || runs.set(runs.get() + 1);
        assert_eq!(agreed(3, count), ());
        assert_eq!(runs.get(), 3);
        assert_eq!(output_of("true", 2), "");
        assert_eq!(lines_of("true", 2), [""; 0]);
    }

    #[test]
    fn a_run_that_differs_is_caught() {
        let differs = catch_unwind(|| {
            let runs = std::cell::Cell::new(0);
            agreed(2, || runs.replace(runs.get() + 1))
        });
        assert!(differs.is_err());
    }

    #[test]
    fn a_run_that_fails_is_caught() {
        assert!(catch_unwind(|| run("false")).is_err());
        assert!(catch_unwind(|| run("no/such/program")).is_err());
    }
}
