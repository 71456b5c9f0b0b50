//! The threads and processes of a run that are alive.

use super::calls::{Cause, Futex};
use super::files::File;
use super::log::Entry;
use super::sys::Registers;
use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

/// Threads and processes that may be alive at once; more end the run as too many events do.
pub const TASKS: usize = 512;

/// A thread.
pub struct Task {
    /// Its process.
    pub pid: i32,
    /// Its name.
    pub name: String,
    /// What it waits for.
    pub wait: Option<Wait>,
    /// A socket pair that it is about to make.
    pub socket_pair: Option<u64>,
    /// A wait that a signal interrupted and that may go on.
    pub interrupted: Option<Cause>,
    /// The thread whose bytes it read last, and when that was told.
    pub last_data: Option<(i32, Instant)>,
    /// Whether its last step was reported.
    pub over: bool,
}

impl Task {
    /// A thread of this process.
    pub fn new(pid: i32, name: String) -> Self {
        Self {
            pid,
            name,
            wait: None,
            socket_pair: None,
            interrupted: None,
            last_data: None,
            over: false,
        }
    }
}

/// A call that waits, or may wait.
pub struct Wait {
    /// What ends it.
    pub cause: Cause,
    /// What it reads from, and what it writes to.
    pub files: [Option<File>; 2],
    /// Since when.
    pub since: Instant,
    /// The event that says so.
    pub entry: Option<Entry>,
    /// The registers at the call.
    pub registers: Registers,
    /// The wake-up that is taken to have ended it, though it has not returned yet.
    pub woken: bool,
}

/// A process.
#[derive(Debug, Default)]
pub struct Process {
    /// The process that made it.
    pub parent: Option<i32>,
    /// Whether a timer of it may send a signal.
    pub has_timer: bool,
    /// Whether its waits on sockets may end by themselves.
    pub has_socket_timeout: bool,
}

/// A wake-up whose sleepers have not gone on yet.
struct Wakeup {
    by: i32,
    at: Instant,
    left: u32,
}

/// All that is alive, and the wake-ups between them.
#[derive(Default)]
pub struct Tasks {
    /// By thread.
    pub threads: HashMap<i32, Task>,
    /// By process.
    pub processes: HashMap<i32, Process>,
    wakeups: HashMap<Futex, Vec<Wakeup>>,
}

impl Tasks {
    /// The process of a new thread: its maker's, or one of its own.
    pub fn process_of_new(&self, tid: i32, maker: i32) -> i32 {
        let pid = self.threads.get(&maker).map_or(maker, |maker| maker.pid);
        if Path::new(&format!("/proc/{pid}/task/{tid}")).exists() {
            pid
        } else {
            tid
        }
    }

    /// The other threads of a process.
    pub fn others(&self, pid: i32, tid: i32) -> Vec<i32> {
        let threads = self.threads.iter();
        threads
            .filter(|(other, task)| task.pid == pid && **other != tid)
            .map(|(other, _)| *other)
            .collect()
    }

    /// Threads in a wait on this futex, longest first, that no wake-up has ended yet.
    fn sleepers(&self, futex: Futex) -> Vec<(i32, Instant)> {
        let mut sleepers: Vec<_> = self
            .threads
            .iter()
            .filter_map(|(tid, task)| Some((*tid, task.wait.as_ref()?)))
            .filter(|(_, wait)| !wait.woken)
            .filter(|(_, wait)| matches!(wait.cause, Cause::Futex { futex: on, .. } if on == futex))
            .map(|(tid, wait)| (tid, wait.since))
            .collect();
        sleepers.sort_by_key(|(_, since)| *since);
        sleepers
    }

    /// A thread wakes at most `count` sleepers.
    pub fn wake(&mut self, by: i32, futex: Futex, count: u32) {
        let sleepers = self.sleepers(futex);
        if sleepers.is_empty() {
            self.wakeups.remove(&futex);
            return;
        }
        let wakeups = self.wakeups.entry(futex).or_default();
        // Older than any sleeper: they woke somebody who went on meanwhile, or nobody.
        wakeups.retain(|wakeup| sleepers.iter().any(|(_, since)| *since < wakeup.at));
        let left = count.min(u32::try_from(sleepers.len()).unwrap_or(u32::MAX));
        let at = Instant::now();
        wakeups.push(Wakeup { by, at, left });
    }

    /// Who ended a wait on a futex that began then: the first wake-up since that has not been used up.
    pub fn woken(&mut self, futex: Futex, since: Instant) -> Option<i32> {
        let wakeups = self.wakeups.get_mut(&futex)?;
        let place = wakeups
            .iter()
            .position(|wakeup| wakeup.left > 0 && wakeup.at > since)?;
        let by = wakeups[place].by;
        wakeups[place].left -= 1;
        if wakeups[place].left == 0 {
            wakeups.remove(place);
        }
        Some(by)
    }

    /// A thread is about to be gone: the sleepers that it woke and that have not gone on yet. Nobody
    /// can say later whom it woke, and the kernel wakes those first that came first.
    pub fn last_wakes(&mut self, by: i32) -> Vec<i32> {
        let mine: Vec<_> = self
            .wakeups
            .iter()
            .flat_map(|(futex, wakeups)| {
                let mine = wakeups.iter().filter(|wakeup| wakeup.by == by);
                mine.map(|wakeup| (*futex, wakeup.at, wakeup.left))
            })
            .collect();
        let mut woken = Vec::new();
        for (futex, at, left) in mine {
            let sleepers = self.sleepers(futex).into_iter();
            let first = sleepers
                .filter(|(_, since)| *since < at)
                .take(left as usize);
            for (tid, _) in first.collect::<Vec<_>>() {
                if let Some(wait) = self
                    .threads
                    .get_mut(&tid)
                    .and_then(|task| task.wait.as_mut())
                {
                    wait.woken = true;
                    woken.push(tid);
                }
            }
        }
        for wakeups in self.wakeups.values_mut() {
            wakeups.retain(|wakeup| wakeup.by != by);
        }
        woken
    }

    /// The threads that wait for the end of this one.
    pub fn joiners(&self, tid: i32, pid: i32) -> Vec<i32> {
        let threads = self.threads.iter();
        threads
            .filter(|(joiner, task)| **joiner != tid && task.pid == pid && joins(task, tid))
            .map(|(joiner, _)| *joiner)
            .collect()
    }

    /// The thread of the parent that waits for the end of this process.
    pub fn waiter(&self, pid: i32) -> Option<i32> {
        let parent = self.processes.get(&pid)?.parent?;
        let waits = |task: &Task| {
            let cause = task.wait.as_ref().map(|wait| &wait.cause);
            matches!(cause, Some(Cause::Child { of }) if of.is_none_or(|of| of == pid))
        };
        let threads = self.threads.iter();
        threads
            .filter(|(_, task)| task.pid == parent && waits(task))
            .map(|(tid, _)| *tid)
            .min()
    }
}

/// Whether a thread waits for the end of that one. The C library waits until the kernel clears the
/// number of the thread in memory, and wakes with a shared futex call.
pub fn joins(task: &Task, tid: i32) -> bool {
    task.wait
        .as_ref()
        .is_some_and(|wait| joined(&wait.cause) == Some(tid))
}

/// The thread whose end ends this wait, if it is such a wait and there is such a thread.
pub fn joined(cause: &Cause) -> Option<i32> {
    match cause {
        Cause::Futex {
            futex: Futex { process: 0, .. },
            value,
            ..
        } => i32::try_from(*value).ok().filter(|value| *value > 0),
        _ => None,
    }
}
