//! The thread that ends a listing which hangs on purpose.

use crate::start;
use std::sync::mpsc;
use std::{process, time::Duration};

/// Starts a thread that waits for so long, looks, and ends the process with the exit status that
/// `look` returns.
pub fn watchdog(patience: Duration, look: impl FnOnce() -> i32 + Send + 'static) {
    start("watchdog", move || -> () {
        let (_sender, nothing) = mpsc::channel::<()>();
        // Nobody sends: this waits out the time.
        let _ = nothing.recv_timeout(patience);
        process::exit(look())
    });
}
