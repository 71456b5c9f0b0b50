//! Events become lanes. Exact: nothing is merged, rounded or left out before it is drawn.

use crate::text::clean;
use runner::{Event, On, State, Step, Wait, What, Why};
use std::collections::{BTreeMap, HashMap};

/// The signal that we end runs with.
const KILL: i32 = 9;

/// What is to be drawn of a run. Times are nanoseconds since its first step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// In the order in which they appeared.
    pub processes: Vec<Process>,
    /// Grouped by process, in the order in which they appeared.
    pub lanes: Vec<Lane>,
    /// By time.
    pub edges: Vec<Edge>,
    /// Every line of output in its order; the first is number 1.
    pub lines: Vec<Line>,
    /// The verdict, when nothing could go on.
    pub deadlock: Vec<Wait>,
    /// When the run was over.
    pub total: u64,
    /// Why it was over; none when the events stop before that.
    pub why: Option<Why>,
    /// Status or signal, by `why`.
    pub code: Option<i32>,
}

/// One process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The program that it ran last.
    pub program: String,
    /// The process that made it, by its place in [`Layout::processes`].
    pub parent: Option<usize>,
}

/// One thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// Its number in the events.
    pub tid: i32,
    /// Its place in [`Layout::processes`].
    pub process: usize,
    /// What it is called.
    pub name: Name,
    /// When it began.
    pub start: u64,
    /// When it was gone, or the run over.
    pub end: u64,
    /// How it ended.
    pub ended: Ended,
    /// Without gaps from start to end; none of them is empty, no two neighbours are alike.
    pub segments: Vec<Segment>,
    /// The wait that nothing could end, up to the end of the lane.
    pub stuck: Option<Stuck>,
}

/// What a lane is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// The first thread of a process, unless it gave itself a name.
    Main,
    /// A name of its own.
    Own(String),
    /// A name that several threads of the process have, counted from 1.
    Shared(String, usize),
    /// No name but the one of the thread that made it: the place in its process, from 1.
    Nth(usize),
}

/// A time in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// From here.
    pub from: u64,
    /// To here.
    pub to: u64,
    /// In this state.
    pub state: State,
}

/// How a lane ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// By itself, or with its process.
    Exit,
    /// A signal ended its process, and we did not send it.
    Signal(i32),
    /// It did not: the run was ended, or the events stop.
    Cut,
}

/// One thread acts on another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// When.
    pub at: u64,
    /// The lane that acts.
    pub from: usize,
    /// The other lane.
    pub to: usize,
    /// What it does.
    pub kind: Kind,
}

/// The kinds of edges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// It makes the other.
    Spawn,
    /// It ends, which the other waited for.
    End,
    /// Its bytes are read by the other.
    Data,
    /// It wakes the other.
    Wake,
}

/// A line of output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When its first part was written, within the life of its lane.
    pub at: u64,
    /// Who wrote it, where that is known.
    pub lane: Option<usize>,
    /// What it says.
    pub text: String,
    /// Whether it went to standard error.
    pub is_err: bool,
}

/// A wait that nothing could end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// Since when.
    pub from: u64,
    /// What for.
    pub on: On,
    /// The lane that would have to act: it is joined, or very likely holds the lock.
    pub other: Option<usize>,
}

/// The lanes, edges and lines of one run.
///
/// Steps of a thread that was never spawned are left out: there is no lane to put them on.
pub fn layout(events: &[Event]) -> Layout {
    let mut building = Building::default();
    for event in events {
        building.event(event);
    }
    building.finish()
}

/// A lane that is still being built.
#[derive(Debug)]
struct Open {
    tid: i32,
    process: usize,
    is_main: bool,
    /// As in `/proc`.
    name: String,
    /// Whether the name is its own, and not the one of the thread that made it.
    is_own: bool,
    start: u64,
    segments: Vec<Segment>,
    state: State,
    since: u64,
    exit: Option<(u64, Option<i32>)>,
}

