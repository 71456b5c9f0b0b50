//! Directives in Markdown: `{{#name arguments}}` on a line of its own, outside code.
//!
//! The preprocessor finds them here, asks the crate that owns each one for its text, and splices the
//! answers back. Markdown is never parsed and written out again, so what is not a directive reaches
//! mdBook byte for byte.

mod language;
mod problem;

pub use language::Language;
pub use problem::{Problem, nearest};

use mdbook_markdown::pulldown_cmark::{Event, Tag};
use mdbook_markdown::{MarkdownOptions, new_cmark_parser};
use std::ops::Range;

/// One directive of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directive {
    /// Bytes of the page that it takes, braces included.
    pub range: Range<usize>,
    /// Line of the page, counted from 1.
    pub line: usize,
    /// `listing` in `{{#listing threads/five_tasks | the claim}}`.
    pub name: String,
    /// What follows the name, trimmed.
    pub arguments: String,
}

/// Markdown events of a page with their byte ranges, read with the options that mdBook itself uses.
///
/// Smart punctuation stays off: it only changes the text of events, and callers want the source.
pub fn events(page: &str) -> impl Iterator<Item = (Event<'_>, Range<usize>)> {
    let mut options = MarkdownOptions::default();
    options.smart_punctuation = false;
    new_cmark_parser(page, &options).into_offset_iter()
}

/// Byte ranges of code blocks, code spans and HTML comments: what a directive may be quoted in.
pub fn quoted(page: &str) -> Vec<Range<usize>> {
    events(page)
        .filter_map(|(event, range)| match event {
            Event::Start(Tag::CodeBlock(_)) | Event::Code(_) => Some(range),
            Event::Html(html) if html.trim_start().starts_with("<!--") => Some(range),
            _ => None,
        })
        .collect()
}

/// The directives of a page, in order.
///
/// `{{#name ...}}` becomes `Directive { name: "name", arguments: "..." }`. Text in code is left
/// alone: that is how a page shows a directive (mdBook has removed a backslash before it by now).
///
/// # Errors
///
/// A directive that is not closed on its line, or that shares its line with other text: it becomes
/// a block, and a block cannot stand in a sentence.
pub fn find(page: &str) -> Result<Vec<Directive>, Vec<(usize, String)>> {
    let quoted = quoted(page);
    let mut found = Vec::new();
    let mut wrong = Vec::new();
    for (start, _) in page.match_indices("{{#") {
        if quoted.iter().any(|range| range.contains(&start)) {
            continue;
        }
        let line = page[..start].matches('\n').count() + 1;
        let line_start = page[..start].rfind('\n').map_or(0, |at| at + 1);
        let line_end = page[start..].find('\n').map_or(page.len(), |at| start + at);
        let Some(length) = page[start..line_end].find("}}") else {
            wrong.push((
                line,
                "the directive is not closed with `}}` on its line".to_owned(),
            ));
            continue;
        };
        let end = start + length + 2;
        let inner = &page[start + 3..end - 2];
        let (name, arguments) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        if !page[line_start..start].trim().is_empty() || !page[end..line_end].trim().is_empty() {
            wrong.push((
                line,
                format!("`{{{{#{name}}}}}` shares its line with other text"),
            ));
            continue;
        }
        found.push(Directive {
            range: start..end,
            line,
            name: name.to_owned(),
            arguments: arguments.trim().to_owned(),
        });
    }
    if wrong.is_empty() {
        Ok(found)
    } else {
        Err(wrong)
    }
}

/// The page with each range replaced by its text; everything else stays byte for byte.
///
/// Ranges are in order and do not overlap, as [`find`] returns them.
pub fn splice<'a>(
    page: &str,
    replacements: impl IntoIterator<Item = (Range<usize>, &'a str)>,
) -> String {
    let mut out = String::with_capacity(page.len());
    let mut done = 0;
    for (range, text) in replacements {
        out.push_str(&page[done..range.start]);
        out.push_str(text);
        done = range.end;
    }
    out.push_str(&page[done..]);
    out
}

/// Escapes text for HTML content and double-quoted attributes.
pub fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(page: &str) -> Vec<(usize, String, String)> {
        find(page)
            .expect("no problem in this page")
            .into_iter()
            .map(|directive| (directive.line, directive.name, directive.arguments))
            .collect()
    }

    #[test]
    fn a_directive_has_a_line_a_name_and_arguments() {
        assert_eq!(
            names("# A\n\n{{#listing a/b | one | two}}\n\n{{#here}}\n"),
            [
                (3, "listing".to_owned(), "a/b | one | two".to_owned()),
                (5, "here".to_owned(), String::new())
            ]
        );
    }

    #[test]
    fn code_keeps_its_directives() {
        assert_eq!(names("```text\n{{#here}}\n```\n"), []);
        assert_eq!(names("    {{#here}}\n"), []);
        assert_eq!(names("say `{{#here}}` so\n"), []);
        assert_eq!(names("<!-- {{#here}} -->\n"), []);
    }

    #[test]
    fn a_directive_in_a_sentence_is_refused() {
        let wrong = find("see {{#here}} now\n").expect_err("shares its line");
        assert_eq!(wrong[0].0, 1);
        assert!(wrong[0].1.contains("shares its line"));
    }

    #[test]
    fn an_open_directive_is_refused() {
        let wrong = find("\n{{#here\n}}\n").expect_err("not closed");
        assert_eq!(wrong[0].0, 2);
    }

    #[test]
    fn splicing_keeps_every_other_byte() {
        let page = "a *b* 并发\r\n\r\n{{#here}}\r\n\r\n* c\n";
        let directives = find(page).expect("no problem");
        let spliced = splice(page, [(directives[0].range.clone(), "X")]);
        assert_eq!(spliced, "a *b* 并发\r\n\r\nX\r\n\r\n* c\n");
    }
}
