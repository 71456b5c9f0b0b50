//! `concepts.toml`, parsed and checked.

use directives::Problem;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::Path;

/// The most Han characters that a node of a map has room for.
const LABEL_HAN: usize = 8;

/// One concept of the hierarchy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concept {
    /// Stable name, part of links: `spawn-join`.
    pub id: String,
    /// The concept above; absent for the root alone.
    pub parent: Option<String>,
    /// English name.
    #[serde(default)]
    pub en: String,
    /// Chinese name.
    #[serde(default)]
    pub zh: String,
    /// What it is, in one English sentence.
    #[serde(default)]
    pub en_says: String,
    /// What it is, in one Chinese sentence.
    #[serde(default)]
    pub zh_says: String,
    /// Slug of the page that explains it.
    pub chapter: String,
    /// Concepts that it needs or acts on.
    #[serde(default)]
    pub uses: Vec<String>,
    /// The concept inside whose box the united picture draws it; absent when it is not drawn there.
    pub united: Option<String>,
}

/// A line of the united picture, or a label in it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// Concept at the tail.
    pub from: String,
    /// Concept at the head.
    pub to: String,
    /// English label.
    #[serde(default)]
    pub en: String,
    /// Chinese label.
    #[serde(default)]
    pub zh: String,
    /// What the line says, as an English sentence.
    #[serde(default)]
    pub en_says: String,
    /// The same in Chinese.
    #[serde(default)]
    pub zh_says: String,
}

/// A cell of the combination table.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Combination {
    /// English name of the row.
    pub unit_en: String,
    /// Chinese name of the row.
    pub unit_zh: String,
    /// Concept that names the column.
    pub call: String,
    /// Concept that the cell links to.
    pub concept: String,
    /// What the combination amounts to, in English.
    #[serde(default)]
    pub en: String,
    /// The same in Chinese.
    #[serde(default)]
    pub zh: String,
}

/// The whole of `concepts.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concepts {
    /// The hierarchy, in the order of the text list.
    #[serde(rename = "concept")]
    pub all: Vec<Concept>,
    /// Arrows of the united picture.
    #[serde(default, rename = "relation")]
    pub relations: Vec<Relation>,
    /// Cells of the combination table, row by row.
    #[serde(default, rename = "combination")]
    pub combinations: Vec<Combination>,
}

impl Concepts {
    /// Reads and checks the text of `path`.
    ///
    /// # Errors
    ///
    /// Anything that would draw a wrong map: unknown keys, a missing name or sentence in either
    /// language, an id that is used twice or not at all, a circle of parents, a second root.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Vec<Problem>> {
        let concepts: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(0, |span| line_at(text, span.start));
            vec![Problem::new(
                path,
                line,
                error.message().replace('\n', ", "),
            )]
        })?;
        let problems = concepts.problems(path, text);
        if problems.is_empty() {
            Ok(concepts)
        } else {
            Err(problems)
        }
    }

    /// The concept of this id.
    pub fn get(&self, id: &str) -> Option<&Concept> {
        self.all.iter().find(|concept| concept.id == id)
    }

    /// The concepts right below this one, in order.
    pub fn children<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Concept> {
        self.all
            .iter()
            .filter(move |concept| concept.parent.as_deref() == Some(id))
    }

    /// The concept that has none above it.
    pub fn root(&self) -> Option<&Concept> {
        self.all.iter().find(|concept| concept.parent.is_none())
    }

    fn problems(&self, path: &Path, text: &str) -> Vec<Problem> {
        let mut problems = Vec::new();
        let ids: Vec<_> = self.all.iter().map(|concept| concept.id.as_str()).collect();
        let line_of = |id: &str| {
            let at = text.find(&format!("id = \"{id}\""));
            at.map_or(0, |at| line_at(text, at))
        };
        let mut seen = BTreeSet::new();
        for concept in &self.all {
            let id = concept.id.as_str();
            let mut wrong = |problem: Problem| problems.push(problem);
            let here = |message: String| Problem::new(path, line_of(id), message);
            if !seen.insert(id) {
                wrong(here(format!("two concepts are called `{id}`")));
            }
            for (key, value) in [
                ("en", &concept.en),
                ("zh", &concept.zh),
                ("en_says", &concept.en_says),
                ("zh_says", &concept.zh_says),
            ] {
                if value.trim().is_empty() {
                    wrong(
                        here(format!("the concept `{id}` has no `{key}`"))
                            .hint(format!("add `{key} = \"...\"` under id = \"{id}\"")),
                    );
                }
            }
            if concept.zh.chars().filter(|c| is_han(*c)).count() > LABEL_HAN {
                wrong(
                    here(format!(
                        "`{}` has more than {LABEL_HAN} characters",
                        concept.zh
                    ))
                    .hint("a node of a map has room for no more: shorten the name"),
                );
            }
            for target in concept
                .parent
                .iter()
                .chain(&concept.uses)
                .chain(&concept.united)
            {
                if !ids.contains(&target.as_str()) {
                    wrong(
                        here(format!("`{id}` names the unknown concept `{target}`"))
                            .did_you_mean(target, ids.iter().copied()),
                    );
                }
            }
            if self.in_a_circle(concept) {
                wrong(here(format!("the parents of `{id}` form a circle")));
            }
        }
        let roots = self
            .all
            .iter()
            .filter(|concept| concept.parent.is_none())
            .count();
        if roots != 1 {
            problems.push(
                Problem::new(path, 0, format!("{roots} concepts have no parent"))
                    .hint("exactly one, the root, has none"),
            );
        }
        let named = self.relations.iter().flat_map(|r| [&r.from, &r.to]);
        let named = named.chain(self.combinations.iter().flat_map(|c| [&c.call, &c.concept]));
        for target in named {
            if !ids.contains(&target.as_str()) {
                problems.push(
                    Problem::new(path, 0, format!("unknown concept `{target}`"))
                        .did_you_mean(target, ids.iter().copied()),
                );
            }
        }
        let texts = self
            .relations
            .iter()
            .flat_map(|r| [(&r.from, &r.en, &r.zh), (&r.from, &r.en_says, &r.zh_says)]);
        let texts = texts.chain(self.combinations.iter().map(|c| (&c.concept, &c.en, &c.zh)));
        for (id, en, zh) in texts {
            if en.trim().is_empty() || zh.trim().is_empty() {
                let message = format!(
                    "a relation or combination of `{id}` lacks `en` or `zh`, or what they say"
                );
                problems.push(Problem::new(path, 0, message));
            }
        }
        problems
    }

    fn in_a_circle(&self, concept: &Concept) -> bool {
        let mut above = concept.parent.as_deref();
        for _ in 0..=self.all.len() {
            match above.and_then(|id| self.get(id)) {
                None => return false,
                Some(next) => above = next.parent.as_deref(),
            }
        }
        true
    }
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

