//! What mdBook's HTML renderer is told. Readers of `book.toml` cannot change it: the two sites are
//! one design, and most of these values are what the pass over the HTML relies on.

use crate::addresses::Addresses;
use crate::files;
use crate::language::Language;
use crate::settings::Settings;
use anyhow::Result;
use mdbook_core::config::{Config, HtmlConfig, Search};
use std::path::{Path, PathBuf};

/// Files of these names in `theme/css` replace mdBook's own; they are no additions to it.
const STOCK_CSS: [&str; 4] = ["chrome.css", "general.css", "print.css", "variables.css"];

/// The configuration for one language.
pub fn html_config(
    root: &Path,
    config: &Config,
    settings: &Settings,
    addresses: &Addresses,
    language: Language,
) -> Result<HtmlConfig> {
    let mut html = HtmlConfig::default();
    html.default_theme = Some("light".into());
    html.preferred_dark_theme = Some("navy".into());
    // Between Han characters a straight quote would become a Latin one of the wrong width.
    html.smart_punctuation = language == Language::En;
    html.additional_css = additions(root, "css")?
        .filter(|name| !STOCK_CSS.contains(&name.as_str()))
        .map(|name| PathBuf::from(format!("theme/css/{name}")))
        .collect();
    html.additional_js = additions(root, "js")?
        .map(|name| PathBuf::from(format!("theme/js/{name}")))
        .collect();
    // Listings bring their own buttons; stock ones ask play.rust-lang.org when a page loads.
    html.playground.runnable = false;
    html.playground.copyable = false;
    // The stock index cannot find one Chinese word, and a dead search box is worse than none.
    let mut search = Search::default();
    search.enable = false;
    html.search = Some(search);
    html.git_repository_url = settings.repository.clone();
    html.edit_url_template = settings.edit_url_template.clone();
    html.site_url = Some(addresses.at_root(&format!("{}/", language.code())));
    html.live_reload_endpoint = config.get("output.html.live-reload-endpoint")?;
    html.hash_files = html.live_reload_endpoint.is_none();
    Ok(html)
}

fn additions(root: &Path, kind: &str) -> Result<impl Iterator<Item = String>> {
    Ok(files::names_with_extension(&root.join("theme").join(kind), kind)?.into_iter())
}
