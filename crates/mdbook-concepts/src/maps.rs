//! Concept maps as mermaid, and the same content as lists and tables for those who do not see them.

use crate::concepts::{Concept, Concepts};
use directives::{Language, escape_html};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The page that holds the full map; concepts whose chapter is not written link to it.
const MAP_PAGE: &str = "index";
/// Levels that the full map draws below the root; the list under it has all.
const FULL_DEPTH: usize = 3;
/// The most nodes on a chapter's own map.
const HERE_NODES: usize = 9;

/// Draws the maps of a book in which the chapters `written` exist.
#[derive(Debug)]
pub struct Maps<'a> {
    concepts: &'a Concepts,
    written: BTreeSet<String>,
}

impl Concept {
    fn name(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en,
            Language::Chinese => &self.zh,
        }
    }

    fn says(&self, language: Language) -> &str {
        match language {
            Language::English => &self.en_says,
            Language::Chinese => &self.zh_says,
        }
    }

    /// Its name as an identifier of mermaid.
    fn node(&self) -> String {
        format!("c_{}", self.id.replace('-', "_"))
    }
}

/// English or Chinese text, by the language of the page.
fn text<'t>(language: Language, en: &'t str, zh: &'t str) -> &'t str {
    match language {
        Language::English => en,
        Language::Chinese => zh,
    }
}

impl<'a> Maps<'a> {
    /// Maps over these concepts, in a book that has pages of these slugs.
    pub fn new(concepts: &'a Concepts, written: BTreeSet<String>) -> Self {
        Self { concepts, written }
    }

    /// Where a concept leads from the page `from`: its chapter, or, when that is not written yet or
    /// is the page itself, its entry on the map page.
    fn href(&self, concept: &Concept, from: &str) -> String {
        if concept.chapter != from && self.written.contains(&concept.chapter) {
            return format!("{}.html", concept.chapter);
        }
        let entry = format!("#concept-{}", concept.id);
        if from == MAP_PAGE {
            entry
        } else {
            format!("{MAP_PAGE}.html{entry}")
        }
    }

    fn draw_node(&self, out: &mut String, concept: &Concept, language: Language, from: &str) {
        let node = concept.node();
        let name = concept.name(language);
        let _ = writeln!(out, "    {node}[\"{name}\"]");
        let _ = writeln!(
            out,
            "    click {node} href \"{}\"",
            self.href(concept, from)
        );
    }

    /// `{{#map full}}`: the hierarchy as a diagram, down to [`FULL_DEPTH`], and all of it below as a
    /// list with a sentence for each concept.
    pub fn full(&self, language: Language, from: &str) -> String {
        let mut out = mermaid(
            "flowchart LR",
            text(language, "The concept hierarchy", "概念层级"),
            text(
                language,
                "Task execution branches into call mode, waiting, execution mode, execution unit \
                 and scheduler; the list below the diagram says the same in words.",
                "任务执行分为调用模式、等待方式、执行方式、执行单位和调度器五支，图下的列表用文字说同样的内容。",
            ),
        );
        if let Some(root) = self.concepts.root() {
            self.draw_tree(&mut out, root, language, from, FULL_DEPTH);
            out.push_str("```\n\n");
            out.push_str("<ul class=\"concepts\">\n");
            self.list(&mut out, root, language, from);
            out.push_str("</ul>\n");
        }
        out
    }

    /// A concept and all below it, depth first: that order keeps branches together when mermaid lays
    /// them out.
    fn draw_tree(
        &self,
        out: &mut String,
        concept: &Concept,
        language: Language,
        from: &str,
        levels: usize,
    ) {
        self.draw_node(out, concept, language, from);
        if levels == 0 {
            return;
        }
        for child in self.concepts.children(&concept.id) {
            let _ = writeln!(out, "    {} --- {}", concept.node(), child.node());
            self.draw_tree(out, child, language, from, levels - 1);
        }
    }

