//! A run becomes a recording: compact, and with nothing of the machine that it ran on.

use runner::{Event, On, State, Step, What};
use std::collections::{BTreeMap, HashMap};

/// How many steps of time a recording tells apart at least: a drawing has fewer pixels.
const STEPS: u64 = 1000;
/// Digits that a time keeps, where that tells more apart.
const DIGITS: u32 = 3;

/// The events of a run as they are kept under version control.
///
/// - Threads and processes are numbered from 1 in the order in which they appear.
/// - Times are rounded down: to a thousandth of the run, or to three digits where that is finer.
/// - States that are left no time by that, or that a thread is in already, go.
/// - What says nothing of the run itself goes: `start`, `build`, `diag`, `timeline`.
/// - Output, names and places in the source stay as they are.
///
/// A recording of a recording is the same.
pub fn normalise(events: &[Event]) -> Vec<Event> {
    let kept = |event: &&Event| {
        !matches!(
            event.what,
            What::Start { .. } | What::Build { .. } | What::Diag { .. } | What::Timeline { .. }
        )
    };
    let last = events.iter().filter(kept).map(|event| event.t).max();
    let step = round_step(last.unwrap_or(0) / STEPS);
    let mut numbers = Numbers::default();
    let events: Vec<_> = events
        .iter()
        .filter(kept)
        .map(|event| Event {
            t: rounded(event.t, step),
            what: numbered(&mut numbers, &event.what),
        })
        .collect();
    without_idle_states(events)
}

/// The largest of 1, 2, 5, 10, 20, 50, ... that is no larger; 1 for 0.
fn round_step(most: u64) -> u64 {
    let power = 10u64.pow(most.max(1).ilog10());
    match most / power {
        0 | 1 => power,
        2..=4 => 2 * power,
        _ => 5 * power,
    }
}

/// Rounded down to the finer of a step and three digits.
///
/// Down, because that can take a time into no other decade, nor the whole run to another step: what
/// is rounded once stays as it is. And since each step divides the next power of ten, no two times
/// change places.
fn rounded(t: u64, step: u64) -> u64 {
    let digits = 10u64.pow((t.max(1).ilog10() + 1).saturating_sub(DIGITS));
    t - t % step.min(digits)
}

/// Small numbers in place of the kernel's.
#[derive(Debug, Default)]
struct Numbers(HashMap<i32, i32>);

impl Numbers {
    fn of(&mut self, kernels: i32) -> i32 {
        let next = i32::try_from(self.0.len() + 1).expect("fewer threads than numbers of them");
        *self.0.entry(kernels).or_insert(next)
    }
}

fn numbered(numbers: &mut Numbers, what: &What) -> What {
    let mut what = what.clone();
    let mut each = |number: &mut i32| *number = numbers.of(*number);
    match &mut what {
        What::Out { tid, .. } | What::Err { tid, .. } => tid.iter_mut().for_each(each),
        What::Ev { tid, step } => {
            each(tid);
            match step {
                Step::Spawn { parent, pid, .. } => {
                    parent.iter_mut().for_each(&mut each);
                    each(pid);
                }
                Step::Wake { to } | Step::Join { to } | Step::Data { to } => each(to),
                Step::Name { .. } | Step::Exec { .. } | Step::State { .. } | Step::Exit { .. } => {}
            }
        }
        What::Deadlock { waits } => {
            for wait in waits {
                each(&mut wait.tid);
                match &mut wait.on {
                    On::Mutex { held_by: of, .. } | On::Futex { held_by: of, .. } => {
                        of.iter_mut().for_each(&mut each);
                    }
                    On::Join { of } => each(of),
                    On::Child { of } => of.iter_mut().for_each(&mut each),
                    On::Pipe { .. } => {}
                }
            }
        }
        What::End(end) => end.wall_ms = rounded(end.wall_ms, u64::MAX),
        What::Start { .. } | What::Build { .. } | What::Diag { .. } | What::Timeline { .. } => {}
    }
    what
}

/// The events without states that last no time and without states that change nothing.
fn without_idle_states(events: Vec<Event>) -> Vec<Event> {
    // The last state of each thread at each time is the one that lasts.
    let mut lasting: BTreeMap<(i32, u64), usize> = BTreeMap::new();
    for (index, event) in events.iter().enumerate() {
        if let Some((tid, _)) = state_of(event) {
            lasting.insert((tid, event.t), index);
        }
    }
    let mut now: HashMap<i32, State> = HashMap::new();
    let mut kept = Vec::with_capacity(events.len());
    for (index, event) in events.into_iter().enumerate() {
        if let What::Ev {
            tid,
            step: Step::Spawn { .. },
        } = event.what
        {
            now.insert(tid, State::Run);
        }
        if let Some((tid, state)) = state_of(&event) {
            let lasts = lasting[&(tid, event.t)] == index;
            if !lasts || now.insert(tid, state) == Some(state) {
                continue;
            }
        }
        kept.push(event);
    }
    kept
}

fn state_of(event: &Event) -> Option<(i32, State)> {
    match event.what {
        What::Ev {
            tid,
            step: Step::State { state },
        } => Some((tid, state)),
        _ => None,
    }
}
