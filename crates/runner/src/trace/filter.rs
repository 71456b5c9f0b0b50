//! The seccomp filter: which calls stop a traced thread. All others run at full speed, and nothing is
//! ever forbidden.
//!
//! Never detach a process with this filter: without a tracer its watched calls fail with ENOSYS.

use libc::{
    BPF_ABS, BPF_JEQ, BPF_JGE, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, c_long, sock_filter,
};
use std::io;

/// Calls that are watched whatever their arguments. Not `sched_yield`: a thread that yields runs, and
/// a loop of yields would spend the budget of events on nothing.
const WATCHED: [c_long; 44] = [
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_recvmmsg,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_connect,
    libc::SYS_sendfile,
    libc::SYS_splice,
    libc::SYS_socketpair,
    libc::SYS_setsockopt,
    libc::SYS_futex,
    libc::SYS_futex_waitv,
    libc::SYS_flock,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_msgrcv,
    libc::SYS_msgsnd,
    libc::SYS_mq_timedreceive,
    libc::SYS_mq_timedsend,
    libc::SYS_nanosleep,
    libc::SYS_clock_nanosleep,
    libc::SYS_pause,
    libc::SYS_rt_sigsuspend,
    libc::SYS_rt_sigtimedwait,
    libc::SYS_poll,
    libc::SYS_ppoll,
    libc::SYS_select,
    libc::SYS_pselect6,
    libc::SYS_epoll_wait,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_wait4,
    libc::SYS_waitid,
    libc::SYS_restart_syscall,
    libc::SYS_alarm,
    libc::SYS_setitimer,
    libc::SYS_timer_create,
];
/// Watched when an argument has a value: (call, number of the argument, value).
const WATCHED_IF: [(c_long, u32, i32); 3] = [
    (libc::SYS_prctl, 0, libc::PR_SET_NAME),
    (libc::SYS_fcntl, 1, libc::F_SETLKW),
    (libc::SYS_fcntl, 1, libc::F_OFD_SETLKW),
];

/// `AUDIT_ARCH_X86_64`: little-endian, 64 bit, machine 62.
const X86_64: u32 = 0xc000_003e;
/// Set in the numbers of x32, whose calls go unseen.
const X32: u32 = 0x4000_0000;

// Offsets in `struct seccomp_data`.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const ARGUMENTS: u32 = 16;

const fn load(offset: u32) -> sock_filter {
    instruction(BPF_LD | BPF_W | BPF_ABS, 0, 0, offset)
}

const fn unless_equal(value: u32, skip: u8) -> sock_filter {
    instruction(BPF_JMP | BPF_JEQ | BPF_K, 0, skip, value)
}

const fn answer(action: u32) -> sock_filter {
    instruction(BPF_RET | BPF_K, 0, 0, action)
}

const fn instruction(code: u32, jt: u8, jf: u8, k: u32) -> sock_filter {
    sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    }
}

/// The program, made before the fork: the child must not allocate.
pub fn program() -> Vec<sock_filter> {
    let mut program = vec![
        load(ARCHITECTURE),
        unless_equal(X86_64, 2),
        load(NUMBER),
        instruction(BPF_JMP | BPF_JGE | BPF_K, 0, 1, X32),
        answer(libc::SECCOMP_RET_ALLOW),
    ];
    for call in WATCHED {
        program.extend([
            unless_equal(call as u32, 1),
            answer(libc::SECCOMP_RET_TRACE),
        ]);
    }
    for (call, argument, value) in WATCHED_IF {
        program.extend([
            unless_equal(call as u32, 4),
            load(ARGUMENTS + 8 * argument),
            unless_equal(value as u32, 1),
            answer(libc::SECCOMP_RET_TRACE),
            load(NUMBER),
        ]);
    }
    program.push(answer(libc::SECCOMP_RET_ALLOW));
    program
}

/// Binds the calling process and all that it will start. Only async-signal-safe calls.
///
/// # Errors
///
/// The system has no such filters.
pub fn install(program: &[sock_filter]) -> io::Result<()> {
    let described = libc::sock_fprog {
        len: program.len() as u16,
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: the kernel copies the program that the struct describes.
    let result = unsafe {
        libc::prctl(
            libc::PR_SET_SECCOMP,
            libc::SECCOMP_MODE_FILTER,
            &raw const described,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}
