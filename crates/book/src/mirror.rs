//! Twin stamps: line 1 of each page holds the hash of the same page in the other language.
//!
//! When one of the two changes, the stamp of the other no longer fits and a test asks for both to be
//! read. `cargo book mirror <slug>` then writes both stamps.

use anyhow::{Context, Result, bail};
use directives::Language;
use std::fs;
use std::path::Path;

const OPEN: &str = "<!-- twin: ";
const CLOSE: &str = " -->";

/// The stamp on line 1 of a page, if there is one.
pub fn stamp(page: &str) -> Option<&str> {
    page.lines().next()?.strip_prefix(OPEN)?.strip_suffix(CLOSE)
}

/// The first 12 hex digits of the SHA-256 of a page's text without its own stamp line.
pub fn hash(page: &str) -> String {
    let text = match stamp(page) {
        Some(_) => page.split_once('\n').map_or("", |(_, rest)| rest),
        None => page,
    };
    mdbook_listings::digest([text])
}

/// `cargo book mirror <slug>`: writes into both pages the hash of the other.
///
/// # Errors
///
/// One of the two pages cannot be read or written.
pub fn mirror(root: &Path, slug: &str) -> Result<()> {
    let path = |language: Language| {
        Path::new("src")
            .join(language.folder())
            .join(slug)
            .with_extension("md")
    };
    let read = |language: Language| {
        let path = path(language);
        fs::read_to_string(root.join(&path)).with_context(|| {
            format!(
                "{} cannot be read\n  hint: a page needs both languages",
                path.display()
            )
        })
    };
    let pages = [read(Language::English)?, read(Language::Chinese)?];
    if pages.iter().any(|page| page.contains('\r')) {
        bail!("{slug}: the page has carriage returns\n  hint: write it with line feeds only");
    }
    for (number, language) in Language::BOTH.into_iter().enumerate() {
        let page = &pages[number];
        let body = match stamp(page) {
            Some(_) => page.split_once('\n').map_or("", |(_, rest)| rest),
            None => page,
        };
        let stamped = format!("{OPEN}{}{CLOSE}\n{body}", hash(&pages[1 - number]));
        let path = path(language);
        if stamped != *page {
            fs::write(root.join(&path), stamped)
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        println!(
            "{} now mirrors {}",
            path.display(),
            path_of(slug, language.other())
        );
    }
    Ok(())
}

fn path_of(slug: &str, language: Language) -> String {
    format!("src/{}/{slug}.md", language.folder())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(en: &str, zh: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a temp folder");
        for (folder, text) in [("en", en), ("zh", zh)] {
            fs::create_dir_all(root.path().join("src").join(folder)).expect("folders");
            fs::write(root.path().join("src").join(folder).join("a.md"), text).expect("a page");
        }
        root
    }

    fn read(root: &Path, folder: &str) -> String {
        fs::read_to_string(root.join("src").join(folder).join("a.md")).expect("a page")
    }

    #[test]
    fn each_page_gets_the_hash_of_the_other() {
        let root = pages("# A\n", "# 甲\n");
        mirror(root.path(), "a").expect("both pages are there");
        let (en, zh) = (read(root.path(), "en"), read(root.path(), "zh"));
        assert_eq!(stamp(&en), Some(hash("# 甲\n").as_str()));
        assert_eq!(stamp(&zh), Some(hash("# A\n").as_str()));
    }

    #[test]
    fn mirroring_twice_changes_nothing() {
        let root = pages("# A\n", "# 甲\n");
        mirror(root.path(), "a").expect("both pages are there");
        let once = read(root.path(), "en");
        mirror(root.path(), "a").expect("both pages are there");
        assert_eq!(read(root.path(), "en"), once);
    }

    #[test]
    fn the_stamp_itself_is_not_part_of_the_hash() {
        assert_eq!(hash("<!-- twin: 000000000000 -->\n# A\n"), hash("# A\n"));
    }

    #[test]
    fn a_missing_page_is_named() {
        let root = pages("# A\n", "# 甲\n");
        let error = mirror(root.path(), "b").expect_err("there is no such page");
        assert!(
            error.to_string().contains("src/en/b.md cannot be read"),
            "{error}"
        );
    }
}
