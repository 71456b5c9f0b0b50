//! The end of the real server, wanted or not: nothing that it started outlives it.

use crate::attacks::ENDLESS;
use crate::real::{Real, descendants, is_gone};
use nix::sys::signal::Signal;
use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

/// What is promised.
const SOON: Duration = Duration::from_secs(3);

/// All that lives below the server, and the folders of its runs.
fn started_by(real: &Real) -> (Vec<u32>, Vec<PathBuf>) {
    let processes = descendants(real.process())
        .into_iter()
        .map(|found| found.id);
    let processes: Vec<u32> = processes.collect();
    let folder_of = |id: &u32| {
        let folder = fs::read_link(format!("/proc/{id}/cwd")).ok()?;
        let mut above = folder.ancestors();
        let own = above.find(|folder| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("book-run-")
        });
        own.map(PathBuf::from)
    };
    let mut folders: Vec<PathBuf> = processes.iter().filter_map(folder_of).collect();
    folders.sort();
    folders.dedup();
    (processes, folders)
}

fn assert_gone_soon(processes: &[u32]) {
    let start = Instant::now();
    loop {
        let left: Vec<&u32> = processes.iter().filter(|id| !is_gone(**id)).collect();
        if left.is_empty() {
            return;
        }
        assert!(start.elapsed() < SOON, "{left:?} of {processes:?} live");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_server_killed_with_9_in_a_compilation_and_a_run_leaves_nothing() {
    let mut real = Real::ready();
    let (running, _, orphan) = real.edit_until_it_speaks(
        r#"fn main() {
            if unsafe { libc::fork() } == 0 {
                unsafe { libc::setsid() };
                if unsafe { libc::fork() } > 0 { std::process::exit(0); }
                println!("{}", std::process::id());
                loop { std::thread::park(); }
            }
            loop { std::thread::park(); }
        }"#,
    );
    let (compiling, _) = real.edit_until_it_compiles(ENDLESS);
    real.wait_for("all at work", || descendants(real.process()).len() >= 6);
    let (processes, folders) = started_by(&real);
    assert!(processes.contains(&orphan.parse().expect("a number")));
    assert_eq!(folders.len(), 2, "{folders:?}");

    real.signal(Signal::SIGKILL);
    real.wait();
    assert_gone_soon(&processes);
    let left: Vec<&PathBuf> = folders.iter().filter(|folder| folder.exists()).collect();
    assert!(left.is_empty(), "{left:?}");
    drop((running, compiling));
}

#[test]
fn a_server_that_is_asked_to_end_takes_its_spare_supervisor_and_its_pages_along() {
    for signal in [
        Signal::SIGTERM,
        Signal::SIGINT,
        Signal::SIGHUP,
        Signal::SIGKILL,
    ] {
        let mut real = Real::start();
        real.wait_for("a spare supervisor", || {
            descendants(real.process())
                .iter()
                .any(|found| found.name == "book" || found.name == "exe")
        });
        let (processes, _) = started_by(&real);
        real.signal(signal);
        let status = real.wait();
        assert_eq!(
            status.success(),
            signal != Signal::SIGKILL,
            "{signal}: {status}"
        );
        assert_gone_soon(&processes);
        let pages = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../target/serve")
            .join(real.process().to_string());
        // After kill -9 the next server removes them.
        assert_eq!(pages.exists(), signal == Signal::SIGKILL, "{signal}");
        let _ = fs::remove_dir_all(pages);
    }
}
