//! The site: both languages, built in process.

use crate::diagrams;
use crate::helper;
use crate::preprocess::BookPreprocessor;
use anyhow::{Context, Result};
use mdbook_bilingual::Bilingual;
use mdbook_driver::MDBook;
use mdbook_renderer::{RenderContext, Renderer};
use std::fs;
use std::path::{Path, PathBuf};

/// Builds both sites into the folder `destination`, which is made new.
///
/// # Errors
///
/// A page has problems, or the folder cannot be written.
pub fn build(root: &Path, destination: &Path) -> Result<()> {
    let mut book = load(root)?;
    book.config.build.build_dir = destination.to_path_buf();
    book.with_preprocessor(BookPreprocessor);
    book.with_renderer(Bilingual::default());
    book.build()
}

/// `cargo book build`: draws the diagrams, then builds into `book/`, which is replaced only when the
/// build succeeded.
///
/// # Errors
///
/// See [`diagrams::draw_missing`] and [`build`].
pub fn publish(root: &Path) -> Result<PathBuf> {
    diagrams::before_build(root)?;
    let target = root.join("target");
    fs::create_dir_all(&target).context("target/ cannot be made")?;
    // Beside `book/` on the same file system, so that the rename at the end is one step.
    let fresh = tempfile::Builder::new()
        .prefix("site-")
        .tempdir_in(&target)?
        .keep();
    let site = root.join("book");
    let built = build(root, &fresh).and_then(|()| {
        if site.exists() {
            fs::remove_dir_all(&site).context("the old book/ cannot be removed")?;
        }
        fs::rename(&fresh, &site).context("the new book/ cannot be put in place")
    });
    if built.is_err() {
        // The error that is reported matters; a left-over under target/ does not.
        let _ = fs::remove_dir_all(&fresh);
    }
    built.map(|()| site)
}

/// Serves mdBook's side of the renderer protocol: the book comes on standard input as JSON. Under
/// `mdbook serve` its pages can run the listings.
///
/// # Errors
///
/// The input is no book, or it cannot be rendered. A book whose listings cannot be run is none.
pub fn render_command() -> Result<()> {
    let context = RenderContext::from_json(std::io::stdin().lock())?;
    // Only `mdbook serve` sets it.
    let endpoint: Option<String> = context.config.get("output.html.live-reload-endpoint")?;
    let api = endpoint.and_then(|_| match helper::attach(&context.root) {
        Ok(api) => Some(api),
        Err(error) => {
            eprintln!("the listings cannot be run from these pages: {error:#}");
            None
        }
    });
    Bilingual { api }.render(&context)
}

/// Reads `book.toml`, `src/SUMMARY.md` and the pages.
///
/// # Errors
///
/// One of them cannot be read.
pub fn load(root: &Path) -> Result<MDBook> {
    MDBook::load(root).context(
        "the book cannot be loaded\n  hint: src/SUMMARY.md must list pages that exist, \
         as `- [Title](en/page.md)`",
    )
}
