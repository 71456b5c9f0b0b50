//! What the chapter `deadlock` builds: a re-entrant lock, and locks that see a cycle coming.

mod lock_table;
mod reentrant_lock;

pub use lock_table::{Cycle, LockTable, Name};
pub use reentrant_lock::{ReentrantLock, ReentrantLockGuard};
