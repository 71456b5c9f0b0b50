//! The verdict: threads that wait for each other and for nothing else.
//!
//! A thread is *stuck* when it has sat 100 ms in a wait without a time-out and everything that could
//! end this wait is stuck as well. The stuck threads of a run are the largest set of which that is
//! true; when there are any, nothing can ever change for them:
//!
//! | wait | could be ended by |
//! |--|--|
//! | join of a thread | that thread |
//! | any other futex | every thread of the process; of the run, if the memory is shared |
//! | child process | every thread of that child, of all children when any would do |
//! | pipe | every thread of every process that holds the other end |
//! | one of a pair of sockets | every thread of every process that holds either |
//! | anything else | the world: such a wait is never stuck |
//!
//! So a thread that works, sleeps or waits with a time-out holds back the verdict on all others of its
//! process, for it may know their locks. Only a thread called `watchdog` does not: it is how a listing
//! says that it hangs. A process with a timer or with a handler for signals is never stuck, nor is who
//! waits at a pipe of which an outsider holds an end, or which has a name.

use super::calls::Cause;
use super::files::{File, Key, Pipes};
use super::place::{Kind, Places};
use super::stack::{Guard, Memory, Stack};
use super::tasks::{Task, Tasks, Wait as TaskWait, joined};
use crate::event::{On, Wait};
use nix::sys::stat::{SFlag, fstatat, lstat};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::time::{Duration, Instant};

/// How long all must have waited. A thread that was woken has long gone on by then, even on a busy
/// machine; that it has not is checked all the same.
const SAT: Duration = Duration::from_millis(100);
/// How soon to look again, and how late when nothing happens meanwhile.
const LOOK: [Duration; 2] = [Duration::from_millis(25), Duration::from_millis(400)];
/// The name of the thread with which a listing watches itself.
const WATCHDOG: &str = "watchdog";

/// What a look found.
pub struct Found {
    /// The stuck threads, at the first time.
    pub news: Option<Vec<Wait>>,
    /// Whether all threads of the run are stuck, so that nothing of it can go on.
    pub is_whole: bool,
}

/// Looks for stuck threads from time to time, and tells of them once.
pub struct Watch {
    next: Instant,
    pause: Duration,
    told: bool,
}

impl Watch {
    /// For a run that starts now.
    pub fn new(now: Instant) -> Self {
        Self {
            next: now + SAT,
            pause: LOOK[0],
            told: false,
        }
    }

    /// Something happened now: no set of threads that it made stuck can be told before its time.
    pub fn stir(&mut self, now: Instant) {
        self.pause = LOOK[0];
        self.next = self.next.min(now + SAT);
    }

    /// When to look next.
    pub fn next(&self, tasks: &Tasks) -> Option<Instant> {
        let may_be_stuck = tasks.threads.values().any(|task| candidate(task).is_some());
        may_be_stuck.then_some(self.next)
    }

    /// Looks, if it is time.
    pub fn look(&mut self, now: Instant, tasks: &Tasks, pipes: &Pipes) -> Option<Found> {
        if now < self.next {
            return None;
        }
        self.next = now + self.pause;
        self.pause = (2 * self.pause).min(LOOK[1]);
        let stuck = stuck(now, tasks, pipes);
        if stuck.is_empty() || !stuck.iter().all(|tid| sleeps(*tid)) {
            return None;
        }
        let is_whole = tasks
            .threads
            .iter()
            .all(|(tid, task)| task.over || stuck.contains(tid));
        let news = (!self.told).then(|| explain(&stuck, tasks));
        self.told = true;
        Some(Found { news, is_whole })
    }
}

/// The wait of a thread, if it can be one for ever.
fn candidate(task: &Task) -> Option<&TaskWait> {
    let wait = task.wait.as_ref().filter(|_| !task.over)?;
    match wait.cause {
        Cause::Futex { timed, .. } => !timed,
        Cause::Child { .. } => true,
        // A transfer between two descriptors waits for either.
        Cause::Io(io) => io.from.is_some() != io.to.is_some(),
        Cause::Other(_) => false,
    }
    .then_some(wait)
}

/// Whether the kernel agrees that a thread sleeps. One that was woken but has had no turn yet does not.
fn sleeps(tid: i32) -> bool {
    state(tid) == Some('S')
}

/// Whether the kernel has done all that the end of a thread brings about.
fn has_ended(tid: i32) -> bool {
    matches!(state(tid), None | Some('Z' | 'X'))
}

