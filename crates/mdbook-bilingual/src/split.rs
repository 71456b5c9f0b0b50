//! One book in, one book per language out, numbered anew.

use crate::language::{Both, Language};
use crate::settings::Settings;
use anyhow::{Context, Result, bail, ensure};
use mdbook_core::book::{Book, BookItem, Chapter, SectionNumber};
use std::path::{Path, PathBuf};

/// Splits the book by the first component of its chapters' paths, which is dropped.
///
/// A part title and a separator belong to the language of the chapter that follows. Chapters are
/// numbered from 1 in each language; pages named in `front` and `back` lose their number, as do
/// pages that have none in `SUMMARY.md`.
pub fn split(book: &Book, settings: &Settings) -> Result<Both<Book>> {
    let mut books = Both {
        en: Book::new(),
        zh: Book::new(),
    };
    let mut waiting = Vec::new();
    for item in &book.items {
        let BookItem::Chapter(chapter) = item else {
            waiting.push(item.clone());
            continue;
        };
        let language = language_of(chapter)?;
        let target = books.get_mut(language);
        for item in waiting.drain(..) {
            // A line above the first entry would separate it from nothing.
            if item != BookItem::Separator || !target.items.is_empty() {
                target.items.push(item);
            }
        }
        target.push_item(moved(chapter, language)?);
    }
    for language in Language::ALL {
        let book = books.get_mut(language);
        ensure!(
            book.chapters().next().is_some(),
            "SUMMARY.md: there is no page under `{}/`\n\
             hint: both languages are listed there, in the same order",
            language.code()
        );
        number(book, settings);
    }
    check_unnumbered("front", &settings.front, &books)?;
    check_unnumbered("back", &settings.back, &books)?;
    Ok(books)
}

fn language_of(chapter: &Chapter) -> Result<Language> {
    let Some(path) = &chapter.path else {
        bail!(
            "SUMMARY.md: the chapter `{}` has no file\n\
             hint: list a page when its file exists in both languages",
            chapter.name
        );
    };
    path.components()
        .next()
        .and_then(|first| Language::from_code(first.as_os_str().to_str()?))
        .with_context(|| {
            format!(
                "SUMMARY.md: the chapter `{}` lies outside `en/` and `zh/`: {}\n\
                 hint: move its file into the folder of its language",
                chapter.name,
                path.display()
            )
        })
}

/// The chapter and all below it, with the folder of the language taken off their paths.
fn moved(chapter: &Chapter, language: Language) -> Result<Chapter> {
    let found = language_of(chapter)?;
    ensure!(
        found == language,
        "SUMMARY.md: the chapter `{}` of `{}/` is nested under one of `{}/`",
        chapter.name,
        found.code(),
        language.code()
    );
    let strip = |path: &Option<PathBuf>| {
        path.as_deref().map(|path| {
            path.strip_prefix(language.code())
                .unwrap_or(path)
                .to_path_buf()
        })
    };
    let mut sub_items = Vec::with_capacity(chapter.sub_items.len());
    for item in &chapter.sub_items {
        sub_items.push(match item {
            BookItem::Chapter(sub) => BookItem::Chapter(moved(sub, language)?),
            other => other.clone(),
        });
    }
    Ok(Chapter {
        path: strip(&chapter.path),
        source_path: strip(&chapter.source_path),
        sub_items,
        ..chapter.clone()
    })
}

fn number(book: &mut Book, settings: &Settings) {
    let mut count = 0;
    for item in &mut book.items {
        if let BookItem::Chapter(chapter) = item {
            let numbered = chapter.number.is_some()
                && !slug(chapter).is_some_and(|slug| {
                    let mut unnumbered = settings.front.iter().chain(&settings.back);
                    unnumbered.any(|name| name == slug)
                });
            if numbered {
                count += 1;
                set_number(chapter, Some(vec![count]));
            } else {
                set_number(chapter, None);
            }
        }
    }
}

