//! What Linux says of a process under `/proc` (proc(5)). Elsewhere nothing is known.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A process that is told from a later one of the same number by when it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pub id: u32,
    /// Ticks from the start of the machine to its own.
    pub start: u64,
}

impl Process {
    /// The process of this number, if there is one.
    pub fn of(id: u32) -> Option<Self> {
        let start = start_of(&stat(id)?)?;
        Some(Self { id, start })
    }

    /// The one that started this program, past cargo and rustup: they replace themselves by what they
    /// start, but not on every system.
    pub fn starter() -> Option<Self> {
        let mut id = std::os::unix::process::parent_id();
        while ["cargo", "rustup"].contains(&program_name(id)?.as_str()) {
            id = stat(id)?.get(1)?.parse().ok()?;
        }
        Self::of(id)
    }

    /// Whether it still is.
    pub fn is_alive(self) -> bool {
        stat(self.id).is_some_and(|stat| stat[0] != "Z" && start_of(&stat) == Some(self.start))
    }

    /// The TCP ports on which it listens now.
    pub fn listening_ports(self) -> BTreeSet<u16> {
        let folder = folder(self.id);
        let links = fs::read_dir(folder.join("fd"))
            .into_iter()
            .flatten()
            .flatten();
        let sockets: BTreeSet<String> = links
            .filter_map(|link| fs::read_link(link.path()).ok())
            .filter_map(|target| {
                let target = target.to_str()?;
                let inode = target.strip_prefix("socket:[")?.strip_suffix(']')?;
                Some(inode.to_owned())
            })
            .collect();
        let mut ports = BTreeSet::new();
        for table in ["tcp", "tcp6"] {
            let text = fs::read_to_string(folder.join("net").join(table)).unwrap_or_default();
            let listening = text.lines().filter_map(listening);
            ports.extend(
                listening
                    .filter(|(_, inode)| sockets.contains(*inode))
                    .map(|(port, _)| port),
            );
        }
        ports
    }
}

/// Port and inode of a line of `/proc/net/tcp`, if it listens: state 0A.
fn listening(line: &str) -> Option<(u16, &str)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (_, port) = words.get(1)?.rsplit_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    (*words.get(3)? == "0A").then_some((port, *words.get(9)?))
}

fn folder(id: u32) -> PathBuf {
    Path::new("/proc").join(id.to_string())
}

fn program_name(id: u32) -> Option<String> {
    let program = fs::read_link(folder(id).join("exe")).ok()?;
    Some(program.file_name()?.to_str()?.to_owned())
}

/// When a process started, in the words of its `stat`.
fn start_of(stat: &[String]) -> Option<u64> {
    stat.get(19)?.parse().ok()
}

/// The words of `stat` after the name, which may hold spaces and brackets: state, parent, ...
fn stat(id: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(folder(id).join("stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::process::Command;

    #[test]
    fn a_port_is_found_while_it_is_listened_on_and_no_longer() {
        let own = Process::of(std::process::id()).expect("we live");
        let [v4, v6] = ["127.0.0.1:0", "[::1]:0"].map(TcpListener::bind);
        let mut listeners: Vec<TcpListener> = v4.into_iter().chain(v6).collect();
        let port_of = |listener: &TcpListener| listener.local_addr().expect("bound").port();
        while let Some(listener) = listeners.pop() {
            let port = port_of(&listener);
            assert!(own.listening_ports().contains(&port), "{port}");
            drop(listener);
            assert!(!own.listening_ports().contains(&port), "{port}");
        }
    }

    #[test]
    fn a_process_that_has_ended_is_not_alive_waited_for_or_not() {
        let mut child = Command::new("sleep").arg("60").spawn().expect("it starts");
        let process = Process::of(child.id()).expect("it lives");
        assert!(process.is_alive());
        child.kill().expect("it is ours");
        let patience = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while process.is_alive() {
            assert!(
                std::time::Instant::now() < patience,
                "a zombie counts as alive"
            );
            std::thread::yield_now();
        }
        child.wait().expect("it was started");
        assert!(!process.is_alive());
    }

    #[test]
    fn a_later_process_of_the_same_number_is_another() {
        let own = Process::of(std::process::id()).expect("we live");
        let later = Process {
            start: own.start + 1,
            ..own
        };
        assert!(own.is_alive() && !later.is_alive());
    }
}
