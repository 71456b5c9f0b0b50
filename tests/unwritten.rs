//! What `cargo book new` leaves to be written is written.

use crate::sources::{none, pages, read, says};
use book::new::UNWRITTEN;
use directives::Problem;
use std::path::Path;

/// Lines that still hold the mark of `cargo book new`.
fn check(path: &Path, text: &str) -> Vec<Problem> {
    let marked = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.contains(UNWRITTEN));
    marked
        .map(|(number, _)| {
            Problem::new(path, number + 1, "the text is still to be written")
                .hint(format!("write it in place of the line with `{UNWRITTEN}`"))
        })
        .collect()
}

#[test]
fn no_text_is_still_to_be_written() {
    let concepts = "src/concepts.toml";
    let mut problems = check(Path::new(concepts), &read(concepts));
    problems.extend(
        pages()
            .iter()
            .flat_map(|page| check(&page.path, &page.text)),
    );
    none(problems);
}

#[test]
fn a_mark_is_named_with_its_line() {
    says(
        check(
            Path::new("src/en/a.md"),
            &format!("# A\n\n{UNWRITTEN}: the question -->\n"),
        ),
        "src/en/a.md:3: the text is still to be written",
    );
}
