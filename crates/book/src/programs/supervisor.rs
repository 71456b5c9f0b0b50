//! The processes that supervise runs: this very program, called with `__run`.

use anyhow::{Context, Result};
use runner::Idle;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

/// How long after one was taken the next is started ahead, so that the two do not compete for a core.
const REST: Duration = Duration::from_millis(300);

/// Starts supervisors. Clones share the one that is started ahead.
#[derive(Debug, Clone)]
pub struct Supervisor {
    executable: PathBuf,
    ahead: Option<Arc<Ahead>>,
}

impl Supervisor {
    /// This program itself.
    ///
    /// # Errors
    ///
    /// The system does not say where it is.
    pub fn this() -> Result<Self> {
        // The link leads to the running file even when cargo has put a newer one in its place.
        let link = Path::new("/proc/self/exe");
        let executable = if link.exists() {
            link.to_path_buf()
        } else {
            std::env::current_exe().context("the path of this program is unknown")?
        };
        Ok(Self::at(executable))
    }

    /// Another copy of this program.
    pub fn at(executable: impl Into<PathBuf>) -> Self {
        Self {
            executable: executable.into(),
            ahead: None,
        }
    }

    /// The executable.
    pub fn program(&self) -> &Path {
        &self.executable
    }

    /// The command that [`runner::run_with`] wants.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command.arg("__run");
        command
    }

    /// Keeps one supervisor started ahead of its run, from now on until all clones are dropped.
    #[must_use]
    pub fn started_ahead(self) -> Self {
        Self {
            ahead: Some(Arc::new(Ahead::new(self.clone()))),
            ..self
        }
    }

    /// A supervisor that waits for its run: the one started ahead, or else one that is started now.
    ///
    /// # Errors
    ///
    /// It cannot be started.
    pub fn start(&self) -> Result<Idle> {
        match &self.ahead {
            Some(ahead) => ahead.take(),
            None => Idle::start(&mut self.command()),
        }
    }
}

/// The thread that starts supervisors. It outlives every request: a supervisor ends with the thread
/// that started it.
#[derive(Debug)]
struct Ahead {
    requests: Sender<Sender<Result<Idle>>>,
}

impl Ahead {
    fn new(supervisor: Supervisor) -> Self {
        let (requests, asked) = mpsc::channel();
        thread::spawn(move || keep_one(&supervisor, &asked));
        Self { requests }
    }

    fn take(&self) -> Result<Idle> {
        let (answer, answered) = mpsc::channel();
        self.requests
            .send(answer)
            .context("no supervisor is started any more")?;
        answered.recv().context("no supervisor was started")?
    }
}

fn keep_one(supervisor: &Supervisor, asked: &Receiver<Sender<Result<Idle>>>) {
    let mut spare: Option<Idle> = None;
    loop {
        let request = match spare {
            Some(_) => asked.recv().map_err(|_| RecvTimeoutError::Disconnected),
            None => asked.recv_timeout(REST),
        };
        match request {
            Ok(answer) => {
                let idle = match spare.take() {
                    Some(idle) => Ok(idle),
                    None => Idle::start(&mut supervisor.command()),
                };
                // Whoever asked has not gone away: it waits.
                let _ = answer.send(idle);
            }
            Err(RecvTimeoutError::Timeout) => {
                // Should that fail, the next request says why.
                spare = Idle::start(&mut supervisor.command()).ok();
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if let Some(spare) = spare {
        spare.dismiss();
    }
}
