//! When `main` returns, the process ends: a thread that nobody joined is cut off where it stands.

use std::process::Command;
use std::sync::{Barrier, mpsc};
use std::{env, thread};

/// The helper waits here until main comes too.
static MEETING: Barrier = Barrier::new(2);

fn main() {
    match env::args().nth(1).as_deref() {
        Some("join") => {
            let helper = start_helper();
            MEETING.wait();
            helper.join().expect("worker panicked"); // (1)
        }
        Some("leave") => drop(start_helper()), // (2)
        _ => run_both_ways(),
    }
}

fn start_helper() -> thread::JoinHandle<()> {
    let (started, has_started) = mpsc::channel();
    let help = move || {
        let _farewell = Farewell;
        println!("helper: first line");
        started.send(()).expect("main has gone");
        MEETING.wait(); // (3)
        println!("helper: last line");
    };
    let builder = thread::Builder::new().name("helper".into());
    let helper = builder.spawn(help).expect("no thread to be had");
    has_started.recv().expect("the helper did not start");
    helper
}

struct Farewell;

impl Drop for Farewell {
    fn drop(&mut self) {
        println!("helper: cleaned up"); // (4)
    }
}

fn run_both_ways() {
    let run = |way: &str| {
        let this_program = env::current_exe().expect("no path to this program");
        let child = Command::new(this_program).arg(way).output(); // (5)
        let child = child.expect("cannot start this program again");
        assert!(child.status.success());
        let printed = String::from_utf8(child.stdout).expect("not UTF-8");
        print!("if main {way}s:\n{printed}");
        printed
    };
    let all_lines = "helper: first line\nhelper: last line\nhelper: cleaned up\n";
    assert_eq!(run("join"), all_lines);
    assert_eq!(run("leave"), "helper: first line\n");
}
