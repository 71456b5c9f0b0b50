//! Tools that some promises need and Rust does not bring.
//!
//! `cargo book test` looks for them and names those to be skipped in `BOOK_SKIP`; it says so itself,
//! or fails, with `--require-all`. Under plain `cargo test` a missing tool is a failure that says
//! how to get it.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// The program of a tool, or `None` when its tests are to be skipped.
///
/// `BOOK_<TOOL>` names the program; without it, it is looked up in the `PATH`.
pub fn need(tool: &str) -> Option<PathBuf> {
    let skipped = env::var("BOOK_SKIP").unwrap_or_default();
    if skipped.split(',').any(|name| name == tool) {
        return None;
    }
    let named = env::var_os(format!("BOOK_{}", tool.to_uppercase())).map(PathBuf::from);
    let own = crate::sources::root().join("target/tools/bin").join(tool);
    let program = match named {
        Some(program) => program,
        None if own.is_file() => own,
        None => PathBuf::from(tool),
    };
    let asked = Command::new(&program)
        .args(version_question(tool))
        .stdin(Stdio::null())
        .output()
        .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        .unwrap_or_else(|error| error.to_string());
    match complaint(tool, &asked) {
        None => Some(program),
        Some(complaint) => panic!(
            "{complaint}, but `{} ...` says: {asked}\n  hint: `cargo book test` installs or skips \
             what is missing; to skip it here, set BOOK_SKIP={tool}",
            program.display()
        ),
    }
}

fn version_question(tool: &str) -> &'static [&'static str] {
    match tool {
        "python3" => &["-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
        _ => &["--version"],
    }
}

/// What is wrong with the answer of a tool that was asked for its version.
fn complaint(tool: &str, answer: &str) -> Option<&'static str> {
    match tool {
        "python3" => {
            let version = answer.split_once('.').and_then(|(major, minor)| {
                Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
            });
            let old = version.is_none_or(|version| version < (3, 11));
            old.then_some("the Python twins need Python 3.11 or later as `python3`")
        }
        "mdbook" => (answer != "mdbook v0.5.4").then_some(
            "stock mdBook 0.5.4 is needed (cargo install --locked mdbook@0.5.4 --root target/tools)",
        ),
        _ => None,
    }
}

#[test]
fn a_tool_that_is_too_old_is_refused() {
    assert_eq!(complaint("python3", "3.11"), None);
    assert_eq!(complaint("python3", "4.0"), None);
    assert!(complaint("python3", "3.10").is_some());
    assert!(complaint("python3", "no such file").is_some());
    assert_eq!(complaint("mdbook", "mdbook v0.5.4"), None);
    assert!(complaint("mdbook", "mdbook v0.4.40").is_some());
}
