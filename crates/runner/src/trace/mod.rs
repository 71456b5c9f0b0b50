//! What every thread of a run does, from an unmodified binary.
//!
//! ```text
//! start: fork, seize, filter, exec ──▶ tracer: stops ──┬─ calls: what a call is about
//!                                                      ├─ tasks: who is alive, who wakes whom
//!                                                      ├─ files: pipes, and whose bytes are in them
//!                                                      ├─ log: events in order, output with its thread
//!                                                      └─ deadlock: who can never go on
//!                                                           └─ stack, place: locks, lines of source
//! ```
//!
//! The program runs at full speed but for the calls that the filter names: those that may wait, that
//! wake, or that move bytes. So a time line does not show what makes none of these calls: a lock that
//! is free, an atomic, spinning, `sched_yield`. The dynamic loader and the runtime's start only run
//! and read plain files, which is no wait: nothing before `main` shows but time.
//!
//! A run of more than 20,000 events, or of more than 512 threads and processes at once, ends with
//! [`crate::Why::EventLimit`].
//!
//! The numbers of calls are x86_64 Linux's, and what they are used for the GNU C library's; elsewhere
//! no run is traced.

mod calls;
mod deadlock;
mod files;
mod filter;
mod log;
mod place;
mod stack;
mod start;
mod sys;
mod tasks;
mod tracer;

pub use start::{Started, start};
pub use tracer::{World, watch};
