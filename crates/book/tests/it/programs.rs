//! Cargo compiles small crates of a workspace of its own.

use crate::client::supervisor;
use book::programs::{BuildError, Console, Note, Programs, State};
use mdbook_listings::Catalogue;
use runner::Stop;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Far above what compiling an empty program takes, and below what `ENDLESS` takes.
const HANG: Duration = Duration::from_secs(30);

struct Workspace(TempDir);

impl Workspace {
    /// Crates by name, each with its files.
    fn new(crates: &[(&str, &[(&str, &str)])]) -> Self {
        let workspace = Self(tempfile::tempdir().expect("a temp folder"));
        workspace.write(
            "Cargo.toml",
            "[workspace]\nresolver = '3'\nmembers = ['listings/*']\n",
        );
        let mut lock = "version = 4\n".to_owned();
        for (name, files) in crates {
            lock.push_str(&format!(
                "\n[[package]]\nname = \"{name}\"\nversion = \"0.1.0\"\n"
            ));
            let manifest =
                format!("[package]\nname = '{name}'\nversion = '0.1.0'\nedition = '2024'\n");
            workspace.write(&format!("listings/{name}/Cargo.toml"), &manifest);
            for (path, text) in *files {
                workspace.write(&format!("listings/{name}/{path}"), text);
            }
        }
        workspace.write("Cargo.lock", &lock);
        workspace
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    fn programs(&self) -> Programs {
        let catalogue = Catalogue::load(self.0.path()).expect("a catalogue");
        Programs::new(self.0.path(), supervisor(), &catalogue)
    }
}

fn ensure(programs: &Programs, id: &str) -> Result<PathBuf, BuildError> {
    programs.ensure(id, &Stop::new(), &mut |_| {})
}

fn output(program: PathBuf) -> String {
    let output = Command::new(program).output().expect("it runs");
    String::from_utf8(output.stdout).expect("text")
}

const GOOD: (&str, &str) = ("src/bin/good.rs", "fn main() { println!(\"one\"); }\n");
const BAD: (&str, &str) = ("src/bin/bad.rs", "fn main() {\n    let x: u8 = \"\";\n}\n");

#[test]
fn a_program_is_compiled_when_it_is_wanted_and_again_when_it_changed() {
    let workspace = Workspace::new(&[("pipes", &[GOOD])]);
    let programs = workspace.programs();
    assert_eq!(
        programs.find("pipes/good").map(|listed| listed.state),
        Some(State::Building)
    );
    assert_eq!(
        output(ensure(&programs, "pipes/good").expect("it compiles")),
        "one\n"
    );
    assert_eq!(
        programs.find("pipes/good").map(|listed| listed.state),
        Some(State::Built)
    );

    workspace.write(
        "listings/pipes/src/bin/good.rs",
        "fn main() { println!(\"two\"); }\n",
    );
    assert_eq!(
        output(ensure(&programs, "pipes/good").expect("it compiles")),
        "two\n"
    );
}

#[test]
fn a_program_that_is_compiled_needs_no_cargo() {
    let workspace = Workspace::new(&[("pipes", &[GOOD])]);
    let programs = workspace.programs();
    let mut notes = 0;
    for expected in [true, false] {
        notes = 0;
        programs
            .ensure("pipes/good", &Stop::new(), &mut |_| notes += 1)
            .expect("it compiles");
        assert_eq!(notes > 0, expected);
    }
    assert_eq!(notes, 0);
}

#[test]
fn a_mistake_is_told_with_its_line_and_does_not_touch_its_neighbour() {
    let workspace = Workspace::new(&[("pipes", &[GOOD, BAD])]);
    let programs = workspace.programs();
    let mut lines = Vec::new();
    let error = programs.ensure("pipes/bad", &Stop::new(), &mut |note| {
        if let Note::Diagnostic(said) = note
            && said.level == "error"
        {
            lines.push(said.line);
        }
    });
    let error = error.expect_err("it does not compile").to_string();
    assert!(error.contains("error[E0308]: mismatched types"), "{error}");
    assert_eq!(lines, [Some(2)]);
    assert_eq!(
        programs.find("pipes/bad").map(|listed| listed.state),
        Some(State::Failed)
    );
    ensure(&programs, "pipes/good").expect("it compiles");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let workspace = Workspace::new(&[("pipes", &[GOOD, BAD])]);
    let error = workspace
        .programs()
        .ensure_all(None, &mut |_| {})
        .expect_err("one is bad");
    let error = error.to_string();
    assert!(
        error.contains("listing `pipes/bad`: it does not compile"),
        "{error}"
    );
    assert!(!error.contains("pipes/good"), "{error}");
}

#[test]
fn an_unknown_listing_has_a_nearest_name() {
    let workspace = Workspace::new(&[("pipes", &[GOOD])]);
    let error = ensure(&workspace.programs(), "pipes/god").expect_err("no such listing");
    assert_eq!(error, BuildError::Unknown(Some("pipes/good".to_owned())));
}

#[test]
fn a_lock_file_that_does_not_fit_is_cargos_own_complaint() {
    let workspace = Workspace::new(&[("pipes", &[GOOD])]);
    workspace.write("Cargo.lock", "version = 4\n");
    let error = ensure(&workspace.programs(), "pipes/good")
        .expect_err("locked")
        .to_string();
    assert!(error.contains("--locked"), "{error}");
}

/// A build script that takes a minute and leaves its process number in the folder of the crate.
const ENDLESS: (&str, &str) = (
    "build.rs",
    "fn main() {\n    std::fs::write(\"pid\", std::process::id().to_string()).unwrap();\n    \
     std::thread::sleep(std::time::Duration::from_secs(60));\n}\n",
);

#[test]
fn a_click_does_not_wait_for_the_background() {
    let slow = ("src/bin/slow.rs", "fn main() {}\n");
    let workspace = Workspace::new(&[("endless", &[ENDLESS, slow]), ("pipes", &[GOOD])]);
    let programs = workspace.programs();
    programs.build_in_background(&Console::new());
    let pid_file = workspace.0.path().join("listings/endless/pid");
    let pid = wait_for(&pid_file);
    // Now, not after the click: the background may have written its next number by then.
    fs::remove_file(&pid_file).expect("the first one's number");
    let start = Instant::now();
    ensure(&programs, "pipes/good").expect("it compiles");
    assert!(start.elapsed() < HANG, "the click waited");
    crate::client::assert_gone_soon(&pid);

    // It goes on, and ends with us.
    let pid = wait_for(&pid_file);
    programs.close();
    crate::client::assert_gone_soon(&pid);
}

fn wait_for(file: &PathBuf) -> String {
    let start = Instant::now();
    loop {
        match fs::read_to_string(file) {
            Ok(text) if !text.is_empty() => return text,
            _ => thread::sleep(Duration::from_millis(20)),
        }
        assert!(start.elapsed() < HANG, "{} never came", file.display());
    }
}

#[test]
fn a_stopped_click_ends_its_cargo() {
    let slow = ("src/bin/slow.rs", "fn main() {}\n");
    let workspace = Workspace::new(&[("endless", &[ENDLESS, slow])]);
    let programs = workspace.programs();
    let stop = Stop::new();
    let click = thread::spawn({
        let (programs, stop) = (programs.clone(), stop.clone());
        move || programs.ensure("endless/slow", &stop, &mut |_| {})
    });
    let pid = wait_for(&workspace.0.path().join("listings/endless/pid"));
    stop.stop();
    assert_eq!(click.join().expect("no panic"), Err(BuildError::Stopped));
    crate::client::assert_gone_soon(&pid);
}
