//! `cargo book diagrams`: every diagram of the book, drawn once by mermaid in a headless browser.
//!
//! The drawings are kept under `target/diagrams/`, named by a hash of all that they depend on. The
//! preprocessor puts the ones that are there into the pages, and never waits for a browser; what is
//! missing is left to mermaid in the reader's browser. Both ways run the same script,
//! `theme/js/3-diagram.js`, under the same style sheet.

mod cache;
mod chromium;
mod fence;
mod sheet;

pub use chromium::find as chromium;
pub use fence::{Fence, Found, find, line_before};

use crate::{preprocess, site};
use anyhow::{Result, bail};
use cache::Cache;
use directives::{Language, Problem};
use mdbook_bilingual::Bilingual;
use mdbook_core::book::Book;
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// The page that may hold the full map; on others a diagram has at most [`MOST_NODES`] nodes.
const MAP_PAGE: &str = "index";
/// What a reader can take in at once.
const MOST_NODES: usize = 9;
/// What a drawing calls itself: each place in a page gets a name of its own for it.
const ID: &str = "diagram-ID";

/// What [`draw_missing`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// All diagrams of the book are drawn, so many of them now.
    All {
        /// Different diagrams in the book.
        all: usize,
        /// Those that were not drawn before.
        new: usize,
    },
    /// There is no Chromium, and so many diagrams are left to the reader's browser.
    WithoutBrowser {
        /// Different diagrams in the book that are not drawn.
        left: usize,
    },
}

/// Checks all diagrams of the book, and draws those that are not drawn yet.
///
/// # Errors
///
/// The book cannot be read; a diagram lacks its title or description, brings its own colours, has
/// too many nodes or is refused by mermaid (all of them at once, each with its place); Chromium
/// fails, or has no Chinese font.
pub fn draw_missing(root: &Path) -> Result<Drawn> {
    let fences = all(root)?;
    let mut problems: Vec<Problem> = fences.iter().flat_map(Fence::problems).collect();
    let cache = Cache::open(root)?;
    let mut missing: BTreeMap<String, &Fence> = BTreeMap::new();
    let mut keys: Vec<String> = Vec::new();
    for fence in &fences {
        let key = cache.key(fence.language, &fence.source);
        if cache.get(&key).is_none() {
            missing.entry(key.clone()).or_insert(fence);
        }
        keys.push(key);
    }
    let new = missing.len();
    let browser = chromium();
    if new > 0
        && let Some(browser) = &browser
    {
        let (keys, wanted): (Vec<String>, Vec<&Fence>) = missing.into_iter().unzip();
        let since = Instant::now();
        eprintln!("diagrams: drawing {new} with {} ...", browser.display());
        for ((key, fence), drawing) in keys
            .iter()
            .zip(&wanted)
            .zip(sheet::draw(root, browser, &wanted)?)
        {
            match drawing {
                Ok(svg) => cache.put(key, &svg)?,
                Err(said) => problems.push(fence.problem(format!(
                    "mermaid cannot draw this diagram: {}",
                    said.trim().replace('\n', "\n    ")
                ))),
            }
        }
        eprintln!("diagrams: drawn in {:.1} s", since.elapsed().as_secs_f32());
    }
    for (fence, key) in fences.iter().zip(&keys) {
        if let Some(nodes) = cache.get(key).as_deref().and_then(nodes)
            && nodes > MOST_NODES
            && fence.slug != MAP_PAGE
        {
            problems.push(
                fence
                    .problem(format!(
                        "the diagram has {nodes} nodes, and {MOST_NODES} are the most"
                    ))
                    .hint("leave out what this page does not need, or make two diagrams of it"),
            );
        }
    }
    if !problems.is_empty() {
        problems.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
        bail!(
            "the diagrams have {} problem(s)\n{}",
            problems.len(),
            Problem::report(&problems)
        );
    }
    keys.sort_unstable();
    keys.dedup();
    Ok(match browser {
        None if new > 0 => Drawn::WithoutBrowser { left: new },
        _ => Drawn::All {
            all: keys.len(),
            new,
        },
    })
}

