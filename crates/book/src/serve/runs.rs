//! Places for runs, and the runs that are under way.

use runner::Stop;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Runs at a time.
pub const RUNS: usize = 2;
/// Requests that may wait for a place.
pub const QUEUE: usize = 4;
/// How long one waits at most.
const WAIT: Duration = Duration::from_secs(10);

/// All runs of a server.
#[derive(Debug)]
pub struct Runs {
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    next: AtomicU64,
    stops: Mutex<HashMap<String, Stop>>,
}

/// A run that has a place. Dropping it gives the place back.
#[derive(Debug)]
pub struct Place {
    /// Name of the run.
    pub run: String,
    /// Stops it.
    pub stop: Stop,
    runs: Arc<Runs>,
    _permit: OwnedSemaphorePermit,
}

impl Runs {
    /// All places free.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            places: Arc::new(Semaphore::new(RUNS)),
            waiting: AtomicUsize::new(0),
            next: AtomicU64::new(1),
            stops: Mutex::default(),
        })
    }

    /// A place, after a short wait if need be; none when too many wait already.
    pub async fn place(self: &Arc<Self>) -> Option<Place> {
        let permit = match Arc::clone(&self.places).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => {
                let _waiting = Waiting::new(&self.waiting)?;
                timeout(WAIT, Arc::clone(&self.places).acquire_owned())
                    .await
                    .ok()?
                    .ok()?
            }
        };
        let run = format!("r{}", self.next.fetch_add(1, Relaxed));
        let stop = Stop::new();
        self.stops().insert(run.clone(), stop.clone());
        Some(Place {
            run,
            stop,
            runs: Arc::clone(self),
            _permit: permit,
        })
    }

    /// Stops a run; false when there is no such run any more.
    pub fn stop(&self, run: &str) -> bool {
        let stop = self.stops().get(run).cloned();
        stop.is_some_and(|stop| {
            stop.stop();
            true
        })
    }

    /// Lets nothing new start, stops what runs and waits until it is gone, for a while.
    pub async fn close(&self) {
        let all = u32::try_from(RUNS).unwrap_or(u32::MAX);
        let gone = self.places.acquire_many(all);
        self.stops().values().for_each(Stop::stop);
        let _ = timeout(Duration::from_secs(4), gone).await;
        self.places.close();
    }

    fn stops(&self) -> MutexGuard<'_, HashMap<String, Stop>> {
        self.stops.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.runs.stops().remove(&self.run);
    }
}

/// One that waits; it leaves the queue however its wait ends.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Option<Self> {
        let waiting = Self(count);
        (count.fetch_add(1, Relaxed) < QUEUE).then_some(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}
