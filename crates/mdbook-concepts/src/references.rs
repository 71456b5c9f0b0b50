//! `references.tsv`: addresses outside of the book, one for each language.
//!
//! A page writes `[the std docs][ref:thread-spawn]` and never an address. English readers are led to
//! the English address, Chinese readers to the Chinese one, where there is an edition.

use directives::{Language, Problem, nearest};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// How a reference begins in a page.
const OPEN: &str = "][ref:";

/// The addresses, by id.
#[derive(Debug, Clone, Default)]
pub struct References {
    addresses: BTreeMap<String, (String, String)>,
}

impl References {
    /// Parses the text of `path`: a header line, then id, English and Chinese address, tab separated.
    ///
    /// # Errors
    ///
    /// A line that has not three fields, an address that is not `https`, an id that stands twice.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Vec<Problem>> {
        let mut references = Self::default();
        let mut problems = Vec::new();
        for (number, line) in text.lines().enumerate().skip(1) {
            let mut wrong =
                |message: String| problems.push(Problem::new(path, number + 1, message));
            let fields: Vec<_> = line.split('\t').map(str::trim).collect();
            let [id, en, zh] = fields[..] else {
                wrong(format!("{} fields, not three: id, en, zh", fields.len()));
                continue;
            };
            for address in [en, zh] {
                if !address.starts_with("https://") {
                    wrong(format!("`{address}` is no https address"));
                }
            }
            let addresses = (en.to_owned(), zh.to_owned());
            if references
                .addresses
                .insert(id.to_owned(), addresses)
                .is_some()
            {
                wrong(format!("the reference `{id}` stands twice"));
            }
        }
        if problems.is_empty() {
            Ok(references)
        } else {
            Err(problems)
        }
    }

    /// The ids, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.addresses.keys().map(String::as_str)
    }

    /// The ids that a page refers to, outside of code, each with the line of its first use.
    pub fn used(page: &str) -> BTreeMap<&str, usize> {
        let quoted = directives::quoted(page);
        let mut used = BTreeMap::new();
        for (at, _) in page.match_indices(OPEN) {
            if quoted.iter().any(|range| range.contains(&at)) {
                continue;
            }
            if let Some((id, _)) = page[at + OPEN.len()..].split_once(']') {
                used.entry(id)
                    .or_insert_with(|| page[..at].matches('\n').count() + 1);
            }
        }
        used
    }

    /// The link definitions that a page needs at its end: `[ref:thread-spawn]: https://...`.
    ///
    /// # Errors
    ///
    /// References that do not exist, each with its line.
    pub fn definitions(
        &self,
        path: &Path,
        page: &str,
        language: Language,
    ) -> Result<String, Vec<Problem>> {
        let mut definitions = String::new();
        let mut problems = Vec::new();
        for (id, line) in Self::used(page) {
            match (self.addresses.get(id), language) {
                (Some((address, _)), Language::English)
                | (Some((_, address)), Language::Chinese) => {
                    let _ = writeln!(definitions, "[ref:{id}]: {address}");
                }
                (None, _) => problems.push(
                    Problem::new(path, line, format!("unknown reference `{id}`")).hint(
                        match nearest(id, self.ids()) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => "add it to src/references.tsv: id, en, zh".to_owned(),
                        },
                    ),
                ),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(if definitions.is_empty() {
            definitions
        } else {
            format!("\n\n{definitions}")
        })
    }

    /// Ids that none of these pages refers to.
    pub fn unused<'a>(&'a self, pages: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
        let used: BTreeSet<&str> = pages
            .into_iter()
            .flat_map(|page| Self::used(page).into_keys())
            .collect();
        self.ids().filter(|id| !used.contains(id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references() -> References {
        let text = "id\ten\tzh\nspawn\thttps://a.example/spawn\thttps://a.example/zh/spawn\n";
        References::parse(Path::new("references.tsv"), text).expect("good references")
    }

    fn definitions(page: &str, language: Language) -> Result<String, Vec<Problem>> {
        references().definitions(Path::new("src/en/a.md"), page, language)
    }

    #[test]
    fn each_language_gets_its_own_address() {
        let page = "See [spawn][ref:spawn].\n";
        assert_eq!(
            definitions(page, Language::Chinese).expect("it is known"),
            "\n\n[ref:spawn]: https://a.example/zh/spawn\n"
        );
        assert!(
            definitions(page, Language::English)
                .expect("known")
                .contains("example/spawn")
        );
    }

    #[test]
    fn a_dead_reference_is_named_with_its_line_and_the_nearest() {
        let wrong = definitions("One.\n\n[spawn][ref:spwan]\n", Language::English);
        assert_eq!(
            Problem::report(&wrong.expect_err("unknown")),
            "src/en/a.md:3: unknown reference `spwan`\n  hint: did you mean `spawn`?"
        );
    }

    #[test]
    fn code_may_quote_a_reference() {
        assert_eq!(
            definitions("`[x][ref:none]`\n", Language::English).expect("code"),
            ""
        );
    }

    #[test]
    fn a_reference_that_nobody_uses_is_found() {
        assert_eq!(references().unused(["no link"]), ["spawn"]);
        assert!(references().unused(["[a][ref:spawn]"]).is_empty());
    }

    #[test]
    fn addresses_are_https_and_stand_once() {
        let text = "id\ten\tzh\na\thttp://x\thttps://x\nb\thttps://x\thttps://x\nb\thttps://x\thttps://x\n";
        let wrong = References::parse(Path::new("references.tsv"), text).expect_err("refused");
        let report = Problem::report(&wrong);
        assert!(
            report.contains("references.tsv:2: `http://x` is no https address"),
            "{report}"
        );
        assert!(
            report.contains("references.tsv:4: the reference `b` stands twice"),
            "{report}"
        );
    }
}
