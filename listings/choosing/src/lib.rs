//! What the chapter `choosing` builds: one workload in six designs, and three of them on one core.

mod designs;
mod one_core;
mod primes;
mod server;
mod tasks;

pub use designs::{Call, Unit, carry_out, work_if_asked};
pub use one_core::{Way, computing_at_a_time, pin_to_one_core, waiting_at_a_time};
pub use primes::primes_below;
pub use server::SlowServer;