fn set_number(chapter: &mut Chapter, number: Option<Vec<u32>>) {
    let mut count = 0;
    for item in &mut chapter.sub_items {
        if let BookItem::Chapter(sub) = item {
            count += 1;
            set_number(sub, number.as_ref().map(|n| [&n[..], &[count]].concat()));
        }
    }
    chapter.number = number.map(SectionNumber::new);
}

fn slug(chapter: &Chapter) -> Option<&str> {
    chapter.path.as_deref().map(Path::file_stem)??.to_str()
}

/// A misspelt slug would leave its page numbered, which nobody notices for long.
fn check_unnumbered(key: &str, slugs: &[String], books: &Both<Book>) -> Result<()> {
    for name in slugs {
        let known = Language::ALL.into_iter().any(|language| {
            books
                .get(language)
                .chapters()
                .any(|c| slug(c) == Some(name))
        });
        ensure!(
            known,
            "book.toml: `output.bilingual.{key}` names `{name}`, and SUMMARY.md lists no such \
             page\nhint: it holds file names without `.md`"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::read;

    fn chapter(path: &str) -> Chapter {
        let mut chapter = Chapter::new(path, String::new(), path, Vec::new());
        chapter.number = Some(SectionNumber::new([9]));
        chapter
    }

    fn split_items(items: Vec<BookItem>) -> Result<Both<Book>> {
        let settings = read("", "").expect("valid settings");
        split(&Book::new_with_items(items), &settings)
    }

    #[test]
    fn a_nested_chapter_is_numbered_within_its_parent() {
        let mut parent = chapter("zh/a.md");
        parent.sub_items = vec![chapter("zh/b.md").into()];
        let items = vec![chapter("en/a.md").into(), parent.into()];
        let books = split_items(items).expect("both languages have a page");
        let nested = books.zh.chapters().last().expect("two chapters");
        assert_eq!(nested.number, Some(SectionNumber::new([1, 1])));
        assert_eq!(nested.path.as_deref(), Some(Path::new("b.md")));
    }

    #[test]
    fn a_chapter_nested_under_the_other_language_is_refused() {
        let mut parent = chapter("zh/a.md");
        parent.sub_items = vec![chapter("en/b.md").into()];
        let items = vec![chapter("en/a.md").into(), parent.into()];
        let message = split_items(items).expect_err("mixed").to_string();
        assert!(message.contains("`en/b.md`"), "{message}");
    }

    #[test]
    fn a_line_between_the_languages_is_dropped() {
        let items = vec![
            chapter("en/a.md").into(),
            BookItem::Separator,
            chapter("zh/a.md").into(),
        ];
        let books = split_items(items).expect("both languages have a page");
        assert_eq!(books.zh.items.len(), 1);
    }

    #[test]
    fn a_chapter_without_a_number_stays_without() {
        let mut prefix = chapter("en/a.md");
        prefix.number = None;
        let items = vec![
            prefix.into(),
            chapter("en/b.md").into(),
            chapter("zh/a.md").into(),
        ];
        let books = split_items(items).expect("both languages have a page");
        let numbers: Vec<_> = books.en.chapters().map(|c| c.number.clone()).collect();
        assert_eq!(numbers, [None, Some(SectionNumber::new([1]))]);
    }

    #[test]
    fn a_language_without_pages_is_refused_with_its_folder() {
        let message = split_items(vec![chapter("en/a.md").into()])
            .expect_err("there is no Chinese")
            .to_string();
        assert!(message.contains("`zh/`"), "{message}");
    }

    #[test]
    fn a_chapter_without_a_file_is_refused_with_its_name() {
        let draft = Chapter::new_draft("Later", Vec::new());
        let message = split_items(vec![draft.into()])
            .expect_err("a draft")
            .to_string();
        assert!(message.contains("`Later`"), "{message}");
    }
}
