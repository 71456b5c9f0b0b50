//! What the chapter `four-questions` builds: jobs in steps, and questions for the kernel.

mod job;
mod kernel;

pub use job::{Job, most_open, report, three_jobs};
pub use kernel::{cores, sleeps, sleeps_of, stay_on, switches};