/// `cargo book diagrams`: draws what is missing, and says what became of it.
///
/// # Errors
///
/// See [`draw_missing`]; and there is no Chromium.
pub fn command(root: &Path) -> Result<()> {
    match draw_missing(root)? {
        Drawn::All { all, new } => {
            println!("diagrams: {all} in the book, {new} drawn now, under target/diagrams/");
            Ok(())
        }
        Drawn::WithoutBrowser { left } => bail!(
            "{left} diagram(s) cannot be drawn: there is no Chromium\n  hint: {}",
            chromium::HINT
        ),
    }
}

/// For `cargo book build`: like [`draw_missing`], but without Chromium it says so and goes on.
///
/// # Errors
///
/// See [`draw_missing`].
pub fn before_build(root: &Path) -> Result<()> {
    if let Drawn::WithoutBrowser { left } = draw_missing(root)? {
        eprintln!(
            "diagrams: no Chromium, so {left} are left to the reader's browser ({})",
            chromium::HINT
        );
    }
    Ok(())
}

/// Puts the diagrams that are drawn into the pages; other fences stay as they are.
pub fn place(root: &Path, book: &mut Book) {
    // Without the theme or a lock file nothing was ever drawn: mermaid's script does all then.
    let Ok(cache) = Cache::open(root) else {
        return;
    };
    book.for_each_chapter_mut(|chapter| {
        let Some(path) = &chapter.source_path else {
            return;
        };
        let Some(language) = Language::of_page(path) else {
            return;
        };
        let slug = path.file_stem().unwrap_or_default().to_string_lossy();
        let placed: Vec<_> = find(&chapter.content)
            .into_iter()
            .enumerate()
            .filter_map(|(number, found)| {
                let svg = cache.get(&cache.key(language, &found.source))?;
                let id = format!("diagram-{slug}-{}", number + 1);
                Some((found.range, figure(&svg, &id)))
            })
            .collect();
        let placed = placed
            .iter()
            .map(|(range, figure)| (range.clone(), figure.as_str()));
        chapter.content = directives::splice(&chapter.content, placed);
    });
}

/// A drawing as a block of HTML in Markdown: no blank line inside, one before and after.
fn figure(svg: &str, id: &str) -> String {
    format!(
        "\n<figure class=\"diagram\" role=\"group\">{}</figure>\n\n",
        svg.replace(ID, id)
    )
}

/// How many nodes a drawing says that it has.
fn nodes(svg: &str) -> Option<usize> {
    let (_, after) = svg.split_once("data-nodes=\"")?;
    after.split_once('"')?.0.parse().ok()
}

/// All diagrams of the book, after the directives of its pages were expanded.
fn all(root: &Path) -> Result<Vec<Fence>> {
    let collect = Collect::default();
    let mut book = site::load(root)?;
    book.with_preprocessor(collect.clone());
    book.preprocess_book(&Bilingual::default())?;
    let mut fences = collect
        .0
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    Ok(std::mem::take(&mut *fences))
}

/// Stands in for the book's preprocessor, and keeps the diagrams that it sees.
#[derive(Debug, Default, Clone)]
struct Collect(Arc<Mutex<Vec<Fence>>>);

impl Preprocessor for Collect {
    fn name(&self) -> &str {
        preprocess::BookPreprocessor.name()
    }

    fn supports_renderer(&self, renderer: &str) -> Result<bool> {
        preprocess::BookPreprocessor.supports_renderer(renderer)
    }

    fn run(&self, context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        let fences = preprocess::expand(context, &mut book)?;
        *self
            .0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = fences;
        Ok(book)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_places_of_one_drawing_have_different_ids() {
        let svg = format!("<svg aria-labelledby=\"{ID}-title\"><title id=\"{ID}-title\">");
        let [one, two] = ["diagram-a-1", "diagram-a-2"].map(|id| figure(&svg, id));
        assert!(one.contains("<title id=\"diagram-a-1-title\">"), "{one}");
        assert!(
            two.contains("aria-labelledby=\"diagram-a-2-title\""),
            "{two}"
        );
        assert!(!one.contains(ID), "{one}");
    }

    #[test]
    fn the_number_of_nodes_is_read_from_the_drawing() {
        assert_eq!(nodes("<svg class=\"x\" data-nodes=\"12\">"), Some(12));
        assert_eq!(nodes("<svg>"), None);
    }
}
