//! `cargo book doctest-libs`: the libraries that `mdbook test` links the listings against.
//!
//! `-L target/debug/deps` fails with E0464 as soon as a crate has two builds there, so exactly the
//! libraries of one build are linked into a folder of their own.

use crate::programs;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What cargo says of one finished unit; other messages have another `reason`.
#[derive(Deserialize)]
struct Message {
    reason: String,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

/// Builds the libraries of all listing crates and links them into `target/doctest-libs`.
///
/// # Errors
///
/// Cargo fails, or the folder cannot be written.
pub fn build(root: &Path) -> Result<PathBuf> {
    let catalogue = programs::catalogue(root)?;
    let folder = root.join("target/doctest-libs");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("the old target/doctest-libs cannot be removed")?;
    }
    fs::create_dir_all(&folder).context("target/doctest-libs cannot be made")?;
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(root)
        .args([
            "build",
            "--locked",
            "--target-dir",
            "target/listings",
            "--message-format=json",
        ])
        .args(catalogue.chapters().iter().flat_map(|name| ["-p", name]))
        .stdout(Stdio::piped());
    let mut child = cargo.spawn().context("cargo cannot be started")?;
    let output = BufReader::new(
        child
            .stdout
            .take()
            .context("cargo has no standard output")?,
    );
    let mut libraries = Vec::new();
    for line in output.lines() {
        let Ok(message) = serde_json::from_str::<Message>(&line?) else {
            continue;
        };
        let is_library = message.target.is_some_and(|target| {
            target
                .kind
                .iter()
                .any(|k| k.contains("lib") || k == "proc-macro")
        });
        if message.reason == "compiler-artifact" && is_library {
            libraries.extend(message.filenames.into_iter().filter(|file| {
                file.extension().is_some_and(|found| {
                    found == "rlib" || found == std::env::consts::DLL_EXTENSION
                })
            }));
        }
    }
    if !child.wait()?.success() {
        bail!("the listings do not compile\n  hint: see cargo's messages above");
    }
    for library in &libraries {
        let name = library.file_name().context("a library without a name")?;
        let link = folder.join(name);
        fs::hard_link(library, &link)
            .or_else(|_| fs::copy(library, &link).map(|_| ()))
            .with_context(|| format!("{} cannot be written", link.display()))?;
    }
    Ok(folder)
}

/// Arguments for rustc that name these libraries by their files in `folder`.
///
/// A bare `--extern libc` would be ambiguous: the toolchain has a `libc` of its own.
pub fn externs<'a>(folder: &Path, names: impl IntoIterator<Item = &'a str>) -> Vec<OsString> {
    let files: Vec<PathBuf> = fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    let mut arguments = Vec::new();
    for name in names {
        let of_name = |file: &&PathBuf| {
            let stem = file
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            let stem = stem.strip_prefix("lib").unwrap_or(stem);
            stem == name || stem.rsplit_once('-').is_some_and(|(stem, _)| stem == name)
        };
        let mut named = OsString::from(name);
        if let Some(file) = files.iter().find(of_name) {
            named.push("=");
            named.push(file);
        }
        arguments.extend([OsString::from("--extern"), named]);
    }
    arguments
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_named_by_their_files() {
        let folder = tempfile::tempdir().expect("a temp folder");
        for file in ["liblibc-1a2b.rlib", "libdeadlock.rlib", "libcfg_if-9f.rlib"] {
            fs::write(folder.path().join(file), "").expect("a file");
        }
        let path = |file: &str| format!("{}", folder.path().join(file).display());
        assert_eq!(
            externs(folder.path(), ["libc", "deadlock", "gone"]),
            [
                "--extern".into(),
                format!("libc={}", path("liblibc-1a2b.rlib")),
                "--extern".into(),
                format!("deadlock={}", path("libdeadlock.rlib")),
                "--extern".into(),
                "gone".to_owned(),
            ]
            .map(|argument: String| OsString::from(argument))
        );
    }
}
