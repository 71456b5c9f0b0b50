//! The two languages of the book.

use std::path::Path;

/// The language of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// English pages, under `en/`.
    English,
    /// Chinese pages, under `zh/`.
    Chinese,
}

impl Language {
    /// Both, in the order of the summary.
    pub const BOTH: [Self; 2] = [Self::English, Self::Chinese];

    /// The folder of its pages under `src/` and of its site: `en` or `zh`.
    pub fn folder(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }

    /// English or Chinese text, by the language of the page.
    pub fn text<'t>(self, en: &'t str, zh: &'t str) -> &'t str {
        match self {
            Self::English => en,
            Self::Chinese => zh,
        }
    }

    /// The other of the two.
    pub fn other(self) -> Self {
        match self {
            Self::English => Self::Chinese,
            Self::Chinese => Self::English,
        }
    }

    /// The language of a page by its path relative to `src/`: the first component decides.
    pub fn of_page(path: &Path) -> Option<Self> {
        let first = path.components().next()?;
        Self::BOTH
            .into_iter()
            .find(|language| first.as_os_str() == language.folder())
    }
}