    fn list(&self, out: &mut String, concept: &Concept, language: Language, from: &str) {
        let name = escape_html(concept.name(language));
        let name = match self.written.contains(&concept.chapter) && concept.chapter != from {
            true => format!("<a href=\"{}.html\">{name}</a>", concept.chapter),
            false => format!("<b>{name}</b>"),
        };
        let gloss = match language {
            Language::English => String::new(),
            Language::Chinese => {
                format!("（<span lang=\"en\">{}</span>）", escape_html(&concept.en))
            }
        };
        let _ = write!(
            out,
            "<li id=\"concept-{}\">{name}{gloss}{}{}",
            concept.id,
            text(language, ": ", "："),
            escape_html(concept.says(language))
        );
        let mut children = self.concepts.children(&concept.id).peekable();
        if children.peek().is_some() {
            out.push_str("\n<ul>\n");
            for child in children {
                self.list(out, child, language, from);
            }
            out.push_str("</ul>\n");
        }
        out.push_str("</li>\n");
    }

    /// `{{#map united}}`: containment, modes, call styles and what crosses between them, in one
    /// picture.
    pub fn united(&self, language: Language, from: &str) -> String {
        let mut out = mermaid(
            "flowchart TB",
            text(language, "The united picture", "合成一图"),
            text(
                language,
                "Five boxes, one for each question: call mode, waiting, execution mode, execution \
                 unit and scheduler. Inside the execution unit a process contains threads and \
                 tasks. Arrows cross the boxes: schedulers pick threads and tasks, a core runs a \
                 thread, threads advance tasks, parallel execution needs several cores.",
                "五个方框各回答一个问题：调用模式、等待方式、执行方式、执行单位、调度器。执行单位里，进程包含线程和任务。\
                 箭头跨过方框：调度器选中线程和任务，核心运行线程，线程推进任务，并行需要多个核心。",
            ),
        );
        if let Some(root) = self.concepts.root() {
            for concept in self.boxed_in(&root.id) {
                self.draw_box(&mut out, concept, language, from);
            }
        }
        for relation in &self.concepts.relations {
            if let (Some(tail), Some(head)) = (
                self.concepts.get(&relation.from),
                self.concepts.get(&relation.to),
            ) {
                let label = text(language, &relation.en, &relation.zh);
                let _ = writeln!(out, "    {} -->|\"{label}\"| {}", tail.node(), head.node());
            }
        }
        out.push_str("```\n");
        out
    }

    fn boxed_in<'s>(&'s self, id: &'s str) -> impl Iterator<Item = &'s Concept> {
        self.concepts
            .all
            .iter()
            .filter(move |concept| concept.united.as_deref() == Some(id))
    }

    fn draw_box(&self, out: &mut String, concept: &Concept, language: Language, from: &str) {
        if self.boxed_in(&concept.id).next().is_none() {
            self.draw_node(out, concept, language, from);
            return;
        }
        let node = concept.node();
        let _ = writeln!(out, "    subgraph {node}[\"{}\"]", concept.name(language));
        for inner in self.boxed_in(&concept.id) {
            self.draw_box(out, inner, language, from);
        }
        out.push_str("    end\n");
        // Mermaid cannot link the title of a box; the page's script reads this comment and does.
        let _ = writeln!(out, "    %% box {node} href {}", self.href(concept, from));
    }

