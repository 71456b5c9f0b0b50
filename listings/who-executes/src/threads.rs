//! Starting a thread in one line.

use std::thread::{Builder, JoinHandle};

/// Starts a thread of this name.
pub fn start<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let thread = Builder::new().name(name.into()).spawn(work);
    thread.expect("no thread to be had")
}