fn line_at(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "[[concept]]\nid = \"a\"\nen = \"A\"\nzh = \"甲\"\nen_says = \"It is A.\"\n\
                        zh_says = \"这是甲。\"\nchapter = \"one\"\n";

    fn check(more: &str, expected: &str) {
        let text = format!("{ROOT}{more}");
        let problems = Concepts::parse(Path::new("concepts.toml"), &text).expect_err("refused");
        let report = Problem::report(&problems);
        assert!(
            report.contains(expected),
            "expected `{expected}` in:\n{report}"
        );
    }

    fn child(id: &str, more: &str) -> String {
        format!(
            "[[concept]]\nid = \"{id}\"\nen = \"B\"\nzh = \"乙\"\nen_says = \"It is B.\"\n\
             zh_says = \"这是乙。\"\nchapter = \"one\"\n{more}\n"
        )
    }

    #[test]
    fn a_whole_hierarchy_is_accepted() {
        let text = format!("{ROOT}{}", child("b", "parent = \"a\"\nuses = [\"a\"]"));
        Concepts::parse(Path::new("concepts.toml"), &text).expect("nothing is wrong");
    }

    #[test]
    fn a_concept_without_a_chinese_name_is_refused() {
        let more = child("b", "parent = \"a\"").replace("zh = \"乙\"\n", "");
        check(&more, "concepts.toml:9: the concept `b` has no `zh`");
    }

    #[test]
    fn a_chinese_name_that_does_not_fit_its_node_is_refused() {
        let more = child("b", "parent = \"a\"").replace("\"乙\"", "\"九个汉字实在太长了\"");
        check(&more, "`九个汉字实在太长了` has more than 8 characters");
    }

    #[test]
    fn an_unknown_parent_is_refused_with_the_nearest() {
        check(
            &child("thread", "parent = \"thraed\""),
            "did you mean `thread`?",
        );
    }

    #[test]
    fn a_circle_of_parents_is_refused() {
        let more = child("b", "parent = \"c\"") + &child("c", "parent = \"b\"");
        check(&more, "the parents of `b` form a circle");
    }

    #[test]
    fn a_second_root_is_refused() {
        check(&child("b", ""), "2 concepts have no parent");
    }

    #[test]
    fn a_name_used_twice_is_refused() {
        check(&child("a", "parent = \"a\""), "two concepts are called `a`");
    }

    #[test]
    fn an_unknown_key_is_refused() {
        check(
            &child("b", "parent = \"a\"\nuse = []"),
            "unknown field `use`",
        );
    }

    #[test]
    fn a_relation_to_nothing_is_refused() {
        check(
            "[[relation]]\nfrom = \"a\"\nto = \"z\"\nen = \"x\"\nzh = \"x\"\n",
            "unknown concept `z`",
        );
    }
}
