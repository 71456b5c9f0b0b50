//! Addresses outside of the book: each is paired, used, and used by both languages alike.

use crate::sources::{Page, none, pages, read};
use directives::Problem;
use mdbook_concepts::References;
use std::collections::BTreeSet;
use std::path::Path;

const FILE: &str = "src/references.tsv";

fn references() -> References {
    References::parse(Path::new(FILE), &read(FILE))
        .unwrap_or_else(|problems| panic!("{}", Problem::report(&problems)))
}

/// References of a page that its twin lacks.
fn check_twins(pages: &[Page]) -> Vec<Problem> {
    let used = |page: &Page| -> BTreeSet<String> {
        References::used(&page.text)
            .into_keys()
            .map(str::to_owned)
            .collect()
    };
    let mut problems = Vec::new();
    for page in pages {
        let twin = pages
            .iter()
            .find(|twin| twin.slug == page.slug && twin.language != page.language);
        for id in twin.map(used).unwrap_or_default().difference(&used(page)) {
            problems.push(
                Problem::new(
                    &page.path,
                    0,
                    format!("its twin refers to `{id}`, this page does not"),
                )
                .hint(format!("write `[...][ref:{id}]` where the twin does")),
            );
        }
    }
    problems
}

#[test]
fn every_reference_is_used() {
    let unused = references();
    let unused = unused.unused(pages().iter().map(|page| page.text.as_str()));
    none(
        unused
            .into_iter()
            .map(|id| {
                Problem::new(FILE, 0, format!("no page refers to `{id}`")).hint("delete its line")
            })
            .collect(),
    );
}

#[test]
fn every_reference_of_a_page_exists() {
    let references = references();
    let wrong = pages().iter().filter_map(|page| {
        references
            .definitions(&page.path, &page.text, page.language)
            .err()
    });
    none(wrong.flatten().collect());
}

#[test]
fn both_languages_refer_to_the_same_things() {
    none(check_twins(pages()));
}

#[test]
fn no_page_writes_an_address_itself() {
    let bare = |page: &Page| page.text.contains("](http") || page.text.contains("<http");
    none(
        pages()
            .iter()
            .filter(|page| bare(page))
            .map(|page| {
                Problem::new(&page.path, 0, "the page writes an address itself")
                    .hint("add it to src/references.tsv and write `[...][ref:<id>]`")
            })
            .collect(),
    );
}

#[test]
fn a_reference_in_one_language_only_is_named() {
    let pages = [
        Page::new("src/en/a.md", "[x][ref:std-thread]\n"),
        Page::new("src/zh/a.md", "x\n"),
    ];
    let report = Problem::report(&check_twins(&pages));
    assert!(
        report.starts_with("src/zh/a.md: its twin refers to `std-thread`"),
        "{report}"
    );
}
