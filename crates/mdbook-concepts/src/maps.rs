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
    pub(crate) concepts: &'a Concepts,
    written: BTreeSet<String>,
}

impl Concept {
    pub(crate) fn name(&self, language: Language) -> &str {
        language.text(&self.en, &self.zh)
    }

    fn says(&self, language: Language) -> &str {
        language.text(&self.en_says, &self.zh_says)
    }

    /// Its name as an identifier of mermaid.
    fn node(&self) -> String {
        format!("c_{}", self.id.replace('-', "_"))
    }
}

impl<'a> Maps<'a> {
    /// Maps over these concepts, in a book that has pages of these slugs.
    pub fn new(concepts: &'a Concepts, written: BTreeSet<String>) -> Self {
        Self { concepts, written }
    }

    /// Where a concept leads from the page `from`: its chapter, or, when that is not written yet or
    /// is the page itself, its entry on the map page.
    pub(crate) fn href(&self, concept: &Concept, from: &str) -> String {
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
            language.text("The concept hierarchy", "概念层级"),
            language.text("Task execution branches into call mode, waiting, execution mode, execution unit \
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
            language.text(": ", "："),
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
        let boxed = self.boxes_of(&own);
        let mut shown: Vec<&Concept> = Vec::new();
        let mut show = |concept: &'a Concept| {
            if shown.len() < HERE_NODES && !shown.iter().any(|known| known.id == concept.id) {
                shown.push(concept);
            }
        };
        own.iter()
            .filter(|concept| !boxed.contains(concept.id.as_str()))
            .for_each(|concept| show(self.concepts.get(&concept.id).unwrap_or(concept)));
        for concept in &own {
            let mut above = concept.parent.as_deref();
            while let Some(concept) = above.and_then(|id| self.concepts.get(id)) {
                if !boxed.contains(concept.id.as_str()) {
                    show(concept);
                }
                above = concept.parent.as_deref();
            }
        }
        for concept in &self.concepts.all {
            let beside = own.iter().any(|own| own.uses.contains(&concept.id))
                || concept.uses.contains(&first.id)
                || (concept.parent == first.parent && concept.parent.is_some());
            if beside && boxed.is_empty() {
                show(concept);
            }
        }
        let names = own
            .iter()
            .map(|concept| concept.name(language))
            .collect::<Vec<_>>();
        let parent = first.parent.as_deref().and_then(|id| self.concepts.get(id));
        let parent = parent.map(|parent| parent.name(language));
        let (list, under) = match language {
            Language::English => (
                names.join(", "),
                parent.map(|name| format!(", under {name}")),
            ),
            Language::Chinese => (
                names.join("、"),
                parent.map(|name| format!("，在概念图上属于{name}")),
            ),
        };
        let under = under.unwrap_or_default();
        let mut out = mermaid(
            "flowchart LR",
            language.text("You are here", "你在这里"),
            &language
                .text("This chapter explains LIST.", "本章讲LIST。")
                .replace("LIST", &(list + &under)),
        );
        self.draw_here(&mut out, None, &shown, &boxed, (language, chapter));
        if boxed.is_empty() {
            draw_lines(&mut out, &shown);
        }
        let nodes = own
            .iter()
            .filter(|concept| !boxed.contains(concept.id.as_str()));
        let nodes = nodes.map(|concept| concept.node()).collect::<Vec<_>>();
        let _ = writeln!(out, "    class {} here", nodes.join(","));
        out.push_str("```\n");
        Some(out)
    }

