//! A reader that keeps a write end open itself waits for ever: for it, the end never comes.

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use std::io::{self, Read, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::{process, thread, time::Duration};

const PATIENCE: Duration = Duration::from_millis(300);
const WORDS: &[u8] = b"last words";

fn main() {
    let (mut reader, mut writer) = io::pipe().expect("no pipe to be had");
    // SAFETY: this process has one thread, so the child inherits no lock that another one holds.
    let ForkResult::Parent { child } = unsafe { fork() }.expect("no process to be had") else {
        drop(reader);
        let sent = writer.write_all(WORDS);
        // SAFETY: `_exit` takes any status and ends this process at once.
        unsafe { libc::_exit(i32::from(sent.is_err())) }
    }; // (1)

    assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0))); // (2)
    let mut words = [0; WORDS.len()];
    reader.read_exact(&mut words).expect("cannot read");
    assert_eq!(words, WORDS);
    println!("the child said its last words and is gone");

    let (_reading, has_ended) = mpsc::channel::<()>();
    let watch = move || {
        if has_ended.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            println!("watchdog: the reader waits, for its own write end is open");
            process::exit(0); // (3)
        }
    };
    let watchdog = thread::Builder::new().name("watchdog".into()); // (4)
    watchdog.spawn(watch).expect("no thread to be had");
    let read = reader.read(&mut words); // (5)
    unreachable!("the read returned {read:?}");
}
