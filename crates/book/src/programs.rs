//! The programs of the book: compiled into `target/listings`, found by listing id.
//!
//! ```text
//! Catalogue ──▶ Programs ──cargo, under a supervisor──▶ target/listings/debug/<bin>
//!                  ▲  ▲                          └─────▶ libraries, for edited programs
//!   background build  a click or a command, which goes first
//! ```
//!
//! A click interrupts the background build, compiles its one program, and lets the background go on:
//! cargo keeps what is finished, so little is lost, and the reader does not wait for other chapters.

mod cargo;
mod console;
mod supervisor;
mod toolchain;

pub use console::Console;
pub use supervisor::Supervisor;

use anyhow::{Result, anyhow};
use cargo::{Build, Libraries};
use directives::Problem;
use mdbook_listings::{Catalogue, Kind};
use runner::{Diagnostic, Source, Stop};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, SystemTime};
use toolchain::Toolchain;

/// Whether a program can run at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It is compiled.
    Built,
    /// It is being compiled or waits for that.
    Building,
    /// It does not compile.
    Failed,
}

/// One program, as the API lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// `threads/five_tasks`.
    pub id: String,
    /// `threads`.
    pub chapter: String,
    /// A program, or one that the compiler must refuse: running that one shows what it says.
    pub kind: Kind,
    /// Dependencies that it names.
    pub crates: Vec<String>,
    /// Whether play.rust-lang.org can run it.
    pub playground: bool,
    /// Wall-clock limit in seconds, if it has its own.
    pub limit_s: Option<u64>,
    /// Whether it can run at once.
    pub state: State,
}

/// Something to tell while a program is compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// What is being done: `compiling serde v1.0.2`.
    Progress(String),
    /// What the compiler says of the program.
    Diagnostic(Diagnostic),
}

/// Why there is no program to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildError {
    /// No program has this id; the nearest one that exists.
    Unknown(Option<String>),
    /// It was stopped before it was compiled.
    Stopped,
    /// It does not compile, or cargo cannot do its work: what they say.
    Failed(String),
}

impl std::fmt::Display for BuildError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown(None) => write!(out, "no such listing\n  hint: see `listings/`"),
            Self::Unknown(Some(near)) => {
                write!(out, "no such listing\n  hint: did you mean `{near}`?")
            }
            Self::Stopped => write!(out, "stopped"),
            Self::Failed(text) => write!(out, "it does not compile\n{}", text.trim_end()),
        }
    }
}

impl std::error::Error for BuildError {}

/// The programs of the book. Clones share one state.
#[derive(Debug, Clone)]
pub struct Programs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    supervisor: Supervisor,
    shelf: Mutex<Shelf>,
    /// Found at the first edit, and again when `Cargo.lock` has changed.
    toolchain: Mutex<Option<(Vec<u8>, Toolchain)>>,
    /// Wakes the background build when the last urgent one is done.
    not_urgent: Condvar,
    /// One compilation at a time.
    compiling: Mutex<()>,
}

#[derive(Debug, Default)]
struct Shelf {
    entries: BTreeMap<String, Entry>,
    /// All listing crates.
    crates: BTreeSet<String>,
    /// What cargo has built for them.
    libraries: Libraries,
    /// Clicks and commands that want to compile.
    urgent: usize,
    background: Background,
    closed: bool,
}

#[derive(Debug, Default)]
struct Background {
    /// Whether its thread lives.
    running: bool,
    /// Whether it has to start over when it is done.
    again: bool,
    /// Whether it has told an outcome before.
    told: bool,
    /// Stops its present cargo.
    stop: Stop,
}

#[derive(Debug)]
struct Entry {
    name: String,
    listed: Listed,
    /// Its file, relative to the root.
    path: PathBuf,
    /// The file's text.
    source: String,
    /// The executable and the state of the sources that it was made from.
    built: Option<(PathBuf, Stamp)>,
}

/// The state of what a program is made from: the newest time of change, and how many files there are.
/// All libraries count, for one listing crate may use another's; of the programs only its own file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    newest: SystemTime,
    files: usize,
}

