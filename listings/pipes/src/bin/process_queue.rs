//! A socket pair that keeps packets whole is a queue between processes: one taker for each job.

use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork, read, write};
use std::io::{self, PipeWriter, Read};
use std::os::fd::OwnedFd;

const SENDERS: usize = 2;
const WORKERS: usize = 3;
const JOBS: usize = 60; // job n is a packet of n bytes: to do it is to count them

fn main() {
    let kind = SockType::SeqPacket; // (1)
    let queue = socketpair(AddressFamily::Unix, kind, None, SockFlag::SOCK_CLOEXEC);
    let (put_end, take_end) = queue.expect("no socket pair to be had");
    let (mut results, report) = io::pipe().expect("no pipe to be had");
    let mut children = Vec::new();
    for index in 0..WORKERS + SENDERS {
        // SAFETY: this process has one thread, so the child inherits no lock that another one holds.
        let ForkResult::Parent { child } = unsafe { fork() }.expect("no process to be had") else {
            let done = if index < WORKERS {
                drop((put_end, results)); // (2)
                do_jobs(index, &take_end, &report)
            } else {
                drop((take_end, results, report)); // (3)
                let mut jobs = (1..=JOBS).filter(|job| job % SENDERS == index - WORKERS);
                jobs.try_for_each(|job| write(&put_end, &vec![b'x'; job]).map(drop)) // (4)
            };
            // SAFETY: `_exit` takes any status and ends this process at once.
            unsafe { libc::_exit(i32::from(done.is_err())) }
        };
        children.push(child);
    }
    drop((put_end, take_end, report));

    let mut records = Vec::new();
    results.read_to_end(&mut records).expect("cannot read"); // (5)
    for child in children {
        assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0)));
    }
    let (mut times_done, mut by_worker) = ([0; JOBS], [0; WORKERS]);
    for &[worker, job] in records.as_chunks().0 {
        times_done[usize::from(job) - 1] += 1;
        by_worker[usize::from(worker)] += 1;
    }
    assert_eq!(times_done, [1; JOBS]); // (6)
    println!("{SENDERS} senders, {WORKERS} workers, {JOBS} jobs: each was done once");
    println!("≈ jobs by worker here: {by_worker:?}");
}

fn do_jobs(worker: usize, queue: &OwnedFd, report: &PipeWriter) -> nix::Result<()> {
    let mut packet = [0; 2 * JOBS];
    while let bytes @ 1.. = read(queue, &mut packet)? {
        write(report, &[worker as u8, bytes as u8])?; // (7)
    }
    Ok(())
}
