//! What a watched call is about, from the registers of the thread that makes it.

use super::sys::{Registers, read_bytes};
use crate::event::State;
use libc::{c_int, c_long};

/// A watched call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// It waits, or may wait.
    Wait(Cause),
    /// It wakes at most this many threads that wait on the futex.
    Wake { futex: Futex, count: u32 },
    /// It gives the thread a name.
    Name(String),
    /// It makes two sockets that are each other's ends; their numbers will be at this address.
    SocketPair { numbers: u64 },
    /// Something will happen at a time, though all threads wait: a timer's signal.
    Timer,
    /// From now on waits on sockets may have a time-out.
    SocketTimeout,
    /// Nothing that a time line shows.
    Nothing,
}

/// What ends a wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// A wake-up of this futex; it waits as long as the futex has this value.
    Futex {
        futex: Futex,
        value: u32,
        timed: bool,
    },
    /// Bytes, or room for bytes.
    Io(Io),
    /// The end of this child, of any when none is named.
    Child { of: Option<i32> },
    /// Something else: a time, a signal, one of many files, another process.
    Other(State),
}

impl Cause {
    /// How a time line shows the wait.
    pub fn state(&self) -> State {
        match self {
            Self::Futex { .. } => State::Lock,
            Self::Io(_) => State::Read,
            Self::Child { .. } => State::Wait,
            Self::Other(state) => *state,
        }
    }
}

/// A futex within a run. Only a shared one can be the business of more than one process; its address
/// is the same in all of them when they come from one fork.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Futex {
    /// Its process; 0 when it is shared.
    pub process: i32,
    /// Its address.
    pub address: u64,
}

/// A transfer of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Io {
    /// The descriptor that is read from.
    pub from: Option<c_int>,
    /// The descriptor that is written to.
    pub to: Option<c_int>,
    /// Bytes to be written, where the call says so.
    pub length: u64,
}

impl Io {
    const fn read(fd: c_int) -> Self {
        let length = 0;
        Self {
            from: Some(fd),
            to: None,
            length,
        }
    }

    const fn write(fd: c_int, length: u64) -> Self {
        Self {
            from: None,
            to: Some(fd),
            length,
        }
    }
}

impl Call {
    /// The call that a thread of this process is about to make.
    pub fn of(pid: i32, registers: &Registers) -> Self {
        let arguments = [
            registers.rdi,
            registers.rsi,
            registers.rdx,
            registers.r10,
            registers.r8,
            registers.r9,
        ];
        let number = |argument: usize| arguments[argument] as u32 as c_int;
        let is_null = |argument: usize| arguments[argument] == 0;
        let other = |state| Self::Wait(Cause::Other(state));
        let io = |io| Self::Wait(Cause::Io(io));
        match registers.orig_rax as c_long {
            libc::SYS_futex => Self::futex(pid, arguments),
            libc::SYS_futex_waitv | libc::SYS_semop | libc::SYS_semtimedop => other(State::Lock),
            libc::SYS_flock if number(1) & libc::LOCK_NB != 0 => Self::Nothing,
            libc::SYS_flock | libc::SYS_fcntl => other(State::Lock),
            libc::SYS_read | libc::SYS_readv | libc::SYS_recvfrom | libc::SYS_recvmsg => {
                io(Io::read(number(0)))
            }
            libc::SYS_recvmmsg | libc::SYS_accept | libc::SYS_accept4 => io(Io::read(number(0))),
            libc::SYS_write | libc::SYS_sendto => io(Io::write(number(0), arguments[2])),
            libc::SYS_writev => {
                let vectors = arguments[2].min(1024);
                let length = (0..vectors)
                    .filter_map(|index| read_bytes::<8>(pid, arguments[1] + 16 * index + 8))
                    .map(u64::from_le_bytes)
                    .sum();
                io(Io::write(number(0), length))
            }
            libc::SYS_sendmsg | libc::SYS_sendmmsg => io(Io::write(number(0), 0)),
            libc::SYS_connect => other(State::Read),
            libc::SYS_sendfile => io(Io {
                from: Some(number(1)),
                to: Some(number(0)),
                length: arguments[3],
            }),
            libc::SYS_splice => io(Io {
                from: Some(number(0)),
                to: Some(number(2)),
                length: arguments[4],
            }),
            libc::SYS_msgrcv
            | libc::SYS_msgsnd
            | libc::SYS_mq_timedreceive
            | libc::SYS_mq_timedsend => other(State::Read),
            libc::SYS_nanosleep | libc::SYS_clock_nanosleep => other(State::Sleep),
            libc::SYS_poll | libc::SYS_epoll_wait | libc::SYS_epoll_pwait => {
                let milliseconds = if registers.orig_rax as c_long == libc::SYS_poll {
                    number(2)
                } else {
                    number(3)
                };
                if milliseconds == 0 {
                    Self::Nothing
                } else {
                    other(State::Poll)
                }
            }
            libc::SYS_ppoll if is_zero_time(pid, arguments[2]) => Self::Nothing,
            libc::SYS_epoll_pwait2 if is_zero_time(pid, arguments[3]) => Self::Nothing,
            libc::SYS_select | libc::SYS_pselect6 if is_zero_time(pid, arguments[4]) => {
                Self::Nothing
            }
            libc::SYS_ppoll | libc::SYS_epoll_pwait2 | libc::SYS_select | libc::SYS_pselect6 => {
                other(State::Poll)
            }
            libc::SYS_pause | libc::SYS_rt_sigsuspend => other(State::Poll),
            libc::SYS_rt_sigtimedwait if is_zero_time(pid, arguments[2]) => Self::Nothing,
            libc::SYS_rt_sigtimedwait => other(State::Poll),
            libc::SYS_wait4 if number(2) & libc::WNOHANG != 0 => Self::Nothing,
            libc::SYS_waitid if number(3) & libc::WNOHANG != 0 => Self::Nothing,
            libc::SYS_wait4 => Self::Wait(Cause::Child {
                of: Some(number(0)).filter(|pid| *pid > 0),
            }),
            libc::SYS_waitid => Self::Wait(Cause::Child {
                of: Some(number(1)).filter(|_| number(0) as libc::idtype_t == libc::P_PID),
            }),
            libc::SYS_prctl => match read_bytes::<16>(pid, arguments[1]) {
                Some(bytes) => Self::Name(name(&bytes)),
                None => Self::Nothing,
            },
            libc::SYS_socketpair => Self::SocketPair {
                numbers: arguments[3],
            },
            libc::SYS_setsockopt => {
                let times = [
                    libc::SO_RCVTIMEO,
                    libc::SO_SNDTIMEO,
                    SO_RCVTIMEO_NEW,
                    SO_SNDTIMEO_NEW,
                ];
                if number(1) == libc::SOL_SOCKET && times.contains(&number(2)) {
                    Self::SocketTimeout
                } else {
                    Self::Nothing
                }
            }
            libc::SYS_alarm if is_null(0) => Self::Nothing,
            libc::SYS_alarm | libc::SYS_setitimer | libc::SYS_timer_create => Self::Timer,
            _ => Self::Nothing,
        }
    }

