//! Tasks, and the least that a runtime does with them.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// A future that any thread may go on with.
pub type Task<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Makes a task of what `async` wrote; nothing of it runs yet.
pub fn task<T>(future: impl Future<Output = T> + Send + 'static) -> Task<T> {
    Box::pin(future)
}

/// Lets the task go on until it waits or ends.
///
/// Nothing can wake it: whoever polls by hand decides itself when to poll again.
pub fn poll_once<T>(task: &mut Task<T>) -> Poll<T> {
    task.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls one task after the other, round and round, until all have ended; returns how many polls
/// that took.
pub fn take_turns(tasks: impl IntoIterator<Item = Task<()>>) -> usize {
    let mut tasks: Vec<_> = tasks.into_iter().collect();
    let mut polls = 0;
    while !tasks.is_empty() {
        polls += tasks.len();
        tasks.retain_mut(|task| poll_once(task).is_pending());
    }
    polls
}

/// Waits for the task's next turn: whoever polls it may go on with another one.
pub async fn give_way() {
    let mut waited = false;
    poll_fn(|_| match std::mem::replace(&mut waited, true) {
        false => Poll::Pending,
        true => Poll::Ready(()),
    })
    .await;
}
