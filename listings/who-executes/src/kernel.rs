//! Questions to the kernel about threads, cores and CPU time.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::fs;
use std::time::{Duration, Instant};

/// The calling thread, as the affinity calls name it.
const THIS_THREAD: Pid = Pid::from_raw(0);

/// Lets the calling thread run on one core only, and with it every thread that it starts from now on.
pub fn pin_to_one_core() {
    let allowed = sched_getaffinity(THIS_THREAD).expect("cannot ask for the cores");
    let first = (0..CpuSet::count()).find(|core| allowed.is_set(*core) == Ok(true));
    let mut one = CpuSet::new();
    one.set(first.expect("a thread may run somewhere"))
        .expect("it was found in a set of this size");
    sched_setaffinity(THIS_THREAD, &one).expect("cannot pin");
}

/// The ids of the threads of this process that the kernel lists in `/proc`.
pub fn threads_listed() -> BTreeSet<Pid> {
    let entries = fs::read_dir("/proc/self/task").expect("no /proc here");
    let names = entries.map(|entry| entry.expect("cannot list").file_name());
    let id = |name: &str| name.parse().expect("a thread id is a number");
    names
        .map(|name| Pid::from_raw(id(&name.to_string_lossy())))
        .collect()
}

/// How often the kernel has taken the core from the calling thread while it could have gone on.
pub fn times_preempted() -> i64 {
    usage(UsageWho::RUSAGE_THREAD).involuntary_context_switches()
}

/// The CPU time that this process has used with its threads, and its children that were waited for.
fn cpu_time() -> Duration {
    [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN]
        .map(usage)
        .iter()
        .flat_map(|usage| [usage.user_time(), usage.system_time()])
        .map(|time| Duration::from_micros(time.num_microseconds().unsigned_abs()))
        .sum()
}

/// CPU time for one `work` of so many.
pub fn cpu_cost(count: u32, work: fn()) -> Duration {
    let before = cpu_time();
    (0..count).for_each(|_| work());
    (cpu_time() - before) / count
}

/// CPU time over wall time of `work`, in the one of some rounds in which it was highest.
pub fn cores_used(work: impl Fn()) -> f64 {
    const ROUNDS: usize = 3;
    let round = |_| {
        // The wall clock is read first and last: it never sees less time than the other.
        let start = Instant::now();
        let before = cpu_time();
        work();
        let used = cpu_time() - before;
        used.as_secs_f64() / start.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(round).fold(0.0, f64::max)
}

fn usage(who: UsageWho) -> Usage {
    getrusage(who).expect("the kernel always knows")
}
