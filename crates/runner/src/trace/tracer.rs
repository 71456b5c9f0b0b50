//! The tracer: what the stops of a run's threads mean for its time line.
//!
//! A watched call costs one stop, or two when it may wait: at its entry and at its return. What proved
//! to be no wait is taken back.

use super::calls::{Call, Cause, Returned, is_restart};
use super::deadlock;
use super::files::{File, Pipes};
use super::log::{Log, Stream};
use super::start::Started;
use super::sys::{self, Registers, Stop};
use super::tasks::{Process, TASKS, Task, Tasks, Wait};
use crate::event::{Event, State, Step, What, Why};
use crate::reaper::kill_everything;
use crate::spec::Spec;
use nix::unistd::Pid;
use std::collections::{HashSet, VecDeque};
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::{Duration, Instant};

/// A wait this short is none: the call found what it wanted.
const SHORT: Duration = Duration::from_micros(50);
/// How long threads that stop all the time may keep output, time and client from getting a look.
const BUSY: Duration = Duration::from_millis(1);
/// Bytes read within this time are one text.
const SAME_TEXT: Duration = Duration::from_millis(1);
/// How long the end of a killed run is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a traced run has to do with the world.
pub struct World<'a> {
    /// Its end stops the run.
    pub client: BorrowedFd<'a>,
    /// Readable when a signal came that may stop the run.
    pub wake: BorrowedFd<'a>,
    /// Whether a signal did.
    pub stopped: &'a dyn Fn() -> bool,
    /// Takes events; false when nobody reads them any more.
    pub report: &'a mut dyn FnMut(Vec<Event>) -> bool,
}

/// How a traced run ended.
pub struct Ended {
    /// When it had started.
    pub started: Instant,
    /// Why.
    pub why: Why,
    /// Exit status or signal.
    pub code: Option<i32>,
    /// Processes that it left behind.
    pub leftovers: u32,
}

/// Lets a program run, reports what its threads do, and leaves nothing of it.
pub fn watch(started: Started, spec: &Spec, world: &mut World<'_>) -> Ended {
    let mut tracer = Tracer::new(started, spec);
    let (why, code) = tracer.watch(spec, world);
    let leftovers = tracer.kill(matches!(why, Why::Exit | Why::Signal));
    for stream in &mut tracer.streams {
        stream.read(&mut tracer.log);
    }
    // What it printed in its last moment counts as well.
    let (why, code) = match why {
        Why::Exit | Why::Signal if tracer.log.is_flooded() => (Why::OutputLimit, None),
        _ => (why, code),
    };
    (world.report)(tracer.log.take());
    Ended {
        started: tracer.log.started(),
        why,
        code,
        leftovers,
    }
}

struct Tracer {
    main: i32,
    tasks: Tasks,
    /// New threads that stopped before the event of their maker.
    early: HashSet<i32>,
    /// Those that were killed before it.
    stillborn: HashSet<i32>,
    pipes: Pipes,
    streams: [Stream; 2],
    log: Log,
    verdict: deadlock::Watch,
    /// What is still to be handled.
    stops: VecDeque<(i32, Stop)>,
    ended: Option<(Why, Option<i32>)>,
}

impl Tracer {
    fn new(started: Started, spec: &Spec) -> Self {
        let pid = started.pid;
        let streams = [
            Stream::new(false, started.stdout),
            Stream::new(true, started.stderr),
        ];
        let mut tracer = Self {
            main: pid,
            tasks: Tasks::default(),
            early: HashSet::new(),
            stillborn: HashSet::new(),
            pipes: Pipes::new(streams[0].key),
            streams,
            log: Log::new(spec.output_bytes),
            verdict: deadlock::Watch::new(Instant::now()),
            stops: VecDeque::new(),
            ended: None,
        };
        tracer.tasks.processes.insert(pid, Process::default());
        tracer.add(pid, None, pid, comm(pid));
        sys::resume(pid, 0);
        tracer
    }

    fn add(&mut self, tid: i32, parent: Option<i32>, pid: i32, name: String) {
        self.tasks.threads.insert(tid, Task::new(pid, name.clone()));
        self.log.step(tid, Step::Spawn { parent, pid, name });
        if self.tasks.threads.len() > TASKS {
            self.ended = Some((Why::EventLimit, None));
        }
    }

