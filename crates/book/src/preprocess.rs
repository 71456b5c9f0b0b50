//! The preprocessor: directives become text, and diagrams become what mermaid's script draws.

use crate::diagrams::{self, Fence};
use anyhow::{Result, anyhow};
use directives::{Language, Problem};
use mdbook_concepts::{Concepts, Glossary, Maps, References};
use mdbook_core::book::{Book, Chapter};
use mdbook_listings::{Catalogue, Purpose, Request};
use mdbook_preprocessor::{Preprocessor, PreprocessorContext};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The names that may follow `{{#`, and how each is written.
const DIRECTIVES: [(&str, &str); 5] = [
    ("listing", "{{#listing <chapter>/<name> | <claim>}}"),
    ("map", "{{#map full}} or {{#map united}}"),
    ("here", "{{#here}}"),
    ("matrix", "{{#matrix}}"),
    ("glossary", "{{#glossary}}"),
];

/// The preprocessor `book` of `book.toml`.
#[derive(Debug, Default)]
pub struct BookPreprocessor;

impl Preprocessor for BookPreprocessor {
    fn name(&self) -> &str {
        "book"
    }

    fn supports_renderer(&self, renderer: &str) -> Result<bool> {
        Ok(matches!(renderer, "bilingual" | "test"))
    }

    fn run(&self, context: &PreprocessorContext, mut book: Book) -> Result<Book> {
        expand(context, &mut book)?;
        match purpose(context) {
            Purpose::Site => {
                diagrams::place(&context.root, &mut book);
                mdbook_mermaid::Mermaid.run(context, book)
            }
            Purpose::Test => Ok(book),
        }
    }
}

fn purpose(context: &PreprocessorContext) -> Purpose {
    match context.renderer.as_str() {
        "test" => Purpose::Test,
        _ => Purpose::Site,
    }
}

/// Expands the directives of all pages, and returns the diagrams that the pages then hold.
///
/// # Errors
///
/// A source of the directives cannot be read, or a page has problems.
pub fn expand(context: &PreprocessorContext, book: &mut Book) -> Result<Vec<Fence>> {
    let sources = Sources::load(&context.root).map_err(|wrong| report(&wrong))?;
    let written = book
        .chapters()
        .filter_map(|chapter| {
            chapter
                .path
                .as_ref()?
                .file_stem()?
                .to_str()
                .map(str::to_owned)
        })
        .collect();
    let maps = Maps::new(&sources.concepts, written);
    let mut problems = Vec::new();
    let mut fences = Vec::new();
    book.for_each_chapter_mut(|chapter| {
        match expand_chapter(chapter, context, &sources, &maps, purpose(context)) {
            Ok(found) => fences.extend(found),
            Err(wrong) => problems.extend(wrong),
        }
    });
    if problems.is_empty() {
        Ok(fences)
    } else {
        Err(report(&problems))
    }
}

/// Serves mdBook's side of the protocol: the book comes on standard input as JSON and goes out on
/// standard output.
///
/// # Errors
///
/// The input is no book, or a page has problems.
pub fn command() -> Result<()> {
    let (context, book) = mdbook_preprocessor::parse_input(std::io::stdin())?;
    if context.mdbook_version != mdbook_preprocessor::MDBOOK_VERSION {
        eprintln!(
            "warning: this book is made for mdBook {}, called by {}",
            mdbook_preprocessor::MDBOOK_VERSION,
            context.mdbook_version
        );
    }
    let book = BookPreprocessor.run(&context, book)?;
    serde_json::to_writer(std::io::stdout().lock(), &book)?;
    Ok(())
}

/// What directives are expanded from.
struct Sources {
    catalogue: Catalogue,
    concepts: Concepts,
    glossary: Glossary,
    references: References,
}

impl Sources {
    fn load(root: &Path) -> Result<Self, Vec<Problem>> {
        let read = |path: &Path| {
            fs::read_to_string(root.join(path))
                .map_err(|error| vec![Problem::new(path, 0, format!("cannot be read: {error}"))])
        };
        let concepts = Path::new("src/concepts.toml");
        let glossary = Path::new("src/glossary.tsv");
        let references = Path::new("src/references.tsv");
        Ok(Self {
            catalogue: Catalogue::load(root)?,
            concepts: Concepts::parse(concepts, &read(concepts)?)?,
            glossary: Glossary::parse(glossary, &read(glossary)?)?,
            references: References::parse(references, &read(references)?)?,
        })
    }
}

