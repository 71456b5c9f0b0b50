//! A supervisor on a machine whose runs cannot be traced.

use std::process::ExitCode;

fn main() -> ExitCode {
    // SAFETY: this process has one thread.
    unsafe { std::env::set_var("BOOK_TRACE", "off") };
    runner::supervise()
}
