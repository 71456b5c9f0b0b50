//! The end of a run: every process of it is killed and waited for.

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::thread::sleep;
use std::time::Duration;

/// How a child that was waited for ended: libc's status word, because nix refuses real-time signals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status(libc::c_int);

impl Status {
    /// Exit status, if it exited.
    pub fn exit(self) -> Option<i32> {
        libc::WIFEXITED(self.0).then(|| libc::WEXITSTATUS(self.0))
    }

    /// Number of the signal that ended it, if one did.
    pub fn signal(self) -> Option<i32> {
        libc::WIFSIGNALED(self.0).then(|| libc::WTERMSIG(self.0))
    }
}

/// What a look at the children finds.
pub enum Reaped {
    /// This one has ended.
    Child(Pid, Status),
    /// All that are left are alive.
    Alive,
    /// There are none.
    None,
}

/// Waits for any child that has ended, without blocking.
pub fn reap() -> Reaped {
    let mut status = 0;
    // SAFETY: waitpid writes one int, to a local that outlives the call.
    match unsafe { libc::waitpid(-1, &mut status, libc::WNOHANG) } {
        0 => Reaped::Alive,
        -1 => Reaped::None,
        pid => Reaped::Child(Pid::from_raw(pid), Status(status)),
    }
}

/// How often in succession to try in vain, which takes about 3 s; a process in uninterruptible sleep
/// outlives even that. Not counted in time, for a fork bomb can keep us from running for seconds, nor
/// while anything dies, for what is given up lives on.
const TRIES: u32 = 1_000;

/// Kills the program `main` with its process group, then all that has left the group: orphans become
/// children of the supervisor, which is their subreaper. Returns how many processes besides `main`
/// were alive and had to be killed.
///
/// When `main` has ended by itself, its children that had ended before and that it never waited for
/// count as well: until now they were zombies.
pub fn kill_everything(main: Pid, ended_itself: bool) -> u32 {
    let mut left = 0;
    let mut first = true;
    let mut in_vain = 0;
    while in_vain < TRIES {
        in_vain += 1;
        loop {
            match reap() {
                Reaped::Child(pid, status) => {
                    in_vain = 0;
                    let was_zombie = first && ended_itself;
                    if pid != main && (was_zombie || status.signal() == Some(libc::SIGKILL)) {
                        left += 1;
                    }
                }
                Reaped::Alive => break,
                Reaped::None => return left,
            }
        }
        if first {
            // Only once: when the group is empty, its number may be given to a stranger.
            let _ = killpg(main, Signal::SIGKILL);
            first = false;
        }
        for pid in descendants() {
            let _ = kill(pid, Signal::SIGKILL);
        }
        sleep(Duration::from_millis(1));
    }
    left
}

/// All processes below this one. They cannot be waited for behind our back, so no number is stale.
#[cfg(target_os = "linux")]
fn descendants() -> Vec<Pid> {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<i32>().ok())
        else {
            continue;
        };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // "123 (name with ) and spaces) S 1 ...": the parent is the second word after the name.
        let parent = stat
            .rsplit_once(')')
            .and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse::<i32>().ok());
        parents.extend(parent.map(|parent| (pid, parent)));
    }
    let mut found = vec![nix::unistd::getpid().as_raw()];
    let mut next = 0;
    while next < found.len() {
        let parent = found[next];
        found.extend(
            parents
                .iter()
                .filter(|(_, of)| *of == parent)
                .map(|(pid, _)| *pid),
        );
        next += 1;
    }
    found.into_iter().skip(1).map(Pid::from_raw).collect()
}

/// Without a subreaper and without `/proc` the process group is all there is.
#[cfg(not(target_os = "linux"))]
fn descendants() -> Vec<Pid> {
    Vec::new()
}
