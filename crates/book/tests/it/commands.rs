//! Commands of the terminal that draw what a program did.

use std::fs;
use std::process::{Command, Output};

fn book(arguments: &[&str]) -> Output {
    let mut book = Command::new(env!("CARGO_BIN_EXE_book"));
    book.args(arguments).output().expect("it starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
#[test]
fn any_program_can_be_traced_and_keeps_its_output_and_its_exit_status() {
    let folder = tempfile::tempdir().expect("a temp folder");
    let file = folder.path().join("drawn.svg");
    let file = file.to_str().expect("a path");
    let script = "echo one; echo two >&2; exit 3";
    let output = book(&[
        "trace",
        "--zh",
        "--timeline",
        file,
        "--",
        "sh",
        "-c",
        script,
    ]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert_eq!(text(&output.stdout), "one\n");
    let said = text(&output.stderr);
    assert!(said.starts_with("two\n历时 "), "{said}");
    assert!(said.contains(file), "{said}");
    let svg = fs::read_to_string(file).expect("a drawing");
    assert!(svg.starts_with("<svg ") && svg.contains(">one</"), "{svg}");
}

#[test]
fn a_program_that_does_not_exist_is_named() {
    let folder = tempfile::tempdir().expect("a temp folder");
    let file = folder.path().join("drawn.svg");
    let file = file.to_str().expect("a path");
    let output = book(&["trace", "--timeline", file, "--", "no-such-program"]);
    assert!(!output.status.success());
    let said = text(&output.stderr);
    assert!(said.contains("no-such-program cannot be started"), "{said}");
}

#[test]
fn what_is_to_be_traced_must_be_named() {
    let output = book(&["trace"]);
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("<COMMAND>"), "{output:?}");
}