    /// Takes in all stops that there are; false when there is nobody left.
    fn collect(&mut self) -> bool {
        loop {
            match sys::next_stop(false) {
                Ok(Some(stop)) => self.stops.push_back(stop),
                Ok(None) => return true,
                Err(nix::Error::EINTR) => {}
                Err(_) => return false,
            }
        }
    }

    /// Reports until there is a reason to end the run.
    fn watch(&mut self, spec: &Spec, world: &mut World<'_>) -> (Why, Option<i32>) {
        let deadline = self.log.started() + Duration::from_millis(spec.wall_ms);
        let mut looked = Instant::now();
        loop {
            // All that are stopped at the moment have their turn before any of them comes again: the
            // kernel tells of the youngest first, and would keep the others waiting.
            self.collect();
            let pending = !self.stops.is_empty();
            while self.ended.is_none()
                && let Some((tid, stop)) = self.stops.pop_front()
            {
                self.stop(tid, stop);
            }
            let mut now = Instant::now();
            if pending {
                self.verdict.stir(now);
            } else {
                self.adopt();
                if let Some(found) = self.verdict.look(now, &self.tasks, &self.pipes) {
                    if let Some(waits) = found.news {
                        self.log.add(What::Deadlock { waits });
                    }
                    if found.is_whole {
                        self.ended.get_or_insert((Why::Deadlock, None));
                    }
                }
            }
            if let Some(ended) = self.ended {
                return ended;
            }
            if self.log.is_full() {
                return (Why::EventLimit, None);
            }
            if pending && looked.elapsed() < BUSY {
                continue;
            }
            now = now.max(Instant::now());
            looked = now;
            let mut next = deadline;
            if let Some(due) = self.log.due() {
                if due <= now {
                    if !(world.report)(self.log.take()) {
                        return (Why::Stopped, None);
                    }
                } else {
                    next = next.min(due);
                }
            }
            next = self
                .verdict
                .next(&self.tasks)
                .map_or(next, |look| next.min(look));
            let timeout = if pending {
                Duration::ZERO
            } else {
                next.saturating_duration_since(now)
            };
            if let Some(ended) = self.wait(timeout, world) {
                return ended;
            }
            if self.log.is_flooded() {
                return (Why::OutputLimit, None);
            }
            if Instant::now() >= deadline {
                return (Why::Timeout, None);
            }
        }
    }

