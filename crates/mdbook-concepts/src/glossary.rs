//! `glossary.tsv`: one Chinese term for each English one, and the page that lists them.

use directives::{Language, Problem, escape_html};
use pinyin::ToPinyin;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

/// One line of the glossary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// The English term.
    pub english: String,
    /// The one Chinese term for it.
    pub chinese: String,
    /// Chinese words that the book's prose must not use for it.
    pub avoid: Vec<String>,
    /// Other words that readers know it by; the search finds them.
    pub alias: Vec<String>,
    /// How the Chinese term sorts, where the usual reading of a character is not the one meant.
    pinyin: Option<String>,
}

/// The terms of the book, in the order of the file.
#[derive(Debug, Clone, Default)]
pub struct Glossary {
    /// All terms.
    pub terms: Vec<Term>,
}

impl Glossary {
    /// Parses the text of `path`: a header line, then `english`, `chinese` and `note`, tab separated.
    ///
    /// The note holds remarks and fields, separated by `;`. Three fields are read: `avoid: a, b`,
    /// `alias: a, b` and `pinyin: chong fang`; text in parentheses is a remark.
    ///
    /// # Errors
    ///
    /// A line that has not three fields, an empty term, an English term that stands twice.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Vec<Problem>> {
        let mut glossary = Self::default();
        let mut problems = Vec::new();
        for (number, line) in text.lines().enumerate().skip(1) {
            let fields: Vec<_> = line.split('\t').map(str::trim).collect();
            let [english, chinese, note] = fields[..] else {
                problems.push(
                    Problem::new(
                        path,
                        number + 1,
                        format!("{} fields, not three", fields.len()),
                    )
                    .hint("english, chinese and note, with a tab between them"),
                );
                continue;
            };
            if english.is_empty() || chinese.is_empty() {
                problems.push(Problem::new(
                    path,
                    number + 1,
                    "a term without its English or Chinese",
                ));
            }
            if glossary.terms.iter().any(|term| term.english == english) {
                problems.push(Problem::new(
                    path,
                    number + 1,
                    format!("`{english}` stands twice"),
                ));
            }
            glossary.terms.push(Term {
                english: english.to_owned(),
                chinese: chinese.to_owned(),
                avoid: field(note, "avoid"),
                alias: field(note, "alias"),
                pinyin: field(note, "pinyin").into_iter().next(),
            });
        }
        if problems.is_empty() {
            Ok(glossary)
        } else {
            Err(problems)
        }
    }

    /// The glossary page's list: by English in English, by pinyin in Chinese.
    pub fn list(&self, language: Language) -> String {
        let mut groups: BTreeMap<String, Vec<(String, &Term)>> = BTreeMap::new();
        for term in &self.terms {
            let key = term.key(language);
            let initial = key.chars().next().filter(char::is_ascii_alphabetic);
            let group = initial.map_or("#".to_owned(), |c| c.to_ascii_uppercase().to_string());
            groups.entry(group).or_default().push((key, term));
        }
        let mut out = String::from("<p class=\"glossary-letters\">");
        for letter in groups.keys() {
            let _ = write!(out, "<a href=\"#letter-{letter}\">{letter}</a> ");
        }
        out.push_str("</p>\n");
        for (letter, terms) in &mut groups {
            terms.sort_by(|a, b| a.0.cmp(&b.0));
            let _ = write!(
                out,
                "<p class=\"glossary-letter\" id=\"letter-{letter}\">{letter}</p>\n<dl class=\"glossary\">\n"
            );
            for (_, term) in terms.iter() {
                out.push_str(&term.entry(language));
            }
            out.push_str("</dl>\n");
        }
        out
    }
}

