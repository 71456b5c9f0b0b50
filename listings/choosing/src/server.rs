//! A server that is slow: it lets those who ask wait for one another.

use std::io::{ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread::{Builder, JoinHandle};

/// Answers that the server gives before it ends.
pub const JOBS: usize = 6;

/// Each answer is a limit below which to count primes: 1000, 2000, and so on.
const STEP: usize = 1_000;

/// A server on the loopback address that gives out [`JOBS`] answers.
#[derive(Debug)]
pub struct SlowServer {
    address: SocketAddr,
    thread: JoinHandle<usize>,
}

impl SlowServer {
    /// Starts a server that answers nobody before `at_once` connections are open.
    ///
    /// Whoever cannot keep so many open waits for ever: that makes the number a proof.
    pub fn start(at_once: usize) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("no port to be had");
        let address = listener.local_addr().expect("it is bound");
        let thread = Builder::new().name("server".into());
        let thread = thread.spawn(move || serve(&listener, at_once));
        Self {
            address,
            thread: thread.expect("no thread to be had"),
        }
    }

    /// Where to ask.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits for the last answer; the most connections that were open at once.
    pub fn most_open(self) -> usize {
        self.thread.join().expect("the server panicked")
    }
}

fn serve(listener: &TcpListener, at_once: usize) -> usize {
    let (mut answered, mut most_open) = (0, 0);
    while answered < JOBS {
        let mut open: Vec<TcpStream> = (0..at_once).map(|_| accept(listener)).collect();
        open.extend(those_who_ask_too(listener));
        most_open = most_open.max(open.len());
        for mut stream in open {
            answered += 1;
            write!(stream, "{}", answered * STEP).expect("whoever asked has gone");
        }
    }
    most_open
}

fn accept(listener: &TcpListener) -> TcpStream {
    listener.accept().expect("cannot accept").0
}

/// More connections than were waited for: a synchronous caller never has any.
fn those_who_ask_too(listener: &TcpListener) -> Vec<TcpStream> {
    listener.set_nonblocking(true).expect("cannot set");
    let mut more = Vec::new();
    let refused = loop {
        match listener.accept() {
            Ok((stream, _)) => more.push(stream),
            Err(error) => break error,
        }
    };
    assert_eq!(refused.kind(), ErrorKind::WouldBlock);
    listener.set_nonblocking(false).expect("cannot set");
    more
}