impl Programs {
    /// The programs of a catalogue, none of them compiled yet.
    pub fn new(root: &Path, supervisor: Supervisor, catalogue: &Catalogue) -> Self {
        let programs = Self(Arc::new(Inner {
            root: root.to_path_buf(),
            supervisor,
            shelf: Mutex::default(),
            toolchain: Mutex::default(),
            not_urgent: Condvar::new(),
            compiling: Mutex::new(()),
        }));
        programs.update(catalogue);
        programs
    }

    /// Takes over what has come or gone since the last catalogue.
    pub fn update(&self, catalogue: &Catalogue) {
        let mut shelf = self.shelf();
        let mut old = std::mem::take(&mut shelf.entries);
        shelf.crates = catalogue
            .chapters()
            .into_iter()
            .map(str::to_owned)
            .collect();
        for listing in catalogue
            .listings()
            .filter(|listing| listing.kind != Kind::Library)
        {
            let before = old.remove(&listing.id);
            let entry = Entry {
                name: listing.name.clone(),
                listed: Listed {
                    id: listing.id.clone(),
                    chapter: listing.chapter.clone(),
                    kind: listing.kind,
                    crates: listing.crates.clone(),
                    playground: listing.runs_on_playground(),
                    limit_s: listing.settings.limit_s,
                    state: match (listing.kind, &before) {
                        // There is nothing that could be built.
                        (Kind::Refused, _) => State::Failed,
                        (_, Some(entry)) => entry.listed.state,
                        (_, None) => State::Building,
                    },
                },
                path: listing.path.clone(),
                source: listing.source.clone(),
                built: before.and_then(|entry| entry.built),
            };
            shelf.entries.insert(listing.id.clone(), entry);
        }
    }

    /// All programs, those too that must not compile, by id.
    pub fn listed(&self) -> Vec<Listed> {
        self.shelf()
            .entries
            .values()
            .map(|entry| entry.listed.clone())
            .collect()
    }

    /// The program of this id.
    pub fn find(&self, id: &str) -> Option<Listed> {
        self.shelf()
            .entries
            .get(id)
            .map(|entry| entry.listed.clone())
    }

    /// The executable of a listing, compiled now if its sources have changed or it never was.
    ///
    /// # Errors
    ///
    /// See [`BuildError`].
    pub fn ensure(
        &self,
        id: &str,
        stop: &Stop,
        on_note: &mut dyn FnMut(Note),
    ) -> Result<PathBuf, BuildError> {
        if let Some(executable) = self.ready(id)? {
            return Ok(executable);
        }
        let _turn = self.turn(stop, on_note)?;
        // It may have been compiled during the wait.
        if let Some(executable) = self.ready(id)? {
            return Ok(executable);
        }
        self.compile(&[id.to_owned()], stop, on_note)?
            .remove(id)
            .unwrap_or_else(|| Err(BuildError::Failed("cargo built something else".to_owned())))
    }

    /// A listing as source, its own text, ready to be compiled by one call of rustc: what it is linked
    /// with is compiled now if need be.
    ///
    /// # Errors
    ///
    /// See [`BuildError`].
    pub fn source(
        &self,
        id: &str,
        stop: &Stop,
        on_note: &mut dyn FnMut(Note),
    ) -> Result<Source, BuildError> {
        let (chapter, name, file, text, any) = {
            let shelf = self.shelf();
            let Some(entry) = shelf.entries.get(id) else {
                return Err(shelf.unknown(id));
            };
            let chapter = entry.listed.chapter.clone();
            // Any program of the chapter brings the libraries of all.
            let of_chapter = |(_, other): &(&String, &Entry)| {
                other.listed.chapter == chapter && other.listed.kind == Kind::Program
            };
            let any = match entry.listed.kind {
                Kind::Program => Some(id.to_owned()),
                _ => shelf
                    .entries
                    .iter()
                    .find(of_chapter)
                    .map(|(id, _)| id.clone()),
            };
            (
                chapter,
                entry.name.clone(),
                entry.path.clone(),
                entry.source.clone(),
                any,
            )
        };
        // A listing that does not compile as it stands may have been edited to do so.
        let complaint = match any.map(|any| self.ensure(&any, stop, on_note)) {
            Some(Err(BuildError::Stopped)) => return Err(BuildError::Stopped),
            Some(Err(error)) => Some(error),
            Some(Ok(_)) | None => None,
        };
        let toolchain = self
            .toolchain()
            .map_err(|error| BuildError::Failed(format!("{error:#}")))?;
        let libraries = self.shelf().libraries.clone();
        let args = toolchain
            .arguments(&chapter, &name, &libraries)
            .map_err(|error| complaint.unwrap_or(error))?;
        Ok(Source {
            rustc: toolchain.rustc,
            args,
            file,
            text,
        })
    }

