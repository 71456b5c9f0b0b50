//! ptrace and the memory of other processes: libc's calls behind safe functions.
//!
//! nix is no help here: its `WaitStatus` refuses real-time signals, and its `cont` cannot deliver them.

use libc::{c_int, c_long, c_void};
use nix::errno::Errno;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;

/// The registers of a stopped thread.
pub use libc::user_regs_struct as Registers;

/// In the status of a thread that is new or was stopped by a stop signal.
const PTRACE_EVENT_STOP: c_int = 128;

/// What a traced thread did to be stopped, or that it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// A call that the filter watches is about to be made.
    Call,
    /// A call has returned.
    Return,
    /// It made this thread or process.
    Made(i32),
    /// Its process has become another program.
    Exec,
    /// It is about to be gone.
    Exiting,
    /// It is new, or goes on after a stop signal.
    Fresh,
    /// A stop signal has stopped its process.
    Group,
    /// It is about to get this signal.
    Signal(c_int),
    /// It is gone, with this exit status.
    Exited(c_int),
    /// It is gone, killed by this signal.
    Killed(c_int),
}

/// The next thread that was stopped or is gone, without waiting for it.
///
/// # Errors
///
/// There are none left (`ECHILD`).
pub fn next_stop(wait: bool) -> nix::Result<Option<(i32, Stop)>> {
    let mut status = 0;
    let flags = libc::__WALL | if wait { 0 } else { libc::WNOHANG };
    // SAFETY: waitpid writes one int, to a local that outlives the call.
    let tid = Errno::result(unsafe { libc::waitpid(-1, &mut status, flags) })?;
    Ok((tid > 0).then(|| (tid, stop(tid, status))))
}

fn stop(tid: i32, status: c_int) -> Stop {
    if libc::WIFEXITED(status) {
        return Stop::Exited(libc::WEXITSTATUS(status));
    }
    if libc::WIFSIGNALED(status) {
        return Stop::Killed(libc::WTERMSIG(status));
    }
    let signal = libc::WSTOPSIG(status);
    match status >> 16 {
        libc::PTRACE_EVENT_SECCOMP => Stop::Call,
        libc::PTRACE_EVENT_CLONE | libc::PTRACE_EVENT_FORK | libc::PTRACE_EVENT_VFORK => {
            Stop::Made(message(tid))
        }
        libc::PTRACE_EVENT_EXEC => Stop::Exec,
        libc::PTRACE_EVENT_EXIT => Stop::Exiting,
        PTRACE_EVENT_STOP if signal == libc::SIGTRAP => Stop::Fresh,
        PTRACE_EVENT_STOP => Stop::Group,
        // PTRACE_O_TRACESYSGOOD marks these.
        _ if signal == libc::SIGTRAP | 0x80 => Stop::Return,
        _ => Stop::Signal(signal),
    }
}

/// The number that an event brings along; 0 when the thread was killed meanwhile.
fn message(tid: i32) -> i32 {
    let mut message: libc::c_ulong = 0;
    // SAFETY: writes one long, to a local that outlives the call.
    unsafe {
        libc::ptrace(
            libc::PTRACE_GETEVENTMSG,
            tid,
            ptr::null_mut::<c_void>(),
            &raw mut message,
        )
    };
    i32::try_from(message).unwrap_or(0)
}

/// A request whose data is a number. A thread may be killed at any moment, so the answer matters to
/// those only who ask for it.
fn request(request: libc::c_uint, tid: i32, data: c_long) -> nix::Result<()> {
    // SAFETY: the requests that come here take their data by value.
    let result = unsafe { libc::ptrace(request, tid, ptr::null_mut::<c_void>(), data) };
    Errno::result(result).map(drop)
}

