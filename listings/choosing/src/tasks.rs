//! A runtime in its smallest form: tasks in a queue, and whoever calls polls them in turn.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};
use std::thread;

type Task<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Tasks that are not done; any thread may advance any of them.
pub struct Tasks<'a, T> {
    queue: Mutex<VecDeque<Task<'a, T>>>,
    unfinished: AtomicUsize,
}

impl<'a, T> Tasks<'a, T> {
    /// Takes what is to be done; none of it begins before it is polled.
    pub fn new<F: Future<Output = T> + Send + 'a>(work: impl Iterator<Item = F>) -> Self {
        let queue: VecDeque<Task<'a, T>> = work.map(|work| Box::pin(work) as _).collect();
        Self {
            unfinished: queue.len().into(),
            queue: queue.into(),
        }
    }

    /// Polls one task after the other until all are done; what those gave that ended in its hands.
    ///
    /// It asks again and again. A real runtime sleeps in the kernel until there is a reason to ask.
    pub fn poll_in_turn(&self) -> Vec<T> {
        let mut context = Context::from_waker(Waker::noop());
        let mut results = Vec::new();
        while self.unfinished.load(SeqCst) > 0 {
            let next = self.queue.lock().unwrap().pop_front();
            let Some(mut task) = next else {
                thread::yield_now(); // the rest is in the hands of other threads
                continue;
            };
            match task.as_mut().poll(&mut context) {
                Poll::Ready(result) => {
                    results.push(result);
                    self.unfinished.fetch_sub(1, SeqCst);
                }
                Poll::Pending => {
                    self.queue.lock().unwrap().push_back(task);
                    thread::yield_now();
                }
            }
        }
        results
    }
}

/// Lets the other tasks have a turn.
pub async fn yield_now() {
    let mut yielded = false;
    poll_fn(|_| match std::mem::replace(&mut yielded, true) {
        false => Poll::Pending,
        true => Poll::Ready(()),
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_task_has_its_turn_before_the_first_has_another() {
        let steps = Mutex::new(Vec::new());
        let work = |name| {
            let steps = &steps;
            async move {
                for step in 1..=2 {
                    steps.lock().unwrap().push((name, step));
                    yield_now().await;
                }
                name
            }
        };
        assert_eq!(
            Tasks::new(["a", "b"].map(work).into_iter()).poll_in_turn(),
            ["a", "b"]
        );
        let steps = steps.into_inner().unwrap();
        assert_eq!(steps, [("a", 1), ("b", 1), ("a", 2), ("b", 2)]);
    }

    #[test]
    fn no_task_begins_before_it_is_polled() {
        let begun = AtomicUsize::new(0);
        let tasks = Tasks::new((0..3).map(|_| async { begun.fetch_add(1, SeqCst) }));
        assert_eq!(begun.load(SeqCst), 0);
        tasks.poll_in_turn();
        assert_eq!(begun.load(SeqCst), 3);
    }
}
