//! A child process that answers one question, when it is asked.

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;

/// Forks a child, and returns what asks it: the child then calls `answer`, tells, and ends.
///
/// # Safety
///
/// The process must have one thread: a child may not use what another thread had locked.
pub unsafe fn ask_child(answer: impl FnOnce() -> String) -> impl FnOnce() -> String {
    let (mut parent_end, mut child_end) = UnixStream::pair().expect("no socket pair to be had");
    // SAFETY: the caller promises that this process has one thread.
    let ForkResult::Parent { child } = unsafe { fork() }.expect("no process to be had") else {
        drop(parent_end);
        let asked = child_end.read_exact(&mut [0]);
        let told = asked.and_then(|()| child_end.write_all(answer().as_bytes()));
        // SAFETY: `_exit` takes any status and ends this process at once.
        unsafe { libc::_exit(i32::from(told.is_err())) }
    };
    move || {
        drop(child_end);
        parent_end.write_all(b"?").expect("the child has gone");
        let mut told = String::new();
        parent_end.read_to_string(&mut told).expect("cannot read");
        let ended = waitpid(child, None);
        assert_eq!(ended, Ok(WaitStatus::Exited(child, 0)));
        told
    }
}
