//! What the kernel knows of the threads of this process.

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::unistd::Pid;
use std::fs;

/// How `sched_setaffinity` and its twin call the thread that calls them.
const THIS_THREAD: Pid = Pid::from_raw(0);

/// How often this thread gave up its core because it had to wait for something.
pub fn sleeps() -> i64 {
    usage().voluntary_context_switches()
}

/// How often this thread left its core, because it had to wait or because the core was taken away.
pub fn switches() -> i64 {
    let usage = usage();
    usage.voluntary_context_switches() + usage.involuntary_context_switches()
}

fn usage() -> Usage {
    getrusage(UsageWho::RUSAGE_THREAD).expect("the kernel does not say")
}

/// What [`sleeps`] is for the thread of this name; none when there is no such thread (any more).
pub fn sleeps_of(name: &str) -> Option<i64> {
    let threads = fs::read_dir("/proc/self/task").expect("there is no /proc here");
    threads.flatten().find_map(|thread| {
        let status = fs::read_to_string(thread.path().join("status")).ok()?;
        let field = |key| status.lines().find_map(|line| line.strip_prefix(key));
        let is_it = field("Name:")?.trim() == name;
        let sleeps = field("voluntary_ctxt_switches:")?.trim();
        is_it.then(|| sleeps.parse().ok())?
    })
}

/// The cores that this thread may use.
pub fn cores() -> Vec<usize> {
    let set = sched_getaffinity(THIS_THREAD).expect("the kernel does not say");
    let allowed = |core: &usize| set.is_set(*core) == Ok(true);
    (0..CpuSet::count()).filter(allowed).collect()
}

/// From here on, this thread runs on this core or not at all.
pub fn stay_on(core: usize) {
    let mut set = CpuSet::new();
    set.set(core).expect("no such core");
    sched_setaffinity(THIS_THREAD, &set).expect("the kernel refuses");
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hint::spin_loop;
    use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
    use std::sync::mpsc;
    use std::thread::{self, Builder};

    #[test]
    fn a_thread_stays_on_its_core_and_others_do_as_they_like() {
        let all = cores();
        let last = *all.last().expect("no core at all");
        let stays = thread::spawn(move || {
            stay_on(last);
            cores()
        });
        assert_eq!(stays.join().expect("worker panicked"), [last]);
        assert_eq!(cores(), all);
    }

    #[test]
    fn a_thread_that_waits_falls_asleep_and_others_can_see_it() {
        let (wake, woken) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let wait = move || {
            tell.send(sleeps()).expect("the test has gone");
            woken.recv().expect("the test has gone");
            sleeps()
        };
        let waiter = Builder::new().name("waits".into()).spawn(wait);
        let before = told.recv().expect("the waiter has gone");
        while sleeps_of("waits") <= Some(before) {
            thread::yield_now();
        }
        assert_eq!(sleeps_of("nobody"), None);
        wake.send(()).expect("the waiter has gone");
        let after = waiter.expect("no thread to be had").join();
        assert!(after.expect("worker panicked") > before);
    }

    #[test]
    fn a_core_that_is_taken_away_counts_as_a_switch_and_not_as_a_sleep() {
        static ENOUGH: AtomicBool = AtomicBool::new(false);
        let core = cores()[0];
        let rival = thread::spawn(move || {
            stay_on(core);
            while !ENOUGH.load(SeqCst) {
                spin_loop();
            }
        });
        let spin = move || {
            stay_on(core);
            let (slept, switched) = (sleeps(), switches());
            while switches() == switched {}
            sleeps() - slept
        };
        let slept = thread::spawn(spin).join().expect("worker panicked");
        ENOUGH.store(true, SeqCst);
        rival.join().expect("worker panicked");
        assert_eq!(slept, 0);
    }
}
