//! What a child does between fork and exec: a process group of its own, limits, another user, no longer
//! life than the supervisor. Only async-signal-safe calls, for the child must not allocate.

use crate::scratch::User;
use nix::sys::resource::{Resource, getrlimit, rlim_t, setrlimit};
use nix::unistd::{Pid, getpid, getppid, setpgid};
use std::io;
use std::thread::available_parallelism;

/// Private memory of one process, in bytes. DATA rather than AS: thread stacks and allocator arenas
/// reserve much more address space than they use.
#[cfg(target_os = "linux")]
const MEMORY_BYTES: rlim_t = 2 << 30;
/// Size of one file, in bytes.
pub const FILE_BYTES: rlim_t = 64 << 20;
/// Threads and processes that a run may add to those that exist.
#[cfg(target_os = "linux")]
const TASKS: rlim_t = 1024;

/// The limits of one run, computed before the fork.
#[derive(Debug, Clone)]
pub struct Limits {
    resources: Vec<(Resource, rlim_t)>,
    user: Option<User>,
    supervisor: Pid,
}

impl Limits {
    /// Of a listing, or of the compilation of one, that may take this time; `user` is whom it runs as,
    /// if not as its starter.
    pub fn listing(wall_ms: u64, user: Option<User>) -> Self {
        Self {
            resources: listing_resources(wall_ms, user.is_some()),
            user,
            supervisor: getpid(),
        }
    }

    /// Of a tool of ours: none.
    pub fn tool() -> Self {
        Self {
            resources: Vec::new(),
            user: None,
            supervisor: getpid(),
        }
    }

    /// Binds the calling process, which is about to become the program.
    pub fn apply(&self) -> io::Result<()> {
        setpgid(Pid::from_raw(0), Pid::from_raw(0))?;
        if !self.resources.is_empty() {
            inherit_streams_only();
        }
        for &(resource, limit) in &self.resources {
            let (_, hard) = getrlimit(resource)?;
            let limit = limit.min(hard);
            setrlimit(resource, limit, limit)?;
        }
        #[cfg(target_os = "linux")]
        {
            use nix::sys::prctl::{set_no_new_privs, set_pdeathsig};
            use nix::sys::signal::Signal;
            use nix::unistd::{setgroups, setresgid, setresuid};
            if !self.resources.is_empty() {
                // Before the change of user, which takes the right to do it.
                be_first_out_of_memory();
            }
            if let Some(User { uid, gid }) = self.user {
                setgroups(&[])?;
                setresgid(gid, gid, gid)?;
                setresuid(uid, uid, uid)?;
            }
            if !self.resources.is_empty() {
                set_no_new_privs()?;
            }
            // After the change of user, which clears it.
            set_pdeathsig(Signal::SIGKILL)?;
        }
        if getppid() != self.supervisor {
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        Ok(())
    }
}

/// What whoever started the book had open stays theirs: a terminal's, a build's or an editor's files.
/// Closed at the exec and not here, for the caller of [`Limits::apply`] still needs some of them.
fn inherit_streams_only() {
    // SAFETY: system calls that take integers only.
    unsafe {
        #[cfg(target_os = "linux")]
        if libc::syscall(
            libc::SYS_close_range,
            3,
            libc::c_uint::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        ) == 0
        {
            return;
        }
        // Before Linux 5.11, and elsewhere: all that there can be, within reason.
        let (most, _) = getrlimit(Resource::RLIMIT_NOFILE).unwrap_or((1024, 1024));
        for fd in 3..most.min(1 << 16) {
            libc::fcntl(fd as libc::c_int, libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
}

/// Limits are per process, and many processes may share the machine's memory out among them: should
/// it run out, the kernel is to end one of the run, and nothing else of the reader's. Best effort.
#[cfg(target_os = "linux")]
fn be_first_out_of_memory() {
    // SAFETY: three system calls; the strings are static and end with a zero, or have their length
    // given.
    unsafe {
        let file = libc::open(c"/proc/self/oom_score_adj".as_ptr(), libc::O_WRONLY);
        if file >= 0 {
            libc::write(file, b"1000".as_ptr().cast(), 4);
            libc::close(file);
        }
    }
}

fn listing_resources(wall_ms: u64, own_user: bool) -> Vec<(Resource, rlim_t)> {
    let cores = available_parallelism().map_or(1, |cores| cores.get() as rlim_t);
    let mut resources = vec![
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_FSIZE, FILE_BYTES),
        // A backstop: the wall-clock limit comes first unless the supervisor is starved.
        (
            Resource::RLIMIT_CPU,
            (wall_ms.div_ceil(1000) + 1).saturating_mul(cores),
        ),
    ];
    #[cfg(target_os = "linux")]
    {
        resources.push((Resource::RLIMIT_DATA, MEMORY_BYTES));
        // The kernel counts per user; a user of its own starts from nothing.
        let existing = if own_user { 0 } else { tasks_of_the_machine() };
        resources.push((Resource::RLIMIT_NPROC, existing + TASKS));
    }
    #[cfg(not(target_os = "linux"))]
    let _ = own_user;
    resources
}

/// All threads of the machine, from `/proc/loadavg` ("0.2 0.1 0.1 2/345 6789"). More than the user's
/// own, and one read instead of one per process.
#[cfg(target_os = "linux")]
fn tasks_of_the_machine() -> rlim_t {
    std::fs::read_to_string("/proc/loadavg")
        .ok()
        .and_then(|line| line.split(' ').nth(3)?.split_once('/')?.1.parse().ok())
        .unwrap_or(8 * TASKS)
}
