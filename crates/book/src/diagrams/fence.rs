//! Diagrams in Markdown: code blocks with the word `mermaid`, and what the book asks of them.

use directives::{Language, Problem};
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use std::ops::Range;
use std::path::PathBuf;

/// The kinds of diagram that `theme/css/4-diagram.css` has colours for.
const KINDS: [&str; 5] = [
    "flowchart",
    "gantt",
    "graph",
    "sequenceDiagram",
    "stateDiagram-v2",
];
/// Lines that bring colours of their own, by how they begin.
const COLOURS: [&str; 5] = ["classDef ", "style ", "linkStyle ", "%%{", "---"];

/// A code block `mermaid` of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Bytes of the page that it takes, its fences included.
    pub range: Range<usize>,
    /// What mermaid is given.
    pub source: String,
}

/// A diagram of the book and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fence {
    /// File, relative to the root of the book.
    pub path: PathBuf,
    /// Line of its fence, or of the directive that made it.
    pub line: usize,
    /// Language of the page.
    pub language: Language,
    /// Chapter of the page.
    pub slug: String,
    /// What mermaid is given.
    pub source: String,
}

/// The code blocks `mermaid` of a page, in order.
pub fn find(page: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    if !page.contains("mermaid") {
        return found;
    }
    let mut inside = false;
    for (event, range) in directives::events(page) {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if &*info == "mermaid" => {
                inside = true;
                let source = String::new();
                found.push(Found { range, source });
            }
            Event::End(TagEnd::CodeBlock) => inside = false,
            Event::Text(text) if inside => {
                if let Some(found) = found.last_mut() {
                    found.source.push_str(&text);
                }
            }
            _ => {}
        }
    }
    found
}

/// The line of a page, from 1, that a place `at` in it comes from, after `replaced` were spliced in.
///
/// A place inside of a text that was spliced in comes from the line of what was replaced.
pub fn line_before(page: &str, replaced: &[(Range<usize>, String)], at: usize) -> usize {
    // Where the unchanged text that is looked at begins, in the old page and in the new one.
    let (mut old, mut new) = (0, 0);
    for (range, text) in replaced {
        let begin = new + range.start - old;
        if at < begin {
            break;
        }
        if at < begin + text.len() {
            return line_of(page, range.start);
        }
        old = range.end;
        new = begin + text.len();
    }
    line_of(page, old + at - new)
}

fn line_of(page: &str, at: usize) -> usize {
    page[..at].matches('\n').count() + 1
}

impl Fence {
    /// Something that is wrong with the diagram.
    pub fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(&self.path, self.line, message)
    }

    /// What is wrong that can be seen without drawing it.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (key, what) in [("accTitle", "title"), ("accDescr", "description")] {
            match accessible(&self.source, key) {
                None => problems.push(
                    self.problem(format!(
                        "the diagram has no {what} for those who do not see it"
                    ))
                    .hint(format!("write a line `{key}: ...` below its first line")),
                ),
                Some(text) if self.language == Language::Chinese && !text.contains(is_han) => {
                    problems.push(
                        self.problem(format!("the diagram's {what} is not Chinese"))
                            .hint(format!("translate the line `{key}: {text}`")),
                    );
                }
                Some(_) => {}
            }
        }
        let kind = self.kind();
        if !KINDS.contains(&kind) {
            problems.push(
                self.problem(format!("the book has no style for a diagram `{kind}`"))
                    .hint(format!("it has styles for {}", KINDS.join(", "))),
            );
        }
        for line in self.source.lines().map(str::trim) {
            if COLOURS.iter().any(|word| line.starts_with(word)) {
                problems.push(
                    self.problem(format!("the diagram brings a look of its own: `{line}`"))
                        .hint(
                            "colours come from the theme: write `class <node> here`, `bad` or \
                             `aside`",
                        ),
                );
            }
        }
        problems
    }

    /// The word that the diagram begins with.
    fn kind(&self) -> &str {
        self.source
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with("%%"))
            .and_then(|line| line.split_whitespace().next())
            .unwrap_or_default()
    }
}

