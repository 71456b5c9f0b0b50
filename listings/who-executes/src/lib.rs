//! What the listings of the chapter `who-executes` share: tasks polled by hand, threads,
//! questions to the kernel, a child process that answers, and a watchdog.

mod ask_child;
mod kernel;
mod tasks;
mod threads;
mod watchdog;

pub use ask_child::ask_child;
pub use kernel::{cores_used, cpu_cost, pin_to_one_core, threads_listed, times_preempted};
pub use tasks::{Task, give_way, poll_once, take_turns, task};
pub use threads::start;
pub use watchdog::watchdog;