    fn toolchain(&self) -> Result<Toolchain> {
        let lock = fs::read(self.0.root.join("Cargo.lock")).unwrap_or_default();
        let mut known = self
            .0
            .toolchain
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((of, toolchain)) if *of == lock => Ok(toolchain.clone()),
            _ => {
                let toolchain = Toolchain::find(&self.0.root)?;
                *known = Some((lock, toolchain.clone()));
                Ok(toolchain)
            }
        }
    }

    /// Compiles all programs, or those of one chapter, and returns them by id. A program that fails
    /// does not keep the others from being compiled.
    ///
    /// # Errors
    ///
    /// No program compiles, or some do not: what the compiler says, all of it.
    pub fn ensure_all(
        &self,
        chapter: Option<&str>,
        on_note: &mut dyn FnMut(Note),
    ) -> Result<BTreeMap<String, PathBuf>> {
        let ids: Vec<String> = self
            .listed()
            .into_iter()
            .filter(|listed| listed.kind == Kind::Program)
            .filter(|listed| chapter.is_none_or(|chapter| chapter == listed.chapter))
            .map(|listed| listed.id)
            .collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let _turn = self.turn(&Stop::new(), on_note)?;
        let mut programs = BTreeMap::new();
        let mut failures = Vec::new();
        for (id, built) in self.compile(&ids, &Stop::new(), on_note)? {
            match built {
                Ok(executable) => drop(programs.insert(id, executable)),
                Err(error) => failures.push(format!("listing `{id}`: {error}")),
            }
        }
        // One mistake in a library fails every program with the same words.
        failures
            .dedup_by(|a, b| a.split_once('\n').map(|x| x.1) == b.split_once('\n').map(|x| x.1));
        if failures.is_empty() {
            Ok(programs)
        } else {
            Err(anyhow!(failures.join("\n")))
        }
    }

    /// Compiles everything on a thread of its own; a click goes first. Called again while it works,
    /// it starts over at its end.
    pub fn build_in_background(&self, console: &Console) {
        let mut shelf = self.shelf();
        if std::mem::replace(&mut shelf.background.running, true) {
            shelf.background.again = true;
            return;
        }
        let (programs, console) = (self.clone(), console.clone());
        thread::spawn(move || programs.background(&console));
    }

    /// Takes over the catalogue as it is now, and compiles what has changed, in the background. A
    /// catalogue that cannot be read changes nothing: the build of the pages reports its problems.
    pub fn renew(&self, root: &Path, console: &Console) {
        if let Ok(catalogue) = catalogue(root) {
            self.update(&catalogue);
            self.build_in_background(console);
        }
    }

    /// Ends the background build for good, with all that it started.
    pub fn close(&self) {
        let mut shelf = self.shelf();
        shelf.closed = true;
        shelf.background.stop.stop();
        drop(shelf);
        self.0.not_urgent.notify_all();
        drop(self.0.compiling.lock());
    }

    fn background(&self, console: &Console) {
        // Whether there is anything to tell: nothing has been told yet, or cargo compiled something.
        let mut news = !std::mem::replace(&mut self.shelf().background.told, true);
        loop {
            let (ids, stop) = {
                let mut shelf = self.shelf();
                while shelf.urgent > 0 && !shelf.closed {
                    shelf = self
                        .0
                        .not_urgent
                        .wait(shelf)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                shelf.background.again = false;
                shelf.background.stop = Stop::new();
                let is_program = |entry: &&Entry| entry.listed.kind == Kind::Program;
                let programs = shelf.entries.values().filter(is_program);
                let ids: Vec<String> = programs.map(|entry| entry.listed.id.clone()).collect();
                if shelf.closed || ids.is_empty() {
                    shelf.background.running = false;
                    return;
                }
                (ids, shelf.background.stop.clone())
            };
            let result = {
                let compiling = self.0.compiling.lock();
                let _compiling = compiling.unwrap_or_else(PoisonError::into_inner);
                self.compile(&ids, &stop, &mut |note| {
                    if let Note::Progress(text) = note {
                        news = true;
                        console.busy(&text);
                    }
                })
            };
            console.idle();
            if stop.is_stopped() {
                continue;
            }
            // An edit needs it, and should not wait; should it fail, the edit says why.
            let _ = self.toolchain();
            match result {
                Ok(results) => {
                    let failed = results.values().filter(|result| result.is_err()).count();
                    let all = results.len();
                    if std::mem::take(&mut news) || failed > 0 {
                        console.say(&match failed {
                            0 => format!("compiled the listings: all {all} can run"),
                            _ => format!("compiled the listings: {failed} of {all} do not compile"),
                        });
                    }
                    for (id, error) in results
                        .iter()
                        .filter_map(|(id, r)| Some((id, r.as_ref().err()?)))
                    {
                        console.say(&format!("error: listing `{id}`: {error}"));
                    }
                }
                Err(error) => console.say(&format!("error: the listings: {error}")),
            }
            let mut shelf = self.shelf();
            if !shelf.background.again {
                shelf.background.running = false;
                return;
            }
        }
    }

    /// The right to compile: one at a time, and the background rests meanwhile. Waits for it, and says
    /// so if it has to.
    ///
    /// # Errors
    ///
    /// It was stopped while it waited.
    pub fn turn(&self, stop: &Stop, on_note: &mut dyn FnMut(Note)) -> Result<Turn<'_>, BuildError> {
        let urgent = Urgent::new(self);
        for attempt in 0_u32.. {
            if stop.is_stopped() {
                return Err(BuildError::Stopped);
            }
            let compiling = match self.0.compiling.try_lock() {
                Ok(compiling) => compiling,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => {
                    // The background gives way at once; a longer wait is worth telling.
                    if attempt == 10 {
                        let text = "waiting for another compilation".to_owned();
                        on_note(Note::Progress(text));
                    }
                    thread::sleep(Duration::from_millis(5));
                    continue;
                }
            };
            return Ok(Turn {
                _parts: Some((compiling, urgent)),
            });
        }
        unreachable!("the loop has no end of its own")
    }

    /// The executable, if it is there and no source has changed since.
    fn ready(&self, id: &str) -> Result<Option<PathBuf>, BuildError> {
        let shelf = self.shelf();
        let Some(entry) = shelf.entries.get(id) else {
            return Err(shelf.unknown(id));
        };
        let Some((executable, stamp)) = entry.built.clone() else {
            return Ok(None);
        };
        let path = entry.path.clone();
        drop(shelf);
        let fresh = stamp == Stamp::of(&self.0.root, &path) && executable.is_file();
        Ok(fresh.then_some(executable))
    }

    /// Has cargo compile these programs and keeps the outcome of each.
    fn compile(
        &self,
        ids: &[String],
        stop: &Stop,
        on_note: &mut dyn FnMut(Note),
    ) -> Result<BTreeMap<String, Result<PathBuf, BuildError>>, BuildError> {
        // Before cargo reads them: a change during the build must look like one after it.
        let libraries = Stamp::of_libraries(&self.0.root);
        let mut stamps = BTreeMap::new();
        let crates = {
            let shelf = self.shelf();
            for (id, entry) in ids
                .iter()
                .filter_map(|id| Some((id, shelf.entries.get(id)?)))
            {
                stamps.insert(id, libraries.with(&self.0.root.join(&entry.path)));
            }
            shelf.crates.clone()
        };
        let build = Build {
            root: &self.0.root,
            crates: &crates,
            programs: ids.iter().filter_map(|id| id.split_once('/')).collect(),
        };
        let built = build
            .run(&mut self.0.supervisor.command(), stop, on_note)
            .map_err(|error| BuildError::Failed(format!("{error:#}")))?;
        if stop.is_stopped() {
            return Err(BuildError::Stopped);
        }
        let mut shelf = self.shelf();
        shelf.libraries.files.extend(built.libraries.files.clone());
        shelf
            .libraries
            .native
            .extend(built.libraries.native.clone());
        let mut results = BTreeMap::new();
        for id in ids {
            let Some(entry) = shelf.entries.get_mut(id) else {
                continue;
            };
            let result = built.of(&entry.listed.chapter, &entry.name);
            entry.listed.state = if result.is_ok() {
                State::Built
            } else {
                State::Failed
            };
            let executable = result.as_ref().ok().cloned();
            entry.built = executable.zip(stamps.get(id).copied());
            results.insert(id.clone(), result.map_err(BuildError::Failed));
        }
        Ok(results)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn unknown(&self, id: &str) -> BuildError {
        let near = directives::nearest(id, self.entries.keys().map(String::as_str));
        BuildError::Unknown(near.map(str::to_owned))
    }
}

