//! The repository holds what its layout promises, and nothing that belongs to one machine.

use crate::sources::{none, root, says};
use directives::Problem;
use regex::Regex;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// All that may stand at the top level.
const TOP: [&str; 19] = [
    ".cargo",
    ".ci",
    ".gitattributes",
    ".github",
    ".gitignore",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-CC-BY",
    "LICENSE-MIT",
    "README.md",
    "book.toml",
    "crates",
    "listings",
    "rustfmt.toml",
    "src",
    "tests",
    "theme",
];

/// The largest file that a reader has to clone, in bytes.
const LARGEST: usize = 300_000;

/// Marks of work that is not done.
static LEFT_OVER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b(TODO|FIXME|XXX)\b").expect("a valid pattern"));

/// Folders that exist on the machine of one author.
static MACHINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(^|[^\w.\-}>])/(work|root|home|Users)/\w").expect("a valid pattern")
});

/// The files of the checkout that git has or would add; `None` when this is no checkout.
fn files() -> Option<Vec<PathBuf>> {
    if !root().join(".git").exists() {
        return None;
    }
    let output = Command::new("git")
        .current_dir(root())
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
        ])
        .output()
        .expect("git is needed to list the files of a checkout");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let names = String::from_utf8(output.stdout).expect("file names are UTF-8");
    let files = names.split_terminator('\0').map(PathBuf::from);
    Some(files.filter(|file| root().join(file).is_file()).collect())
}

/// What is wrong with a file of this path and content.
fn check(path: &Path, content: &[u8]) -> Vec<Problem> {
    let mut problems = Vec::new();
    let top = path.iter().next().unwrap_or_default();
    if !TOP.iter().any(|name| top == *name) {
        problems.push(
            Problem::new(path, 0, "does not belong at the top level").hint(
                "move it where its subject is, or add it to TOP in tests/layout.rs with a reason",
            ),
        );
    }
    if content.len() > LARGEST && path != Path::new("Cargo.lock") {
        problems.push(
            Problem::new(
                path,
                0,
                format!("{} bytes, more than {LARGEST}", content.len()),
            )
            .hint("generate it, shorten it, or leave it out"),
        );
    }
    let Ok(text) = std::str::from_utf8(content) else {
        return problems;
    };
    if let Some(at) = text.find('\r') {
        let line = text[..at].matches('\n').count() + 1;
        problems.push(
            Problem::new(path, line, "a carriage return")
                .hint("save the file with line feeds only"),
        );
    }
    if path == Path::new("tests/layout.rs") {
        return problems; // It has to name what it looks for.
    }
    for (number, line) in text.lines().enumerate() {
        let mut wrong = |message: &str, hint: &str| {
            problems.push(Problem::new(path, number + 1, message).hint(hint));
        };
        if LEFT_OVER.is_match(line) {
            wrong(
                "an unfinished place",
                "finish it, or open an issue and take the mark out",
            );
        }
        if MACHINE.is_match(line) {
            wrong(
                "a path of one machine",
                "write it relative to the root of the book",
            );
        }
    }
    problems
}

#[test]
fn the_repository_holds_what_its_layout_promises() {
    let Some(files) = files() else { return };
    let content = |file: &PathBuf| fs::read(root().join(file)).expect("a file of the checkout");
    none(
        files
            .iter()
            .flat_map(|file| check(file, &content(file)))
            .collect(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ordinary_file_is_accepted() {
        none(check(
            Path::new("src/en/a.md"),
            "see ../root/x and https://a.org/home/x\n".as_bytes(),
        ));
    }

    #[test]
    fn a_stranger_at_the_top_level_is_named() {
        says(
            check(Path::new("notes.txt"), b""),
            "notes.txt: does not belong at the top level",
        );
    }

    #[test]
    fn a_large_file_is_named() {
        says(
            check(Path::new("src/a.md"), &[b'a'; LARGEST + 1]),
            "src/a.md: 300001 bytes",
        );
    }

    #[test]
    fn carriage_returns_left_overs_and_machine_paths_are_named_with_their_line() {
        says(
            check(Path::new("src/a.md"), b"a\r\nb\n"),
            "src/a.md:1: a carriage return",
        );
        says(
            check(Path::new("src/a.md"), b"a\n// TODO: b\n"),
            "src/a.md:2: an unfinished place",
        );
        says(
            check(Path::new("src/a.md"), b"a\n\"/home/me/x\"\n"),
            "src/a.md:2: a path of one machine",
        );
    }
}