/// The text after `accTitle:` or `accDescr:`, or in `accDescr { ... }`, if there is any.
fn accessible<'s>(source: &'s str, key: &str) -> Option<&'s str> {
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        if let Some(after) = line.trim_start().strip_prefix(key) {
            let text = match after.trim_start().strip_prefix(':') {
                Some(text) => text,
                None => {
                    let rest = &source[at + line.len() - after.len()..];
                    rest.trim_start().strip_prefix('{')?.split_once('}')?.0
                }
            };
            return Some(text.trim()).filter(|text| !text.is_empty());
        }
        at += line.len();
    }
    None
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fence(language: Language, source: &str) -> Fence {
        Fence {
            path: PathBuf::from("src/en/a.md"),
            line: 3,
            language,
            slug: "a".to_owned(),
            source: source.to_owned(),
        }
    }

    fn complaints(language: Language, source: &str) -> Vec<String> {
        fence(language, source)
            .problems()
            .into_iter()
            .map(|problem| problem.message)
            .collect()
    }

    #[test]
    fn a_fence_is_found_with_its_source() {
        let page = "# A\n\n```mermaid\nflowchart LR\n  a --> b\n```\n\ntext\n";
        let found = find(page);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].source, "flowchart LR\n  a --> b\n");
        assert_eq!(&page[found[0].range.clone()], &page[5..page.len() - 7]);
    }

    #[test]
    fn a_fence_in_a_list_loses_its_indentation() {
        let found = find("- item\n\n  ~~~mermaid\n  graph LR\n    a\n  ~~~\n");
        assert_eq!(found[0].source, "graph LR\n  a\n");
    }

    #[test]
    fn other_code_and_quoted_fences_are_left_alone() {
        assert_eq!(find("```rust\n// mermaid\n```\n"), []);
        assert_eq!(find("````md\n```mermaid\na\n```\n````\n"), []);
    }

    #[test]
    fn windows_line_ends_make_no_other_diagram() {
        let unix = find("```mermaid\ngraph LR\na\n```\n");
        let windows = find("```mermaid\r\ngraph LR\r\na\r\n```\r\n");
        assert_eq!(unix[0].source, windows[0].source);
    }

    #[test]
    fn a_place_is_traced_back_to_the_line_it_comes_from() {
        let page = "one\nXX\nthree\nYY\nfive\n";
        let replaced = [(4..6, "a\nb\nc".to_owned()), (13..15, String::new())];
        let new = "one\na\nb\nc\nthree\n\nfive\n";
        let line = |word: &str| {
            let at = new.find(word).expect("it is in the text");
            line_before(page, &replaced, at)
        };
        assert_eq!(
            ["one", "a\n", "c\n", "three", "five"].map(line),
            [1, 2, 2, 3, 5]
        );
    }

    #[test]
    fn a_good_diagram_has_no_problem() {
        let good = "flowchart LR\n  accTitle: A\n  accDescr: B\n  a --> b\n";
        assert_eq!(complaints(Language::English, good), [""; 0]);
        let long = "sequenceDiagram\n  accTitle: 锁\n  accDescr {\n  线程\n  A\n  }\n";
        assert_eq!(complaints(Language::Chinese, long), [""; 0]);
    }

    #[test]
    fn title_and_description_are_asked_for() {
        assert_eq!(
            complaints(Language::English, "graph LR\n  accTitle: \n"),
            [
                "the diagram has no title for those who do not see it",
                "the diagram has no description for those who do not see it"
            ]
        );
    }

    #[test]
    fn a_description_on_a_chinese_page_is_chinese() {
        let source = "graph LR\n  accTitle: 锁\n  accDescr: a lock\n";
        assert_eq!(
            complaints(Language::Chinese, source),
            ["the diagram's description is not Chinese"]
        );
    }

    #[test]
    fn colours_of_its_own_are_refused() {
        let source = "graph LR\n  accTitle: a\n  accDescr: b\n  style a fill:#fff\n";
        assert_eq!(
            complaints(Language::English, source),
            ["the diagram brings a look of its own: `style a fill:#fff`"]
        );
    }

    #[test]
    fn a_kind_without_a_style_is_refused() {
        let source = "pie\n  accTitle: a\n  accDescr: b\n";
        assert_eq!(
            complaints(Language::English, source),
            ["the book has no style for a diagram `pie`"]
        );
    }
}
