//! A write that nobody can read any more fails or kills: which of the two, SIGPIPE decides.

use nix::sys::signal::{SigHandler, Signal, signal};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use std::io::{self, ErrorKind, Write};

fn main() {
    let (reader, mut writer) = io::pipe().expect("no pipe to be had");
    drop(reader); // (1)
    let error = writer
        .write_all(b"anyone?")
        .expect_err("bytes went nowhere");
    assert_eq!(error.kind(), ErrorKind::BrokenPipe); // (2)
    println!("SIGPIPE ignored, as at the start: {}", error.kind());

    // SAFETY: this process has one thread, so the child inherits no lock that another one holds.
    let ForkResult::Parent { child } = unsafe { fork() }.expect("no process to be had") else {
        // SAFETY: the default action runs no code of this program.
        let before = unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) }; // (3)
        if !matches!(before, Ok(SigHandler::SigIgn)) {
            // SAFETY: as below.
            unsafe { libc::_exit(2) }
        }
        let survived = writer.write_all(b"anyone?"); // (4)
        // SAFETY: `_exit` takes any status and ends this process at once.
        unsafe { libc::_exit(i32::from(survived.is_err())) }
    };
    let killed = WaitStatus::Signaled(child, Signal::SIGPIPE, false);
    assert_eq!(waitpid(child, None), Ok(killed)); // (5)
    println!("SIGPIPE by default: it killed the child");
}
