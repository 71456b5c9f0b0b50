//! What is wrong in a file of the book, said so that the reader of the message can mend it.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// File, relative to the root of the book.
    pub path: PathBuf,
    /// Line, counted from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem at a line of a file (0: the file as a whole), without a hint.
    pub fn new(path: impl AsRef<Path>, line: usize, message: impl Into<String>) -> Self {
        Self {
            path: path.as_ref().to_path_buf(),
            line,
            message: message.into(),
            hint: None,
        }
    }

    /// The same problem with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same problem with `did you mean ...?`, when one of the candidates is near.
    #[must_use]
    pub fn did_you_mean<'a>(
        self,
        name: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        match nearest(name, candidates) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    /// All problems as one text, one after the other, for an error that stops the build.
    pub fn report(problems: &[Problem]) -> String {
        problems
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.path.display())?;
        if self.line > 0 {
            write!(out, ":{}", self.line)?;
        }
        write!(out, ": {}", self.message)?;
        if let Some(hint) = &self.hint {
            write!(out, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

/// The candidate that looks most like `name`, if one looks like it at all.
///
/// Likeness is the Jaro-Winkler similarity, at least 0.75 of 1.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_its_place_and_its_hint() {
        let problem = Problem::new("src/zh/ch.md", 12, "unknown listing `steal_hafl`")
            .did_you_mean("steal_hafl", ["steal_half", "other"]);
        assert_eq!(
            problem.to_string(),
            "src/zh/ch.md:12: unknown listing `steal_hafl`\n  hint: did you mean `steal_half`?"
        );
    }

    #[test]
    fn a_name_like_nothing_has_no_nearest() {
        assert_eq!(nearest("zzzz", ["threads", "pipes"]), None);
    }
}
