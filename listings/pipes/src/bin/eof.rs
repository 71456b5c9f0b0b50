//! End of file comes when the last write end closes, in whatever process: `read` then returns 0.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use std::io::{self, PipeReader, Read, Write};
use std::os::fd::AsFd;

const WORDS: &[u8] = b"last words";

fn main() {
    let (mut reader, mut writer) = io::pipe().expect("no pipe to be had");
    // SAFETY: this process has one thread, so the child inherits no lock that another one holds.
    let ForkResult::Parent { child } = unsafe { fork() }.expect("no process to be had") else {
        drop(reader);
        let sent = writer.write_all(WORDS);
        // SAFETY: `_exit` takes any status and ends this process at once.
        unsafe { libc::_exit(i32::from(sent.is_err())) } // (1)
    };

    assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0)));
    let mut buffer = [0; 64]; // bytes
    let length = reader.read(&mut buffer).expect("cannot read");
    assert_eq!(&buffer[..length], WORDS); // (2)
    println!("the child has ended, its {length} bytes are read");

    assert!(read_would_wait(&reader)); // (3)
    println!("one write end is open: a read would wait");
    drop(writer);
    assert!(!read_would_wait(&reader));
    println!("no write end is open: a read returns at once");

    for _ in 0..2 {
        let length = reader.read(&mut buffer).expect("cannot read");
        assert_eq!(length, 0); // (4)
        println!("read returned {length} bytes: the end");
    }
}

/// Asks without waiting whether the pipe is empty and may still be written to.
fn read_would_wait(reader: &PipeReader) -> bool {
    let mut ends = [PollFd::new(reader.as_fd(), PollFlags::POLLIN)];
    poll(&mut ends, PollTimeout::ZERO).expect("cannot ask") == 0
}
