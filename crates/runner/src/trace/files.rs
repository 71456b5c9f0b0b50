//! What the descriptors of a run lead to, and whose bytes are in its pipes.

use super::sys::read_bytes;
use libc::c_int;
use nix::sys::stat::{SFlag, stat};
use std::collections::{HashMap, VecDeque};

/// Device and number of a file.
pub type Key = (u64, u64);

/// What a descriptor leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    /// Never makes anybody wait: a file or folder on a disk.
    Plain,
    /// A pipe, with or without a name.
    Pipe(Key),
    /// A socket.
    Socket(Key),
    /// A terminal or another thing that can make wait.
    Other,
}

impl File {
    /// What this descriptor of a thread leads to.
    pub fn of(tid: i32, fd: c_int) -> Self {
        let Ok(stat) = stat(format!("/proc/{tid}/fd/{fd}").as_str()) else {
            // It is not open: the call will fail.
            return Self::Plain;
        };
        let key = (stat.st_dev, stat.st_ino);
        match SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT {
            SFlag::S_IFIFO => Self::Pipe(key),
            SFlag::S_IFSOCK => Self::Socket(key),
            SFlag::S_IFREG | SFlag::S_IFDIR | SFlag::S_IFBLK => Self::Plain,
            _ => Self::Other,
        }
    }

    /// A pipe's or socket's key.
    pub fn key(self) -> Option<Key> {
        match self {
            Self::Pipe(key) | Self::Socket(key) => Some(key),
            Self::Plain | Self::Other => None,
        }
    }
}

/// Bytes in a pipe and the thread that put them there.
struct Part {
    writer: i32,
    length: u64,
}

/// The pipes of a run.
pub struct Pipes {
    /// Where pipes without a name are: a named one may be opened by anybody at any time.
    nameless: u64,
    /// What is in each, oldest first. A socket's bytes are where they are read.
    contents: HashMap<Key, VecDeque<Part>>,
    /// Sockets that were made as pairs, each with its other end.
    peers: HashMap<Key, Key>,
}

impl Pipes {
    /// For a run of which this is a pipe.
    pub fn new(pipe: Key) -> Self {
        Self {
            nameless: pipe.0,
            contents: HashMap::new(),
            peers: HashMap::new(),
        }
    }

    /// Whether only who holds an end of this pipe can ever get one.
    pub fn is_closed_circle(&self, pipe: Key) -> bool {
        pipe.0 == self.nameless
    }

    /// Two sockets were made; their numbers are at this address.
    pub fn paired(&mut self, tid: i32, numbers: u64) {
        let Some(numbers) = read_bytes::<8>(tid, numbers) else {
            return;
        };
        let [a, b] = [0, 4].map(|at| {
            let number = numbers[at..at + 4].try_into().map(c_int::from_ne_bytes);
            number.map(|number| File::of(tid, number))
        });
        if let (Ok(File::Socket(a)), Ok(File::Socket(b))) = (a, b) {
            self.peers.insert(a, b);
            self.peers.insert(b, a);
        }
    }

    /// The other end of a socket, if the run made them as a pair.
    pub fn peer(&self, socket: Key) -> Option<Key> {
        self.peers.get(&socket).copied()
    }

    /// Where bytes that are written here will be read.
    fn destination(&self, file: File) -> Option<Key> {
        match file {
            File::Pipe(key) => Some(key),
            File::Socket(key) => self.peer(key),
            File::Plain | File::Other => None,
        }
    }

    /// A thread is about to write this many bytes. Known before its call returns, for a reader may be
    /// faster than that.
    pub fn write(&mut self, file: File, writer: i32, length: u64) {
        if let Some(key) = self.destination(file) {
            let parts = self.contents.entry(key).or_default();
            parts.push_back(Part { writer, length });
        }
    }

    /// It wrote that many, or none.
    pub fn wrote(&mut self, file: File, writer: i32, length: u64, written: u64) {
        let Some(key) = self.destination(file) else {
            return;
        };
        let parts = self.contents.entry(key).or_default();
        if let Some(at) = parts.iter().rposition(|part| part.writer == writer) {
            parts[at].length = (parts[at].length + written).saturating_sub(length);
            if parts[at].length == 0 {
                parts.remove(at);
            }
        }
    }

    /// A thread has read this many bytes; the threads that wrote them, each once.
    pub fn read(&mut self, file: File, mut length: u64) -> Vec<i32> {
        let mut writers = Vec::new();
        let Some(parts) = file.key().and_then(|key| self.contents.get_mut(&key)) else {
            return writers;
        };
        while length > 0
            && let Some(part) = parts.front_mut()
        {
            if !writers.contains(&part.writer) {
                writers.push(part.writer);
            }
            let taken = part.length.min(length);
            length -= taken;
            part.length -= taken;
            if part.length == 0 {
                parts.pop_front();
            }
        }
        writers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIPE: File = File::Pipe((1, 2));

    #[test]
    fn bytes_are_read_in_the_order_in_which_they_were_written() {
        let mut pipes = Pipes::new((1, 0));
        pipes.write(PIPE, 7, 10);
        pipes.write(PIPE, 8, 10);
        assert_eq!(pipes.read(PIPE, 5), [7]);
        assert_eq!(pipes.read(PIPE, 6), [7, 8]);
        assert_eq!(pipes.read(PIPE, 100), [8]);
        assert!(pipes.read(PIPE, 1).is_empty());
    }

    #[test]
    fn a_write_that_fails_puts_nothing_there() {
        let mut pipes = Pipes::new((1, 0));
        pipes.write(PIPE, 7, 10);
        pipes.wrote(PIPE, 7, 10, 0);
        pipes.write(PIPE, 8, 10);
        pipes.wrote(PIPE, 8, 10, 4);
        assert_eq!(pipes.read(PIPE, 4), [8]);
        assert!(pipes.read(PIPE, 4).is_empty());
    }
}
