//! The memory of a stopped process: what is mapped, and the stacks of its threads.

use super::sys::read_memory;
use std::fs;
use std::ops::Range;

/// A stack deeper than this is not searched to its end.
const DEPTH: usize = 256 * 1024;

/// What is mapped in a process.
pub struct Memory {
    mappings: Vec<Mapping>,
}

/// A line of `/proc/<pid>/maps`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// First address.
    pub start: u64,
    /// First address after it.
    pub end: u64,
    /// Whether writes are seen by others.
    pub is_shared: bool,
    /// Place of the first byte in the file.
    pub offset: u64,
    /// The file, or what the kernel says instead.
    pub path: String,
}

impl Memory {
    /// What is mapped in this process now.
    pub fn of(pid: i32) -> Self {
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
        Self {
            mappings: maps.lines().filter_map(parse).collect(),
        }
    }

    /// The mapping that holds this address.
    pub fn mapping(&self, address: u64) -> Option<&Mapping> {
        let mut mappings = self.mappings.iter();
        mappings.find(|mapping| (mapping.start..mapping.end).contains(&address))
    }
}

/// `55d0c8a00000-55d0c8a21000 rw-p 00000000 fe:01 1234   /path with spaces`
fn parse(line: &str) -> Option<Mapping> {
    let mut words = line.splitn(6, ' ');
    let (start, end) = words.next()?.split_once('-')?;
    let is_shared = words.next()?.ends_with('s');
    let offset = words.next()?;
    let path = words.nth(2).unwrap_or_default().trim_start().to_owned();
    let number = |hex| u64::from_str_radix(hex, 16).ok();
    Some(Mapping {
        start: number(start)?,
        end: number(end)?,
        is_shared,
        offset: number(offset)?,
        path,
    })
}

/// How far from its lock the data of a lock can begin, in bytes.
const LOCK: Range<u64> = 8..72;

/// The part of a stack that is in use.
pub struct Stack {
    bottom: u64,
    bytes: Vec<u8>,
}

/// How std's guards hold the address of their lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Followed by a flag, whether the holder was panicking.
    Mutex,
    /// The same for writing; for reading beside the address of the data, which follows the lock.
    RwLock,
}

/// How an address was found on a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Anywhere.
    pub at_all: bool,
    /// As in a guard.
    pub as_guard: bool,
}

impl Stack {
    /// The stack of a thread whose stack pointer is this.
    pub fn of(pid: i32, pointer: u64, memory: &Memory) -> Self {
        let end = memory
            .mapping(pointer)
            .map_or(pointer, |mapping| mapping.end);
        let length = usize::try_from(end - pointer).unwrap_or(DEPTH).min(DEPTH);
        let mut bytes = vec![0; length];
        let read = read_memory(pid, pointer, &mut bytes);
        bytes.truncate(read);
        Self {
            bottom: pointer,
            bytes,
        }
    }

    /// The word at this address.
    pub fn word(&self, address: u64) -> Option<u64> {
        let place = usize::try_from(address.checked_sub(self.bottom)?).ok()?;
        let bytes = self.bytes.get(place..place.checked_add(8)?)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }

    /// Looks for an address among the words from this one on.
    pub fn find(&self, address: u64, guard: Guard, from: u64) -> Found {
        let skipped = usize::try_from(from.saturating_sub(self.bottom)).unwrap_or(usize::MAX);
        let words = self.bytes.get(skipped & !7..).unwrap_or_default();
        let mut found = Found {
            at_all: false,
            as_guard: false,
        };
        for (place, word) in words.chunks_exact(8).enumerate() {
            if word != address.to_le_bytes() {
                continue;
            }
            found.at_all = true;
            let neighbour = |place: usize| words.get(8 * place..8 * place + 8);
            let is_flag = || neighbour(place + 1).is_some_and(|next| next[0] < 2);
            let is_data = |neighbour: Option<&[u8]>| {
                let word = neighbour.and_then(|bytes| bytes.try_into().ok());
                word.is_some_and(|word| {
                    LOCK.contains(&u64::from_le_bytes(word).wrapping_sub(address))
                })
            };
            let before = place.checked_sub(1).and_then(neighbour);
            found.as_guard |= match guard {
                Guard::Mutex => is_flag(),
                Guard::RwLock => is_flag() || is_data(before) || is_data(neighbour(place + 1)),
            };
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_maps_is_read_whole() {
        let line = "7f00-7f10 rw-s 0000a000 fe:01 1234                       /dev/zero (deleted)";
        let mapping = Mapping {
            start: 0x7f00,
            end: 0x7f10,
            is_shared: true,
            offset: 0xa000,
            path: "/dev/zero (deleted)".to_owned(),
        };
        assert_eq!(parse(line), Some(mapping));
    }

    #[test]
    fn a_mapping_without_a_file_has_no_path() {
        let mapping = parse("7f00-7f10 rw-p 00000000 00:00 0 ").expect("a mapping");
        assert_eq!((mapping.is_shared, &*mapping.path), (false, ""));
    }

    #[test]
    fn a_guard_is_an_address_and_a_flag() {
        let words: [u64; 8] = [5, 0x1000, 1, 0x2000, 77, 0x3010, 0x3000, 78];
        let stack = Stack {
            bottom: 0x7000,
            bytes: words.iter().flat_map(|word| word.to_le_bytes()).collect(),
        };
        let check = |address, guard, from, at_all, as_guard| {
            let found = Found { at_all, as_guard };
            assert_eq!(stack.find(address, guard, from), found, "{address:#x}");
        };
        check(0x1000, Guard::Mutex, 0x7000, true, true);
        check(0x1000, Guard::RwLock, 0x7000, true, true);
        check(0x1000, Guard::Mutex, 0x7010, false, false);
        check(0x2000, Guard::Mutex, 0x7000, true, false);
        check(0x3000, Guard::Mutex, 0x7000, true, false);
        check(0x3000, Guard::RwLock, 0x7000, true, true);
        check(0x4000, Guard::RwLock, 0x7000, false, false);
        assert_eq!(stack.word(0x7008), Some(0x1000));
        assert_eq!(stack.word(0x7040), None);
    }
}
