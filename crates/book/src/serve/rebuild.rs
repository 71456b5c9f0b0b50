//! Watches the sources, and builds the site anew whenever one changes.

use super::site::Site;
use crate::programs::Console;
use anyhow::{Context, Result};
use notify_debouncer_mini::new_debouncer;
use notify_debouncer_mini::notify::RecursiveMode;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

/// Changes within this time are one.
const SETTLE: Duration = Duration::from_millis(150);
/// Folders that the site and the programs are made from.
const SOURCES: [&str; 3] = ["src", "theme", "listings"];

/// `target/serve/<process>`: the sites of this server, one folder each.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder of our own; those of servers that are gone are removed.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn new(root: &Path) -> Result<Self> {
        let all = root.join("target/serve");
        for entry in fs::read_dir(&all).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let process = name.to_str().and_then(|name| name.parse::<i32>().ok());
            if process.is_some_and(|process| !is_alive(process)) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        let own = all.join(std::process::id().to_string());
        fs::create_dir_all(&own).with_context(|| format!("{} cannot be made", own.display()))?;
        Ok(Self(own))
    }

    /// Removes it with all its sites.
    pub fn remove(self) {
        // If it cannot be removed now, the next server does it.
        let _ = fs::remove_dir_all(self.0);
    }
}

fn is_alive(process: i32) -> bool {
    // SAFETY: signal 0 is sent to nobody; it only asks whether there is such a process.
    let missing = unsafe { libc::kill(process, 0) } == -1;
    !(missing && std::io::Error::last_os_error().raw_os_error() == Some(libc::ESRCH))
}

/// Calls `on_change` on a thread of its own, now and at each change of the sources, with the number of
/// the call.
///
/// # Errors
///
/// The thread cannot be started.
pub fn watch(
    root: PathBuf,
    console: Console,
    on_change: impl FnMut(u64) + Send + 'static,
) -> Result<()> {
    // As large as a main thread's: rendering recurses as deep as the page does.
    thread::Builder::new()
        .name("rebuild".to_owned())
        .stack_size(8 << 20)
        .spawn(move || follow(&root, &console, on_change))
        .context("the thread that watches the sources cannot be started")?;
    Ok(())
}

fn follow(root: &Path, console: &Console, mut on_change: impl FnMut(u64)) {
    // Watched before they are read: a change during the call is seen after it.
    let (sender, events) = mpsc::channel();
    let mut debouncer = new_debouncer(SETTLE, move |_| {
        let _ = sender.send(());
    });
    let watching = debouncer
        .as_mut()
        .map_err(|error| error.to_string())
        .and_then(|debouncer| {
            let watcher = debouncer.watcher();
            // Editors replace files; a folder's watch survives that, a file's does not.
            watcher
                .watch(root, RecursiveMode::NonRecursive)
                .and_then(|()| {
                    SOURCES
                        .iter()
                        .map(|source| root.join(source))
                        .filter(|source| source.is_dir())
                        .try_for_each(|source| watcher.watch(&source, RecursiveMode::Recursive))
                })
                .map_err(|error| error.to_string())
        });
    if let Err(error) = watching {
        console.say(&format!(
            "changes are not watched: {error}\n  hint: start the command again to see them"
        ));
    }
    let mut seen = None;
    for number in 1.. {
        wait_for_change(root, &events, &mut seen);
        on_change(number);
    }
}

/// Returns when the sources are not as `seen`. Events alone do not tell: reading a file is one.
fn wait_for_change(root: &Path, events: &Receiver<()>, seen: &mut Option<u64>) {
    loop {
        let now = fingerprint(root);
        if *seen != Some(now) {
            *seen = Some(now);
            return;
        }
        if events.recv().is_err() {
            // Nothing is watched; the thread has nothing left to do.
            loop {
                thread::park();
            }
        }
    }
}

/// Builds the site into a new folder each time, and keeps the last good one.
pub struct Rebuilder {
    root: PathBuf,
    folder: PathBuf,
    site: Arc<Site>,
    console: Console,
}

impl Rebuilder {
    /// Builds below `folder`, publishes to `site`, and says on the console how it went.
    pub fn new(root: PathBuf, folder: &Folder, site: Arc<Site>, console: Console) -> Self {
        let folder = folder.0.clone();
        Self {
            root,
            folder,
            site,
            console,
        }
    }

    /// Build number so and so.
    pub fn build(&self, number: u64) {
        let started = Instant::now();
        let fresh = self.folder.join(number.to_string());
        match crate::site::build(&self.root, &fresh) {
            Ok(()) => {
                self.site.publish(&fresh, number);
                self.console.say(&format!(
                    "built the site in {:.1} s",
                    started.elapsed().as_secs_f32()
                ));
                self.forget_before(number);
            }
            Err(error) => {
                self.console.say(&format!("error: {error:#}"));
                self.site.fail(format!("{error:#}"));
                let _ = fs::remove_dir_all(&fresh);
            }
        }
    }

    /// Removes the sites before the last one: a page in hand may still load its images from that.
    fn forget_before(&self, number: u64) {
        let mut old: Vec<u64> = fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(|old| *old < number)
            .collect();
        old.sort_unstable();
        old.pop();
        for old in old {
            let _ = fs::remove_dir_all(self.folder.join(old.to_string()));
        }
    }
}

/// A number that changes with the sources: names, sizes and times of all their files.
fn fingerprint(root: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    add(&root.join("book.toml"), &mut hasher);
    for source in SOURCES {
        add(&root.join(source), &mut hasher);
    }
    hasher.finish()
}

fn add(path: &Path, hasher: &mut DefaultHasher) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // What editors, Python and cargo put beside the sources.
    if name.starts_with('.') || name.ends_with('~') || name == "__pycache__" || name == "target" {
        return;
    }
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    if metadata.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let mut entries: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        entries.sort();
        entries.iter().for_each(|entry| add(entry, hasher));
    } else {
        path.hash(hasher);
        metadata.len().hash(hasher);
        metadata.modified().ok().hash(hasher);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_changed_sources_change_the_fingerprint() {
        let root = tempfile::tempdir().expect("a temp folder");
        fs::create_dir_all(root.path().join("src/en")).expect("folders");
        let before = fingerprint(root.path());
        for noise in ["src/en/.a.md.swp", "src/en/a.md~", "elsewhere.md"] {
            fs::write(root.path().join(noise), "x").expect("a file");
            assert_eq!(fingerprint(root.path()), before, "{noise}");
        }
        fs::write(root.path().join("src/en/a.md"), "x").expect("a file");
        assert_ne!(fingerprint(root.path()), before);
    }

    #[test]
    fn folders_of_servers_that_are_gone_are_removed() {
        let root = tempfile::tempdir().expect("a temp folder");
        let gone = root.path().join("target/serve/999999999");
        fs::create_dir_all(&gone).expect("folders");
        let own = Folder::new(root.path()).expect("a folder");
        assert!(!gone.exists() && own.0.exists());
        own.clone().remove();
        assert!(!own.0.exists());
    }
}
