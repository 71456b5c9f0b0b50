//! A write of at most PIPE_BUF bytes goes into a pipe in one piece, however many processes write.

use libc::PIPE_BUF;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use std::io::{self, Read, Write};

const NAMES: [u8; 4] = *b"ABCD";
const RECORDS: usize = 50; // of each writer

fn main() {
    let whole = whole_records(PIPE_BUF);
    assert_eq!(whole, [RECORDS; NAMES.len()]); // (1)
    let all = NAMES.len() * RECORDS;
    println!("records of PIPE_BUF bytes: all {all} arrived whole");

    let whole: usize = whole_records(5 * PIPE_BUF).iter().sum(); // (2)
    println!("≈ records five times as long: {whole} of {all} arrived whole here");
}

/// How many records of this length in bytes arrived whole, for each writer.
fn whole_records(length: usize) -> [usize; NAMES.len()] {
    let (mut reader, mut writer) = io::pipe().expect("no pipe to be had");
    let mut children = Vec::new();
    for name in NAMES {
        // SAFETY: this process has one thread, so the child inherits no lock that another one holds.
        let ForkResult::Parent { child } = unsafe { fork() }.expect("no process to be had") else {
            drop(reader);
            let record = vec![name; length]; // (3)
            let sent = (0..RECORDS).try_for_each(|_| writer.write_all(&record)); // (4)
            // SAFETY: `_exit` takes any status and ends this process at once.
            unsafe { libc::_exit(i32::from(sent.is_err())) }
        };
        children.push(child);
    }
    drop(writer);
    let mut stream = Vec::new();
    reader.read_to_end(&mut stream).expect("cannot read");
    for child in children {
        assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0)));
    }
    assert_eq!(stream.len(), NAMES.len() * RECORDS * length);
    NAMES.map(|name| {
        let whole = vec![name; length];
        let records = stream.chunks(length);
        records.filter(|record| *record == whole).count() // (5)
    })
}