/// The state of a thread, as `/proc/<tid>/stat` has it (proc(5)); nothing when it is no more.
fn state(tid: i32) -> Option<char> {
    let stat = fs::read_to_string(format!("/proc/{tid}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.chars().next()
}

fn stuck(now: Instant, tasks: &Tasks, pipes: &Pipes) -> BTreeSet<i32> {
    let mut stuck: BTreeSet<i32> = tasks
        .threads
        .iter()
        .filter(|(_, task)| {
            candidate(task).is_some_and(|wait| now.saturating_duration_since(wait.since) >= SAT)
        })
        .map(|(tid, _)| *tid)
        .collect();
    // What is dear to find out comes last, and the pipes of the whole machine are the dearest.
    shrink(&mut stuck, tasks, pipes, None);
    let processes: BTreeSet<i32> = stuck.iter().map(|tid| tasks.threads[tid].pid).collect();
    for pid in processes {
        let mut threads = tasks.threads.iter();
        let has_free_child = threads.any(|(tid, task)| {
            let process = tasks.processes.get(&task.pid);
            let is_of_child = process.is_some_and(|process| process.parent == Some(pid));
            is_of_child && !task.over && !stuck.contains(tid)
        });
        if handles_signals(pid, has_free_child) {
            stuck.retain(|tid| tasks.threads[tid].pid != pid);
        }
    }
    shrink(&mut stuck, tasks, pipes, None);
    for processes in [Some(tasks.processes.keys().copied().collect()), None] {
        if stuck.iter().any(|tid| waits_for_bytes(&tasks.threads[tid])) {
            let holders = Holders::find(processes);
            shrink(&mut stuck, tasks, pipes, Some(&holders));
        }
    }
    stuck
}

/// Whether a process has handlers for signals that may come: its waits may end by one.
fn handles_signals(pid: i32, has_free_child: bool) -> bool {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|caught| u64::from_str_radix(caught.trim(), 16).ok());
    // Rust's runtime handles the two by which a thread hurts itself, the C library its first two
    // real-time signals. An interpreter always handles SIGINT, and a shell hears of its children.
    let harmless = [libc::SIGSEGV, libc::SIGBUS, 32, 33];
    let child = (!has_free_child).then_some(libc::SIGCHLD);
    let program = fs::read_link(format!("/proc/{pid}/exe")).unwrap_or_default();
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let is_interpreter = matches!(&*name, "sh" | "dash" | "bash") || name.starts_with("python");
    let interrupt = is_interpreter.then_some(libc::SIGINT);
    let harmless = harmless.into_iter().chain(child).chain(interrupt);
    let harmless = harmless.fold(0, |set, signal| set | 1_u64 << (signal - 1));
    caught.is_none_or(|caught| caught & !harmless != 0)
}

fn waits_for_bytes(task: &Task) -> bool {
    let wait = task.wait.as_ref();
    wait.is_some_and(|wait| matches!(wait.cause, Cause::Io(_)))
}

/// Takes out whoever waits for something outside the set, until there is nobody left who does.
fn shrink(stuck: &mut BTreeSet<i32>, tasks: &Tasks, pipes: &Pipes, holders: Option<&Holders>) {
    loop {
        let before = stuck.clone();
        stuck.retain(|tid| is_stuck(*tid, &before, tasks, pipes, holders));
        if stuck.len() == before.len() {
            return;
        }
    }
}

/// Whether only threads of this set could end the wait of one of them.
fn is_stuck(
    tid: i32,
    stuck: &BTreeSet<i32>,
    tasks: &Tasks,
    pipes: &Pipes,
    holders: Option<&Holders>,
) -> bool {
    let Some((task, wait)) = tasks
        .threads
        .get(&tid)
        .and_then(|task| Some((task, task.wait.as_ref()?)))
    else {
        return false;
    };
    let Some(process) = tasks.processes.get(&task.pid) else {
        return false;
    };
    if process.has_timer {
        return false;
    }
    // One that is about to end may still wake those that wait for its end, or close a pipe.
    let is_in = |tid: &i32, task: &Task| stuck.contains(tid) || task.over && has_ended(*tid);
    let all_but = |pid: i32, exempt: Option<&str>| {
        let mut threads = tasks.threads.iter().filter(|(_, task)| task.pid == pid);
        threads.all(|(tid, task)| is_in(tid, task) || exempt == Some(task.name.as_str()))
    };
    let all_of_but_watchdog = |pid: i32| all_but(pid, Some(WATCHDOG));
    match &wait.cause {
        Cause::Futex { futex, .. } => {
            let lives = |of: &i32| {
                let of = tasks.threads.get(of);
                of.is_some_and(|of| of.pid == task.pid)
            };
            if let Some(of) = joined(&wait.cause).filter(lives) {
                return tasks.threads.get(&of).is_some_and(|task| is_in(&of, task));
            }
            if futex.process != 0 {
                return all_of_but_watchdog(task.pid);
            }
            match sharing(task.pid, futex.address) {
                Sharing::Process => all_of_but_watchdog(task.pid),
                Sharing::Run => tasks.processes.keys().all(|pid| all_of_but_watchdog(*pid)),
                Sharing::World => false,
            }
        }
        Cause::Child { of } => {
            let children: Vec<i32> = tasks
                .processes
                .iter()
                .filter(|(_, child)| child.parent == Some(task.pid))
                .map(|(pid, _)| *pid)
                .filter(|pid| of.is_none_or(|of| of == *pid))
                .collect();
            !children.is_empty() && children.into_iter().all(|pid| all_but(pid, None))
        }
        Cause::Io(io) => {
            let reads = io.from.is_some();
            let file = wait.files[usize::from(!reads)];
            let ends = match file {
                Some(File::Pipe(key)) if pipes.is_closed_circle(key) => vec![(key, !reads)],
                Some(File::Socket(key)) if !process.has_socket_timeout => match pipes.peer(key) {
                    // Who holds this end can shut it down.
                    Some(peer) => vec![(key, true), (peer, true)],
                    None => return false,
                },
                _ => return false,
            };
            let Some(holders) = holders else {
                return true;
            };
            let ends = ends.into_iter().map(|(key, reads)| holders.of(key, reads));
            let ends: BTreeSet<i32> = ends.flatten().collect();
            let is_of_run = |pid: &i32| tasks.processes.contains_key(pid);
            !ends.is_empty()
                && ends
                    .iter()
                    .all(|pid| is_of_run(pid) && all_of_but_watchdog(*pid))
        }
        Cause::Other(_) => false,
    }
}

/// Who can reach a place in memory.
enum Sharing {
    Process,
    Run,
    World,
}

fn sharing(pid: i32, address: u64) -> Sharing {
    let memory = Memory::of(pid);
    match memory.mapping(address) {
        Some(mapping) if !mapping.is_shared => Sharing::Process,
        // What the kernel calls a shared mapping without a file.
        Some(mapping) if mapping.path == "/dev/zero (deleted)" => Sharing::Run,
        _ => Sharing::World,
    }
}

/// Who holds pipes and sockets.
struct Holders {
    /// By key: process, whether it can read, whether it can write.
    ends: HashMap<Key, Vec<(i32, bool, bool)>>,
}

impl Holders {
    /// Looks through these processes, or through all that this one may look at.
    fn find(processes: Option<Vec<i32>>) -> Self {
        let mut ends: HashMap<Key, Vec<_>> = HashMap::new();
        for pid in processes.unwrap_or_else(all_processes) {
            let folder = format!("/proc/{pid}/fd");
            for fd in fs::read_dir(&folder).into_iter().flatten().flatten() {
                let path = fd.path();
                let (Ok(link), Ok(file)) = (
                    lstat(&path),
                    fstatat(nix::fcntl::AT_FDCWD, &path, nix::fcntl::AtFlags::empty()),
                ) else {
                    continue;
                };
                let kind = SFlag::from_bits_truncate(file.st_mode) & SFlag::S_IFMT;
                if kind == SFlag::S_IFIFO || kind == SFlag::S_IFSOCK {
                    // The link's own mode says how the file was opened.
                    let (reads, writes) = (link.st_mode & 0o400 != 0, link.st_mode & 0o200 != 0);
                    let key = (file.st_dev, file.st_ino);
                    ends.entry(key).or_default().push((pid, reads, writes));
                }
            }
        }
        Self { ends }
    }

    /// The processes that hold this end of a pipe.
    fn of(&self, key: Key, is_read_end: bool) -> BTreeSet<i32> {
        let ends = self.ends.get(&key).into_iter().flatten();
        ends.filter(|(_, reads, writes)| if is_read_end { *reads } else { *writes })
            .map(|(pid, ..)| *pid)
            .collect()
    }
}

fn all_processes() -> Vec<i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// A stuck thread on its way to be told of.
struct Stuck<'a> {
    tid: i32,
    task: &'a Task,
    wait: &'a TaskWait,
    place: Option<String>,
    kind: Kind,
    stack: Stack,
    /// Where the frames of the program's own functions begin in its stack.
    own: u64,
}

