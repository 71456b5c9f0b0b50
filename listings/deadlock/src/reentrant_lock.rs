//! A lock that the thread which holds it may take again.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread::{self, ThreadId};

// ANCHOR: lock
/// A lock that the thread which holds it may take again; the others wait for its last guard.
///
/// Its guards give `&T`, never `&mut T`: two of them can live at once. What is to change sits in a
/// `Cell` or a `RefCell`. Names and rules are those of the unstable `ReentrantLock` of std.
// Not `Debug`: derived, it would read `value` without the lock.
#[derive(Default)]
pub struct ReentrantLock<T> {
    holder: Mutex<Holder>,
    free: Condvar,
    value: T,
}

#[derive(Debug, Default)]
struct Holder {
    thread: Option<ThreadId>,
    /// How many of its guards live.
    depth: usize,
}

/// Holds a [`ReentrantLock`] until it is dropped. It stays on the thread that took the lock.
pub struct ReentrantLockGuard<'a, T> {
    lock: &'a ReentrantLock<T>,
    /// Not `Send`: only the holder may lower its depth.
    stays_here: PhantomData<*const ()>,
}
// ANCHOR_END: lock

// SAFETY: `value` is reached only through a guard. All living guards of a lock are on one thread:
// `lock` waits while another thread is the holder, and a guard is not `Send`. From one holder to
// the next the value passes under the mutex `holder`, so it only needs to be `Send`.
unsafe impl<T: Send> Sync for ReentrantLock<T> {}

impl<T> ReentrantLock<T> {
    /// A free lock that owns `value`.
    pub const fn new(value: T) -> Self {
        let (thread, depth) = (None, 0);
        Self {
            holder: Mutex::new(Holder { thread, depth }),
            free: Condvar::new(),
            value,
        }
    }

    // ANCHOR: take
    /// Takes the lock, again or for the first time; waits while another thread holds it.
    pub fn lock(&self) -> ReentrantLockGuard<'_, T> {
        let holder = self.holder.lock().unwrap();
        let others_hold = |holder: &mut Holder| holder.is_other();
        let holder = self.free.wait_while(holder, others_hold).unwrap();
        self.enter(holder)
    }

    /// Takes the lock if no other thread holds it.
    pub fn try_lock(&self) -> Option<ReentrantLockGuard<'_, T>> {
        let holder = self.holder.lock().unwrap();
        (!holder.is_other()).then(|| self.enter(holder))
    }

    fn enter(&self, mut holder: MutexGuard<'_, Holder>) -> ReentrantLockGuard<'_, T> {
        holder.thread = Some(thread::current().id());
        holder.depth += 1;
        ReentrantLockGuard {
            lock: self,
            stays_here: PhantomData,
        }
    }
    // ANCHOR_END: take
}

impl Holder {
    /// Whether another thread than the present one holds the lock.
    fn is_other(&self) -> bool {
        let me = thread::current().id();
        self.thread.is_some_and(|holder| holder != me)
    }
}

impl<T> Deref for ReentrantLockGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.lock.value
    }
}

// ANCHOR: drop
impl<T> Drop for ReentrantLockGuard<'_, T> {
    fn drop(&mut self) {
        let mut holder = self.lock.holder.lock().unwrap();
        holder.depth -= 1;
        if holder.depth == 0 {
            holder.thread = None;
            self.lock.free.notify_one();
        }
    }
}
// ANCHOR_END: drop

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::sync::mpsc;
    use std::time::Duration;

    fn others_can_take<T: Send>(lock: &ReentrantLock<T>) -> bool {
        let try_it = || lock.try_lock().is_some();
        thread::scope(|scope| scope.spawn(try_it).join().expect("worker panicked"))
    }

    #[test]
    fn the_holder_takes_the_lock_again() {
        let lock = ReentrantLock::new(Cell::new(1));
        let outer = lock.lock();
        lock.lock().set(2);
        assert_eq!(outer.get(), 2);
    }

    #[test]
    fn others_wait_for_the_last_guard() {
        let lock = ReentrantLock::new(());
        let outer = lock.lock();
        let inner = lock.lock();
        assert!(!others_can_take(&lock));
        drop(outer);
        assert!(!others_can_take(&lock));
        drop(inner);
        assert!(others_can_take(&lock));
    }

    #[test]
    fn the_last_guard_wakes_a_waiter() {
        const TURNS: usize = 1_000; // given away, so that the waiter is asleep by then
        static LOCK: ReentrantLock<Cell<u32>> = ReentrantLock::new(Cell::new(0));
        let (report, reports) = mpsc::channel();
        let guard = LOCK.lock();
        thread::spawn(move || {
            report.send(0).expect("the test has gone");
            report.send(LOCK.lock().get()).expect("the test has gone");
        });
        assert_eq!(reports.recv(), Ok(0));
        (0..TURNS).for_each(|_| thread::yield_now());
        guard.set(7);
        drop(guard);
        assert_eq!(reports.recv_timeout(Duration::from_secs(10)), Ok(7));
    }

    #[test]
    fn increments_under_the_lock_are_not_lost() {
        const WORKERS: u32 = 4;
        const STEPS: u32 = if cfg!(miri) { 20 } else { 1_000 };
        let lock = ReentrantLock::new(Cell::new(0));
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| {
                    for _ in 0..STEPS {
                        let outer = lock.lock();
                        let inner = lock.lock();
                        inner.set(outer.get() + 1);
                    }
                });
            }
        });
        assert_eq!(lock.lock().get(), WORKERS * STEPS);
    }
}
