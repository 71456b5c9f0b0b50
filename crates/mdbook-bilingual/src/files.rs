//! Files, with errors that name them.

use anyhow::{Context, Result};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes a file unless it already holds these bytes, so that watchers see real changes only.
pub fn write_if_changed(path: &Path, content: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(());
    }
    mdbook_core::utils::fs::write(path, content)
}

/// Removes a file that an earlier render may have left.
pub fn remove_stale(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("failed to remove `{}`", path.display()))
        }
        _ => Ok(()),
    }
}

/// The names of a folder's files with this extension, sorted; empty when there is no such folder.
pub fn names_with_extension(folder: &Path, extension: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    if folder.is_dir() {
        for entry in entries(folder)? {
            if entry.is_file()
                && entry.extension().and_then(OsStr::to_str) == Some(extension)
                && let Some(name) = entry.file_name().and_then(OsStr::to_str)
            {
                names.push(name.to_string());
            }
        }
    }
    names.sort();
    Ok(names)
}

/// The HTML files below a folder as paths relative to it, with `/` between folders, sorted.
pub fn html_below(folder: &Path) -> Result<Vec<String>> {
    fn collect(folder: &Path, prefix: &str, found: &mut Vec<String>) -> Result<()> {
        for entry in entries(folder)? {
            let Some(name) = entry.file_name().and_then(OsStr::to_str) else {
                continue;
            };
            if entry.is_dir() {
                collect(&entry, &format!("{prefix}{name}/"), found)?;
            } else if name.ends_with(".html") {
                found.push(format!("{prefix}{name}"));
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    collect(folder, "", &mut found)?;
    found.sort();
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect())
        .with_context(|| format!("failed to read the folder `{}`", folder.display()))
}
