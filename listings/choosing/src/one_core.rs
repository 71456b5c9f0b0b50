//! How much waiting and how much computing goes on at a time, on one core or on all.

use crate::primes::primes_below;
use crate::tasks::{Tasks, yield_now};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;
use std::fmt::{self, Display};
use std::future::poll_fn;
use std::sync::mpsc;
use std::task::Poll;
use std::thread::{self, Builder};
use std::time::{Duration, Instant};
use std::{array, iter};

/// Jobs of each kind.
const JOBS: usize = 4;
/// How long a slow peer takes.
const DELAY: Duration = Duration::from_millis(100);
/// A job computes in pieces, so that tasks can take turns.
const PIECES: usize = 20;
/// One piece counts the primes below this.
const LIMIT: u32 = 4_000;

/// How four jobs are carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// One after the other.
    InTurn,
    /// A thread for each.
    Threads,
    /// A task for each, all on the calling thread.
    Tasks,
}

impl Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::InTurn => "in turn",
            Self::Threads => "4 threads",
            Self::Tasks => "4 tasks",
        })
    }
}

impl Way {
    /// Carries out four jobs, which are given for threads and once more for tasks.
    fn carry_out<T: Send, F: Future<Output = T> + Send>(
        self,
        job: impl Fn() -> T + Sync,
        task: impl Fn() -> F,
    ) -> Vec<T> {
        match self {
            Self::InTurn => iter::repeat_with(job).take(JOBS).collect(),
            Self::Threads => thread::scope(|scope| {
                let handles: [_; JOBS] = array::from_fn(|number| {
                    let builder = Builder::new().name(format!("worker-{}", number + 1));
                    builder
                        .spawn_scoped(scope, &job)
                        .expect("no thread to be had")
                });
                handles
                    .map(|handle| handle.join().expect("worker panicked"))
                    .into()
            }),
            Self::Tasks => Tasks::new(iter::repeat_with(task).take(JOBS)).poll_in_turn(),
        }
    }
}

/// Binds this process to one of the cores that it may use.
pub fn pin_to_one_core() {
    let this = Pid::from_raw(0);
    let allowed = sched_getaffinity(this).expect("cannot ask");
    let first = (0..CpuSet::count()).find(|core| allowed.is_set(*core) == Ok(true));
    let mut one = CpuSet::new();
    one.set(first.expect("no core at all")).expect("it was set");
    sched_setaffinity(this, &one).expect("cannot bind");
}

/// Four jobs wait for a slow peer: how long they waited, added up, by the time that passed.
pub fn waiting_at_a_time(way: Way) -> f64 {
    let begin = Instant::now();
    let waits = way.carry_out(wait, wait_later);
    waits
        .iter()
        .sum::<Duration>()
        .div_duration_f64(begin.elapsed())
}

/// Four jobs compute: the time that cores spent on it, by the time that passed.
pub fn computing_at_a_time(way: Way) -> f64 {
    let begin = Instant::now();
    let spent = cpu_time();
    let counts = way.carry_out(compute, compute_in_turns);
    let spent = cpu_time() - spent;
    assert!(counts.iter().all(|count| *count == counts[0]));
    spent.div_duration_f64(begin.elapsed())
}

/// What cores have spent on this process so far.
fn cpu_time() -> Duration {
    let clock = ClockId::CLOCK_PROCESS_CPUTIME_ID;
    clock_gettime(clock).expect("Linux has this clock").into()
}

/// The time limit is the slow peer: nothing ever arrives, and the thread sleeps until it is over.
fn wait() -> Duration {
    let begin = Instant::now();
    let (_peer, answers) = mpsc::channel::<()>();
    answers.recv_timeout(DELAY).expect_err("nobody answers");
    begin.elapsed()
}

async fn wait_later() -> Duration {
    let begin = Instant::now();
    poll_fn(|_| match begin.elapsed() < DELAY {
        true => Poll::Pending,
        false => Poll::Ready(()),
    })
    .await;
    begin.elapsed()
}

fn compute() -> usize {
    iter::repeat_with(|| primes_below(LIMIT)).take(PIECES).sum()
}

async fn compute_in_turns() -> usize {
    let mut count = 0;
    for _ in 0..PIECES {
        count += primes_below(LIMIT);
        yield_now().await;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pinned_thread_has_one_core() {
        let pinned = thread::spawn(|| {
            pin_to_one_core();
            thread::available_parallelism().expect("it can be asked")
        });
        assert_eq!(pinned.join().expect("worker panicked").get(), 1);
    }
}