impl Term {
    fn key(&self, language: Language) -> String {
        match (language, &self.pinyin) {
            (Language::English, _) => self.english.to_lowercase(),
            (Language::Chinese, Some(pinyin)) => pinyin.clone(),
            (Language::Chinese, None) => {
                // Syllables are kept apart, so that shorter syllables sort before longer ones.
                let readings = self.chinese.as_str().to_pinyin();
                self.chinese
                    .chars()
                    .zip(readings)
                    .fold(String::new(), |key, (c, reading)| match reading {
                        Some(reading) => key + reading.plain() + " ",
                        None => key + &c.to_lowercase().to_string(),
                    })
            }
        }
    }

    fn entry(&self, language: Language) -> String {
        let english = format!("<span lang=\"en\">{}</span>", escape_html(&self.english));
        let chinese = format!("<span lang=\"zh-CN\">{}</span>", escape_html(&self.chinese));
        let id: String = self
            .english
            .to_lowercase()
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("-");
        let (term, meaning) = match language {
            Language::English => (english, chinese),
            Language::Chinese => (chinese, english),
        };
        let mut also = String::new();
        if !self.alias.is_empty() {
            let names = self
                .alias
                .iter()
                .map(|alias| escape_html(alias))
                .collect::<Vec<_>>();
            let _ = match language {
                Language::English => write!(
                    also,
                    "<span class=\"also\">; also <span lang=\"zh-CN\">{}</span></span>",
                    names.join("、")
                ),
                Language::Chinese => {
                    write!(
                        also,
                        "<span class=\"also\">；又称{}</span>",
                        names.join("、")
                    )
                }
            };
        }
        format!("<dt id=\"term-{id}\">{term}</dt>\n<dd>{meaning}{also}</dd>\n")
    }
}

/// The values of one field of a note.
fn field(note: &str, name: &str) -> Vec<String> {
    note.split(';')
        .filter_map(|part| part.trim().strip_prefix(name)?.strip_prefix(':'))
        .flat_map(|values| values.split([',', '，', '、']))
        .map(|value| {
            value
                .split(['(', '（'])
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        })
        .filter(|value| !value.is_empty() && !value.contains(')'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(lines: &str) -> Glossary {
        let text = format!("english\tchinese\tnote\n{lines}");
        Glossary::parse(Path::new("glossary.tsv"), &text).expect("a good glossary")
    }

    #[test]
    fn fields_of_the_note_are_read_and_remarks_are_not() {
        let glossary = parse(
            "mutex\t互斥锁\t[course]; avoid: 互斥器, 互斥量 (old); alias: 互斥体 (x, y), mtx; use it\n",
        );
        assert_eq!(glossary.terms[0].avoid, ["互斥器", "互斥量"]);
        assert_eq!(glossary.terms[0].alias, ["互斥体", "mtx"]);
    }

    #[test]
    fn chinese_terms_stand_by_pinyin() {
        let list =
            parse("lock\t锁\t\nbarrier\t线程屏障\t\nconcurrency\t并发\t\n").list(Language::Chinese);
        let at = |term: &str| list.find(term).expect(term);
        assert!(at("并发") < at("锁") && at("锁") < at("线程屏障"), "{list}");
        assert!(list.contains("id=\"letter-X\""), "{list}");
    }

    #[test]
    fn a_reading_of_the_note_decides_where_a_term_stands() {
        let list = parse("replay\t重放\tpinyin: chong fang\n").list(Language::Chinese);
        assert!(list.contains("id=\"letter-C\""), "{list}");
    }

    #[test]
    fn the_other_language_explains_the_term() {
        let list = parse("lock\t锁\talias: 锁头\n").list(Language::English);
        assert!(
            list.contains("<dt id=\"term-lock\"><span lang=\"en\">lock</span></dt>"),
            "{list}"
        );
        assert!(
            list.contains("锁</span><span class=\"also\">; also"),
            "{list}"
        );
    }

    #[test]
    fn a_line_without_three_fields_is_refused_with_its_number() {
        let problems = Glossary::parse(Path::new("glossary.tsv"), "e\tc\tn\nlock 锁\n");
        let report = Problem::report(&problems.expect_err("refused"));
        assert!(
            report.starts_with("glossary.tsv:2: 1 fields, not three"),
            "{report}"
        );
    }
}
