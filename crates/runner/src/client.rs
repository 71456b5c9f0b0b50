//! The client's side of a supervisor, for callers that can wait.

use crate::event::{End, Event, What};
use crate::spec::Spec;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

/// What a finished run printed and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// All of its standard output, cleaned.
    pub stdout: String,
    /// All of its standard error, cleaned.
    pub stderr: String,
    /// How it ended.
    pub end: End,
}

/// Stops a run from another thread. Clones stop the same run.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Mutex<State>>);

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    /// The supervisor stops when this is closed.
    Running {
        _stdin: ChildStdin,
    },
    Stopped,
}

impl Stop {
    /// A handle for a run that is still to start.
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops the run, also when it has not started yet. The run has ended when [`run_with`] returns.
    pub fn stop(&self) {
        self.set(State::Stopped);
    }

    /// Whether [`Stop::stop`] was called.
    pub fn is_stopped(&self) -> bool {
        matches!(
            *self.0.lock().unwrap_or_else(PoisonError::into_inner),
            State::Stopped
        )
    }

    /// Stopped is for ever; anything else is replaced.
    fn set(&self, state: State) {
        let mut current = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*current, State::Stopped) {
            *current = state;
        }
    }
}

/// A supervisor that has started and waits for its run: what it takes to start one is paid before the
/// reader clicks.
#[derive(Debug)]
pub struct Idle {
    child: Child,
    stdin: ChildStdin,
    stdout: ChildStdout,
}

impl Idle {
    /// Starts a supervisor: the command whose body is [`crate::supervise`], usually `book __run`. The
    /// calling thread must live until the run ends, for the supervisor ends with it.
    ///
    /// # Errors
    ///
    /// It cannot be started.
    pub fn start(supervisor: &mut Command) -> Result<Self> {
        let mut child = supervisor
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the supervisor of the run cannot be started")?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        Ok(Self {
            stdin: stdin.context("the supervisor has no standard input")?,
            stdout: stdout.context("the supervisor has no standard output")?,
            child,
        })
    }

    /// Runs to the end and hands each event over as it happens; the `end` event is returned as well.
    ///
    /// # Errors
    ///
    /// The supervisor ends without a verdict. A program that fails is no error.
    pub fn run(self, spec: &Spec, stop: &Stop, on_event: &mut dyn FnMut(Event)) -> Result<End> {
        let Self {
            mut child,
            mut stdin,
            stdout,
        } = self;
        let mut line = serde_json::to_vec(spec)?;
        line.push(b'\n');
        // Should it be gone already, its silence below says so.
        let _ = stdin.write_all(&line);
        stop.set(State::Running { _stdin: stdin });
        let mut end = None;
        for line in BufReader::new(stdout).lines() {
            let line = line.context("the supervisor's report cannot be read")?;
            let event: Event = serde_json::from_str(&line)
                .with_context(|| format!("the supervisor's report is not valid: {line}"))?;
            if let What::End(ended) = &event.what {
                end = Some(ended.clone());
            }
            on_event(event);
        }
        stop.set(State::Idle);
        let status = child
            .wait()
            .context("the supervisor cannot be waited for")?;
        match end {
            Some(end) => Ok(end),
            None => bail!("the supervisor of the run ended without a verdict: {status}"),
        }
    }

    /// Ends it unused, and waits for that.
    pub fn dismiss(self) {
        let Self {
            mut child, stdin, ..
        } = self;
        drop(stdin);
        let _ = child.wait();
    }
}

/// Starts a supervisor and runs to the end, see [`Idle`].
///
/// # Errors
///
/// The supervisor cannot be started or ends without a verdict. A program that fails is no error.
pub fn run_with(
    supervisor: &mut Command,
    spec: &Spec,
    stop: &Stop,
    on_event: &mut dyn FnMut(Event),
) -> Result<End> {
    Idle::start(supervisor)?.run(spec, stop, on_event)
}

/// Runs to the end and collects what was printed.
///
/// # Errors
///
/// See [`run_with`].
pub fn run_to_end(supervisor: &mut Command, spec: &Spec) -> Result<Outcome> {
    let (mut stdout, mut stderr) = (String::new(), String::new());
    let end = run_with(
        supervisor,
        spec,
        &Stop::new(),
        &mut |event| match event.what {
            What::Out { text, .. } => stdout.push_str(&text),
            What::Err { text, .. } => stderr.push_str(&text),
            _ => {}
        },
    )?;
    Ok(Outcome {
        stdout,
        stderr,
        end,
    })
}