fn report(problems: &[Problem]) -> anyhow::Error {
    anyhow!(
        "the book has {} problem(s)\n{}",
        problems.len(),
        Problem::report(problems)
    )
}

fn expand_chapter(
    chapter: &mut Chapter,
    context: &PreprocessorContext,
    sources: &Sources,
    maps: &Maps<'_>,
    purpose: Purpose,
) -> Result<Vec<Fence>, Vec<Problem>> {
    let Some(source_path) = chapter.source_path.clone() else {
        return Ok(Vec::new());
    };
    let path: PathBuf = context.config.book.src.join(&source_path);
    let Some(language) = Language::of_page(&source_path) else {
        return Err(vec![
            Problem::new(&path, 0, "the page belongs to neither language")
                .hint("put it under src/en/ or src/zh/ and list it in src/SUMMARY.md"),
        ]);
    };
    let slug = source_path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    chapter.content = without_twin_line(&chapter.content);

    let directives = directives::find(&chapter.content).map_err(|wrong| {
        let problem = |(line, message)| Problem::new(&path, line, message);
        wrong.into_iter().map(problem).collect::<Vec<_>>()
    })?;
    let mut problems = Vec::new();
    let mut replaced: Vec<(Range<usize>, String)> = Vec::new();
    for directive in directives {
        let arguments = directive.arguments.as_str();
        let problem = |message: String| Problem::new(&path, directive.line, message);
        let drawn = |text: String| {
            if purpose == Purpose::Site {
                text
            } else {
                String::new()
            }
        };
        let text = match (directive.name.as_str(), arguments) {
            ("listing", _) => mdbook_listings::expand(
                &sources.catalogue,
                Request {
                    path: &path,
                    line: directive.line,
                    arguments,
                    language,
                    purpose,
                },
            ),
            ("map", "full") => Ok(drawn(maps.full(language, &slug))),
            ("map", "united") => Ok(drawn(maps.united(language, &slug))),
            ("here", "") => maps.here(language, &slug).map(drawn).ok_or_else(|| {
                problem(format!("no concept names the chapter `{slug}`")).hint(format!(
                    "give at least one concept of src/concepts.toml `chapter = \"{slug}\"`"
                ))
            }),
            ("matrix", "") => Ok(drawn(maps.matrix(language, &slug))),
            ("glossary", "") => Ok(drawn(sources.glossary.list(language))),
            (name, _) => Err(match DIRECTIVES.iter().find(|(known, _)| *known == name) {
                Some((_, usage)) => {
                    problem(format!("`{{{{#{name}}}}}` does not take `{arguments}`"))
                        .hint(format!("write {usage}"))
                }
                None => problem(format!("unknown directive `{{{{#{name}}}}}`"))
                    .hint(format!(
                        "the directives are {}",
                        DIRECTIVES.map(|(known, _)| known).join(", ")
                    ))
                    .did_you_mean(name, DIRECTIVES.map(|(known, _)| known)),
            }),
        };
        match text {
            Ok(text) => replaced.push((directive.range, text)),
            Err(problem) => problems.push(problem),
        }
    }
    let definitions = sources
        .references
        .definitions(&path, &chapter.content, language)
        .unwrap_or_else(|wrong| {
            problems.extend(wrong);
            String::new()
        });
    if !problems.is_empty() {
        return Err(problems);
    }
    chapter.content.push_str(&definitions);
    let texts = replaced
        .iter()
        .map(|(range, text)| (range.clone(), text.as_str()));
    let expanded = directives::splice(&chapter.content, texts);
    let page = std::mem::replace(&mut chapter.content, expanded);
    let fence = |found: diagrams::Found| Fence {
        path: path.clone(),
        line: diagrams::line_before(&page, &replaced, found.range.start),
        language,
        slug: slug.clone(),
        source: found.source,
    };
    Ok(diagrams::find(&chapter.content)
        .into_iter()
        .map(fence)
        .collect())
}

/// The page without the stamp of its twin; the empty line stays, so that line numbers stay true.
fn without_twin_line(page: &str) -> String {
    match crate::mirror::stamp(page) {
        Some(_) => page
            .find('\n')
            .map_or(String::new(), |end| page[end..].to_owned()),
        None => page.to_owned(),
    }
}
