//! The two languages of a chapter say the same: same headings, listings, diagrams and links.

use crate::sources::{self, Page, none, pairs, says};
use book::mirror;
use directives::Problem;
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag};
use std::collections::BTreeSet;

/// A heading and what follows it up to the next one.
struct Section {
    /// 1 for `#`; 0 for what stands before the first heading.
    level: usize,
    id: Option<String>,
    line: usize,
    /// Directives, diagrams and questions, in order, with their lines.
    items: Vec<(String, usize)>,
    /// Internal links, as one would write them in either language.
    links: BTreeSet<String>,
}

impl Section {
    fn new(level: usize, id: Option<String>, line: usize) -> Self {
        Self {
            level,
            id,
            line,
            items: Vec::new(),
            links: BTreeSet::new(),
        }
    }

    fn name(&self) -> String {
        match &self.id {
            Some(id) => format!("under `{{#{id}}}`"),
            None => "before the first heading".to_owned(),
        }
    }
}

fn sections(page: &Page) -> Vec<Section> {
    let mut sections = vec![Section::new(0, None, 1)];
    let mut directives = page.directives().into_iter().peekable();
    for (event, range) in page.events() {
        let section = sections.last_mut().expect("there is one from the start");
        while let Some(directive) = directives.next_if(|next| next.range.start < range.start) {
            section
                .items
                .push((directive_name(&directive), directive.line));
        }
        let line = page.line(range.start);
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                sections.push(Section::new(level as usize, id.map(Into::into), line));
            }
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if &*info == "mermaid" => {
                section.items.push(("a mermaid diagram".to_owned(), line));
            }
            Event::Html(html) if html.trim_start().starts_with("<details") => {
                section
                    .items
                    .push(("a question in `<details>`".to_owned(), line));
            }
            Event::Start(Tag::Link { dest_url, .. }) if !dest_url.contains("://") => {
                section.links.insert(without_language(&dest_url));
            }
            _ => {}
        }
    }
    let last = sections.last_mut().expect("there is one from the start");
    last.items
        .extend(directives.map(|directive| (directive_name(&directive), directive.line)));
    sections
}

/// A directive as both languages must write it: a listing without its claim.
fn directive_name(directive: &directives::Directive) -> String {
    let target = directive
        .arguments
        .split('|')
        .next()
        .unwrap_or_default()
        .trim();
    match target {
        "" => format!("`{{{{#{}}}}}`", directive.name),
        target => format!("`{{{{#{} {target}}}}}`", directive.name),
    }
}

/// `../zh/threads.md#joining` and `threads.md#joining` lead to the same chapter.
fn without_language(target: &str) -> String {
    let target = target.strip_prefix("./").unwrap_or(target);
    let stripped = ["../en/", "../zh/"]
        .into_iter()
        .find_map(|folder| target.strip_prefix(folder));
    stripped.unwrap_or(target).to_owned()
}

/// Headings without an id that a link in either language can use.
fn check_ids(page: &Page) -> Vec<Problem> {
    let mut problems = Vec::new();
    for section in sections(page)
        .iter()
        .skip(1)
        .filter(|section| section.level <= 3)
    {
        let wrong = |message: &str| {
            page.problem(section.line, message).hint(
                "write `## Heading {#english-words}`, the same id in both languages: lower case, \
                 digits and hyphens",
            )
        };
        match &section.id {
            None => problems.push(wrong("the heading has no id")),
            Some(id) => {
                let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
                if !id.chars().all(plain) || id.is_empty() {
                    problems.push(wrong(&format!("the id `{id}` is not plain English")));
                }
            }
        }
    }
    problems
}