/// Says of each stuck thread what it waits for.
fn explain(stuck: &BTreeSet<i32>, tasks: &Tasks) -> Vec<Wait> {
    let mut places: BTreeMap<i32, (Memory, Places)> = BTreeMap::new();
    let stuck: Vec<Stuck<'_>> = stuck
        .iter()
        .filter_map(|tid| {
            let task = tasks.threads.get(tid)?;
            let wait = task.wait.as_ref()?;
            let (memory, places) = places
                .entry(task.pid)
                .or_insert_with(|| (Memory::of(task.pid), Places::of(task.pid)));
            let stack = Stack::of(task.pid, wait.registers.rsp, memory);
            let found = places.find(&wait.registers, memory, &stack);
            Some(Stuck {
                tid: *tid,
                task,
                wait,
                place: found.place,
                kind: found.kind,
                stack,
                own: found.own.unwrap_or(wait.registers.rsp),
            })
        })
        .collect();
    let mut labels = Labels::default();
    stuck
        .iter()
        .map(|one| Wait {
            tid: one.tid,
            name: one.task.name.clone(),
            on: on(one, &stuck, tasks, &mut labels),
            place: one.place.clone(),
        })
        .collect()
}

fn on(one: &Stuck<'_>, all: &[Stuck<'_>], tasks: &Tasks, labels: &mut Labels) -> On {
    let (futex, value) = match &one.wait.cause {
        Cause::Futex { futex, value, .. } => (*futex, *value),
        Cause::Child { of } => return On::Child { of: *of },
        Cause::Io(io) => {
            let reading = io.from.is_some();
            return On::Pipe { reading };
        }
        Cause::Other(_) => unreachable!("such a wait is never stuck"),
    };
    let is_of_process = |of: &i32| {
        let of = tasks.threads.get(of);
        of.is_some_and(|of| of.pid == one.task.pid)
    };
    if let Some(of) = joined(&one.wait.cause).filter(is_of_process) {
        return On::Join { of };
    }
    let lock = labels.of((futex.process, futex.address));
    let is_mutex = match one.kind {
        Kind::Mutex => true,
        Kind::Unknown => value == CONTENDED,
        Kind::RwLock | Kind::Other => false,
    };
    let held_by = match one.kind {
        Kind::RwLock => [futex.address, futex.address - 4]
            .into_iter()
            .find_map(|address| holder(one, address, all)),
        _ if is_mutex => holder(one, futex.address, all),
        _ => None,
    };
    if is_mutex {
        On::Mutex { lock, held_by }
    } else {
        On::Futex { lock, held_by }
    }
}

