//! The processes that supervise runs: this very program, called with `__run`.

use anyhow::{Context, Result};
use runner::Idle;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

/// One supervisor in store, and the thread that starts them. It outlives every request: a supervisor
/// ends with the thread that started it.
#[derive(Debug)]
struct Ahead {
    spare: Arc<Mutex<Option<Idle>>>,
    requests: Sender<Request>,
}

/// What the thread is asked for.
#[derive(Debug)]
enum Request {
    /// The spare one was taken.
    Refill,
    /// There was none to take.
    Start(Sender<Result<Idle>>),
}

impl Ahead {
    fn new(supervisor: Supervisor) -> Self {
        let (requests, asked) = mpsc::channel();
        let spare = Arc::new(Mutex::new(None));
        let store = Arc::clone(&spare);
        thread::spawn(move || keep_one(&supervisor, &store, &asked));
        Self { spare, requests }
    }

    fn take(&self) -> Result<Idle> {
        // Without a detour through the thread, which would have to be woken first.
        let spare = lock(&self.spare).take();
        if let Some(idle) = spare {
            self.ask(Request::Refill)?;
            return Ok(idle);
        }
        let (answer, answered) = mpsc::channel();
        self.ask(Request::Start(answer))?;
        answered.recv().context("no supervisor was started")?
    }

    fn ask(&self, request: Request) -> Result<()> {
        let asked = self.requests.send(request);
        asked.ok().context("no supervisor is started any more")
    }
}

fn keep_one(supervisor: &Supervisor, store: &Mutex<Option<Idle>>, asked: &Receiver<Request>) {
    loop {
        // A full store waits for what comes, an empty one for a quiet moment.
        // The lock must not be held while it waits.
        let is_full = lock(store).is_some();
        let request = match is_full {
            true => asked.recv().map_err(|_| RecvTimeoutError::Disconnected),
            false => asked.recv_timeout(REST),
        };
        match request {
            Ok(Request::Refill) => {}
            // Whoever asked has not gone away: it waits.
            Ok(Request::Start(answer)) => {
                let _ = answer.send(Idle::start(&mut supervisor.command()));
            }
            // Should that fail, the next request says why.
            Err(RecvTimeoutError::Timeout) => {
                *lock(store) = Idle::start(&mut supervisor.command()).ok();
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if let Some(spare) = lock(store).take() {
        spare.dismiss();
    }
}

fn lock(store: &Mutex<Option<Idle>>) -> MutexGuard<'_, Option<Idle>> {
    store.lock().unwrap_or_else(PoisonError::into_inner)
}