    /// A chapter with more concepts of its own than nodes fit: those that have several others below
    /// them become boxes around them.
    fn boxes_of(&self, own: &[&'a Concept]) -> BTreeSet<&'a str> {
        let below = |id: &str| {
            own.iter()
                .filter(|c| c.parent.as_deref() == Some(id))
                .count()
        };
        let mut boxes: BTreeSet<&str> = BTreeSet::new();
        if own.len() > HERE_NODES {
            let wide = own.iter().filter(|concept| below(&concept.id) > 1);
            boxes.extend(wide.map(|concept| concept.id.as_str()));
        }
        boxes
    }

    /// The box that a concept stands in, if any.
    fn box_of(&self, concept: &Concept, boxed: &BTreeSet<&str>) -> Option<&'a str> {
        let parent = self.concepts.get(concept.parent.as_deref()?)?;
        match boxed.contains(parent.id.as_str()) {
            true => Some(&parent.id),
            false => self.box_of(parent, boxed),
        }
    }

    /// What of `shown` stands in the box `inside`, or in none, with the boxes around it.
    fn draw_here(
        &self,
        out: &mut String,
        inside: Option<&str>,
        shown: &[&Concept],
        boxed: &BTreeSet<&str>,
        (language, from): (Language, &str),
    ) {
        for concept in shown {
            if self.box_of(concept, boxed) == inside {
                self.draw_node(out, concept, language, from);
            }
        }
        // Mermaid stacks boxes that no line joins from the last to the first.
        for concept in self.concepts.all.iter().rev() {
            if !boxed.contains(concept.id.as_str()) || self.box_of(concept, boxed) != inside {
                continue;
            }
            let node = concept.node();
            let _ = writeln!(out, "    subgraph {node}[\"{}\"]", concept.name(language));
            // What no line joins stands one below the other: the picture stays narrow.
            out.push_str("    direction LR\n");
            self.draw_here(out, Some(&concept.id), shown, boxed, (language, from));
            out.push_str("    end\n");
            // Mermaid cannot link the title of a box; the page's script reads this comment and does.
            let _ = writeln!(out, "    %% box {node} href {}", self.href(concept, from));
        }
    }

    /// `{{#matrix}}`: the combination table, a row for each unit and a column for each call mode.
    pub fn matrix(&self, language: Language, from: &str) -> String {
        let mut columns: Vec<&str> = Vec::new();
        let mut rows: Vec<&str> = Vec::new();
        for cell in &self.concepts.combinations {
            let row = language.text(&cell.unit_en, &cell.unit_zh);
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
                    language.text(&cell.unit_en, &cell.unit_zh) == row && cell.call == *column
                });
                let content = cell.and_then(|cell| {
                    let href = self.href(self.concepts.get(&cell.concept)?, from);
                    let says = escape_html(language.text(&cell.en, &cell.zh));
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

/// Lines from parents to children, and dotted arrows to what a concept uses.
fn draw_lines(out: &mut String, shown: &[&Concept]) {
    let is_shown = |id: &str| shown.iter().find(|concept| concept.id == id);
    for concept in shown {
        if let Some(parent) = concept.parent.as_deref().and_then(is_shown) {
            let _ = writeln!(out, "    {} --- {}", parent.node(), concept.node());
        }
    }
    for concept in shown {
        for used in concept.uses.iter().filter_map(|id| is_shown(id)) {
            if used.parent.as_ref() != Some(&concept.id) {
                let _ = writeln!(out, "    {} -.-> {}", concept.node(), used.node());
            }
        }
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
            ("unit", "root", "ideas", ""),
            ("process", "unit", "ideas", ""),
            ("thread", "unit", "threads", "uses = [\"core\"]"),
            ("spawn", "thread", "threads", ""),
            ("core", "unit", "ideas", ""),
            ("io-bound", "root", "choosing", ""),
            ("cpu-bound", "core", "choosing", ""),
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
            "[[combination]]\nunit_en = \"one\"\nunit_zh = \"一个\"\ncall = \"process\"\n\
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
    fn a_chapter_with_many_concepts_shows_those_above_as_boxes() {
        let mut toml = String::new();
        let pairs =
            "root-,mode-root,a-mode,b-mode,c-mode,call-root,d-call,e-call,f-e,g-root,h-root";
        for (id, parent) in pairs.split(',').filter_map(|pair| pair.split_once('-')) {
            let _ = write!(
                toml,
                "[[concept]]\nid = \"{id}\"\nen = \"{id}\"\nzh = \"中\"\nen_says = \"It is.\"\n\
                 zh_says = \"是。\"\nchapter = \"ideas\"\n"
            );
            if !parent.is_empty() {
                let _ = writeln!(toml, "parent = \"{parent}\"");
            }
        }
        let concepts = Concepts::parse(Path::new("concepts.toml"), &toml).expect("a hierarchy");
        let maps = Maps::new(&concepts, written(&["index", "ideas"]));
        let here = maps
            .here(Language::English, "ideas")
            .expect("it is on the map");
        for part in [
            "accDescr: This chapter explains root, mode, a, b, c, call, d, e, f, g, h.\n",
            "    subgraph c_root[\"root\"]\n    direction LR\n    c_g[\"g\"]\n",
            "    subgraph c_mode[\"mode\"]\n    direction LR\n    c_a[\"a\"]\n",
            "    c_f[\"f\"]\n    click c_f href \"index.html#concept-f\"\n    end\n    %% box c_call",
            "    end\n    %% box c_mode href index.html#concept-mode\n",
            "class c_a,c_b,c_c,c_d,c_e,c_f,c_g,c_h here",
        ] {
            assert!(here.contains(part), "no {part} in {here}");
        }
        assert_eq!(here.matches("click ").count(), 8, "{here}");
        assert!(!here.contains(" --- "), "the boxes say it: {here}");
        assert_eq!(
            here.matches("subgraph ").count(),
            here.matches("    end\n").count()
        );
    }

    #[test]
    fn what_is_above_is_shown_for_each_concept_of_a_chapter() {
        draw(|maps| {
            let here = maps
                .here(Language::English, "choosing")
                .expect("it is on the map");
            for edge in [
                "root --- c_io_bound",
                "root --- c_unit",
                "unit --- c_core",
                "core --- c_cpu_bound",
            ] {
                assert!(here.contains(&format!("c_{edge}")), "{here}");
            }
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
