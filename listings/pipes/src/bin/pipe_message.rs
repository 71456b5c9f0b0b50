//! A pipe carries bytes from one process to another: the parent reads what the child wrote.

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use std::io::{self, Read, Write};
use std::process;

fn main() {
    let (mut reader, mut writer) = io::pipe().expect("no pipe to be had"); // (1)

    // SAFETY: this process has one thread, so the child inherits no lock that another one holds.
    let ForkResult::Parent { child } = unsafe { fork() }.expect("no process to be had") else {
        drop(reader); // (2)
        let sent = write!(writer, "hello from the child\n{}", process::id());
        // SAFETY: `_exit` takes any status and ends this process at once.
        unsafe { libc::_exit(i32::from(sent.is_err())) } // (3)
    };

    drop(writer); // (4)
    let mut message = String::new();
    reader.read_to_string(&mut message).expect("cannot read"); // (5)
    assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0))); // (6)

    let (greeting, signature) = message.split_once('\n').expect("no second line");
    println!("the parent read: {greeting}");
    assert_eq!(greeting, "hello from the child");
    assert_eq!(signature, child.to_string()); // (7)
    println!("it is signed with the process id of the child");
}
