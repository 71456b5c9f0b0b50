//! The events of a traced run on their way out: in order, each with the time at which it happened, and
//! not later than 30 ms after that.

use super::sys;
use crate::clean::Cleaner;
use crate::event::{Event, State, Step, What};
use crate::supervisor::COALESCE;
use nix::sys::stat::fstat;
use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// Text of one thread within this time is one event: one place of a time line.
const SAME_PLACE: Duration = Duration::from_millis(1);
/// Events that a time line can show.
pub const EVENTS: usize = 20_000;

/// An event that may still be taken back, as long as it has not been reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry(usize);

/// Events that wait for their report.
pub struct Log {
    started: Instant,
    waiting: VecDeque<Option<Event>>,
    /// How many entries were reported before the first that waits.
    gone: usize,
    /// How many events there are in all.
    count: usize,
    /// When something of this kind was last reported.
    reported: Instant,
    reported_text: Option<Instant>,
    has_text: bool,
    /// The last event that is text.
    last_text: Option<Entry>,
    /// Bytes that the run may still print.
    budget: usize,
    /// Whether it printed more. The last allowed byte is no offence; the one after it is.
    flooded: bool,
}

impl Log {
    /// For a run that starts now and may print so many bytes.
    pub fn new(budget: usize) -> Self {
        let started = Instant::now();
        Self {
            started,
            waiting: VecDeque::new(),
            gone: 0,
            count: 0,
            reported: started,
            reported_text: None,
            has_text: false,
            last_text: None,
            budget,
            flooded: false,
        }
    }

    /// Whether the run printed more than it may.
    pub fn is_flooded(&self) -> bool {
        self.flooded
    }

    /// When the run started: the zero of all times.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Whether there is more than a time line can show.
    pub fn is_full(&self) -> bool {
        self.count > EVENTS
    }

    /// Adds what happens now.
    pub fn add(&mut self, what: What) -> Entry {
        self.add_at(Instant::now(), what)
    }

    /// Adds a step of a thread.
    pub fn step(&mut self, tid: i32, step: Step) -> Entry {
        self.add(What::Ev { tid, step })
    }

    /// Adds a change of state.
    pub fn state(&mut self, tid: i32, state: State) -> Entry {
        self.step(tid, Step::State { state })
    }

    fn add_at(&mut self, now: Instant, what: What) -> Entry {
        let since = now.saturating_duration_since(self.started);
        let t = u64::try_from(since.as_nanos()).unwrap_or(u64::MAX);
        self.count += 1;
        self.waiting.push_back(Some(Event { t, what }));
        Entry(self.gone + self.waiting.len() - 1)
    }

    /// Takes an event back; false when it was reported already.
    pub fn take_back(&mut self, entry: Entry) -> bool {
        let Some(place) = entry.0.checked_sub(self.gone) else {
            return false;
        };
        self.waiting[place] = None;
        self.count -= 1;
        while let Some(None) = self.waiting.back() {
            self.waiting.pop_back();
        }
        true
    }

    /// Adds text of a thread, to the last text if that is the thread's own and of the same moment.
    fn text(&mut self, is_error: bool, tid: Option<i32>, more: String) {
        if more.is_empty() {
            return;
        }
        let now = Instant::now();
        let place = self
            .last_text
            .and_then(|entry| entry.0.checked_sub(self.gone));
        if let Some(Some(Event { t, what })) = place.and_then(|place| self.waiting.get_mut(place)) {
            let (text, last, same) = match what {
                What::Out { text, tid } => (text, *tid, !is_error),
                What::Err { text, tid } => (text, *tid, is_error),
                _ => unreachable!("text is never taken back"),
            };
            let age = now.saturating_duration_since(self.started + Duration::from_nanos(*t));
            // Standard error has no buffer: a line comes in pieces.
            if same && last == tid && (age < SAME_PLACE || !text.ends_with('\n')) {
                text.push_str(&more);
                return;
            }
        }
        self.has_text = true;
        let text = more;
        let what = if is_error {
            What::Err { text, tid }
        } else {
            What::Out { text, tid }
        };
        self.last_text = Some(self.add_at(now, what));
    }

    /// When waiting events are to be reported. Text at once, if the last text was long ago.
    pub fn due(&self) -> Option<Instant> {
        if self.has_text {
            return Some(
                self.reported_text
                    .map_or(self.started, |last| last + COALESCE),
            );
        }
        (!self.waiting.is_empty()).then_some(self.reported + COALESCE)
    }

    /// All events that wait.
    pub fn take(&mut self) -> Vec<Event> {
        self.reported = Instant::now();
        if std::mem::take(&mut self.has_text) {
            self.reported_text = Some(self.reported);
        }
        self.gone += self.waiting.len();
        self.waiting.drain(..).flatten().collect()
    }
}

/// One of the two streams of the run's output, and whose bytes are in it: threads that write at the
/// same time are let write one after the other.
pub struct Stream {
    is_error: bool,
    pipe: Option<OwnedFd>,
    /// Device and number of the pipe, by which a descriptor of the run is known to lead to it.
    pub key: (u64, u64),
    cleaner: Cleaner,
    /// The thread that writes at the moment.
    writer: Option<i32>,
    /// Threads that are stopped before their write.
    queue: VecDeque<i32>,
}

impl Stream {
    /// The stream whose read end this is.
    pub fn new(is_error: bool, pipe: OwnedFd) -> Self {
        let key = fstat(&pipe).map_or((0, 0), |stat| (stat.st_dev, stat.st_ino));
        Self {
            is_error,
            pipe: Some(pipe),
            key,
            cleaner: Cleaner::default(),
            writer: None,
            queue: VecDeque::new(),
        }
    }

    /// What to wait for; none after its end.
    pub fn pipe(&self) -> Option<&OwnedFd> {
        self.pipe.as_ref()
    }

    /// A thread is about to write: lets it, or lets it wait for the one that writes.
    pub fn begin(&mut self, tid: i32, log: &mut Log) {
        if self.writer.is_some() {
            self.queue.push_back(tid);
            return;
        }
        self.read(log);
        self.writer = Some(tid);
        sys::resume_to_return(tid);
    }

    /// A thread has written, or is gone.
    pub fn end(&mut self, tid: i32, log: &mut Log) {
        self.queue.retain(|waiting| *waiting != tid);
        if self.writer != Some(tid) {
            return;
        }
        self.read(log);
        self.writer = self.queue.pop_front();
        if let Some(next) = self.writer {
            sys::resume_to_return(next);
        }
    }

    /// Takes in what there is, as the words of the thread that writes.
    pub fn read(&mut self, log: &mut Log) {
        let mut buffer = [0; 64 * 1024];
        while let Some(pipe) = &self.pipe
            && !log.flooded
        {
            match nix::unistd::read(pipe, &mut buffer) {
                Ok(0) => {
                    let rest = self.cleaner.finish().to_owned();
                    log.text(self.is_error, self.writer, rest);
                    self.pipe = None;
                }
                Ok(length) => {
                    let taken = length.min(log.budget);
                    let text = self.cleaner.push(&buffer[..taken]);
                    log.text(self.is_error, self.writer, text);
                    log.flooded |= length > log.budget;
                    log.budget -= taken;
                }
                Err(nix::Error::EINTR) => {}
                Err(nix::Error::EAGAIN) => return,
                Err(_) => self.pipe = None,
            }
        }
    }
}