/// The right to compile, until it is dropped.
#[derive(Debug, Default)]
pub struct Turn<'a> {
    _parts: Option<(MutexGuard<'a, ()>, Urgent<'a>)>,
}

/// While it lives, the background build rests.
#[derive(Debug)]
struct Urgent<'a>(&'a Programs);

impl<'a> Urgent<'a> {
    fn new(programs: &'a Programs) -> Self {
        let mut shelf = programs.shelf();
        shelf.urgent += 1;
        shelf.background.stop.stop();
        Self(programs)
    }
}

impl Drop for Urgent<'_> {
    fn drop(&mut self) {
        self.0.shelf().urgent -= 1;
        self.0.0.not_urgent.notify_all();
    }
}

impl Stamp {
    fn of(root: &Path, program: &Path) -> Self {
        Self::of_libraries(root).with(&root.join(program))
    }

    /// Of all that programs share.
    fn of_libraries(root: &Path) -> Self {
        let mut stamp = Self {
            newest: SystemTime::UNIX_EPOCH,
            files: 0,
        };
        stamp.add(&root.join("Cargo.toml"));
        stamp.add(&root.join("Cargo.lock"));
        for listing_crate in folder(&root.join("listings")) {
            stamp.add(&listing_crate.join("Cargo.toml"));
            stamp.add(&listing_crate.join("build.rs"));
            stamp.add_library(&listing_crate.join("src"));
        }
        stamp
    }