#[derive(Debug, Default)]
struct Building {
    first: Option<u64>,
    /// Of the last step of any thread.
    last: u64,
    /// Of the last event of any kind.
    over: u64,
    processes: Vec<Process>,
    /// Process numbers in the order of `processes`.
    pids: HashMap<i32, usize>,
    lanes: Vec<Open>,
    /// The latest lane of each thread number: the kernel may use one again.
    tids: HashMap<i32, usize>,
    edges: Vec<Edge>,
    lines: Vec<Line>,
    /// Whether the last line of standard output and of standard error is still open, and which it is.
    partial: [Option<usize>; 2],
    deadlock: Vec<Wait>,
    stuck_at: u64,
    why: Option<Why>,
    code: Option<i32>,
}

impl Building {
    fn event(&mut self, event: &Event) {
        if matches!(event.what, What::Ev { .. }) {
            self.first.get_or_insert(event.t);
        }
        let Some(first) = self.first else {
            // What comes before the first thread is the building of the program.
            return;
        };
        let at = event.t.saturating_sub(first);
        match &event.what {
            What::Ev { tid, step } => {
                self.last = self.last.max(at);
                self.step(at, *tid, step);
            }
            What::Out { text, tid } => self.output(at, text, *tid, false),
            What::Err { text, tid } => self.output(at, text, *tid, true),
            What::Deadlock { waits } => {
                self.deadlock.clone_from(waits);
                self.stuck_at = at;
            }
            What::End(end) => {
                self.why = Some(end.why);
                self.code = end.code;
            }
            What::Start { .. } | What::Build { .. } | What::Diag { .. } | What::Timeline { .. } => {
                return;
            }
        }
        self.over = self.over.max(at);
    }

    fn step(&mut self, at: u64, tid: i32, step: &Step) {
        if let Step::Spawn { parent, pid, name } = step {
            return self.spawn(at, tid, *parent, *pid, &clean(name));
        }
        let Some(&lane) = self.tids.get(&tid) else {
            return;
        };
        match step {
            Step::Spawn { .. } => {}
            Step::Name { name } => {
                self.lanes[lane].name = clean(name);
                self.lanes[lane].is_own = true;
            }
            Step::Exec { name } => self.exec(at, lane, &clean(name)),
            Step::State { state } => self.state(at, lane, *state),
            Step::Wake { to } => {
                if let Some(&to) = self.tids.get(to) {
                    self.edge(at, lane, to, Kind::Wake);
                }
            }
            Step::Join { to } => {
                if let Some(&to) = self.tids.get(to) {
                    self.edge(at, lane, to, Kind::End);
                }
            }
            Step::Data { to } => {
                if let Some(&to) = self.tids.get(to) {
                    self.edge(at, lane, to, Kind::Data);
                }
            }
            Step::Exit { signal, .. } => self.exit(at, lane, *signal),
        }
    }

    fn spawn(&mut self, at: u64, tid: i32, parent: Option<i32>, pid: i32, name: &str) {
        let parent = parent.and_then(|parent| self.tids.get(&parent).copied());
        let inherited = parent.is_some_and(|parent| self.lanes[parent].name == name);
        let is_main = tid == pid;
        let known = self.pids.get(&pid).copied().filter(|_| !is_main);
        let process = known.unwrap_or_else(|| {
            let from = parent.map(|parent| self.lanes[parent].process);
            let program = match from {
                Some(from) if inherited => self.processes[from].program.clone(),
                _ => name.to_owned(),
            };
            self.processes.push(Process {
                program,
                parent: from,
            });
            self.pids.insert(pid, self.processes.len() - 1);
            self.processes.len() - 1
        });
        self.tids.insert(tid, self.lanes.len());
        self.lanes.push(Open {
            tid,
            process,
            is_main,
            name: name.to_owned(),
            is_own: !is_main && !inherited && !name.is_empty(),
            start: at,
            segments: Vec::new(),
            state: State::Run,
            since: at,
            exit: None,
        });
        if let Some(parent) = parent {
            self.edge(at, parent, self.lanes.len() - 1, Kind::Spawn);
        }
    }

    fn exec(&mut self, at: u64, lane: usize, name: &str) {
        let process = self.lanes[lane].process;
        name.clone_into(&mut self.processes[process].program);
        name.clone_into(&mut self.lanes[lane].name);
        self.lanes[lane].is_own = false;
        self.lanes[lane].is_main = true;
        for other in 0..self.lanes.len() {
            if other != lane && self.lanes[other].process == process {
                self.exit(at, other, None);
            }
        }
    }