    /// Waits for a stop, for output, or for the client's word.
    fn wait(&mut self, timeout: Duration, world: &World<'_>) -> Option<(Why, Option<i32>)> {
        let streams = self.streams.each_ref().map(|stream| stream.pipe());
        // A negative number is passed over.
        let number = |fd: Option<&std::os::fd::OwnedFd>| fd.map_or(-1, AsRawFd::as_raw_fd);
        let mut fds = [
            world.client.as_raw_fd(),
            world.wake.as_raw_fd(),
            number(streams[0]),
            number(streams[1]),
        ]
        .map(|fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        });
        sys::poll_or_child(&mut fds, timeout);
        let mut scrap = [0; 512];
        if fds[1].revents != 0 {
            while nix::unistd::read(world.wake, &mut scrap).is_ok_and(|length| length > 0) {}
        }
        for (stream, fd) in self.streams.iter_mut().zip(&fds[2..]) {
            if fd.revents != 0 {
                stream.read(&mut self.log);
            }
        }
        let client_gone = fds[0].revents != 0
            && nix::unistd::read(world.client, &mut scrap).is_ok_and(|length| length == 0);
        (client_gone || (world.stopped)()).then_some((Why::Stopped, None))
    }

    fn stop(&mut self, tid: i32, stop: Stop) {
        match stop {
            Stop::Call => self.call(tid),
            Stop::Return => self.returned(tid),
            Stop::Made(made) => {
                let pid = self.tasks.process_of_new(made, tid);
                self.made(made, Some(tid), pid);
                sys::resume(tid, 0);
            }
            Stop::Exec => {
                self.exec(tid);
                sys::resume(tid, 0);
            }
            Stop::Exiting => {
                self.exiting(tid);
                sys::resume(tid, 0);
            }
            // The rest of its story needs its maker's event, which may come later than this.
            Stop::Fresh if !self.tasks.threads.contains_key(&tid) => drop(self.early.insert(tid)),
            Stop::Fresh => sys::resume(tid, 0),
            Stop::Group => sys::listen(tid),
            Stop::Signal(signal) => sys::resume(tid, signal),
            Stop::Exited(code) => self.gone(tid, Some(code), None),
            Stop::Killed(signal) => self.gone(tid, None, Some(signal)),
        }
    }

    fn made(&mut self, tid: i32, maker: Option<i32>, pid: i32) {
        let maker_task = maker.and_then(|maker| self.tasks.threads.get(&maker));
        let name = maker_task.map_or_else(|| comm(tid), |task| task.name.clone());
        if pid == tid {
            let parent = maker_task.map(|task| task.pid);
            let process = Process {
                parent,
                ..Process::default()
            };
            self.tasks.processes.insert(pid, process);
        }
        self.add(tid, maker, pid, name);
        if self.early.remove(&tid) {
            sys::resume(tid, 0);
        }
        if self.stillborn.remove(&tid) {
            self.gone(tid, None, Some(libc::SIGKILL));
        }
    }

    /// A new thread whose maker was killed before it could tell of it must not wait for ever. All
    /// stops have been seen when this is called.
    fn adopt(&mut self) {
        for tid in std::mem::take(&mut self.early) {
            let status = std::fs::read_to_string(format!("/proc/{tid}/status")).unwrap_or_default();
            let number = |key: &str| {
                let line = status.lines().find_map(|line| line.strip_prefix(key))?;
                line.trim().parse::<i32>().ok()
            };
            let Some(pid) = number("Tgid:") else {
                continue;
            };
            let maker = if pid == tid {
                number("PPid:")
            } else {
                Some(pid)
            };
            if maker.is_some_and(|maker| self.tasks.processes.contains_key(&maker)) {
                self.early.insert(tid);
            } else {
                self.made(tid, None, pid);
                sys::resume(tid, 0);
            }
        }
    }

    fn call(&mut self, tid: i32) {
        let (Some(registers), Some(task)) = (sys::registers(tid), self.tasks.threads.get_mut(&tid))
        else {
            return sys::resume(tid, 0);
        };
        let call = match task.interrupted.take() {
            Some(cause) if is_restart(&registers) => Call::Wait(cause),
            _ => Call::of(task.pid, &registers),
        };
        let process = self.tasks.processes.entry(task.pid).or_default();
        match call {
            Call::Wait(cause) => return self.begin(tid, cause, registers),
            Call::SocketPair { numbers } => {
                task.socket_pair = Some(numbers);
                return sys::resume_to_return(tid);
            }
            Call::Wake { futex, count } => self.tasks.wake(tid, futex, count),
            Call::Name(name) if name != task.name => {
                task.name.clone_from(&name);
                self.log.step(tid, Step::Name { name });
            }
            Call::Timer => process.has_timer = true,
            Call::SocketTimeout => process.has_socket_timeout = true,
            Call::Name(_) | Call::Nothing => {}
        }
        sys::resume(tid, 0);
    }

    /// A thread makes a call that may wait.
    fn begin(&mut self, tid: i32, cause: Cause, registers: Registers) {
        let mut files = [None, None];
        let mut output = None;
        if let Cause::Io(io) = cause {
            files = [io.from, io.to].map(|fd| fd.map(|fd| File::of(tid, fd)));
            if files.iter().flatten().all(|file| *file == File::Plain) {
                return sys::resume(tid, 0);
            }
            if let Some(to) = files[1] {
                let is_output = |stream: &Stream| to.key() == Some(stream.key);
                output = self.streams.iter().position(is_output);
                if output.is_none() {
                    self.pipes.write(to, tid, io.length);
                }
            }
        }
        let entry = output.is_none().then(|| self.log.state(tid, cause.state()));
        if let Some(task) = self.tasks.threads.get_mut(&tid) {
            task.wait = Some(Wait {
                cause,
                files,
                since: Instant::now(),
                entry,
                registers,
                woken: false,
            });
        }
        match output {
            Some(stream) => self.streams[stream].begin(tid, &mut self.log),
            None => sys::resume_to_return(tid),
        }
    }

    fn returned(&mut self, tid: i32) {
        if let Some(registers) = sys::registers(tid) {
            self.end(tid, Returned::of(&registers));
        }
        sys::resume(tid, 0);
    }

    /// The call of a thread has returned.
    fn end(&mut self, tid: i32, returned: Returned) {
        let Some(task) = self.tasks.threads.get_mut(&tid) else {
            return;
        };
        if let Some(numbers) = task.socket_pair.take() {
            self.pipes.paired(tid, numbers);
        }
        let Some(wait) = task.wait.take() else {
            return;
        };
        if returned == Returned::Again {
            task.interrupted = Some(wait.cause.clone());
        }
        let mut waited = wait.since.elapsed() >= SHORT;
        match &wait.cause {
            Cause::Io(io) => {
                let [from, to] = wait.files;
                let bytes = match returned {
                    Returned::Value(bytes) => bytes,
                    Returned::Failed(_) | Returned::Again => 0,
                };
                if let Some(to) = to {
                    if wait.entry.is_some() {
                        self.pipes.wrote(to, tid, io.length, bytes);
                    }
                    for stream in &mut self.streams {
                        stream.end(tid, &mut self.log);
                    }
                }
                if !waited {
                    self.settle(tid, &wait, false);
                }
                for writer in from.map_or(Vec::new(), |from| self.pipes.read(from, bytes)) {
                    self.bring(writer, tid, waited);
                }
                if waited {
                    self.settle(tid, &wait, true);
                }
                return;
            }
            Cause::Futex { futex, .. } => match returned {
                Returned::Value(_) => {
                    waited = true;
                    if !wait.woken
                        && let Some(by) = self.tasks.woken(*futex, wait.since)
                    {
                        self.woke(by, tid);
                    }
                }
                // The value was another one already.
                Returned::Failed(libc::EAGAIN) => waited = false,
                Returned::Failed(_) | Returned::Again => {}
            },
            Cause::Child { .. } | Cause::Other(_) => {}
        }
        self.settle(tid, &wait, waited);
    }

    /// A thread goes on after a wait, or after a call that proved to be none.
    fn settle(&mut self, tid: i32, wait: &Wait, waited: bool) {
        if let Some(entry) = wait.entry
            && (waited || !self.log.take_back(entry))
        {
            self.log.state(tid, State::Run);
        }
    }

    /// Bytes came from one thread to another. Many small parts of one text are one arrow.
    fn bring(&mut self, from: i32, to: i32, waited: bool) {
        let Some(task) = self.tasks.threads.get_mut(&to) else {
            return;
        };
        let last = task.last_data.filter(|(last, _)| *last == from);
        let is_same = last.is_some_and(|(_, at)| !waited && at.elapsed() < SAME_TEXT);
        if from != to && !is_same {
            task.last_data = Some((from, Instant::now()));
            self.log.step(from, Step::Data { to });
        }
    }

    fn woke(&mut self, by: i32, to: i32) {
        let lives = self.tasks.threads.get(&by).is_some_and(|task| !task.over);
        if lives && by != to {
            self.log.step(by, Step::Wake { to });
        }
    }

    /// The process is another program. Whichever thread called exec, the first one goes on.
    fn exec(&mut self, pid: i32) {
        for stream in &mut self.streams {
            stream.end(pid, &mut self.log);
        }
        for other in self.tasks.others(pid, pid) {
            self.finish(other, None, None);
            self.forget(other);
        }
        let name = comm(pid);
        let Some(task) = self.tasks.threads.get_mut(&pid) else {
            return;
        };
        let wait = task.wait.take();
        task.interrupted = None;
        task.name.clone_from(&name);
        // Its first thread was waiting when another one called exec.
        if let Some(wait) = wait {
            self.settle(pid, &wait, true);
        }
        self.log.step(pid, Step::Exec { name });
    }

    fn exiting(&mut self, tid: i32) {
        for stream in &mut self.streams {
            stream.end(tid, &mut self.log);
        }
        let Some(task) = self.tasks.threads.get_mut(&tid) else {
            return;
        };
        task.wait = None;
        // The end of a process is the end of its first thread, which is told by the last of all
        // stops, with the status.
        if task.pid != tid {
            self.finish(tid, None, None);
        }
    }

    /// The last step of a thread, and whom it lets go on.
    fn finish(&mut self, tid: i32, code: Option<i32>, signal: Option<i32>) {
        let Some(task) = self.tasks.threads.get_mut(&tid) else {
            return;
        };
        if task.over {
            return;
        }
        let pid = task.pid;
        task.wait = None;
        for sleeper in self.tasks.last_wakes(tid) {
            self.woke(tid, sleeper);
        }
        let mut waited_for_it = self.tasks.joiners(tid, pid);
        if tid == pid {
            waited_for_it.extend(self.tasks.waiter(pid));
        }
        for to in waited_for_it {
            self.log.step(tid, Step::Join { to });
        }
        if let Some(task) = self.tasks.threads.get_mut(&tid) {
            task.over = true;
        }
        self.log.step(tid, Step::Exit { code, signal });
    }

    fn gone(&mut self, tid: i32, code: Option<i32>, signal: Option<i32>) {
        if self.early.remove(&tid) {
            self.stillborn.insert(tid);
        }
        if self.tasks.processes.contains_key(&tid) {
            self.finish(tid, code, signal);
            self.tasks.processes.remove(&tid);
        } else {
            self.finish(tid, None, None);
        }
        self.forget(tid);
        if tid == self.main {
            self.ended = Some(match code {
                Some(_) => (Why::Exit, code),
                None => (Why::Signal, signal),
            });
        }
    }

    fn forget(&mut self, tid: i32) {
        self.tasks.threads.remove(&tid);
        for stream in &mut self.streams {
            stream.end(tid, &mut self.log);
        }
    }

    /// Kills what is left; how many processes that were, with those that had ended and that nobody
    /// had waited for.
    fn kill(&mut self, ended_itself: bool) -> u32 {
        let mut leftovers = 0;
        let mut alive: HashSet<i32> = self.tasks.processes.keys().copied().collect();
        alive.extend(self.early.drain());
        let mut killed = HashSet::from([self.main]);
        for pid in &alive {
            kill(*pid);
        }
        alive.remove(&self.main);
        let deadline = Instant::now() + PATIENCE;
        loop {
            let some_left = self.collect();
            if self.stops.is_empty() && (!some_left || Instant::now() > deadline) {
                break;
            }
            if self.stops.is_empty() {
                sys::poll_or_child(&mut [], Duration::from_millis(5));
            }
            for (tid, stop) in std::mem::take(&mut self.stops) {
                if !matches!(stop, Stop::Exited(_) | Stop::Killed(_)) {
                    if let Stop::Made(made) = stop {
                        let pid = self.tasks.process_of_new(made, tid);
                        self.tasks
                            .threads
                            .insert(made, Task::new(pid, String::new()));
                    }
                    // Killed while it is stopped, it would stay stopped before its end.
                    kill(tid);
                    sys::resume(tid, 0);
                    continue;
                }
                let is_thread = self.tasks.threads.get(&tid).is_some_and(|t| t.pid != tid);
                let was_alive = alive.remove(&tid);
                // A process is told of twice when it has become a child of ours: as traced, and when
                // its parent is gone.
                let is_news = killed.insert(tid);
                if was_alive || (is_news && ended_itself && !is_thread) {
                    leftovers += 1;
                }
            }
        }
        leftovers + kill_everything(Pid::from_raw(self.main), false)
    }
}

fn kill(pid: i32) {
    let _ = nix::sys::signal::kill(Pid::from_raw(pid), nix::sys::signal::Signal::SIGKILL);
}

/// A thread's name.
fn comm(tid: i32) -> String {
    let name = std::fs::read_to_string(format!("/proc/{tid}/comm")).unwrap_or_default();
    name.trim_end_matches('\n').to_owned()
}
