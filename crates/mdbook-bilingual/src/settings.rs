//! What stands under `[output.bilingual]` in `book.toml`.

use crate::language::Both;
use anyhow::{Context, Result, bail, ensure};
use mdbook_core::config::Config;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// The table `[output.bilingual]`. An unknown key is an error.
///
/// ```toml
/// [output.bilingual]
/// command = "..."                            # mdBook's own key
/// site-url = "https://example.org/book/"     # optional
/// repository = "https://example.org/source"  # optional
/// edit-url-template = "https://example.org/edit/{path}"  # optional
/// playground = "https://play.rust-lang.org/execute"  # optional
/// front = ["index"]
/// back = ["glossary"]
///
/// [output.bilingual.language.en]
/// tag = "en"
/// hreflang = "en"
/// title = "A Book"
/// subtitle = "with a subtitle"               # optional
/// description = "What the book is about."
///
/// [output.bilingual.language.zh]
/// tag = "zh-CN"
/// hreflang = "zh-Hans"
/// title = "一本书"
/// description = "书的内容。"
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// Where the site is published: an absolute URL of the folder that holds `en/` and `zh/`.
    /// Without it links between the languages are relative and there is no site map.
    pub site_url: Option<String>,
    /// The address behind the repository button.
    pub repository: Option<String>,
    /// The address behind the edit button; `{path}` stands for the page's file.
    pub edit_url_template: Option<String>,
    /// Where published pages have a listing run, after a click: an address that answers as
    /// play.rust-lang.org does.
    #[serde(default = "playground")]
    pub playground: String,
    /// Pages without a number before the chapters: file names without `.md`.
    #[serde(default)]
    pub front: Vec<String>,
    /// Pages without a number after the chapters: file names without `.md`.
    #[serde(default)]
    pub back: Vec<String>,
    /// What differs between the languages.
    pub language: Both<Edition>,
    // mdBook reads these two; they are named so that they are not unknown.
    #[serde(rename = "command")]
    _command: Option<IgnoredAny>,
    #[serde(rename = "optional")]
    _optional: Option<IgnoredAny>,
}

fn playground() -> String {
    "https://play.rust-lang.org/execute".to_owned()
}

/// The table `[output.bilingual.language.en]` or `.zh`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Edition {
    /// The value of `lang` on each page, such as `zh-CN`.
    pub tag: String,
    /// The value of `hreflang` in links to this language, such as `zh-Hans`.
    pub hreflang: String,
    /// The book's title.
    pub title: String,
    /// A line under the title on the root page.
    pub subtitle: Option<String>,
    /// What the book is about, for pages that have no first paragraph.
    pub description: String,
}

impl Settings {
    /// Reads and checks the settings.
    ///
    /// # Errors
    ///
    /// When the table is missing, holds an unknown key, lacks a required one, or a value cannot
    /// be used; the message names the key and what is allowed.
    pub fn from_config(config: &Config) -> Result<Settings> {
        let mut settings: Settings = config
            .get("output.bilingual")
            .context("book.toml: a key under `[output.bilingual]` cannot be used")?
            .context(
                "book.toml: there is no table `[output.bilingual]`\n\
                 hint: it needs at least `[output.bilingual.language.en]` and `.zh`",
            )?;
        let playground = Some(settings.playground.clone());
        for (key, value) in [
            ("playground", &playground),
            ("site-url", &settings.site_url),
            ("repository", &settings.repository),
            ("edit-url-template", &settings.edit_url_template),
        ] {
            if let Some(url) = value {
                ensure!(
                    url.starts_with("https://") || url.starts_with("http://"),
                    "book.toml: `output.bilingual.{key}` must be an absolute URL that starts \
                     with https:// or http://: {url}"
                );
            }
        }
        if let Some(template) = &settings.edit_url_template
            && !template.contains("{path}")
        {
            bail!(
                "book.toml: `output.bilingual.edit-url-template` must contain `{{path}}`, which \
                 stands for the page's file: {template}"
            );
        }
        if let Some(url) = &mut settings.site_url
            && !url.ends_with('/')
        {
            url.push('/');
        }
        Ok(settings)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::str::FromStr;

    const LANGUAGES: &str = r#"
        [output.bilingual.language.en]
        tag = "en"
        hreflang = "en"
        title = "Book"
        description = "About."
        [output.bilingual.language.zh]
        tag = "zh-CN"
        hreflang = "zh-Hans"
        title = "书"
        description = "简介。"
    "#;

    pub(crate) fn read(top: &str, rest: &str) -> Result<Settings> {
        let text = format!("[output.bilingual]\n{top}\n{LANGUAGES}\n{rest}");
        Settings::from_config(&Config::from_str(&text).expect("the test writes valid TOML"))
    }

    fn error(top: &str, rest: &str) -> String {
        format!("{:#}", read(top, rest).expect_err("must be refused"))
    }

    #[test]
    fn the_command_key_of_mdbook_is_tolerated() {
        assert!(read("command = \"book render\"\noptional = false", "").is_ok());
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_name_and_what_is_allowed() {
        let message = error("colour = 1", "");
        assert!(message.contains("`colour`"), "{message}");
        assert!(message.contains("`edit-url-template`"), "{message}");
    }

    #[test]
    fn an_unknown_language_is_refused_with_its_name() {
        let message = error("", "[output.bilingual.language.fr]\ntitle = \"Livre\"");
        assert!(message.contains("`fr`"), "{message}");
    }

    #[test]
    fn an_unknown_key_of_a_language_is_refused_with_its_name() {
        let message = error("", "sub-title = \"typo\"");
        assert!(message.contains("`sub-title`"), "{message}");
        assert!(message.contains("`subtitle`"), "{message}");
    }

    #[test]
    fn a_site_url_that_is_not_absolute_is_refused() {
        let message = error("site-url = \"/book/\"", "");
        assert!(message.contains("output.bilingual.site-url"), "{message}");
    }

    #[test]
    fn a_playground_that_is_not_absolute_is_refused() {
        let message = error("playground = \"/execute\"", "");
        assert!(message.contains("output.bilingual.playground"), "{message}");
    }

    #[test]
    fn an_edit_template_without_the_path_is_refused() {
        let message = error("edit-url-template = \"https://example.org/edit\"", "");
        assert!(message.contains("`{path}`"), "{message}");
    }

    #[test]
    fn a_site_url_gets_its_last_slash() {
        let settings = read("site-url = \"https://example.org/book\"", "").expect("valid");
        assert_eq!(
            settings.site_url.as_deref(),
            Some("https://example.org/book/")
        );
    }

    #[test]
    fn a_missing_table_is_explained() {
        let message = format!(
            "{:#}",
            Settings::from_config(&Config::default()).expect_err("nothing is set")
        );
        assert!(message.contains("[output.bilingual]"), "{message}");
    }
}