    fn state(&mut self, at: u64, lane: usize, state: State) {
        let open = &self.lanes[lane];
        if open.exit.is_some() {
            return;
        }
        if open.state == State::Wait && state != State::Wait {
            self.reaped(at, lane);
        }
        self.lanes[lane].close(at);
        self.lanes[lane].state = state;
    }

    fn exit(&mut self, at: u64, lane: usize, signal: Option<i32>) {
        let open = &mut self.lanes[lane];
        if open.exit.is_none() {
            open.close(at);
            open.exit = Some((at, signal));
        }
    }

    /// A wait for a child is over: the child that ended last during the wait ended it.
    fn reaped(&mut self, at: u64, lane: usize) {
        let (process, since) = (self.lanes[lane].process, self.lanes[lane].since);
        let mut last: BTreeMap<usize, Option<(u64, usize)>> = BTreeMap::new();
        for (index, open) in self.lanes.iter().enumerate() {
            if self.processes[open.process].parent != Some(process) {
                continue;
            }
            let end = open.exit.map(|(end, _)| (end, index));
            // A process ends with the last of its threads.
            let entry = last.entry(open.process).or_insert(end);
            *entry = entry.zip(end).map(|(one, other)| one.max(other));
        }
        let Some((end, child)) = last
            .into_values()
            .flatten()
            .filter(|(end, _)| (since..=at).contains(end))
            .max()
        else {
            return;
        };
        let is_drawn = |edge: &Edge| {
            matches!(edge.kind, Kind::End | Kind::Wake)
                && (edge.from, edge.to) == (child, lane)
                && edge.at >= since
        };
        if !self.edges.iter().any(is_drawn) {
            self.edge(end, child, lane, Kind::End);
        }
    }

    fn edge(&mut self, at: u64, from: usize, to: usize, kind: Kind) {
        self.edges.push(Edge { at, from, to, kind });
    }

    fn output(&mut self, at: u64, text: &str, tid: Option<i32>, is_err: bool) {
        let lane = tid.and_then(|tid| self.tids.get(&tid).copied());
        for piece in text.split_inclusive('\n') {
            let open = self.partial[usize::from(is_err)];
            let line = open.unwrap_or_else(|| {
                self.lines.push(Line {
                    at,
                    lane,
                    text: String::new(),
                    is_err,
                });
                self.lines.len() - 1
            });
            self.lines[line].text.push_str(piece);
            self.partial[usize::from(is_err)] = (!piece.ends_with('\n')).then_some(line);
        }
    }

