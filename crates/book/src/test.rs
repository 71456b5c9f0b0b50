//! `cargo book test`: everything that proves the book, in one command.

use crate::leftovers::Snapshot;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

/// The stock mdBook that the book promises to work with.
const MDBOOK: &str = "0.5.4";
/// The oldest Python that runs the twins.
const PYTHON: (u32, u32) = (3, 11);

/// How thorough the test is.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Fail when a tool cannot be had, where otherwise its tests are skipped.
    pub require_all: bool,
    /// Repeat each listing 1,000 times (25 times if it hangs on purpose), where otherwise it is 5.
    pub full: bool,
}

/// A tool that some tests need and Rust does not bring.
struct Tool {
    /// As the tests call it.
    name: &'static str,
    /// What goes untested without it.
    without: &'static str,
    /// How to get it.
    hint: &'static str,
    /// Where it is, if it is there.
    found: Option<PathBuf>,
}

/// Runs all checks and says which were skipped, and why.
///
/// # Errors
///
/// Cargo cannot be started, or a tool is missing and all are required. A check that fails is not an
/// error here but a failing exit code: its own message is on the screen.
pub fn test(root: &Path, options: Options) -> Result<ExitCode> {
    let started = Instant::now();
    let tools = tools(root);
    let missing: Vec<&Tool> = tools.iter().filter(|tool| tool.found.is_none()).collect();
    if options.require_all && !missing.is_empty() {
        let needed = missing
            .iter()
            .map(|tool| format!("\n  {}: {}", tool.name, tool.hint));
        bail!(
            "--require-all, but some tools are missing{}",
            needed.collect::<String>()
        );
    }

    let sync_runs = if options.full { "1000" } else { "5" };
    let watchdog_runs = if options.full { "25" } else { "5" };
    let mut tests = cargo(root, &["test", "--workspace", "--locked"]);
    tests
        .env("BOOK_STRESS_SYNC", sync_runs)
        .env("BOOK_STRESS_WATCHDOG", watchdog_runs);
    tests.env(
        "BOOK_SKIP",
        missing
            .iter()
            .map(|tool| tool.name)
            .collect::<Vec<_>>()
            .join(","),
    );
    for tool in &tools {
        if let Some(path) = &tool.found {
            tests.env(format!("BOOK_{}", tool.name.to_uppercase()), path);
        }
    }
    let mut steps = Vec::new();
    if component(root, "fmt") {
        steps.push(("formatting", cargo(root, &["fmt", "--all", "--check"])));
    }
    if component(root, "clippy") {
        let clippy = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ];
        steps.push(("lints", cargo(root, &clippy)));
    }
    steps.push(("tests", tests));

    let before = Snapshot::take(root);
    let all = steps.len();
    for (number, (name, mut command)) in steps.into_iter().enumerate() {
        let since = Instant::now();
        eprintln!("[{}/{all}] {name} ...", number + 1);
        if !command
            .status()
            .context("cargo cannot be started")?
            .success()
        {
            eprintln!("error: {name} failed\n  hint: the messages above say what to mend");
            return Ok(ExitCode::FAILURE);
        }
        eprintln!(
            "[{}/{all}] {name}: good, {} s",
            number + 1,
            since.elapsed().as_secs()
        );
    }
    let after = Snapshot::take(root);
    let left = after.new_since(&before);
    if !left.is_empty() {
        eprintln!(
            "error: the tests left something behind\n  {}",
            left.join("\n  ")
        );
        eprintln!("  hint: a listing or test that starts a process must wait for its end");
        return Ok(ExitCode::FAILURE);
    }
    for component in ["fmt", "clippy"]
        .into_iter()
        .filter(|name| !component(root, name))
    {
        eprintln!("skipped: cargo {component}: this toolchain has none (rustup component add ...)");
    }
    for tool in missing {
        eprintln!("skipped: {}: {} ({})", tool.without, tool.name, tool.hint);
    }
    eprintln!(
        "the book holds: all checks passed in {} s",
        started.elapsed().as_secs()
    );
    Ok(ExitCode::SUCCESS)
}

fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(root).args(arguments).stdin(Stdio::null());
    cargo
}

fn component(root: &Path, name: &str) -> bool {
    cargo(root, &[name, "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
}

fn tools(root: &Path) -> Vec<Tool> {
    vec![
        Tool {
            name: "python3",
            without: "the Python twins",
            hint: "install Python 3.11 or later, on Debian: apt-get install python3",
            found: python(),
        },
        Tool {
            name: "chromium",
            without: "the pages in a browser",
            hint: "install Chromium, on Debian: apt-get install chromium",
            found: ["chromium", "chromium-browser", "google-chrome"]
                .into_iter()
                .find_map(in_path),
        },
        Tool {
            name: "mdbook",
            without: "the stock mdBook commands",
            hint: "cargo install --locked mdbook@0.5.4 --root target/tools",
            found: mdbook(root),
        },
    ]
}

fn says(program: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|program| program.is_file())
}

fn python() -> Option<PathBuf> {
    let python = in_path("python3")?;
    let version = says(&python, &["-c", "import sys; print(*sys.version_info[:2])"])?;
    let (major, minor) = version.split_once(' ')?;
    ((major.parse().ok()?, minor.parse().ok()?) >= PYTHON).then_some(python)
}

/// mdBook of the right version: what is installed, or one that is installed under `target/tools`
/// now, with cargo's own progress, which takes some minutes once.
fn mdbook(root: &Path) -> Option<PathBuf> {
    let right = |program: &PathBuf| {
        says(program, &["--version"]).is_some_and(|said| said == format!("mdbook v{MDBOOK}"))
    };
    let own = root.join("target/tools/bin/mdbook");
    if let Some(found) = [Some(own.clone()), in_path("mdbook")]
        .into_iter()
        .flatten()
        .find(right)
    {
        return Some(found);
    }
    eprintln!("installing mdBook {MDBOOK} under target/tools, once: it takes some minutes ...");
    let package = format!("mdbook@{MDBOOK}");
    let mut install = cargo(
        root,
        &["install", "--locked", &package, "--root", "target/tools"],
    );
    // A target folder of its own: cargo would otherwise build in a temporary one, and start again
    // from nothing when it is interrupted.
    install.args(["--target-dir", "target/tools/build"]);
    let installed = install.status().is_ok_and(|status| status.success());
    (installed && right(&own)).then_some(own)
}
