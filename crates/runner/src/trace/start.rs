//! Starts a program under the tracer.
//!
//! By hand, because std's `Command` waits for the child's `exec`, in which a traced child would wait
//! for its tracer: for ever.

use super::filter;
use super::sys::{self, Stop};
use crate::limits::Limits;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::unistd::{
    ForkResult, chdir, dup2_stderr, dup2_stdin, dup2_stdout, fork, pipe2, read, write,
};
use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A traced program, stopped before its first instruction.
#[derive(Debug)]
pub struct Started {
    /// Its process.
    pub pid: i32,
    /// Its standard output; reading never waits.
    pub stdout: OwnedFd,
    /// Its standard error.
    pub stderr: OwnedFd,
}

/// Starts what the command describes with its whole environment, its standard input at its end.
///
/// # Errors
///
/// It cannot be started, or not be traced.
pub fn start(command: &Command, limits: &Limits) -> io::Result<Started> {
    sys::hear_of_children()?;
    let exec = Exec::of(command)?;
    let filter = filter::program();
    let pipe = || pipe2(OFlag::O_CLOEXEC);
    let (stdout, stdout_write) = pipe()?;
    let (stderr, stderr_write) = pipe()?;
    let (traced, traced_write) = pipe()?;
    let (failure, failure_write) = pipe()?;
    let stdin = nix::fcntl::open("/dev/null", OFlag::O_RDONLY | OFlag::O_CLOEXEC, no_mode())?;
    for end in [&stdout, &stderr] {
        crate::supervisor::set_nonblocking(end)?;
    }
    let become_program = || -> io::Result<()> {
        // The other end is closed without a word when this process cannot be traced.
        if read(&traced, &mut [0])? == 0 {
            return Err(io::Error::from(Errno::EPERM));
        }
        limits.apply()?;
        nix::sys::prctl::set_no_new_privs()?;
        chdir(exec.folder.as_c_str())?;
        dup2_stdin(&stdin)?;
        dup2_stdout(&stdout_write)?;
        dup2_stderr(&stderr_write)?;
        default_signals()?;
        filter::install(&filter)?;
        exec.exec()
    };
    // SAFETY: this process has one thread; even so the child makes system calls only.
    match unsafe { fork() }? {
        ForkResult::Child => {
            drop(traced_write);
            let error = become_program()
                .err()
                .and_then(|error| error.raw_os_error());
            let _ = write(&failure_write, &error.unwrap_or(libc::EINVAL).to_ne_bytes());
            // SAFETY: `_exit` takes any status and ends this process at once.
            unsafe { libc::_exit(127) }
        }
        ForkResult::Parent { child } => {
            let pid = child.as_raw();
            drop((failure_write, stdout_write, stderr_write, traced));
            let seized = sys::seize(pid);
            if seized.is_ok() {
                write(&traced_write, &[1])?;
            }
            drop(traced_write);
            if runs(pid)? {
                return Ok(Started {
                    pid,
                    stdout,
                    stderr,
                });
            }
            seized.map_err(|error| refused(&error))?;
            let mut number = [0; 4];
            let length = read(failure.as_fd(), &mut number)?;
            Err(match length {
                4 => io::Error::from_raw_os_error(i32::from_ne_bytes(number)),
                _ => io::Error::other("it was killed before it began"),
            })
        }
    }
}

fn refused(error: &Errno) -> io::Error {
    io::Error::other(format!("this system does not let it be traced: {error}"))
}

fn no_mode() -> nix::sys::stat::Mode {
    nix::sys::stat::Mode::empty()
}

/// Follows a child to its new program, where it stays stopped; false when it ends before.
fn runs(pid: i32) -> io::Result<bool> {
    loop {
        match sys::next_stop(true) {
            Ok(Some((tid, _))) if tid != pid => {}
            Ok(Some((_, Stop::Exec))) => return Ok(true),
            Ok(Some((_, Stop::Exited(_) | Stop::Killed(_)))) => return Ok(false),
            Ok(Some((_, Stop::Signal(signal)))) => sys::resume(pid, signal),
            Ok(_) => sys::resume(pid, 0),
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// As std's `Command` does: what Rust's runtime and this supervisor changed is not the program's.
fn default_signals() -> io::Result<()> {
    use nix::sys::signal::{SigHandler, SigSet, SigmaskHow, Signal, signal, sigprocmask};
    // SAFETY: the default action is no handler.
    unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) }?;
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None)?;
    Ok(())
}

/// The arguments of `execve`, made before the fork: the child must not allocate.
struct Exec {
    program: CString,
    folder: CString,
    arguments: List,
    environment: List,
}

impl Exec {
    fn of(command: &Command) -> io::Result<Self> {
        let variables: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?)))
            .collect();
        let path = variables.iter().find(|(name, _)| *name == "PATH");
        let program = look_up(
            Path::new(command.get_program()),
            path.map(|(_, path)| *path),
        )?;
        let arguments = [command.get_program()]
            .into_iter()
            .chain(command.get_args());
        let environment = variables
            .iter()
            .map(|(name, value)| [name.as_bytes(), b"=", value.as_bytes()].concat());
        Ok(Self {
            program: CString::new(program.as_os_str().as_bytes())?,
            folder: CString::new(match command.get_current_dir() {
                Some(folder) => folder.as_os_str().as_bytes(),
                None => b".",
            })?,
            arguments: List::of(arguments.map(|argument| argument.as_bytes().to_vec()))?,
            environment: List::of(environment)?,
        })
    }

    /// Returns only when it fails.
    fn exec(&self) -> io::Result<()> {
        // SAFETY: all are zero-terminated, the lists by a null pointer, and live in `self`.
        unsafe {
            libc::execve(
                self.program.as_ptr(),
                self.arguments.pointers.as_ptr(),
                self.environment.pointers.as_ptr(),
            )
        };
        Err(io::Error::last_os_error())
    }
}

/// Strings as C wants a list of them.
struct List {
    /// What the pointers lead to.
    _strings: Vec<CString>,
    pointers: Vec<*const libc::c_char>,
}

impl List {
    fn of(strings: impl Iterator<Item = Vec<u8>>) -> io::Result<Self> {
        let strings = strings.map(CString::new).collect::<Result<Vec<_>, _>>()?;
        let pointers = strings.iter().map(|string| string.as_ptr());
        let pointers = pointers.chain([std::ptr::null()]).collect();
        Ok(Self {
            _strings: strings,
            pointers,
        })
    }
}

/// A name without a folder is looked up in the PATH that the program itself will have.
fn look_up(program: &Path, path: Option<&OsStr>) -> io::Result<PathBuf> {
    if program.components().count() > 1 || program.has_root() {
        return Ok(program.to_owned());
    }
    std::env::split_paths(path.unwrap_or_default())
        .map(|folder| folder.join(program))
        .find(|file| nix::unistd::access(file, nix::unistd::AccessFlags::X_OK).is_ok())
        .ok_or_else(|| io::Error::from_raw_os_error(libc::ENOENT))
}
