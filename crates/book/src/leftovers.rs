//! What tests may leave behind, seen as the difference between before and after: processes and
//! zombies of ours, shared memory, scratch folders.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What there is at a moment, each thing with its place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot(BTreeSet<String>);

impl Snapshot {
    /// All that could be a left-over of ours, now: processes whose program lies under the root of the
    /// book or in a scratch folder, zombies that are children of this process, and what lies in
    /// `/dev/shm` and, named as ours, in the folder for temporary files.
    pub fn take(root: &Path) -> Self {
        let mut found = BTreeSet::new();
        let scratch = std::env::temp_dir();
        let is_ours = |path: &Path| {
            path.starts_with(root.join("target"))
                || path.strip_prefix(&scratch).is_ok_and(is_scratch)
        };
        for process in entries(Path::new("/proc")) {
            let Some(id) = process
                .file_name()
                .and_then(|name| name.to_str()?.parse::<u32>().ok())
            else {
                continue;
            };
            if id == std::process::id() {
                continue;
            }
            match fs::read_link(process.join("exe")) {
                Ok(program) if is_ours(&program) => {
                    found.insert(format!("process {id}: {}", program.display()));
                }
                Ok(_) => {}
                // A zombie has no program any more.
                Err(_) if is_zombie_child(&process) => {
                    found.insert(format!("zombie {id}"));
                }
                Err(_) => {}
            }
        }
        for object in entries(Path::new("/dev/shm")) {
            found.insert(format!("shared memory {}", object.display()));
        }
        for folder in entries(&scratch) {
            if folder.strip_prefix(&scratch).is_ok_and(is_scratch) {
                found.insert(format!("scratch folder {}", folder.display()));
            }
        }
        Self(found)
    }

    /// What has come since `before`.
    pub fn new_since<'a>(&'a self, before: &'a Self) -> Vec<&'a str> {
        self.0.difference(&before.0).map(String::as_str).collect()
    }
}

fn is_scratch(rest: &Path) -> bool {
    rest.components()
        .next()
        .is_some_and(|first| first.as_os_str().to_string_lossy().starts_with("book-run-"))
}

fn is_zombie_child(process: &Path) -> bool {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    // "123 (name) Z 1 ...": state and parent follow the name.
    let mut words = stat
        .rsplit_once(')')
        .map_or("", |(_, rest)| rest)
        .split_whitespace();
    words.next() == Some("Z") && words.next() == Some(std::process::id().to_string().as_str())
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_process_of_ours_a_zombie_and_a_scratch_folder_are_seen() {
        let root = tempfile::tempdir().expect("a temp folder");
        let target = root.path().join("target");
        fs::create_dir(&target).expect("a folder");
        let program = target.join("sleeper");
        fs::copy("/bin/sleep", &program).expect("a program");

        let before = Snapshot::take(root.path());
        let mut sleeper = Command::new(&program).arg("60").spawn().expect("it starts");
        let mut child = Command::new("/bin/true").spawn().expect("it starts");
        let stat = PathBuf::from(format!("/proc/{}", child.id()));
        while !is_zombie_child(&stat) {
            std::thread::yield_now();
        }
        let scratch = tempfile::Builder::new()
            .prefix("book-run-")
            .tempdir()
            .expect("a folder");
        let after = Snapshot::take(root.path());
        let new = after.new_since(&before).join("\n");
        sleeper
            .kill()
            .and_then(|()| sleeper.wait())
            .expect("it ends");
        child.wait().expect("it has ended");

        assert!(
            new.contains(&format!("process {}: ", sleeper.id())),
            "{new}"
        );
        assert!(new.contains(&format!("zombie {}", child.id())), "{new}");
        assert!(
            new.contains(scratch.path().to_str().expect("UTF-8")),
            "{new}"
        );
    }
}
