//! Run and Edit under stock `mdbook serve`: the API as a helper process beside mdBook.
//!
//! ```text
//! mdbook serve ── starts, once per rebuild ──▶ renderer (`book render`)
//!   │ pages, with the helper's address             │ starts the helper, or finds it again
//!   ▼                                              ▼
//! browser ──────────── run, edit, stop ──────▶ helper (`book __api`): lives as long as mdBook does
//! ```
//!
//! The renderer cannot serve: it ends with each rebuild. The helper has a process group of its own,
//! so that Ctrl-C reaches mdBook alone, and watches mdBook's end.

use crate::process::Process;
use crate::programs::{self, Console, Programs, Supervisor};
use crate::serve::{self, Clients, Parts, Server, Site};
use anyhow::{Context, Result, bail, ensure};
use mdbook_bilingual::Api;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde::{Deserialize, Serialize};
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{AsFd, FromRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use tokio::sync::oneshot;

/// Where a helper is and how to talk to it: `target/run/<mdBook>-<its start>.json`, mode 0600.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Contact {
    /// The helper's own number and start.
    helper: (u32, u64),
    address: String,
    token: String,
}

/// The helper of the mdBook that started this renderer, started now if there is none yet.
///
/// # Errors
///
/// It cannot be started, or mdBook is not to be found.
pub fn attach(root: &Path) -> Result<Api> {
    ensure!(
        cfg!(target_os = "linux"),
        "that works on Linux only\n  hint: use `cargo book serve`"
    );
    let mdbook = Process::starter().context("the mdBook that renders cannot be found")?;
    let folder = root.join("target/run");
    fs::create_dir_all(&folder).context("target/run cannot be made")?;
    // Two rebuilds at once must not start two helpers. Closing the file unlocks it.
    let lock = private(&folder.join("lock"))?;
    lock.lock().context("target/run/lock cannot be locked")?;
    forget_the_dead(&folder);
    let contact = match known(&folder, mdbook) {
        Some(contact) => contact,
        None => start(root, mdbook)?,
    };
    Ok(Api {
        address: contact.address,
        token: contact.token,
    })
}

fn file(folder: &Path, mdbook: Process) -> PathBuf {
    folder.join(format!("{}-{}.json", mdbook.id, mdbook.start))
}

fn private(path: &Path) -> Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))
}

fn read(path: &Path) -> Option<Contact> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// A contact whose helper is alive.
fn known(folder: &Path, mdbook: Process) -> Option<Contact> {
    let contact = read(&file(folder, mdbook))?;
    let (id, start) = contact.helper;
    Process { id, start }.is_alive().then_some(contact)
}

/// Contacts of helpers that were killed before they could remove them.
fn forget_the_dead(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_alive = read(&path).is_none_or(|contact| {
            let (id, start) = contact.helper;
            Process { id, start }.is_alive()
        });
        if !is_alive {
            let _ = fs::remove_file(path);
        }
    }
}

fn start(root: &Path, mdbook: Process) -> Result<Contact> {
    let mut helper = Command::new(Supervisor::this()?.program());
    helper
        .arg("__api")
        .args([mdbook.id.to_string(), mdbook.start.to_string()])
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .process_group(0);
    let mut child = helper.spawn().context("the helper cannot be started")?;
    let stdout = child.stdout.take().context("the helper has no output")?;
    // One line, when it listens; its end without one when it cannot.
    let mut line = String::new();
    BufReader::new(stdout)
        .read_line(&mut line)
        .context("the helper does not answer")?;
    serde_json::from_str(&line).context("the helper ended; the reason is above")
}

/// The body of `book __api`: answers on a free port until that mdBook has ended.
///
/// # Errors
///
/// mdBook has ended already, the listings cannot be read, or no port is free.
pub fn run(root: &Path, mdbook: Process) -> Result<()> {
    let ended = end_of(mdbook)?;
    ensure!(mdbook.is_alive(), "mdBook has ended already");
    let console = Console::lines();
    let supervisor = Supervisor::this()?;
    let programs = Programs::new(root, supervisor.clone(), &programs::catalogue(root)?);
    let parts = Parts {
        listings: Arc::new(programs.clone()),
        site: Arc::new(Site::building()),
        supervisor,
        clients: Clients::PagesOf(mdbook),
    };
    let server = Server::bind(0, parts)?;
    let own = Process::of(std::process::id()).context("this process is unknown to itself")?;
    let contact = Contact {
        helper: (own.id, own.start),
        address: format!("http://127.0.0.1:{}/", server.port()),
        token: server.token().to_owned(),
    };
    let path = file(&root.join("target/run"), mdbook);
    let line = serde_json::to_string(&contact)?;
    private(&path)?.write_all(line.as_bytes())?;
    let mut stdout = std::io::stdout();
    // The renderer may have been interrupted; mdBook's end is what counts.
    let _ = writeln!(stdout, "{line}").and_then(|()| stdout.flush());

    serve::warn_if_root(&console);
    serve::watch(root.to_path_buf(), console.clone(), {
        let (root, programs) = (root.to_path_buf(), programs.clone());
        move |_| programs.renew(&root, &console)
    })?;
    let result = server.run(async {
        tokio::select! {
            () = serve::until_signal() => {}
            () = readable(ended) => {}
        }
    });
    programs.close();
    let _ = fs::remove_file(path);
    result
}

/// A descriptor that becomes readable when the process ends (pidfd_open(2), Linux 5.3).
#[cfg(target_os = "linux")]
fn end_of(process: Process) -> Result<OwnedFd> {
    // SAFETY: pidfd_open takes two integers and returns a new descriptor or -1.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, process.id, 0) };
    match i32::try_from(fd) {
        // SAFETY: the descriptor is new, so nobody else owns it.
        Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => bail!(
            "the end of mdBook cannot be watched: {}",
            std::io::Error::last_os_error()
        ),
    }
}

#[cfg(not(target_os = "linux"))]
fn end_of(_: Process) -> Result<OwnedFd> {
    bail!("the end of mdBook can be watched on Linux only")
}

/// Done when the descriptor is readable, watched by a thread of its own.
async fn readable(fd: OwnedFd) {
    let (sender, receiver) = oneshot::channel();
    thread::spawn(move || {
        let mut fds = [PollFd::new(fd.as_fd(), PollFlags::POLLIN)];
        while poll(&mut fds, PollTimeout::NONE) == Err(Errno::EINTR) {}
        let _ = sender.send(());
    });
    let _ = receiver.await;
}
