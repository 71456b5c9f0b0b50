//! The real server on the real book, as a process of its own, and what it leaves on the machine.

use crate::client::{Answer, Client, HANG, Whole};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Seek};
use std::ops::Deref;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

/// What the server's memory may grow by while it is attacked: far more than a run needs, far less than
/// one that keeps what it was sent.
const MEMORY_SLACK_KIB: u64 = 64 * 1024;
/// A descriptor that the server inherits, and that no program may see.
pub const INHERITED: i32 = 77;

/// `book serve` on this repository.
pub struct Real {
    client: Client,
    child: Child,
    /// Kept, so that the server has somebody to talk to.
    _stdout: BufReader<ChildStdout>,
    errors: File,
    at_rest: Option<(usize, u64)>,
}

impl Real {
    /// A server that is at work on its first build.
    pub fn start() -> Self {
        let errors = tempfile::tempfile().expect("a temp file");
        let mut child = start_for_life(errors.try_clone().expect("a second handle"));
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a first line");
        let port = line.split("localhost:").nth(1);
        let port = port.and_then(|rest| rest.split('/').next()?.parse().ok());
        Self {
            client: Client {
                port: port.unwrap_or_else(|| panic!("no port in `{line}`")),
                token: String::new(),
            },
            child,
            _stdout: stdout,
            errors,
            at_rest: None,
        }
    }

    /// A server whose pages are built, whose listings are compiled, and which rests.
    pub fn ready() -> Self {
        let mut real = Self::start();
        let start = Instant::now();
        // On a machine that never compiled the listings this takes a while.
        let patience = Duration::from_secs(600);
        while real.client.token.is_empty()
            || real.get("/api/listings").body.contains("\"building\"")
        {
            if let Some(token) = real.page_token("/en/") {
                real.client.token = token;
            }
            assert!(start.elapsed() < patience, "no book:\n{}", real.said());
            thread::sleep(Duration::from_millis(50));
        }
        // The first run of all finds the toolchain, and starts threads that stay.
        let events = real.edit("fn main() {}").events();
        assert_eq!(end(&events)["why"], "exit", "{events:?}");
        real.spare();
        real.at_rest = Some((real.descriptors(), real.memory_kib()));
        real
    }

