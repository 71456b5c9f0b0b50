//! The site that is served now: a folder, and a name for its build.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};
use tokio::sync::watch;

/// What the pages come from. A rebuild replaces it in one step.
#[derive(Debug)]
pub struct Site {
    now: RwLock<Now>,
    /// Tells open pages the name of the newest build.
    build: watch::Sender<String>,
    /// Told apart from builds of an earlier start, so that pages of that one reload, too.
    start: String,
}

/// What there is to serve.
#[derive(Debug, Clone)]
pub enum Now {
    /// Nothing yet.
    Building,
    /// Nothing yet, for this reason.
    Broken(String),
    /// A folder of files, and the name of the build.
    Built(PathBuf, String),
}

impl Site {
    /// No folder yet: readers see that the book is being built.
    pub fn building() -> Self {
        let mut random = [0; 4];
        // Only a name: without random numbers a page reloads once too seldom.
        let _ = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut random));
        let start = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            now: RwLock::new(Now::Building),
            build: watch::Sender::new(String::new()),
            start,
        }
    }

    /// Serves this folder from now on; open pages reload. `number` counts the builds of this start.
    pub fn publish(&self, folder: &Path, number: u64) {
        let name = format!("{}-{number}", self.start);
        *self.now.write().unwrap_or_else(PoisonError::into_inner) =
            Now::Built(folder.to_path_buf(), name.clone());
        self.build.send_replace(name);
    }

    /// A build failed. Readers see why if there is nothing better; a good site is kept.
    pub fn fail(&self, problem: String) {
        let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
        if !matches!(*now, Now::Built(..)) {
            *now = Now::Broken(problem);
        }
    }

    /// What there is to serve.
    pub fn now(&self) -> Now {
        self.now
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The name of the newest build, and of each that follows.
    pub fn builds(&self) -> watch::Receiver<String> {
        self.build.subscribe()
    }
}