/// Begins to trace a process and all that it will start. Should this process die, so do they.
///
/// # Errors
///
/// The system does not allow it.
pub fn seize(pid: i32) -> nix::Result<()> {
    let options = libc::PTRACE_O_TRACESYSGOOD
        | libc::PTRACE_O_TRACECLONE
        | libc::PTRACE_O_TRACEFORK
        | libc::PTRACE_O_TRACEVFORK
        | libc::PTRACE_O_TRACEEXEC
        | libc::PTRACE_O_TRACEEXIT
        | libc::PTRACE_O_TRACESECCOMP
        | libc::PTRACE_O_EXITKILL;
    request(libc::PTRACE_SEIZE, pid, c_long::from(options))
}

/// Lets a stopped thread go on, with this signal if it is not 0.
pub fn resume(tid: i32, signal: c_int) {
    let _ = request(libc::PTRACE_CONT, tid, c_long::from(signal));
}

/// Lets a thread that is about to make a call go on to the return of that call.
pub fn resume_to_return(tid: i32) {
    let _ = request(libc::PTRACE_SYSCALL, tid, 0);
}

/// Leaves a thread stopped by a stop signal as it is, until SIGCONT.
pub fn listen(tid: i32) {
    let _ = request(libc::PTRACE_LISTEN, tid, 0);
}

/// The registers of a stopped thread; none when it was killed meanwhile.
pub fn registers(tid: i32) -> Option<Registers> {
    let mut registers = MaybeUninit::<Registers>::uninit();
    // SAFETY: on success it fills the struct that it is given.
    unsafe {
        let result = libc::ptrace(
            libc::PTRACE_GETREGS,
            tid,
            ptr::null_mut::<c_void>(),
            registers.as_mut_ptr(),
        );
        (result == 0).then(|| registers.assume_init())
    }
}

/// Reads from the memory of a process: as many bytes as there are, up to the length of the buffer.
pub fn read_memory(pid: i32, address: u64, buffer: &mut [u8]) -> usize {
    let local = libc::iovec {
        iov_base: buffer.as_mut_ptr().cast(),
        iov_len: buffer.len(),
    };
    let remote = libc::iovec {
        iov_base: address as *mut c_void,
        iov_len: buffer.len(),
    };
    // SAFETY: the local part describes a buffer that is ours to write; the other one is checked by
    // the kernel.
    let read = unsafe { libc::process_vm_readv(pid, &local, 1, &remote, 1, 0) };
    usize::try_from(read).unwrap_or(0)
}

/// Some bytes of a process; none when they are not all there.
pub fn read_bytes<const N: usize>(pid: i32, address: u64) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    (read_memory(pid, address, &mut bytes) == N).then_some(bytes)
}

/// Waits for descriptors with SIGCHLD let through: blocked otherwise, so that no stop is missed
/// between the look for one and the wait.
pub fn poll_or_child(fds: &mut [libc::pollfd], timeout: std::time::Duration) {
    let timeout = libc::timespec {
        tv_sec: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
        tv_nsec: timeout.subsec_nanos().into(),
    };
    let mut nothing = MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the set is filled before its use, and all pointers are to locals or to the caller's
    // slice, whose length goes along.
    let result = unsafe {
        libc::sigemptyset(nothing.as_mut_ptr());
        libc::ppoll(
            fds.as_mut_ptr(),
            fds.len() as libc::nfds_t,
            &timeout,
            nothing.as_ptr(),
        )
    };
    if result <= 0 {
        fds.iter_mut().for_each(|fd| fd.revents = 0);
    }
}

extern "C" fn nothing(_: c_int) {}

/// Makes SIGCHLD end a wait of [`poll_or_child`], and nothing else.
///
/// # Errors
///
/// The system refuses, which it never does.
pub fn hear_of_children() -> io::Result<()> {
    use nix::sys::signal::{
        SaFlags, SigAction, SigHandler, SigSet, SigmaskHow, Signal, sigaction, sigprocmask,
    };
    let action = SigAction::new(
        SigHandler::Handler(nothing),
        SaFlags::empty(),
        SigSet::empty(),
    );
    // SAFETY: the handler does nothing.
    unsafe { sigaction(Signal::SIGCHLD, &action) }?;
    let child = SigSet::from_iter([Signal::SIGCHLD]);
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&child), None)?;
    Ok(())
}