    /// `{{#here}}`: where a chapter stands on the map, at most nine nodes.
    ///
    /// `None` when no concept names the chapter.
    pub fn here(&self, language: Language, chapter: &str) -> Option<String> {
        let own: Vec<&Concept> = self
            .concepts
            .all
            .iter()
            .filter(|concept| concept.chapter == chapter)
            .collect();
        let first = *own.first()?;
        let mut shown: Vec<&Concept> = Vec::new();
        let mut show = |concept: &'a Concept| {
            if shown.len() < HERE_NODES && !shown.iter().any(|known| known.id == concept.id) {
                shown.push(concept);
            }
        };
        own.iter()
            .for_each(|concept| show(self.concepts.get(&concept.id).unwrap_or(concept)));
        let mut above = first.parent.as_deref();
        while let Some(concept) = above.and_then(|id| self.concepts.get(id)) {
            show(concept);
            above = concept.parent.as_deref();
        }
        for concept in &self.concepts.all {
            let beside = own.iter().any(|own| own.uses.contains(&concept.id))
                || concept.uses.contains(&first.id)
                || (concept.parent == first.parent && concept.parent.is_some());
            if beside {
                show(concept);
            }
        }
        let names = own
            .iter()
            .map(|concept| concept.name(language))
            .collect::<Vec<_>>();
        let mut out = mermaid(
            "flowchart LR",
            text(language, "You are here", "你在这里"),
            &match language {
                Language::English => format!(
                    "This chapter explains {}, under {}.",
                    names.join(", "),
                    first
                        .parent
                        .as_deref()
                        .and_then(|id| self.concepts.get(id))
                        .map_or("", |p| &p.en)
                ),
                Language::Chinese => format!(
                    "本章讲{}，在概念图上属于{}。",
                    names.join("、"),
                    first
                        .parent
                        .as_deref()
                        .and_then(|id| self.concepts.get(id))
                        .map_or("", |p| &p.zh)
                ),
            },
        );
        for concept in &shown {
            self.draw_node(&mut out, concept, language, chapter);
        }
        let is_shown = |id: &str| shown.iter().find(|concept| concept.id == id);
        for concept in &shown {
            if let Some(parent) = concept.parent.as_deref().and_then(is_shown) {
                let _ = writeln!(out, "    {} --- {}", parent.node(), concept.node());
            }
        }
        for concept in &shown {
            for used in concept.uses.iter().filter_map(|id| is_shown(id)) {
                if used.parent.as_ref() != Some(&concept.id) {
                    let _ = writeln!(out, "    {} -.-> {}", concept.node(), used.node());
                }
            }
        }
        let nodes = own.iter().map(|concept| concept.node()).collect::<Vec<_>>();
        let _ = writeln!(out, "    class {} here", nodes.join(","));
        out.push_str("```\n");
        Some(out)
    }

    /// `{{#matrix}}`: the combination table, a row for each unit and a column for each call mode.
    pub fn matrix(&self, language: Language, from: &str) -> String {
        let mut columns: Vec<&str> = Vec::new();
        let mut rows: Vec<&str> = Vec::new();
        for cell in &self.concepts.combinations {
            let row = text(language, &cell.unit_en, &cell.unit_zh);
            if !columns.contains(&cell.call.as_str()) {
                columns.push(&cell.call);
            }
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        let mut out = String::from(
            "<div class=\"table-wrapper\">\n<table class=\"matrix\">\n<thead><tr><td></td>",
        );
        for column in columns.iter().filter_map(|id| self.concepts.get(id)) {
            let name = escape_html(column.name(language));
            let href = self.href(column, from);
            let _ = write!(out, "<th scope=\"col\"><a href=\"{href}\">{name}</a></th>");
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        for row in rows {
            let _ = write!(out, "<tr><th scope=\"row\">{}</th>", escape_html(row));
            for column in &columns {
                let cell = self.concepts.combinations.iter().find(|cell| {
                    text(language, &cell.unit_en, &cell.unit_zh) == row && cell.call == *column
                });
                let content = cell.and_then(|cell| {
                    let href = self.href(self.concepts.get(&cell.concept)?, from);
                    let says = escape_html(text(language, &cell.en, &cell.zh));
                    Some(format!("<a href=\"{href}\">{says}</a>"))
                });
                let _ = write!(out, "<td>{}</td>", content.unwrap_or_default());
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody>\n</table>\n</div>\n");
        out
    }
}

/// The opening of a mermaid fence, with the title and description that screen readers say.
fn mermaid(kind: &str, title: &str, description: &str) -> String {
    format!("```mermaid\n{kind}\n    accTitle: {title}\n    accDescr: {description}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn concepts() -> Concepts {
        let mut toml = String::new();
        for (id, parent, chapter, more) in [
            ("root", "", "ideas", ""),
            ("unit", "root", "ideas", "united = \"root\""),
            ("process", "unit", "ideas", "united = \"unit\""),
            (
                "thread",
                "unit",
                "threads",
                "united = \"process\"\nuses = [\"core\"]",
            ),
            ("spawn", "thread", "threads", ""),
            ("core", "unit", "ideas", "united = \"unit\""),
        ] {
            let _ = write!(
                toml,
                "[[concept]]\nid = \"{id}\"\nen = \"{id}\"\nzh = \"中{id}\"\nen_says = \"Is {id}.\"\n\
                 zh_says = \"是{id}。\"\nchapter = \"{chapter}\"\n{more}\n"
            );
            if !parent.is_empty() {
                let _ = writeln!(toml, "parent = \"{parent}\"");
            }
        }
        toml.push_str(
            "[[relation]]\nfrom = \"core\"\nto = \"thread\"\nen = \"runs\"\nzh = \"运行\"\n\
             [[combination]]\nunit_en = \"one\"\nunit_zh = \"一个\"\ncall = \"process\"\n\
             concept = \"thread\"\nen = \"serial\"\nzh = \"串行\"\n",
        );
        Concepts::parse(Path::new("concepts.toml"), &toml).expect("a good hierarchy")
    }

    fn written(slugs: &[&str]) -> BTreeSet<String> {
        slugs.iter().map(|slug| (*slug).to_owned()).collect()
    }

    fn draw(check: impl Fn(&Maps<'_>)) {
        let concepts = concepts();
        check(&Maps::new(&concepts, written(&["index", "threads"])));
    }

    #[test]
    fn a_node_leads_to_its_chapter() {
        draw(|maps| {
            let map = maps.full(Language::English, "index");
            assert!(
                map.contains("click c_thread href \"threads.html\""),
                "{map}"
            );
        });
    }

    #[test]
    fn a_node_without_a_chapter_leads_to_its_entry_on_the_map_page() {
        draw(|maps| {
            let map = maps.full(Language::English, "index");
            assert!(
                map.contains("click c_process href \"#concept-process\""),
                "{map}"
            );
            assert!(map.contains("<li id=\"concept-process\">"), "{map}");
            let here = maps
                .here(Language::English, "threads")
                .expect("it is on the map");
            assert!(here.contains("href \"index.html#concept-unit\""), "{here}");
        });
    }

    #[test]
    fn the_list_says_each_concept_in_the_language_of_the_page() {
        draw(|maps| {
            let map = maps.full(Language::Chinese, "index");
            assert!(
                map.contains("中spawn</a>（<span lang=\"en\">spawn</span>）：是spawn。"),
                "{map}"
            );
        });
    }

    #[test]
    fn the_united_picture_puts_threads_inside_the_process() {
        draw(|maps| {
            let map = maps.united(Language::English, "index");
            let inside = map
                .split("subgraph c_process[\"process\"]")
                .nth(1)
                .expect("a box");
            let inside = inside.split("end\n").next().expect("its end");
            assert!(inside.contains("c_thread[\"thread\"]"), "{map}");
            assert!(map.contains("c_core -->|\"runs\"| c_thread"), "{map}");
        });
    }

    #[test]
    fn the_map_of_a_chapter_marks_its_own_concepts_and_shows_what_is_above() {
        draw(|maps| {
            let here = maps
                .here(Language::English, "threads")
                .expect("it is on the map");
            assert!(here.contains("class c_thread,c_spawn here"), "{here}");
            assert!(here.contains("c_unit --- c_thread"), "{here}");
            assert!(here.contains("c_thread -.-> c_core"), "{here}");
            assert!(here.matches("click ").count() <= HERE_NODES, "{here}");
        });
    }

    #[test]
    fn a_chapter_on_no_concept_has_no_place() {
        draw(|maps| assert_eq!(maps.here(Language::English, "pipes"), None));
    }

    #[test]
    fn every_cell_of_the_table_is_a_link() {
        draw(|maps| {
            let table = maps.matrix(Language::Chinese, "index");
            assert!(table.contains("<th scope=\"row\">一个</th>"), "{table}");
            assert!(
                table.starts_with("<div class=\"table-wrapper\">"),
                "it scrolls: {table}"
            );
            assert!(
                table.contains("<td><a href=\"threads.html\">串行</a></td>"),
                "{table}"
            );
        });
    }

    #[test]
    fn diagrams_carry_a_title_and_a_description() {
        draw(|maps| {
            for map in [
                maps.full(Language::Chinese, "index"),
                maps.united(Language::English, "index"),
                maps.here(Language::Chinese, "threads")
                    .expect("it is on the map"),
            ] {
                assert!(
                    map.contains("accTitle: ") && map.contains("accDescr: "),
                    "{map}"
                );
            }
        });
    }
}
