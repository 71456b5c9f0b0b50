//! What the checks read: the root of the book, its pages, its listings.

use directives::{Directive, Language, Problem};
use mdbook_listings::Catalogue;
use mdbook_markdown::pulldown_cmark::Event;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The page that a language shows for an address that does not exist. No chapter, and no twin.
pub const NOT_FOUND: &str = "404";

/// The root of the book.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the root")
}

/// The text of a file of the book; the path is relative to its root.
pub fn read(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| {
        panic!("{}: cannot be read: {error}", path.display());
    })
}

/// One Markdown file of one language.
#[derive(Debug, Clone)]
pub struct Page {
    /// Relative to the root: `src/en/threads.md`.
    pub path: PathBuf,
    /// Of its folder.
    pub language: Language,
    /// `threads`: the name of the chapter in everything.
    pub slug: String,
    /// The file as it is.
    pub text: String,
}

impl Page {
    /// A page of this path, `src/<language>/<slug>.md`, and text.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Self {
        let path = path.into();
        let inside = path.strip_prefix("src").expect("a page lies under src/");
        Self {
            language: Language::of_page(inside).expect("a page lies under src/en/ or src/zh/"),
            slug: path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            text: text.into(),
            path,
        }
    }

    /// Its Markdown events, with byte ranges.
    pub fn events(&self) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
        directives::events(&self.text)
    }

    /// Its directives. Those that are malformed stop the build and are none of our business.
    pub fn directives(&self) -> Vec<Directive> {
        directives::find(&self.text).unwrap_or_default()
    }

    /// The line of a byte, counted from 1.
    pub fn line(&self, at: usize) -> usize {
        self.text[..at].matches('\n').count() + 1
    }

    /// A problem at a line of this page.
    pub fn problem(&self, line: usize, message: impl Into<String>) -> Problem {
        Problem::new(&self.path, line, message)
    }

    /// Whether it is a chapter, front matter or an appendix: all but the page for dead addresses.
    pub fn is_chapter(&self) -> bool {
        self.slug != NOT_FOUND
    }
}

/// The id and the claim of a `{{#listing chapter/name:anchor | claim}}`.
pub fn listing_of(directive: &Directive) -> Option<(&str, &str)> {
    let (target, claim) = directive.arguments.split_once('|')?;
    let id = target.split(':').next().unwrap_or(target).trim();
    (directive.name == "listing").then_some((id, claim.trim()))
}

/// All pages on disk, by path.
pub fn pages() -> &'static [Page] {
    static PAGES: OnceLock<Vec<Page>> = OnceLock::new();
    PAGES.get_or_init(|| {
        let mut paths = Vec::new();
        for language in Language::BOTH {
            let folder = Path::new("src").join(language.folder());
            let entries = fs::read_dir(root().join(&folder)).expect("src/en and src/zh exist");
            let names = entries.map(|entry| entry.expect("a folder can be read").file_name());
            paths.extend(names.map(|name| folder.join(name)));
        }
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
        paths.sort();
        paths
            .into_iter()
            .map(|path| Page::new(path.clone(), read(path)))
            .collect()
    })
}

/// Pairs of pages of one slug, English first.
pub fn pairs(pages: &[Page]) -> impl Iterator<Item = (&Page, &Page)> {
    let of = |language| pages.iter().filter(move |page| page.language == language);
    of(Language::English).filter_map(move |english| {
        let twin = of(Language::Chinese).find(|chinese| chinese.slug == english.slug)?;
        Some((english, twin))
    })
}

/// The listings of the book.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        Catalogue::load(root())
            .unwrap_or_else(|problems| panic!("\n{}", Problem::report(&problems)))
    })
}

/// Fails with all the problems, if there are any.
#[track_caller]
pub fn none(problems: Vec<Problem>) {
    assert!(
        problems.is_empty(),
        "{} problem(s)\n{}",
        problems.len(),
        Problem::report(&problems)
    );
}

/// Fails unless the problems, as reported, contain this text: the check sees what it is there for.
#[track_caller]
pub fn says(problems: Vec<Problem>, expected: &str) {
    let report = Problem::report(&problems);
    assert!(
        report.contains(expected),
        "expected `{expected}` in:\n{report}"
    );
}
