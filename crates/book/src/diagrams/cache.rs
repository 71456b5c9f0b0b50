//! Drawings that were made before: `target/diagrams/<key>.svg`.

use super::sheet;
use anyhow::{Context, Result};
use directives::Language;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The folder of the drawings, below the root of the book.
pub const FOLDER: &str = "target/diagrams";

/// The drawings, and the part of their keys that all have in common.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    /// Hash input of all drawings: mermaid's version, and what lays out and measures.
    common: Sha256,
}

impl Cache {
    /// The cache of the book at `root`; its folder need not be there.
    ///
    /// # Errors
    ///
    /// `Cargo.lock` or a file of the theme cannot be read, or the lock names no mermaid.
    pub fn open(root: &Path) -> Result<Self> {
        let mut common = Sha256::new();
        let lock = read(&root.join("Cargo.lock"))?;
        let mermaid = locked_mermaid(&lock).context("Cargo.lock names no `mdbook-mermaid`")?;
        part(&mut common, mermaid);
        for file in sheet::THEME {
            part(&mut common, &read(&root.join(file))?);
        }
        part(&mut common, sheet::TEMPLATE);
        Ok(Self {
            folder: root.join(FOLDER),
            common,
        })
    }

    /// The name of a diagram: another one as soon as anything that its drawing depends on changes.
    pub fn key(&self, language: Language, source: &str) -> String {
        let mut hash = self.common.clone();
        part(&mut hash, language.folder());
        part(&mut hash, source);
        let hash = hash.finalize();
        hash[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The drawing of this key, if it was made.
    pub fn get(&self, key: &str) -> Option<String> {
        fs::read_to_string(self.file(key)).ok()
    }

    /// Keeps a drawing. Others may read at the same time: they see all of it or nothing.
    ///
    /// # Errors
    ///
    /// The folder cannot be written.
    pub fn put(&self, key: &str, svg: &str) -> Result<()> {
        let file = self.file(key);
        let written = fs::create_dir_all(&self.folder).and_then(|()| {
            let mut fresh = tempfile::NamedTempFile::new_in(&self.folder)?;
            fresh.write_all(svg.as_bytes())?;
            fresh.persist(&file).map_err(|error| error.error)?;
            Ok(())
        });
        written.with_context(|| format!("{} cannot be written", file.display()))
    }

    fn file(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.svg"))
    }
}

fn read(file: &Path) -> Result<String> {
    fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// Adds a text with its length, so that two texts never look like two others.
fn part(hash: &mut Sha256, text: &str) {
    hash.update(text.len().to_le_bytes());
    hash.update(text);
}

/// Version and checksum of the crate that brings mermaid's script, as they stand in `Cargo.lock`.
fn locked_mermaid(lock: &str) -> Option<&str> {
    lock.split("[[package]]")
        .find(|package| package.contains("\nname = \"mdbook-mermaid\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"a\"\nversion = \"1\"\n\n\
                        [[package]]\nname = \"mdbook-mermaid\"\nversion = \"0.17.1\"\n";

    fn book(lock: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a temporary folder");
        fs::write(root.path().join("Cargo.lock"), lock).expect("it can be written");
        for file in sheet::THEME {
            let file = root.path().join(file);
            fs::create_dir_all(file.parent().expect("it is in a folder")).expect("made");
            fs::write(file, "same").expect("it can be written");
        }
        root
    }

    fn key(root: &Path, language: Language, source: &str) -> String {
        Cache::open(root)
            .expect("all files are there")
            .key(language, source)
    }

    #[test]
    fn a_drawing_is_found_again() {
        let root = book(LOCK);
        let cache = Cache::open(root.path()).expect("all files are there");
        let key = cache.key(Language::English, "graph LR");
        assert_eq!(cache.get(&key), None);
        cache.put(&key, "<svg>").expect("the folder can be written");
        assert_eq!(cache.get(&key).as_deref(), Some("<svg>"));
    }

    #[test]
    fn source_and_language_make_the_key() {
        let root = book(LOCK);
        let first = key(root.path(), Language::English, "graph LR");
        assert_eq!(first, key(root.path(), Language::English, "graph LR"));
        assert_ne!(first, key(root.path(), Language::English, "graph TD"));
        assert_ne!(first, key(root.path(), Language::Chinese, "graph LR"));
    }

    #[test]
    fn another_mermaid_makes_another_key_and_another_crate_does_not() {
        let source = "graph LR";
        let first = key(book(LOCK).path(), Language::English, source);
        let mermaid = book(&LOCK.replace("0.17.1", "0.18.0"));
        let other = book(&LOCK.replace("\"1\"", "\"2\""));
        assert_ne!(first, key(mermaid.path(), Language::English, source));
        assert_eq!(first, key(other.path(), Language::English, source));
    }

    #[test]
    fn each_file_that_lays_out_or_measures_is_part_of_the_key() {
        let first = key(book(LOCK).path(), Language::English, "graph LR");
        for file in sheet::THEME {
            let root = book(LOCK);
            fs::write(root.path().join(file), "changed").expect("it can be written");
            assert_ne!(
                first,
                key(root.path(), Language::English, "graph LR"),
                "{file}"
            );
        }
    }
}