/// The value of a std mutex for which somebody waits.
const CONTENDED: u32 = 2;

/// The thread that very likely holds a lock: the address is on its stack, best of all as a guard is.
/// A thread that waits for the same lock does not hold it, unless it waits for itself. One that waits
/// for another lock is more likely than one that waits for a join, which may have lent the lock out.
/// Where several are as likely, nobody is named.
fn holder(one: &Stuck<'_>, lock: u64, all: &[Stuck<'_>]) -> Option<i32> {
    let waits_for_it = |other: &Stuck<'_>| {
        let cause = &other.wait.cause;
        matches!((cause, &one.wait.cause), (Cause::Futex { futex: a, .. }, Cause::Futex { futex: b, .. }) if a == b)
    };
    let guard = match one.kind {
        Kind::RwLock => Guard::RwLock,
        _ => Guard::Mutex,
    };
    let mut best = Vec::new();
    let mut best_rank = 0;
    let of_process = all.iter().filter(|other| other.task.pid == one.task.pid);
    for other in of_process.filter(|other| !waits_for_it(other)) {
        let found = other.stack.find(lock, guard, other.wait.registers.rsp);
        let waits_for_a_lock = matches!(other.kind, Kind::Mutex | Kind::RwLock);
        let rank = match (found.as_guard, found.at_all) {
            (true, _) => 3 + u32::from(waits_for_a_lock),
            (false, true) => 1 + u32::from(waits_for_a_lock),
            (false, false) => 0,
        };
        if rank > best_rank {
            best_rank = rank;
            best.clear();
        }
        if rank == best_rank && rank > 0 {
            best.push(other.tid);
        }
    }
    match best[..] {
        [] => one
            .stack
            .find(lock, guard, one.own)
            .as_guard
            .then_some(one.tid),
        [only] => Some(only),
        _ => None,
    }
}

/// Names for locks: `A`, `B`, ... `Z`, `A1`, ...
#[derive(Default)]
struct Labels(Vec<(i32, u64)>);

impl Labels {
    fn of(&mut self, lock: (i32, u64)) -> String {
        let place = self.0.iter().position(|known| *known == lock);
        let place = place.unwrap_or_else(|| {
            self.0.push(lock);
            self.0.len() - 1
        });
        let letter = char::from(b'A' + (place % 26) as u8);
        match place / 26 {
            0 => letter.to_string(),
            round => format!("{letter}{round}"),
        }
    }
}