/// What one language has and the other has not.
fn check_pair(english: &Page, chinese: &Page) -> Vec<Problem> {
    let [en, zh] = [sections(english), sections(chinese)];
    let ids = |sections: &[Section]| {
        sections
            .iter()
            .map(|section| section.id.clone())
            .collect::<Vec<_>>()
    };
    let (en_ids, zh_ids) = (ids(&en), ids(&zh));
    let mut problems = Vec::new();
    for (page, own, other, other_ids) in [
        (english, &en, chinese, &zh_ids),
        (chinese, &zh, english, &en_ids),
    ] {
        for section in own
            .iter()
            .filter(|section| !other_ids.contains(&section.id))
        {
            problems.push(
                page.problem(
                    section.line,
                    format!(
                        "the heading {} has no twin",
                        section.name().replace("under ", "")
                    ),
                )
                .hint(format!(
                    "give {} the same heading, with the same English id",
                    other.path.display()
                )),
            );
        }
    }
    if !problems.is_empty() {
        return problems;
    }
    if let Some(at) = (0..en_ids.len()).find(|at| en_ids.get(*at) != zh_ids.get(*at)) {
        let line = zh.get(at).map_or(0, |section| section.line);
        return vec![
            chinese
                .problem(line, "the headings are in another order than in English")
                .hint(format!(
                    "{}:{} comes here",
                    english.path.display(),
                    en[at].line
                )),
        ];
    }
    for (ours, theirs) in en.iter().zip(&zh) {
        problems.extend(check_section(english, ours, chinese, theirs));
    }
    problems
}

fn check_section(english: &Page, en: &Section, chinese: &Page, zh: &Section) -> Vec<Problem> {
    let mut problems = Vec::new();
    if en.level != zh.level {
        problems.push(
            chinese
                .problem(
                    zh.line,
                    format!("a heading of level {}, in English {}", zh.level, en.level),
                )
                .hint(format!(
                    "write as many `#` as {}:{} has",
                    english.path.display(),
                    en.line
                )),
        );
    }
    let count = en.items.len().max(zh.items.len());
    let differ = |at: &usize| en.items.get(*at).map(|i| &i.0) != zh.items.get(*at).map(|i| &i.0);
    if let Some(at) = (0..count).find(differ) {
        let what = |item: Option<&(String, usize)>| {
            item.map_or("nothing more".to_owned(), |(name, _)| name.clone())
        };
        let line = zh.items.get(at).map_or(zh.line, |(_, line)| *line);
        let place = en.items.get(at).map_or(en.line, |(_, line)| *line);
        problems.push(
            chinese
                .problem(
                    line,
                    format!(
                        "{} English has {}, Chinese has {}",
                        zh.name(),
                        what(en.items.get(at)),
                        what(zh.items.get(at))
                    ),
                )
                .hint(format!(
                    "show the same listings and diagrams in the same order; see {}:{place}",
                    english.path.display()
                )),
        );
    }
    for (page, own, other, others) in [(english, en, chinese, zh), (chinese, zh, english, en)] {
        for link in own.links.difference(&others.links) {
            problems.push(
                page.problem(
                    own.line,
                    format!(
                        "{} links to {link}, and {} does not",
                        own.name(),
                        other.path.display()
                    ),
                )
                .hint("between two headings both languages link to the same pages"),
            );
        }
    }
    problems
}

/// Stamps that no longer fit.
fn check_stamps(english: &Page, chinese: &Page) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (page, twin) in [(english, chinese), (chinese, english)] {
        let message = match mirror::stamp(&page.text) {
            Some(stamp) if stamp == mirror::hash(&twin.text) => continue,
            Some(_) => format!(
                "{} has changed since this page was last read beside it",
                twin.path.display()
            ),
            None => "line 1 does not hold the stamp of the twin".to_owned(),
        };
        problems.push(page.problem(1, message).hint(format!(
            "read both, make them say the same, then run `cargo book mirror {}`",
            page.slug
        )));
    }
    problems
}

#[test]
fn every_heading_has_an_english_id() {
    none(sources::pages().iter().flat_map(check_ids).collect());
}

#[test]
fn both_languages_have_the_same_headings_listings_diagrams_and_links() {
    none(
        pairs(sources::pages())
            .flat_map(|(en, zh)| check_pair(en, zh))
            .collect(),
    );
}