    fn with(mut self, program: &Path) -> Self {
        self.add(program);
        self
    }

    fn add_library(&mut self, path: &Path) {
        for entry in folder(path) {
            if entry.extension().is_some_and(|extension| extension == "rs") {
                self.add(&entry);
            } else if !entry.ends_with("src/bin") {
                self.add_library(&entry);
            }
        }
    }

    fn add(&mut self, file: &Path) {
        if let Ok(modified) = fs::metadata(file).and_then(|metadata| metadata.modified()) {
            self.newest = self.newest.max(modified);
            self.files += 1;
        }
    }
}

fn folder(path: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(path)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
}

/// The catalogue of the book, or all its problems as one error.
///
/// # Errors
///
/// See [`Catalogue::load`].
pub fn catalogue(root: &Path) -> Result<Catalogue> {
    Catalogue::load(root).map_err(|problems| anyhow!(Problem::report(&problems)))
}

/// Whether a chapter has listings.
///
/// # Errors
///
/// It has none; the nearest one that has.
pub fn check_chapter(catalogue: &Catalogue, chapter: &str) -> Result<()> {
    let chapters = catalogue.chapters();
    if chapters.contains(chapter) {
        return Ok(());
    }
    let near = directives::nearest(chapter, chapters);
    let hint = near.map_or("see `listings/`".to_owned(), |near| {
        format!("did you mean `{near}`?")
    });
    Err(anyhow!(
        "no listings of the chapter `{chapter}`\n  hint: {hint}"
    ))
}
