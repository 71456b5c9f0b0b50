//! The body of `book __run`: one process that starts one program, reports what it prints as it prints
//! it, and leaves nothing of it behind.

use crate::clean::Cleaner;
use crate::diagnostic::Diagnostic;
use crate::environment::{compiler_environment, environment};
use crate::event::{End, Event, What, Why};
use crate::limits::{FILE_BYTES, Limits};
use crate::reaper::{Reaped, Status, kill_everything, reap};
use crate::scratch::Scratch;
use crate::spec::{Setting, Source, Spec};
#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
use crate::trace;
use anyhow::{Context, Result};
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use nix::unistd::{Pid, setsid};
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Output within this time of the last report is reported together.
pub(crate) const COALESCE: Duration = Duration::from_millis(30);
/// Set to `off`, this variable makes every traced run fail, and with it [`crate::self_test`].
const TRACE_SWITCH: &str = "BOOK_TRACE";

/// Supervises one run: the [`Spec`] comes as the first line of standard input, events go to standard
/// output, and the end of standard input stops the run.
///
/// Takes over signals and children of the calling process, which must have one thread only and must
/// end with the returned code: success whenever an `end` event was written.
pub fn supervise() -> ExitCode {
    match supervise_stdin() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the supervisor of a run failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn supervise_stdin() -> Result<()> {
    // No terminal, and no share of a core with the client's session. Here and not in the program, for
    // a new session waits for a core where many want one. It fails for whoever has one already.
    let _ = setsid();
    die_with_the_client()?;
    let wake = wake_on_signals()?;
    let mut line = String::new();
    let length = io::stdin()
        .read_line(&mut line)
        .context("the specification on standard input cannot be read")?;
    if length == 0 {
        // Started ahead of time, and not needed.
        return Ok(());
    }
    let spec: Spec = serde_json::from_str(&line).context("the specification is not valid")?;
    Run::new(&spec).supervise(&spec, &wake);
    Ok(())
}

/// Makes this process adopt the orphans of the run, and stops it when its client is gone. SIGTERM,
/// not SIGKILL: the supervisor must live on for a moment, or orphans in sessions of their own would
/// outlive it. A client that is gone already shows as the end of standard input.
fn die_with_the_client() -> Result<()> {
    #[cfg(target_os = "linux")]
    {
        use nix::sys::prctl::{set_child_subreaper, set_pdeathsig};
        let client = nix::unistd::getppid();
        set_child_subreaper(true).context("orphans of the run cannot be adopted")?;
        set_pdeathsig(Signal::SIGTERM).context("the death of the client cannot be watched")?;
        anyhow::ensure!(nix::unistd::getppid() == client, "the client is gone");
    }
    Ok(())
}

/// Set by the signals that ask this process to end.
static STOP: AtomicBool = AtomicBool::new(false);
/// The write end of the pipe that `poll` watches, so that a signal ends its wait.
static WAKE: AtomicI32 = AtomicI32::new(-1);

extern "C" fn on_signal(signal: libc::c_int) {
    if signal != libc::SIGCHLD {
        STOP.store(true, Relaxed);
    }
    // SAFETY: write is async-signal-safe; the descriptor is open for the life of the process. A full
    // pipe loses nothing: one byte is enough to wake. errno is the interrupted code's to keep.
    unsafe {
        let errno = *errno_location();
        libc::write(WAKE.load(Relaxed), [0_u8].as_ptr().cast(), 1);
        *errno_location() = errno;
    }
}

/// Where this thread keeps `errno`.
unsafe fn errno_location() -> *mut libc::c_int {
    #[cfg(target_os = "linux")]
    // SAFETY: always callable, and the pointer is valid for the life of the thread.
    unsafe {
        libc::__errno_location()
    }
    #[cfg(not(target_os = "linux"))]
    // SAFETY: as above.
    unsafe {
        libc::__error()
    }
}

/// A pipe that becomes readable at each signal that matters.
fn wake_on_signals() -> Result<OwnedFd> {
    let (read, write) = nix::unistd::pipe().context("a pipe cannot be made")?;
    for end in [&read, &write] {
        set_nonblocking(end)?;
        fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    }
    WAKE.store(write.as_raw_fd(), Relaxed);
    // Open for the life of the process: a handler may run at any time.
    std::mem::forget(write);
    let action = SigAction::new(
        SigHandler::Handler(on_signal),
        SaFlags::SA_RESTART,
        SigSet::empty(),
    );
    for signal in [
        Signal::SIGCHLD,
        Signal::SIGTERM,
        Signal::SIGINT,
        Signal::SIGHUP,
    ] {
        // SAFETY: the handler is async-signal-safe, see there.
        unsafe { sigaction(signal, &action) }.context("a signal cannot be handled")?;
    }
    Ok(read)
}

pub(crate) fn set_nonblocking(fd: impl AsFd) -> nix::Result<()> {
    let flags = OFlag::from_bits_truncate(fcntl(fd.as_fd(), FcntlArg::F_GETFL)?);
    fcntl(fd.as_fd(), FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK)).map(|_| ())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stream {
    Out,
    Err,
}

/// One run and what is still to be reported of it.
struct Run {
    started: Instant,
    /// Bytes that it may still print.
    budget: usize,
    /// Whether it printed more. The last allowed byte is no offence; the one after it is.
    flooded: bool,
    cleaners: [Cleaner; 2],
    /// Text that waits for its report, in the order in which it came.
    pending: Vec<(Stream, String)>,
    reported: Option<Instant>,
    /// Whether somebody still reads the reports.
    heard: bool,
    /// What the compiler has begun to say, while it runs.
    compiler: Option<String>,
}

impl Run {
    fn new(spec: &Spec) -> Self {
        Self {
            started: Instant::now(),
            budget: spec.output_bytes,
            flooded: false,
            cleaners: Default::default(),
            pending: Vec::new(),
            reported: None,
            heard: true,
            compiler: None,
        }
    }

    fn supervise(mut self, spec: &Spec, wake: &OwnedFd) {
        if spec.source.is_none() {
            let run = spec.run.clone();
            self.report_at(0, What::Start { run });
            self.started = Instant::now();
        }
        let (why, code, leftovers) = match spec.setting {
            Setting::Listing => match Scratch::new(true) {
                Ok(scratch) => {
                    let ended = self.run_in(Some(&scratch), spec, wake);
                    scratch.wipe();
                    ended
                }
                Err(error) => self.failed_to_start(&spec.program, &error),
            },
            Setting::Tool { .. } => self.run_in(None, spec, wake),
        };
        self.end(why, code, leftovers);
    }

    /// Compiles the program, if need be, and runs it: why and how it ended, and what it left behind.
    fn run_in(
        &mut self,
        scratch: Option<&Scratch>,
        spec: &Spec,
        wake: &OwnedFd,
    ) -> (Why, Option<i32>, u32) {
        let mut program = spec.program.clone();
        if let (Some(source), Some(scratch)) = (&spec.source, scratch) {
            match self.compile(&spec.run, &program, source, scratch, wake) {
                Ok(compiled) => program = compiled,
                Err(why) => {
                    self.flush();
                    return (why, None, 0);
                }
            }
            *self = Self {
                heard: self.heard,
                ..Self::new(spec)
            };
            let run = spec.run.clone();
            self.report_at(0, What::Start { run });
            self.started = Instant::now();
        }
        match Program::start(spec, &program, scratch) {
            Ok(Program::Plain(mut child)) => self.see_through(&mut child, spec.wall_ms, wake),
            #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
            Ok(Program::Traced(started)) => self.see_through_traced(spec, wake, started),
            Err(error) => self.failed_to_start(&program, &error),
        }
    }

    /// Watches a traced program to its end, and reports what its threads do.
    #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
    fn see_through_traced(
        &mut self,
        spec: &Spec,
        wake: &OwnedFd,
        program: trace::Started,
    ) -> (Why, Option<i32>, u32) {
        let stdin = io::stdin();
        let ended = trace::watch(
            program,
            spec,
            &mut trace::World {
                client: stdin.as_fd(),
                wake: wake.as_fd(),
                stopped: &|| STOP.load(Relaxed),
                report: &mut |events| self.write(&events),
            },
        );
        self.started = ended.started;
        (ended.why, ended.code, ended.leftovers)
    }

    fn failed_to_start(&mut self, program: &Path, error: &io::Error) -> (Why, Option<i32>, u32) {
        let text = format!("{} cannot be started: {error}\n", program.display());
        self.pending.push((Stream::Err, text));
        (Why::StartFailed, None, 0)
    }

    /// Compiles the source of a program in the scratch folder, and reports what the compiler says.
    fn compile(
        &mut self,
        run: &str,
        name: &Path,
        source: &Source,
        scratch: &Scratch,
        wake: &OwnedFd,
    ) -> Result<PathBuf, Why> {
        let text = "compiling the program".to_owned();
        let run = run.to_owned();
        self.report_at(0, What::Build { run, text });
        self.started = Instant::now();
        self.budget = Spec::COMPILE_BYTES;
        self.compiler = Some(String::new());
        let started = scratch.build_folder().and_then(|folder| {
            let child = start_compiler(source, name, &folder)?;
            Ok((child, folder.join(name)))
        });
        let (mut child, program) = match started {
            Ok(started) => started,
            Err(error) => {
                let rustc = source.rustc.display();
                self.diagnose(Diagnostic::error(format!(
                    "the compiler {rustc} cannot be started: {error}"
                )));
                return Err(Why::BuildFailed);
            }
        };
        let (why, code, _) = self.see_through(&mut child, Spec::COMPILE_MS, wake);
        self.flush();
        self.hear_compiler("\n");
        let complaint = match (why, code) {
            (Why::Exit, Some(0)) => return Ok(program),
            (Why::Stopped, _) => return Err(Why::Stopped),
            (Why::Timeout, _) => format!(
                "the compiler was stopped: it was still at work after {} s",
                Spec::COMPILE_MS / 1000
            ),
            (Why::OutputLimit, _) => format!(
                "the compiler was stopped: its messages are longer than {} KiB",
                Spec::COMPILE_BYTES >> 10
            ),
            (Why::Signal, Some(libc::SIGXFSZ)) => format!(
                "the compiler was stopped: the program became larger than {} MiB",
                FILE_BYTES >> 20
            ),
            (Why::Signal, Some(signal)) => format!(
                "the compiler was ended by signal {signal}: it may have needed more than 2 GiB"
            ),
            // Its own messages say why.
            _ => return Err(Why::BuildFailed),
        };
        self.diagnose(Diagnostic::error(complaint));
        Err(Why::BuildFailed)
    }

    fn diagnose(&mut self, said: Diagnostic) {
        self.report(What::Diag(said));
    }

    /// Watches a child to its end, whatever that is; then nothing of it is left. Returns why it ended,
    /// its code or signal, and how many processes had to be cleared away.
    fn see_through(
        &mut self,
        child: &mut Child,
        wall_ms: u64,
        wake: &OwnedFd,
    ) -> (Why, Option<i32>, u32) {
        let main = Pid::from_raw(i32::try_from(child.id()).expect("a process id is an i32"));
        let deadline = self.started + Duration::from_millis(wall_ms);
        let (why, code) = self.watch(deadline, wake, child, main);
        let ended_itself = matches!(why, Why::Exit | Why::Signal);
        let leftovers = kill_everything(main, ended_itself);
        self.drain(child);
        // What it printed in its last moment counts as well.
        if ended_itself && self.flooded {
            (Why::OutputLimit, None, leftovers)
        } else {
            (why, code, leftovers)
        }
    }

    /// Reports output until there is a reason to end the run.
    fn watch(
        &mut self,
        deadline: Instant,
        wake: &OwnedFd,
        child: &mut Child,
        main: Pid,
    ) -> (Why, Option<i32>) {
        let stdin = io::stdin();
        // A stream is dropped at its end, or poll would return at once for ever.
        let mut streams = [
            child.stdout.take().map(OwnedFd::from),
            child.stderr.take().map(OwnedFd::from),
        ];
        let verdict = loop {
            let now = Instant::now();
            let next = self.flush_due().map_or(deadline, |due| due.min(deadline));
            let ready = wait(
                next - now.min(next),
                [
                    Some(wake.as_fd()),
                    Some(stdin.as_fd()),
                    streams[0].as_ref().map(AsFd::as_fd),
                    streams[1].as_ref().map(AsFd::as_fd),
                ],
            );
            let mut scrap = [0; 512];
            if ready[0] {
                while nix::unistd::read(wake, &mut scrap).is_ok_and(|length| length > 0) {}
            }
            let client_gone =
                ready[1] && nix::unistd::read(stdin.as_fd(), &mut scrap).is_ok_and(|n| n == 0);
            for (stream, kind) in [Stream::Out, Stream::Err].into_iter().enumerate() {
                if ready[2 + stream] {
                    self.read(&mut streams[stream], kind);
                }
            }
            if self.flush_due().is_some_and(|due| due <= Instant::now()) {
                self.flush();
            }
            if let Some(status) = reap_until(main) {
                break match status.exit() {
                    Some(code) => (Why::Exit, Some(code)),
                    None => (Why::Signal, status.signal()),
                };
            }
            if client_gone || STOP.load(Relaxed) || !self.heard {
                break (Why::Stopped, None);
            }
            if self.flooded {
                break (Why::OutputLimit, None);
            }
            if Instant::now() >= deadline {
                break (Why::Timeout, None);
            }
        };
        let [out, err] = streams;
        child.stdout = out.map(Into::into);
        child.stderr = err.map(Into::into);
        verdict
    }

    /// Takes in what a stream holds, at most one pipe full, and returns how many bytes that was; the
    /// stream becomes `None` at its end.
    fn read(&mut self, stream: &mut Option<OwnedFd>, kind: Stream) -> usize {
        let Some(fd) = stream else { return 0 };
        let mut buffer = [0; 64 * 1024];
        match nix::unistd::read(fd, &mut buffer) {
            Ok(0) => {
                let rest = self.cleaners[kind as usize].finish();
                self.add(kind, rest);
                *stream = None;
            }
            Ok(length) => {
                let taken = length.min(self.budget);
                let text = self.cleaners[kind as usize].push(&buffer[..taken]);
                self.add(kind, &text);
                self.flooded |= length > self.budget;
                self.budget -= taken;
                return length;
            }
            Err(nix::Error::EAGAIN | nix::Error::EINTR) => {}
            Err(_) => *stream = None,
        }
        0
    }

    fn add(&mut self, kind: Stream, text: &str) {
        match self.pending.last_mut() {
            _ if text.is_empty() => {}
            Some((last, pending)) if *last == kind => pending.push_str(text),
            _ => self.pending.push((kind, text.to_owned())),
        }
    }

    /// Everything is dead: takes in what is still in the pipes.
    fn drain(&mut self, child: &mut Child) {
        let streams = [
            (child.stdout.take().map(OwnedFd::from), Stream::Out),
            (child.stderr.take().map(OwnedFd::from), Stream::Err),
        ];
        for (mut stream, kind) in streams {
            // Should a process have survived and hold the pipe, this must not wait for it.
            if let Some(fd) = &stream
                && set_nonblocking(fd).is_err()
            {
                continue;
            }
            while !self.flooded && self.read(&mut stream, kind) > 0 {}
        }
    }

    /// When pending text is to be reported: at once, if the last report was long ago.
    fn flush_due(&self) -> Option<Instant> {
        let now_or_later = self.reported.map_or(self.started, |last| last + COALESCE);
        (!self.pending.is_empty()).then_some(now_or_later)
    }

    fn flush(&mut self) {
        for (stream, text) in std::mem::take(&mut self.pending) {
            match stream {
                _ if self.compiler.is_some() => self.hear_compiler(&text),
                Stream::Out => self.report(What::Out { text, tid: None }),
                Stream::Err => self.report(What::Err { text, tid: None }),
            }
        }
        self.reported = Some(Instant::now());
    }

    /// The compiler writes one JSON object a line; in distress, also plain text.
    fn hear_compiler(&mut self, text: &str) {
        let mut said = self.compiler.take().unwrap_or_default() + text;
        let rest = said.split_off(said.rfind('\n').map_or(0, |end| end + 1));
        self.compiler = Some(rest);
        for line in said.lines().filter(|line| !line.is_empty()) {
            match Diagnostic::from_json(line) {
                Ok(None) => {}
                Ok(Some(said)) => self.diagnose(said),
                Err(_) => {
                    let text = format!("{line}\n");
                    self.report(What::Err { text, tid: None });
                }
            }
        }
    }

    fn end(mut self, why: Why, code: Option<i32>, leftovers: u32) {
        self.flush();
        let wall_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.report(What::End(End {
            why,
            code,
            wall_ms,
            leftovers,
        }));
    }

    fn report(&mut self, what: What) {
        let t = u64::try_from(self.started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.report_at(t, what);
    }

    fn report_at(&mut self, t: u64, what: What) {
        self.write(&[Event { t, what }]);
    }

    /// Writes events; whether somebody still reads them.
    fn write(&mut self, events: &[Event]) -> bool {
        let mut lines = Vec::new();
        for event in events {
            serde_json::to_writer(&mut lines, event).expect("an event is valid JSON");
            lines.push(b'\n');
        }
        let mut stdout = io::stdout().lock();
        self.heard &= stdout
            .write_all(&lines)
            .and_then(|()| stdout.flush())
            .is_ok();
        self.heard
    }
}

/// Which of the descriptors are readable, or at their end, after at most this time.
fn wait(timeout: Duration, fds: [Option<BorrowedFd<'_>>; 4]) -> [bool; 4] {
    let mut polled = Vec::with_capacity(fds.len());
    let mut places = Vec::with_capacity(fds.len());
    for (place, fd) in fds.into_iter().enumerate() {
        if let Some(fd) = fd {
            polled.push(PollFd::new(fd, PollFlags::POLLIN));
            places.push(place);
        }
    }
    // poll counts whole milliseconds; rounding down would spin through the last one.
    let timeout =
        PollTimeout::try_from(timeout + Duration::from_millis(1)).unwrap_or(PollTimeout::MAX);
    let mut ready = [false; 4];
    if poll(&mut polled, timeout).is_ok() {
        for (fd, place) in polled.iter().zip(places) {
            ready[place] = fd.revents().is_some_and(|events| !events.is_empty());
        }
    }
    ready
}

/// Waits for all children that have ended; the status of the program, if it is among them.
fn reap_until(main: Pid) -> Option<Status> {
    while let Reaped::Child(pid, status) = reap() {
        if pid == main {
            return Some(status);
        }
    }
    None
}

/// A program that has been started.
enum Program {
    Plain(Child),
    #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
    Traced(trace::Started),
}

impl Program {
    fn start(spec: &Spec, program: &Path, scratch: Option<&Scratch>) -> io::Result<Self> {
        let user = scratch.and_then(|scratch| scratch.user);
        match (Self::launch(spec, program, scratch, user.is_some()), user) {
            // The temp folder may forbid execution, a container a change of user: the program then
            // runs as whoever started us, which is no more than `cargo run` would give it.
            (Err(error), Some(_)) if error.kind() == io::ErrorKind::PermissionDenied => {
                Self::launch(spec, program, scratch, false)
            }
            (program, _) => program,
        }
    }

    fn launch(
        spec: &Spec,
        program: &Path,
        scratch: Option<&Scratch>,
        as_other_user: bool,
    ) -> io::Result<Self> {
        let (mut command, limits) = command(spec, program, scratch, as_other_user)?;
        if spec.trace && std::env::var_os(TRACE_SWITCH).is_some_and(|value| value == "off") {
            let said = format!("tracing is switched off by {TRACE_SWITCH}=off");
            return Err(io::Error::other(said));
        }
        if spec.trace {
            #[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
            return trace::start(&command, &limits).map(Self::Traced);
            #[cfg(not(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu")))]
            return Err(io::Error::other("only x86_64 Linux can trace a run"));
        }
        spawn_limited(&mut command, limits).map(Self::Plain)
    }
}

/// How to start a program, and its limits.
fn command(
    spec: &Spec,
    program: &Path,
    scratch: Option<&Scratch>,
    as_other_user: bool,
) -> io::Result<(Command, Limits)> {
    let is_path = program.components().count() > 1;
    let mut command = match scratch {
        Some(scratch) if as_other_user && is_path => Command::new(scratch.lay(program)?),
        _ => Command::new(program),
    };
    match (scratch, &spec.setting) {
        (Some(scratch), _) => {
            command
                .current_dir(&scratch.home)
                .env_clear()
                .envs(environment(&scratch.home));
            if let Some(script) = &spec.script {
                let laid = scratch.lay(script)?;
                // As seen from the working folder: the same for every run, so that messages which
                // show it are, too.
                command.arg(Path::new("../bin").join(laid.file_name().unwrap_or_default()));
            }
        }
        (None, Setting::Tool { folder }) => {
            command.current_dir(folder).args(&spec.script);
            if spec.trace {
                // The tracer starts it by hand, with what the command says and no more.
                command.envs(std::env::vars_os());
            }
        }
        (None, Setting::Listing) => unreachable!("a listing has a scratch folder"),
    }
    command.args(&spec.args);
    let limits = match spec.setting {
        Setting::Listing => {
            let user = scratch.and_then(|scratch| scratch.user);
            Limits::listing(spec.wall_ms, user.filter(|_| as_other_user))
        }
        Setting::Tool { .. } => Limits::tool(),
    };
    Ok((command, limits))
}

/// Starts rustc on the source, in `folder`. As root it runs as root: the toolchain may lie where no
/// other user can go.
fn start_compiler(source: &Source, name: &Path, folder: &Path) -> io::Result<Child> {
    let outside = |part| !matches!(part, std::path::Component::Normal(_));
    if source.file.components().any(outside) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the file lies outside of its folder",
        ));
    }
    let file = folder.join(&source.file);
    std::fs::create_dir_all(file.parent().unwrap_or(folder))?;
    std::fs::write(&file, &source.text)?;
    let mut command = Command::new(&source.rustc);
    command
        .current_dir(folder)
        .env_clear()
        .envs(compiler_environment(folder))
        .args(&source.args)
        .arg("--error-format=json")
        .arg("-o")
        .arg(name)
        .arg(&source.file);
    spawn_limited(&mut command, Limits::listing(Spec::COMPILE_MS, None))
}

fn spawn_limited(command: &mut Command, limits: Limits) -> io::Result<Child> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // SAFETY: `apply` makes system calls only; it neither allocates nor takes locks.
    unsafe { command.pre_exec(move || limits.apply()) };
    command.spawn()
}
