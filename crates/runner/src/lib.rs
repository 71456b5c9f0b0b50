//! Runs one listing under limits and streams what happens.
//!
//! Who talks to whom:
//!
//! ```text
//! client (`cargo book run`, record, test, the server)
//!   │ stdin: one line of JSON, the Spec; held open: its end means "stop"
//!   ▼
//! supervisor (`book __run`, single-threaded, own session)  ── stdout: one Event a line, as it happens ──▶ client
//!   │ own process group, limits, clean environment, scratch folder; source is compiled first, likewise
//!   ▼
//! listing, and whatever it starts
//! ```
//!
//! The supervisor is a process of its own, because only a process can be a *child subreaper*: what
//! the listing leaves behind, `setsid` or not, becomes the supervisor's child and is killed by it.
//! It is single-threaded, because tracing is bound to one thread.

mod clean;
mod client;
mod diagnostic;
mod environment;
mod event;
mod limits;
mod reaper;
mod scratch;
mod self_test;
mod spec;
mod supervisor;
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
mod trace;

pub use client::{Idle, Outcome, Stop, run_to_end, run_with};
pub use diagnostic::Diagnostic;
pub use environment::environment;
pub use event::{End, Event, On, State, Step, Wait, What, Why};
pub use self_test::self_test;
pub use spec::{Setting, Source, Spec};
pub use supervisor::supervise;
