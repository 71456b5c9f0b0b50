//! What a run of a listing printed when it was last recorded.

use serde::{Deserialize, Serialize};
use std::path::Path;

/// The content of `recorded/<name>.json`: one array element a line, so that a change reads as a diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Exit status; for a refused program the compiler's.
    pub exit: i32,
    /// Lines of standard output, without their line ends.
    pub stdout: Vec<String>,
    /// Lines of standard error after [`Recorded::normalised`], without their line ends.
    pub stderr: Vec<String>,
    /// For a refused program the compiler that spoke: another one may use other words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compiler: Option<String>,
}

impl Recorded {
    /// What a run printed, ready to be stored or compared.
    pub fn new(exit: i32, stdout: &str, stderr: &str) -> Self {
        let lines = |text: &str| text.lines().map(str::to_owned).collect();
        Self {
            exit,
            stdout: lines(stdout),
            stderr: lines(&Self::normalised(stderr)),
            compiler: None,
        }
    }

    /// Reads a recording.
    ///
    /// # Errors
    ///
    /// The file is not the JSON that `cargo book record` writes.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        serde_json::from_str(&text).map_err(|error| error.to_string())
    }

    /// The text of the file.
    pub fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("strings and numbers serialise");
        json.push('\n');
        json
    }

    /// Whether a fresh run printed the same.
    ///
    /// Digits are masked on lines of standard output that begin with `≈`: they carry a measurement.
    /// What two different compilers say of a refused program is not compared.
    pub fn same_as(&self, fresh: &Self) -> bool {
        let masked = |lines: &[String]| lines.iter().map(|line| mask(line)).collect::<Vec<_>>();
        self.exit == fresh.exit
            && masked(&self.stdout) == masked(&fresh.stdout)
            && (self.stderr == fresh.stderr || self.compiler != fresh.compiler)
    }

    /// Standard error without what differs from run to run.
    ///
    /// Two things are replaced, and no others: the number in `thread 'name' (4711) panicked`, which
    /// is the operating system's id of the thread, becomes `(tid)`; and the note that names
    /// `RUST_BACKTRACE` goes, since a cleaned environment always prints it.
    pub fn normalised(stderr: &str) -> String {
        let mut out = String::new();
        for line in stderr.lines() {
            if line.starts_with("note: run with `RUST_BACKTRACE=1`") {
                continue;
            }
            out.push_str(&without_thread_id(line));
            out.push('\n');
        }
        out
    }
}

fn without_thread_id(line: &str) -> String {
    let parts = line.strip_prefix("thread '").and_then(|rest| {
        let (name, rest) = rest.split_once("' (")?;
        let (id, rest) = rest.split_once(") panicked at ")?;
        id.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some((name, rest))
    });
    match parts {
        Some((name, rest)) => format!("thread '{name}' (tid) panicked at {rest}"),
        None => line.to_owned(),
    }
}

/// The line itself, or, for a measurement, the line with each run of digits as `#`.
fn mask(line: &str) -> String {
    if !line.starts_with('≈') {
        return line.to_owned();
    }
    let mut out = String::new();
    for c in line.chars() {
        match (c.is_ascii_digit(), out.ends_with('#')) {
            (true, true) => {}
            (true, false) => out.push('#'),
            (false, _) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thread_ids_and_the_backtrace_note_are_normalised() {
        let stderr = "thread 'worker-2' (4711) panicked at listings/a.rs:3:5:\nboom\n\
                      note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";
        assert_eq!(
            Recorded::normalised(stderr),
            "thread 'worker-2' (tid) panicked at listings/a.rs:3:5:\nboom\n"
        );
    }

    #[test]
    fn measurements_may_differ_and_nothing_else_may() {
        let old = Recorded::new(0, "sum 10\n≈ 12 ms\n", "");
        assert!(old.same_as(&Recorded::new(0, "sum 10\n≈ 9 ms\n", "")));
        assert!(!old.same_as(&Recorded::new(0, "sum 11\n≈ 12 ms\n", "")));
        assert!(!old.same_as(&Recorded::new(1, "sum 10\n≈ 12 ms\n", "")));
        assert!(!old.same_as(&Recorded::new(0, "sum 10\n≈ 12 s\n", "")));
    }

    #[test]
    fn words_are_compared_with_those_of_the_same_compiler() {
        let said = |compiler: &str, words: &str| Recorded {
            compiler: Some(compiler.to_owned()),
            ..Recorded::new(1, "", words)
        };
        assert!(said("1.95", "no\n").same_as(&said("1.96", "never\n")));
        assert!(!said("1.95", "no\n").same_as(&said("1.95", "never\n")));
    }

    #[test]
    fn a_recording_survives_its_file() {
        let recorded = Recorded::new(3, "a\n\nb\n", "e\n");
        assert_eq!(
            serde_json::from_str::<Recorded>(&recorded.to_json()).unwrap(),
            recorded
        );
    }
}
