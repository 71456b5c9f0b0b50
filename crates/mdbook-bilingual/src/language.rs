//! The two languages, and a pair of things of which each language has one.

use anyhow::Result;
use serde::Deserialize;

/// A language of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English, in `en/`.
    En,
    /// Simplified Chinese, in `zh/`.
    Zh,
}

impl Language {
    /// Both languages, in the order in which the root page names them.
    pub const ALL: [Language; 2] = [Language::En, Language::Zh];

    /// The folder of the language, in `src/` and in the output.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Zh => "zh",
        }
    }

    /// The language that is not this one.
    #[must_use]
    pub fn other(self) -> Language {
        match self {
            Language::En => Language::Zh,
            Language::Zh => Language::En,
        }
    }

    /// The language whose folder has this name.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|l| l.code() == code)
    }

    /// What this program itself writes into the pages, in this language.
    pub(crate) fn words(self) -> &'static Words {
        match self {
            Language::En => &ENGLISH,
            Language::Zh => &CHINESE,
        }
    }
}

/// The words that the pages get from this crate, not from mdBook.
pub(crate) struct Words {
    /// The language's own name, on the switch that leads to it.
    pub name: &'static str,
    /// The same in one or two characters, beside headings.
    pub short_name: &'static str,
    /// The title of a link to this page in this language.
    pub this_page: &'static str,
    /// The title of a link to this section in this language.
    pub this_section: &'static str,
    /// The title of a link to the first page of this language.
    pub this_edition: &'static str,
    /// On the root page: the invitation to read.
    pub read: &'static str,
    /// The first link of a page, seen when the keyboard reaches it.
    pub skip_to_content: &'static str,
    /// The name of the frame that replaces the sidebar where there is no JavaScript.
    pub table_of_contents: &'static str,
    /// The heading of a page that does not exist.
    pub not_found: &'static str,
    /// What to do then.
    pub not_found_advice: &'static str,
    /// Open Graph's form of the language, with a territory.
    pub og_locale: &'static str,
}

const ENGLISH: Words = Words {
    name: "English",
    short_name: "EN",
    this_page: "This page in English",
    this_section: "This section in English",
    this_edition: "The English edition",
    read: "Read in English",
    skip_to_content: "Skip to the content",
    table_of_contents: "Table of contents",
    not_found: "Page not found",
    not_found_advice: "There is no page at this address. The list of chapters leads to all of them.",
    og_locale: "en_US",
};

const CHINESE: Words = Words {
    name: "中文",
    short_name: "中",
    this_page: "本页的中文版",
    this_section: "本节的中文版",
    this_edition: "中文版首页",
    read: "阅读中文版",
    skip_to_content: "跳到正文",
    table_of_contents: "目录",
    not_found: "找不到页面",
    not_found_advice: "这个地址没有对应的页面。请从目录进入各章。",
    og_locale: "zh_CN",
};

/// One thing for each language.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Both<T> {
    /// The English one.
    pub en: T,
    /// The Chinese one.
    pub zh: T,
}

impl<T> Both<T> {
    /// The one of this language.
    #[must_use]
    pub fn get(&self, language: Language) -> &T {
        match language {
            Language::En => &self.en,
            Language::Zh => &self.zh,
        }
    }

    pub(crate) fn get_mut(&mut self, language: Language) -> &mut T {
        match language {
            Language::En => &mut self.en,
            Language::Zh => &mut self.zh,
        }
    }
}

impl<T: Send> Both<T> {
    /// Makes both at the same time; of two errors the English one is returned.
    pub(crate) fn in_parallel(make: impl Fn(Language) -> Result<T> + Sync) -> Result<Both<T>> {
        let (en, zh) = std::thread::scope(|scope| {
            let zh = scope.spawn(|| make(Language::Zh));
            let en = make(Language::En);
            let zh = zh
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (en, zh)
        });
        Ok(Both { en: en?, zh: zh? })
    }
}