    /// What it wrote to standard error.
    pub fn said(&self) -> String {
        let mut text = String::new();
        let mut errors = self.errors.try_clone().expect("a second handle");
        errors.rewind().expect("a file");
        errors.read_to_string(&mut text).expect("text");
        text
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.process()).expect("a process number");
        kill(Pid::from_raw(id), signal).expect("it is our child");
    }

    /// Its end, which must come soon.
    pub fn wait(&mut self) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("our child") {
                return status;
            }
            assert!(start.elapsed() < HANG, "it does not end:\n{}", self.said());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Has a program compiled and run in the place of a listing that knows nix and libc.
    pub fn edit(&self, source: &str) -> Answer {
        let body = json!({ "id": "pipes/eof", "source": source });
        let answer = self.post("/api/edit", &body.to_string());
        assert_eq!(answer.status, 200);
        answer
    }

    /// The same up to its first output: what follows, the name of the run, and that output.
    pub fn edit_until_it_speaks(&self, source: &str) -> (Answer, String, String) {
        let mut answer = self.edit(source);
        let mut seen = Vec::new();
        while let Some(event) = answer.event() {
            if event["k"] == "out" {
                let run = find(&seen, "start")["run"].as_str().expect("a name");
                let text = event["text"].as_str().expect("text");
                return (answer, run.to_owned(), text.trim().to_owned());
            }
            seen.push(event);
        }
        panic!("it never spoke: {seen:?}");
    }

    /// The same up to the moment when the compiler has started: what follows, and the run's name.
    pub fn edit_until_it_compiles(&self, source: &str) -> (Answer, String) {
        let mut answer = self.edit(source);
        while let Some(event) = answer.event() {
            if event["text"] == "compiling the program" {
                let run = event["run"].as_str().expect("a name").to_owned();
                self.wait_for("a compiler", || self.compilers() > 0);
                return (answer, run);
            }
        }
        panic!("it was never compiled");
    }

    pub fn page(&self) -> Whole {
        self.get("/en/")
    }

    /// How many compilers it has at work.
    pub fn compilers(&self) -> usize {
        let found = descendants(self.process());
        found.iter().filter(|found| found.name == "rustc").count()
    }

    /// Whether its only descendant is a supervisor.
    pub fn only_spare(&self) -> bool {
        self.lone_supervisor().is_some()
    }

    /// The supervisor that waits for the next run. The one that ends the last run may be alone for a
    /// moment, too, but not for this long.
    pub fn spare(&self) -> u32 {
        let mut found = None;
        let mut since = Instant::now();
        self.wait_for("a spare supervisor that stays", || {
            let now = self.lone_supervisor();
            if now.is_none() || now != found {
                (found, since) = (now, Instant::now());
            }
            since.elapsed() > Duration::from_secs(1)
        });
        found.expect("it stayed")
    }

    /// Its only descendant, if that is a supervisor.
    pub fn lone_supervisor(&self) -> Option<u32> {
        let [only] = &descendants(self.process())[..] else {
            return None;
        };
        let command = fs::read(format!("/proc/{}/cmdline", only.id)).unwrap_or_default();
        let is_supervisor = only.state != 'Z' && command.ends_with(b"\0__run\0");
        is_supervisor.then_some(only.id)
    }

    fn descriptors(&self) -> usize {
        entries(Path::new(&format!("/proc/{}/fd", self.process()))).len()
    }

    fn memory_kib(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process()));
        let status = status.expect("it lives");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().split(' ').next()?.parse().ok());
        kib.expect("a number of KiB")
    }

    /// That it has become what it was before it was attacked.
    pub fn assert_at_rest(&self) {
        let (descriptors, _) = self.at_rest.expect("a server that was ready");
        self.wait_for("nothing but the spare supervisor", || self.only_spare());
        self.wait_for("as few descriptors as before", || {
            self.descriptors() <= descriptors
        });
        self.assert_memory_flat();
    }

    /// That it keeps nothing of what it was sent or had to send.
    pub fn assert_memory_flat(&self) {
        let (_, memory) = self.at_rest.expect("a server that was ready");
        let now = self.memory_kib();
        assert!(
            now < memory + MEMORY_SLACK_KIB,
            "{memory} KiB became {now} KiB"
        );
    }

    pub fn wait_for(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let start = Instant::now();
        while !is_so() {
            assert!(
                start.elapsed() < HANG,
                "still not {what}; descriptors: {}, descendants: {:?}\n{}",
                self.descriptors(),
                descendants(self.process()),
                self.said()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Deref for Real {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that dies with this process, however that ends. The system watches the thread that started
/// it, not the process, and a test's own thread ends with the test.
fn start_for_life(errors: File) -> Child {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_book"));
        command
            .args(["serve", "--port", "0"])
            .current_dir(root())
            .env("BOOK_SECRET", "x")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors);
        let prepare = || {
            set_pdeathsig(Signal::SIGTERM)?;
            // SAFETY: setgroups reads one number, which outlives the call. Only root may do it; the
            // programs of root's server must then lose the group again.
            unsafe { libc::setgroups(1, &1) };
            // SAFETY: dup2 takes two integers; standard input is open.
            match unsafe { libc::dup2(0, INHERITED) } {
                INHERITED => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        };
        // SAFETY: three system calls, which neither allocate nor take locks.
        unsafe { command.pre_exec(prepare) };
        sender
            .send(command.spawn().expect("book starts"))
            .expect("it is awaited");
        loop {
            thread::park();
        }
    });
    receiver.recv().expect("a server")
}

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the repository")
}

/// Attacks a server that all attacks share, one at a time: afterwards it rests as before, and nothing
/// is left in the folders where it works.
pub fn attack(with: impl FnOnce(&Real)) {
    static SHARED: OnceLock<Mutex<Real>> = OnceLock::new();
    attack_one_of(&SHARED, with);
}

/// The same for a server of another group of tests, which need not wait for the first.
pub fn attack_one_of(shared: &'static OnceLock<Mutex<Real>>, with: impl FnOnce(&Real)) {
    let shared = shared.get_or_init(|| Mutex::new(Real::ready()));
    let real: MutexGuard<'_, Real> = shared.lock().unwrap_or_else(PoisonError::into_inner);
    real.assert_at_rest();
    let (scratch, compiled) = (scratch_folders(), size(&root().join("target/listings")));
    with(&real);
    real.assert_at_rest();
    assert_eq!(size(&root().join("target/listings")), compiled);
    // Another run on this machine has one, too, but not for long.
    let new: Vec<PathBuf> = scratch_folders().difference(&scratch).cloned().collect();
    real.wait_for("without new scratch folders", || {
        new.iter().all(|folder| !folder.exists())
    });
}

/// The folders of all runs on this machine.
pub fn scratch_folders() -> BTreeSet<PathBuf> {
    let folders = [Path::new("/tmp"), &std::env::temp_dir()].map(entries);
    let is_scratch = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("book-run-")
    };
    folders.into_iter().flatten().filter(is_scratch).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Files and bytes in a folder.
fn size(folder: &Path) -> (usize, u64) {
    let mut sum = (0, 0);
    for path in entries(folder) {
        let (files, bytes) = match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => size(&path),
            Ok(metadata) => (1, metadata.len()),
            Err(_) => (0, 0),
        };
        sum = (sum.0 + files, sum.1 + bytes);
    }
    sum
}

