//! Locks by name, and a record of who waits for whom.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::sync::{Condvar, Mutex, MutexGuard};

/// What a thread or a lock is called.
pub type Name = &'static str;

/// Locks by name. A request that would close a cycle of waits is refused.
#[derive(Debug, Default)]
pub struct LockTable {
    graph: Mutex<Graph>,
    changed: Condvar,
}

// ANCHOR: graph
/// The wait-for graph: a thread wants a lock, which a thread holds, which wants a lock, ...
#[derive(Debug, Default)]
struct Graph {
    /// For each lock that is taken, the thread that holds it.
    holder: BTreeMap<Name, Name>,
    /// For each thread that waits, the lock that it wants.
    wants: BTreeMap<Name, Name>,
}

impl Graph {
    /// `thread`, who holds `lock`, who holds what that one waits for, and so on.
    fn chain(&self, thread: Name, lock: Name) -> Vec<Name> {
        let mut chain = vec![thread];
        let mut wanted = Some(&lock);
        while let Some(holder) = wanted.and_then(|lock| self.holder.get(lock)) {
            chain.push(holder);
            if *holder == thread {
                break;
            }
            wanted = self.wants.get(holder);
        }
        chain
    }
}
// ANCHOR_END: graph

impl LockTable {
    /// A table in which every lock is free.
    pub const fn new() -> Self {
        Self {
            graph: Mutex::new(Graph {
                holder: BTreeMap::new(),
                wants: BTreeMap::new(),
            }),
            changed: Condvar::new(),
        }
    }

    // ANCHOR: lock
    /// Gives `lock` to `thread`, after a wait if another holds it.
    ///
    /// # Errors
    ///
    /// The wait would close a cycle, so it is not begun. `thread` keeps what it holds.
    pub fn lock(&self, thread: Name, lock: Name) -> Result<(), Cycle> {
        let mut graph = self.graph();
        let chain = graph.chain(thread, lock);
        if chain[1..].contains(&thread) {
            return Err(Cycle(chain));
        }
        graph.wants.insert(thread, lock);
        self.changed.notify_all();
        let taken = |graph: &mut Graph| graph.holder.contains_key(lock);
        let mut graph = self.changed.wait_while(graph, taken).unwrap();
        graph.wants.remove(thread);
        graph.holder.insert(lock, thread);
        Ok(())
    }
    // ANCHOR_END: lock

    /// Frees all locks of `thread`.
    pub fn unlock_all(&self, thread: Name) {
        self.graph().holder.retain(|_, holder| *holder != thread);
        self.changed.notify_all();
    }

    /// Whom `thread` would wait for if it asked for `lock` now: first `thread` itself, then who
    /// holds the lock, then whom that one waits for, and so on.
    pub fn chain(&self, thread: Name, lock: Name) -> Vec<Name> {
        self.graph().chain(thread, lock)
    }

    /// Returns when at least `count` threads wait for a lock.
    pub fn until_waiting(&self, count: usize) {
        let too_few = |graph: &mut Graph| graph.wants.len() < count;
        drop(self.changed.wait_while(self.graph(), too_few).unwrap());
    }

    fn graph(&self) -> MutexGuard<'_, Graph> {
        self.graph.lock().unwrap()
    }
}

/// The cycle of waits that a request would have closed; its first thread is also its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle(pub Vec<Name>);

impl Display for Cycle {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join(" -> "))
    }
}

impl Error for Cycle {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_lock_is_given_at_once() {
        let table = LockTable::new();
        assert_eq!(table.lock("a", "x"), Ok(()));
        assert_eq!(table.chain("b", "x"), ["b", "a"]);
    }

    #[test]
    fn a_second_request_of_the_holder_is_a_cycle_of_one() {
        let table = LockTable::new();
        assert_eq!(table.lock("a", "x"), Ok(()));
        assert_eq!(table.lock("a", "x"), Err(Cycle(vec!["a", "a"])));
    }

    #[test]
    fn the_refused_thread_keeps_its_lock_and_the_other_waits_for_it() {
        let table = LockTable::new();
        assert_eq!(table.lock("a", "x"), Ok(()));
        assert_eq!(table.lock("b", "y"), Ok(()));
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| table.lock("a", "y"));
            table.until_waiting(1);
            let refused = table.lock("b", "x");
            let chain = table.chain("a", "y");
            table.unlock_all("b");
            assert_eq!(refused, Err(Cycle(vec!["b", "a", "b"])));
            assert_eq!(chain, ["a", "b"]);
            assert_eq!(waiter.join().expect("worker panicked"), Ok(()));
        });
    }

    #[test]
    fn unlock_frees_all_locks_of_that_thread_alone() {
        let table = LockTable::new();
        for (thread, lock) in [("a", "x"), ("a", "y"), ("b", "z")] {
            assert_eq!(table.lock(thread, lock), Ok(()));
        }
        table.unlock_all("a");
        let holders = ["x", "y", "z"].map(|lock| table.chain("c", lock).len() - 1);
        assert_eq!(holders, [0, 0, 1]);
    }
}