    fn finish(mut self) -> Layout {
        // The end of the run is known late: its processes have been waited for. It counts only for
        // threads that had no end of their own.
        let is_open = self.lanes.iter().any(|open| open.exit.is_none());
        let total = match is_open {
            true => self.over,
            false => self.last.max(self.stuck_at),
        };
        let by_us = matches!(
            self.why,
            Some(Why::Deadlock | Why::Timeout | Why::OutputLimit | Why::EventLimit | Why::Stopped)
        );

        let names = self.names();
        let mut order: Vec<usize> = (0..self.lanes.len()).collect();
        order.sort_by_key(|&lane| self.lanes[lane].process);
        let mut place = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old] = new;
        }
        let mut lanes = Vec::new();
        for &old in &order {
            let open = &mut self.lanes[old];
            let end = open.exit.map_or(total, |(end, _)| end);
            if open.exit.is_none() {
                open.close(end);
            }
            lanes.push(Lane {
                tid: open.tid,
                process: open.process,
                name: names[old].clone(),
                start: open.start,
                end,
                ended: match open.exit {
                    None => Ended::Cut,
                    Some((_, Some(KILL))) if by_us => Ended::Cut,
                    Some((_, Some(signal))) => Ended::Signal(signal),
                    Some((_, None)) => Ended::Exit,
                },
                segments: std::mem::take(&mut open.segments),
                stuck: None,
            });
        }
        for edge in &mut self.edges {
            edge.from = place[edge.from];
            edge.to = place[edge.to];
        }
        self.edges.sort_by_key(|edge| edge.at);
        for line in &mut self.lines {
            line.text = clean(&line.text);
            line.lane = line.lane.map(|lane| place[lane]);
            // Output may come out of its pipe after the thread that wrote it has gone.
            line.at = match line.lane {
                Some(lane) => line.at.clamp(lanes[lane].start, lanes[lane].end),
                None => line.at.min(total),
            };
        }
        let lane_of = |tid: i32| self.tids.get(&tid).map(|&lane| place[lane]);
        for wait in &self.deadlock {
            let Some(lane) = lane_of(wait.tid) else {
                continue;
            };
            let last = lanes[lane].segments.last();
            let from = match last {
                Some(last) if last.state != State::Run => last.from,
                _ => self.stuck_at.min(lanes[lane].end),
            };
            let other = match &wait.on {
                On::Mutex { held_by, .. } | On::Futex { held_by, .. } => *held_by,
                On::Join { of } => Some(*of),
                On::Child { of } => *of,
                On::Pipe { .. } => None,
            };
            lanes[lane].stuck = Some(Stuck {
                from,
                on: wait.on.clone(),
                other: other.and_then(lane_of),
            });
        }
        Layout {
            processes: self.processes,
            lanes,
            edges: self.edges,
            lines: self.lines,
            deadlock: self.deadlock,
            total,
            why: self.why,
            code: self.code,
        }
    }

    /// The name of each lane, in the order in which they appeared.
    fn names(&self) -> Vec<Name> {
        let mut threads = vec![0; self.processes.len()];
        let mut bearers: HashMap<(usize, &str), usize> = HashMap::new();
        let own = |open: &&Open| open.is_own && !open.name.is_empty();
        for open in self.lanes.iter().filter(own) {
            *bearers.entry((open.process, &open.name)).or_default() += 1;
        }
        let mut seen: HashMap<(usize, &str), usize> = HashMap::new();
        let mut names = Vec::new();
        for open in &self.lanes {
            threads[open.process] += 1;
            let key = (open.process, open.name.as_str());
            names.push(if !own(&open) {
                match open.is_main {
                    true => Name::Main,
                    false => Name::Nth(threads[open.process]),
                }
            } else if bearers[&key] > 1 {
                let count = seen.entry(key).or_default();
                *count += 1;
                Name::Shared(open.name.clone(), *count)
            } else {
                Name::Own(open.name.clone())
            });
        }
        names
    }
}

impl Open {
    /// Ends the state that it is in.
    fn close(&mut self, at: u64) {
        let at = at.max(self.since);
        if at > self.since {
            match self.segments.last_mut() {
                Some(last) if last.state == self.state => last.to = at,
                _ => self.segments.push(Segment {
                    from: self.since,
                    to: at,
                    state: self.state,
                }),
            }
        }
        self.since = at;
    }
}

impl Layout {
    /// When the first thing happened that is seen: until then the first thread did nothing but run.
    pub fn first_seen(&self) -> u64 {
        self.seen().min().unwrap_or(0)
    }

    /// When the last thing happened that is seen: from then on whoever is left did nothing but run, and
    /// ended.
    pub fn last_seen(&self) -> u64 {
        self.seen().max().unwrap_or(self.total)
    }

    /// The times of all that is seen to happen, but for the beginning of the run and its end.
    fn seen(&self) -> impl Iterator<Item = u64> {
        let changes = self.lanes.iter().flat_map(|lane| {
            let inner = lane.segments.iter().skip(1).map(|segment| segment.from);
            inner.chain([lane.start, lane.end])
        });
        let changes = changes.filter(|&at| at > 0 && at < self.total);
        let edges = self.edges.iter().map(|edge| edge.at);
        changes
            .chain(edges)
            .chain(self.lines.iter().map(|line| line.at))
    }

    /// Since when no thread of a deadlocked set moved any more.
    pub fn stuck_since(&self) -> Option<u64> {
        let stuck = self.lanes.iter().filter_map(|lane| lane.stuck.as_ref());
        stuck.map(|stuck| stuck.from).max()
    }
}
