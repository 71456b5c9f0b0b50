//! `SUMMARY.md` lists all pages, and the same chapters in both languages.

use crate::sources::{self, NOT_FOUND, Page, none, says};
use directives::{Language, Problem};
use mdbook_summary::{SummaryItem, parse_summary};
use std::path::{Path, PathBuf};

const SUMMARY: &str = "src/SUMMARY.md";

/// One entry: a part title, or the page of a chapter relative to `src/`.
enum Entry {
    Part,
    Chapter(PathBuf),
}

/// The slugs of the summary, in the order of one language.
pub fn slugs(summary: &str, language: Language) -> Vec<String> {
    let entries = entries(summary).unwrap_or_default();
    let chapters = entries.into_iter().filter_map(|entry| match entry {
        Entry::Chapter(path) => Some(path),
        Entry::Part => None,
    });
    chapters
        .filter(|path| Language::of_page(path) == Some(language))
        .map(|path| slug(&path))
        .collect()
}

/// What is wrong with a summary beside these pages.
fn check(summary: &str, pages: &[PathBuf]) -> Vec<Problem> {
    let line = |path: &Path| {
        let target = path.display().to_string();
        summary
            .find(&target)
            .map_or(0, |at| summary[..at].matches('\n').count() + 1)
    };
    let entries = match entries(summary) {
        Ok(entries) => entries,
        Err(problem) => return vec![problem],
    };
    let mut problems = Vec::new();
    let listed: Vec<&PathBuf> = entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Chapter(path) => Some(path),
            Entry::Part => None,
        })
        .collect();
    for path in &listed {
        if Language::of_page(path).is_none() {
            problems.push(
                Problem::new(
                    SUMMARY,
                    line(path),
                    format!("{} has no language", path.display()),
                )
                .hint("list pages as `en/<slug>.md` and `zh/<slug>.md`"),
            );
        } else if !pages.contains(path) {
            problems.push(
                Problem::new(
                    SUMMARY,
                    line(path),
                    format!("src/{} does not exist", path.display()),
                )
                .hint("write the page in both languages, or take its line out of SUMMARY.md"),
            );
        }
    }
    for path in pages {
        if slug(path) != NOT_FOUND && !listed.contains(&path) {
            problems.push(
                Problem::new(
                    Path::new("src").join(path),
                    0,
                    "the page is not in src/SUMMARY.md",
                )
                .hint(format!(
                    "add `- [<title>]({})` there, for both languages",
                    path.display()
                )),
            );
        }
    }

    // A part title belongs to the language of the chapter after it.
    let mut orders: [Vec<Option<String>>; 2] = Default::default();
    let mut part = false;
    for entry in &entries {
        match entry {
            Entry::Part => part = true,
            Entry::Chapter(path) => {
                let language = Language::of_page(path);
                if let Some(at) = Language::BOTH
                    .iter()
                    .position(|known| Some(*known) == language)
                {
                    orders[at].extend(part.then_some(None));
                    orders[at].push(Some(slug(path)));
                }
                part = false;
            }
        }
    }
    let [english, chinese] = &orders;
    let at = (0..english.len().max(chinese.len())).find(|at| english.get(*at) != chinese.get(*at));
    if let Some(at) = at {
        let name = |entries: &[Option<String>]| match entries.get(at) {
            None => "nothing more".to_owned(),
            Some(None) => "a part title".to_owned(),
            Some(Some(slug)) => format!("`{slug}`"),
        };
        problems.push(
            Problem::new(
                SUMMARY,
                0,
                format!(
                    "the languages differ at entry {}: English has {}, Chinese has {}",
                    at + 1,
                    name(english),
                    name(chinese)
                ),
            )
            .hint("list the same chapters and parts in the same order in both languages"),
        );
    }
    problems
}

fn entries(summary: &str) -> Result<Vec<Entry>, Problem> {
    let parsed = parse_summary(summary)
        .map_err(|error| Problem::new(SUMMARY, 0, format!("cannot be parsed: {error:#}")))?;
    if !parsed.prefix_chapters.is_empty() || !parsed.suffix_chapters.is_empty() {
        return Err(
            Problem::new(SUMMARY, 0, "a page stands outside of the lists")
                .hint("make each page a list item: `- [<title>](en/<slug>.md)`"),
        );
    }
    let mut entries = Vec::new();
    collect(&parsed.numbered_chapters, &mut entries);
    Ok(entries)
}

fn collect(items: &[SummaryItem], entries: &mut Vec<Entry>) {
    for item in items {
        match item {
            SummaryItem::PartTitle(_) => entries.push(Entry::Part),
            SummaryItem::Link(link) => {
                entries.extend(link.location.clone().map(Entry::Chapter));
                collect(&link.nested_items, entries);
            }
            _ => {}
        }
    }
}

fn slug(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

#[test]
fn the_summary_lists_every_page_in_the_same_order_in_both_languages() {
    let inside = |page: &Page| {
        page.path
            .strip_prefix("src")
            .expect("under src/")
            .to_path_buf()
    };
    let pages: Vec<_> = sources::pages().iter().map(inside).collect();
    none(check(&sources::read(SUMMARY), &pages));
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# Summary\n\n# Part\n\n- [A](en/a.md)\n- [B](en/b.md)\n\n# 部分\n\n\
                        - [甲](zh/a.md)\n- [乙](zh/b.md)\n";
    const PAGES: [&str; 5] = ["en/404.md", "en/a.md", "en/b.md", "zh/a.md", "zh/b.md"];

    fn check_with(summary: &str, pages: &[&str]) -> Vec<Problem> {
        check(
            summary,
            &pages.iter().map(PathBuf::from).collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_whole_summary_is_accepted() {
        none(check_with(GOOD, &PAGES));
        assert_eq!(slugs(GOOD, Language::Chinese), ["a", "b"]);
    }

    #[test]
    fn a_page_that_is_not_listed_is_named() {
        let summary = GOOD.replace("- [B](en/b.md)\n", "");
        says(
            check_with(&summary, &PAGES),
            "src/en/b.md: the page is not in src/SUMMARY.md",
        );
    }

    #[test]
    fn a_listed_page_that_does_not_exist_is_named_with_its_line() {
        says(
            check_with(GOOD, &PAGES[..4]),
            "src/SUMMARY.md:11: src/zh/b.md does not exist",
        );
    }

    #[test]
    fn another_order_in_one_language_is_named() {
        let summary = GOOD.replace(
            "- [甲](zh/a.md)\n- [乙](zh/b.md)",
            "- [乙](zh/b.md)\n- [甲](zh/a.md)",
        );
        says(
            check_with(&summary, &PAGES),
            "entry 2: English has `a`, Chinese has `b`",
        );
    }

    #[test]
    fn a_part_in_one_language_only_is_named() {
        let summary = GOOD.replace("# 部分\n\n", "");
        says(
            check_with(&summary, &PAGES),
            "entry 1: English has a part title, Chinese has `a`",
        );
    }

    #[test]
    fn a_page_outside_of_the_lists_is_refused() {
        let summary = GOOD.replace("# Summary\n", "# Summary\n\n[C](en/c.md)\n");
        says(
            check_with(&summary, &PAGES),
            "a page stands outside of the lists",
        );
    }
}