/// A process, as `/proc` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pub id: u32,
    pub name: String,
    pub state: char,
    parent: u32,
}

/// All processes below this one, those too that have ended and were not waited for.
pub fn descendants(of: u32) -> Vec<Process> {
    let mut rest: Vec<Process> = entries(Path::new("/proc"))
        .iter()
        .filter_map(|folder| {
            let id = folder.file_name()?.to_str()?.parse().ok()?;
            let stat = fs::read_to_string(folder.join("stat")).ok()?;
            // "123 (name with ) and spaces) S 1 ..."
            let (name, more) = stat.rsplit_once(") ")?;
            let mut words = more.split(' ');
            Some(Process {
                id,
                name: name.split_once(" (")?.1.to_owned(),
                state: words.next()?.chars().next()?,
                parent: words.next()?.parse().ok()?,
            })
        })
        .collect();
    let mut found: Vec<Process> = Vec::new();
    let mut parents = vec![of];
    while let Some(parent) = parents.pop() {
        let (children, others) = rest
            .into_iter()
            .partition(|process| process.parent == parent);
        rest = others;
        for child in children {
            parents.push(child.id);
            found.push(child);
        }
    }
    found
}

/// Whether this process is gone, or has ended.
pub fn is_gone(id: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"));
    stat.map_or(true, |stat| stat.contains(") Z "))
}

/// The only event of a kind.
pub fn find<'a>(events: &'a [Value], kind: &str) -> &'a Value {
    let found: Vec<&Value> = events.iter().filter(|event| event["k"] == kind).collect();
    match found[..] {
        [only] => only,
        _ => panic!("{} events `{kind}` in {events:?}", found.len()),
    }
}

/// The last event, which must be the end.
pub fn end(events: &[Value]) -> &Value {
    match events.last() {
        Some(last) if last["k"] == "end" => last,
        _ => panic!("no end: {events:?}"),
    }
}

/// All text of one kind: `out`, `err` or `diag`.
pub fn text(events: &[Value], kind: &str) -> String {
    let of_kind = events.iter().filter(|event| event["k"] == kind);
    of_kind.filter_map(|event| event["text"].as_str()).collect()
}