    fn futex(pid: i32, arguments: [u64; 6]) -> Self {
        let [address, operation, value, timeout, ..] = arguments;
        let operation = operation as c_int;
        let is_private = operation & libc::FUTEX_PRIVATE_FLAG != 0;
        let futex = Futex {
            process: if is_private { pid } else { 0 },
            address,
        };
        let command = operation & !(libc::FUTEX_PRIVATE_FLAG | libc::FUTEX_CLOCK_REALTIME);
        let value = value as u32;
        match command {
            libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET | libc::FUTEX_WAIT_REQUEUE_PI => {
                let timed = timeout != 0;
                Self::Wait(Cause::Futex {
                    futex,
                    value,
                    timed,
                })
            }
            // The kernel's own locks, whose value names the holder: not what Rust's are made of.
            libc::FUTEX_LOCK_PI | FUTEX_LOCK_PI2 => Self::Wait(Cause::Other(State::Lock)),
            libc::FUTEX_WAKE
            | libc::FUTEX_WAKE_BITSET
            | libc::FUTEX_WAKE_OP
            | libc::FUTEX_REQUEUE
            | libc::FUTEX_CMP_REQUEUE => Self::Wake {
                futex,
                count: value,
            },
            _ => Self::Nothing,
        }
    }
}

/// Newer than libc's list.
const FUTEX_LOCK_PI2: c_int = 13;
/// The variants with 64-bit times.
const SO_RCVTIMEO_NEW: c_int = 66;
const SO_SNDTIMEO_NEW: c_int = 67;

/// A time-out of zero: the call looks, it does not wait. Without a time-out it waits for ever.
fn is_zero_time(pid: i32, address: u64) -> bool {
    address != 0 && read_bytes::<16>(pid, address) == Some([0; 16])
}

/// A thread's name as the kernel keeps it: at most 15 bytes, up to the first zero.
fn name(bytes: &[u8; 16]) -> String {
    let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(15);
    String::from_utf8_lossy(&bytes[..length.min(15)]).into_owned()
}

/// What a call returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// A value.
    Value(u64),
    /// An error, by its number.
    Failed(c_int),
    /// A signal interrupted it, and it will be made again.
    Again,
}

impl Returned {
    /// What the call has returned from which a thread was stopped.
    pub fn of(registers: &Registers) -> Self {
        // ERESTARTSYS and its relatives never reach the program.
        match registers.rax as i64 {
            -516 | -514..=-512 => Self::Again,
            error @ -4095..0 => Self::Failed(-error as c_int),
            value => Self::Value(value as u64),
        }
    }
}

/// Whether a thread continues the wait that a signal interrupted.
pub fn is_restart(registers: &Registers) -> bool {
    registers.orig_rax as c_long == libc::SYS_restart_syscall
}
