//! Every chapter has its place on the concept map, and every concept a chapter.

use crate::sources::{none, read, root, says};
use crate::summary;
use directives::{Language, Problem};
use mdbook_concepts::Concepts;
use std::path::Path;

/// The chapters of the whole book, written or not: a concept may name one before it is written, and
/// links to the map until then. Remove a chapter here only when it is given up.
const PLANNED: [&str; 30] = [
    "before-you-start",
    "four-questions",
    "who-executes",
    "choosing",
    "threads",
    "races",
    "locks",
    "waiting",
    "atomics",
    "thread-safety",
    "deadlock",
    "starvation",
    "finding-bugs",
    "memory-order",
    "channels",
    "thread-pools",
    "data-parallelism",
    "pipelines",
    "speed",
    "processes",
    "pipes",
    "shared-memory",
    "process-pools",
    "async-from-scratch",
    "async-practice",
    "cancellation",
    "corpus-prep",
    "api-client",
    "beyond-one-machine",
    "index",
];

const CONCEPTS: &str = "src/concepts.toml";

/// The concepts of the book.
pub fn load() -> Concepts {
    Concepts::parse(Path::new(CONCEPTS), &read(CONCEPTS))
        .unwrap_or_else(|problems| panic!("\n{}", Problem::report(&problems)))
}

/// Chapters without a concept, and concepts of a chapter that there will never be.
fn check(concepts: &Concepts, text: &str, chapters: &[String]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for chapter in chapters {
        if !concepts
            .all
            .iter()
            .any(|concept| &concept.chapter == chapter)
        {
            problems.push(
                Problem::new(
                    CONCEPTS,
                    0,
                    format!("no concept names the chapter `{chapter}`"),
                )
                .hint(format!(
                    "give the concept that it explains `chapter = \"{chapter}\"`"
                )),
            );
        }
    }
    for concept in &concepts.all {
        let chapter = concept.chapter.as_str();
        if !PLANNED.contains(&chapter) && !chapters.iter().any(|known| known == chapter) {
            let at = text.find(&format!("id = \"{}\"", concept.id)).unwrap_or(0);
            let line = text[..at].matches('\n').count() + 1;
            let message = format!(
                "the concept `{}` names the unknown chapter `{chapter}`",
                concept.id
            );
            problems.push(Problem::new(CONCEPTS, line, message).did_you_mean(chapter, PLANNED));
        }
    }
    problems
}

/// The chapters of the summary without front matter and appendices.
fn chapters() -> Vec<String> {
    let config: toml::Table = read("book.toml").parse().expect("book.toml is TOML");
    let outside: Vec<&str> = ["front", "back"]
        .iter()
        .filter_map(|key| config["output"]["bilingual"].get(key)?.as_array())
        .flatten()
        .filter_map(toml::Value::as_str)
        .collect();
    let mut slugs = summary::slugs(&read("src/SUMMARY.md"), Language::English);
    slugs.retain(|slug| !outside.contains(&slug.as_str()));
    slugs
}

#[test]
fn every_chapter_is_on_the_map_and_every_concept_has_a_chapter() {
    assert!(
        !chapters().is_empty(),
        "src/SUMMARY.md in {} has no chapter",
        root().display()
    );
    none(check(&load(), &read(CONCEPTS), &chapters()));
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[[concept]]\nid = \"a\"\nen = \"A\"\nzh = \"甲\"\nen_says = \"It is A.\"\n\
                        zh_says = \"这是甲。\"\nchapter = \"threads\"\n";

    fn check_text(text: &str, chapters: &[&str]) -> Vec<Problem> {
        let concepts = Concepts::parse(Path::new(CONCEPTS), text).expect("good concepts");
        check(
            &concepts,
            text,
            &chapters.iter().map(ToString::to_string).collect::<Vec<_>>(),
        )
    }

    #[test]
    fn a_chapter_with_a_concept_is_accepted() {
        none(check_text(TEXT, &["threads"]));
    }

    #[test]
    fn a_chapter_without_a_concept_is_named() {
        says(
            check_text(TEXT, &["threads", "locks"]),
            "no concept names the chapter `locks`",
        );
    }

    #[test]
    fn a_concept_of_an_unknown_chapter_is_named_with_the_nearest() {
        says(
            check_text(&TEXT.replace("threads", "theads"), &[]),
            "src/concepts.toml:2: the concept `a` names the unknown chapter `theads`\n  \
             hint: did you mean `threads`?",
        );
    }
}