#[test]
fn both_languages_were_read_side_by_side_since_the_last_change() {
    let chapters = pairs(sources::pages()).filter(|(english, _)| english.is_chapter());
    none(chapters.flat_map(|(en, zh)| check_stamps(en, zh)).collect());
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: &str = "# A {#a}\n\n[b](b.md#x), [c](c.md)\n\n## B {#b}\n\n{{#listing t/one | One}}\n\n\
                      ```mermaid\nflowchart LR\n```\n\n<details><summary>Why?</summary>\n\nSo.\n\n</details>\n";
    const ZH: &str = "# 甲 {#a}\n\n[丙](c.md)、[乙](b.md#x)\n\n## 乙 {#b}\n\n{{#listing t/one | 一}}\n\n\
                      ```mermaid\nflowchart TB\n```\n\n<details><summary>为什么？</summary>\n\n如此。\n\n</details>\n";

    fn en(text: &str) -> Page {
        Page::new("src/en/p.md", text)
    }

    fn zh(text: &str) -> Page {
        Page::new("src/zh/p.md", text)
    }

    fn refused(chinese: &str, expected: &str) {
        says(check_pair(&en(EN), &zh(chinese)), expected);
    }

    #[test]
    fn twins_are_accepted() {
        none(check_pair(&en(EN), &zh(ZH)));
    }

    #[test]
    fn another_id_in_one_language_is_named_on_both_sides() {
        let chinese = ZH.replace("{#b}", "{#bb}");
        refused(&chinese, "src/zh/p.md:5: the heading `{#bb}` has no twin");
        refused(&chinese, "src/en/p.md:5: the heading `{#b}` has no twin");
    }

    #[test]
    fn another_level_is_named() {
        refused(
            &ZH.replace("## 乙", "### 乙"),
            "src/zh/p.md:5: a heading of level 3, in English 2",
        );
    }

    #[test]
    fn another_order_of_headings_is_named() {
        let both = |first: &str, second: &str| format!("# A {{#a}}\n\n## {first}\n\n## {second}\n");
        let (english, chinese) = (both("B {#b}", "C {#c}"), both("C {#c}", "B {#b}"));
        says(
            check_pair(&en(&english), &zh(&chinese)),
            "src/zh/p.md:3: the headings are in another",
        );
    }

    #[test]
    fn a_missing_listing_is_named() {
        refused(
            &ZH.replace("{{#listing t/one | 一}}", ""),
            "English has `{{#listing t/one}}`, Chinese has a mermaid diagram",
        );
    }

    #[test]
    fn a_missing_diagram_is_named() {
        refused(
            &ZH.replace("```mermaid", "```text"),
            "English has a mermaid diagram",
        );
    }

    #[test]
    fn a_missing_question_is_named() {
        refused(
            &ZH.replace("<details>", ""),
            "English has a question in `<details>`, Chinese has nothing",
        );
    }

    #[test]
    fn another_internal_link_is_named() {
        let chinese = ZH.replace("c.md", "d.md");
        refused(
            &chinese,
            "src/en/p.md:1: under `{#a}` links to c.md, and src/zh/p.md does not",
        );
        refused(&chinese, "src/zh/p.md:1: under `{#a}` links to d.md");
    }

    #[test]
    fn links_out_of_the_book_may_differ() {
        none(check_pair(
            &en(EN),
            &zh(&ZH.replace("如此。", "[外](https://example.org)")),
        ));
    }

    #[test]
    fn a_heading_without_an_id_or_with_a_chinese_one_is_named() {
        says(
            check_ids(&zh("# 甲\n")),
            "src/zh/p.md:1: the heading has no id",
        );
        says(
            check_ids(&zh("# 甲 {#甲}\n")),
            "the id `甲` is not plain English",
        );
    }

    #[test]
    fn a_missing_or_outdated_stamp_is_named() {
        let (english, chinese) = (en(EN), zh(ZH));
        says(
            check_stamps(&english, &chinese),
            "src/en/p.md:1: line 1 does not hold the stamp",
        );
        let stamped = format!("<!-- twin: {} -->\n{EN}", mirror::hash(ZH));
        let problems = check_stamps(&en(&stamped), &zh(&format!("{ZH}more\n")));
        says(problems, "src/zh/p.md has changed since");
    }

    #[test]
    fn stamps_that_fit_are_accepted() {
        let stamp =
            |text: &str, twin: &str| format!("<!-- twin: {} -->\n{text}", mirror::hash(twin));
        none(check_stamps(&en(&stamp(EN, ZH)), &zh(&stamp(ZH, EN))));
    }
}
