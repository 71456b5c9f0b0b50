//! The six cells of the combination table, each for the same work.

use crate::primes::primes_below;
use crate::server::JOBS;
use crate::tasks::Tasks;
use std::fmt::{self, Display};
use std::future::poll_fn;
use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::task::Poll;
use std::thread::{self, Builder};
use std::{array, env};

/// Threads, or processes.
const WORKERS: usize = 3;
/// Jobs of each.
const SHARE: usize = JOBS / WORKERS;

/// Who executes.
#[derive(Debug, Clone, Copy)]
pub enum Unit {
    /// The calling thread.
    OneThread,
    /// Three threads of this process.
    Threads,
    /// Three processes with one thread each.
    Processes,
}

/// How the server is called.
#[derive(Debug, Clone, Copy)]
pub enum Call {
    /// The call returns with the answer.
    Synchronous,
    /// The call returns at once, and a task goes on when the answer is there.
    Asynchronous,
}

impl Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::OneThread => "one thread",
            Self::Threads => "3 threads",
            Self::Processes => "3 processes",
        })
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Synchronous => "synchronous",
            Self::Asynchronous => "asynchronous",
        })
    }
}

/// Asks the server for all its answers, in one of six designs; the primes below all of them.
// ANCHOR: designs
pub fn carry_out(unit: Unit, call: Call, server: SocketAddr) -> usize {
    match (unit, call) {
        (Unit::OneThread, Call::Synchronous) => ask_one_by_one(JOBS, server), // (1)
        (Unit::OneThread, Call::Asynchronous) => poll_in_turn(&tasks(JOBS, server)), // (2)
        (Unit::Threads, Call::Synchronous) => on_threads(|| ask_one_by_one(SHARE, server)),
        (Unit::Threads, Call::Asynchronous) => {
            let tasks = tasks(JOBS, server);
            on_threads(|| poll_in_turn(&tasks)) // (3)
        }
        (Unit::Processes, Call::Synchronous) => in_processes("one-by-one", server), // (4)
        (Unit::Processes, Call::Asynchronous) => in_processes("in-turn", server),
    }
}

fn ask_one_by_one(jobs: usize, server: SocketAddr) -> usize {
    (0..jobs).map(|_| primes_below(ask(server))).sum()
}

fn tasks<'a>(jobs: usize, server: SocketAddr) -> Tasks<'a, usize> {
    Tasks::new((0..jobs).map(|_| async move { primes_below(ask_later(server).await) })) // (5)
}
// ANCHOR_END: designs

fn poll_in_turn(tasks: &Tasks<'_, usize>) -> usize {
    tasks.poll_in_turn().into_iter().sum()
}

/// The thread sleeps in `read_to_string` until the server has answered.
fn ask(server: SocketAddr) -> u32 {
    let mut stream = TcpStream::connect(server).expect("no server");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("no answer");
    answer.parse().expect("the answer is no number")
}

/// Only the task waits: while there is no answer, its thread is free for others.
async fn ask_later(server: SocketAddr) -> u32 {
    // On the loopback address the kernel connects without the server's help.
    let mut stream = TcpStream::connect(server).expect("no server");
    stream.set_nonblocking(true).expect("cannot set");
    let mut answer = Vec::new();
    let whole = poll_fn(|_| match stream.read_to_end(&mut answer) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Poll::Pending,
        end => Poll::Ready(end),
    });
    whole.await.expect("no answer");
    let answer = str::from_utf8(&answer).expect("the answer is no text");
    answer.parse().expect("the answer is no number")
}

fn on_threads(work: impl Fn() -> usize + Sync) -> usize {
    thread::scope(|scope| {
        let handles: [_; WORKERS] = array::from_fn(|number| {
            let builder = Builder::new().name(format!("worker-{}", number + 1));
            builder
                .spawn_scoped(scope, &work)
                .expect("no thread to be had")
        });
        let counts = handles.map(|handle| handle.join().expect("worker panicked"));
        counts.iter().sum()
    })
}

/// Starts this program again, as workers that print what they have counted.
fn in_processes(how: &str, server: SocketAddr) -> usize {
    let this_program = env::current_exe().expect("no path to this program");
    let children: [Child; WORKERS] = array::from_fn(|_| {
        let mut worker = Command::new(&this_program);
        worker
            .args([how, &server.to_string()])
            .stdout(Stdio::piped());
        worker.spawn().expect("no process to be had")
    });
    let count = |child: Child| -> usize {
        let output = child.wait_with_output().expect("cannot wait");
        assert!(output.status.success(), "{}", output.status);
        let text = str::from_utf8(&output.stdout).expect("not UTF-8");
        text.trim().parse().expect("the worker printed no number")
    };
    children.map(count).iter().sum()
}

/// Whether this process is a worker that [`carry_out`] has started; if so, it does its share.
pub fn work_if_asked() -> bool {
    let mut arguments = env::args().skip(1);
    let (Some(how), Some(server)) = (arguments.next(), arguments.next()) else {
        return false;
    };
    let server = server.parse().expect("no address");
    let count = match how.as_str() {
        "one-by-one" => ask_one_by_one(SHARE, server),
        "in-turn" => poll_in_turn(&tasks(SHARE, server)),
        other => panic!("unknown work: {other}"),
    };
    println!("{count}");
    true
}
