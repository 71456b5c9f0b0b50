//! The pages above both languages: the choice of a language, and an address that does not exist.

use crate::addresses::Addresses;
use crate::files;
use crate::language::Language;
use crate::settings::Settings;
use anyhow::Result;
use mdbook_core::utils::{escape_html, escape_html_attribute as escape};
use std::path::Path;

/// One style for both pages; they stand outside the theme, whose file names carry hashes.
const STYLE: &str = include_str!("root_page.css");

/// Marks the language that the reader chose before or that the browser prefers. It never leads
/// away: a crawler, and a reader who came for the other language, must be able to stay.
const SCRIPT: &str = include_str!("root_page.js");

/// Writes `index.html`, `404.html` and `.nojekyll` into the output folder.
pub fn write(dest: &Path, settings: &Settings, addresses: &Addresses) -> Result<()> {
    let icon = icon(dest)?;
    let index = index(settings, addresses, icon.as_deref());
    files::write_if_changed(&dest.join("index.html"), index.as_bytes())?;
    let not_found = not_found(settings, addresses, icon.as_deref());
    files::write_if_changed(&dest.join("404.html"), not_found.as_bytes())?;
    // GitHub Pages would take the site for a Jekyll source.
    files::write_if_changed(&dest.join(".nojekyll"), b"")
}

fn index(settings: &Settings, addresses: &Addresses, icon: Option<&str>) -> String {
    let home = addresses.published_or_relative("index.html", "index.html");
    let mut links = format!("<link rel=\"canonical\" href=\"{}\">\n", escape(&home));
    for language in Language::ALL {
        let target = format!("{}/index.html", language.code());
        links += &format!(
            "<link rel=\"alternate\" hreflang=\"{}\" href=\"{}\">\n",
            escape(&settings.language.get(language).hreflang),
            escape(&addresses.published_or_relative("index.html", &target)),
        );
    }
    let title = both_titles(settings);
    let description = Language::ALL
        .map(|language| settings.language.get(language).description.as_str())
        .join(" ");
    links += &format!(
        "<link rel=\"alternate\" hreflang=\"x-default\" href=\"{home}\">\n\
         <meta name=\"description\" content=\"{description}\">\n\
         <meta property=\"og:title\" content=\"{title}\">\n\
         <meta property=\"og:description\" content=\"{description}\">\n\
         <meta property=\"og:type\" content=\"website\">\n",
        home = escape(&home),
        description = escape(&description),
        title = escape(&title),
    );
    if let Some(url) = addresses.published("index.html") {
        links += &format!("<meta property=\"og:url\" content=\"{}\">\n", escape(&url));
    }
    let mut editions = String::new();
    for language in Language::ALL {
        let edition = settings.language.get(language);
        let subtitle = edition.subtitle.as_deref().unwrap_or(&edition.description);
        editions += &format!(
            "<a class=\"edition\" data-language=\"{code}\" href=\"{code}/index.html\" \
             lang=\"{tag}\" hreflang=\"{hreflang}\">\n\
             <h2>{read}</h2>\n<p>{subtitle}</p>\n</a>\n",
            code = language.code(),
            tag = escape(&edition.tag),
            hreflang = escape(&edition.hreflang),
            subtitle = escape_html(subtitle),
            read = language.words().read,
        );
    }
    let main = format!(
        "<h1>{}</h1>\n<div class=\"editions\">\n{editions}</div>\n",
        titles_in_their_languages(settings)
    );
    document(settings, &title, &links, icon, &main, Some(SCRIPT))
}

fn not_found(settings: &Settings, addresses: &Addresses, icon: Option<&str>) -> String {
    let words = Language::ALL.map(Language::words);
    let title = format!("{} · {}", words[0].not_found, words[1].not_found);
    let mut editions = String::new();
    for language in Language::ALL {
        let edition = settings.language.get(language);
        let words = language.words();
        editions += &format!(
            "<a class=\"edition\" href=\"{href}\" lang=\"{tag}\" hreflang=\"{hreflang}\">\n\
             <h2>{not_found}</h2>\n<p>{advice}</p>\n<p>{title}</p>\n</a>\n",
            href = escape(&addresses.at_root(&format!("{}/index.html", language.code()))),
            tag = escape(&edition.tag),
            hreflang = escape(&edition.hreflang),
            not_found = words.not_found,
            advice = words.not_found_advice,
            title = escape_html(&edition.title),
        );
    }
    let main = format!("<h1>404</h1>\n<div class=\"editions\">\n{editions}</div>\n");
    let links = "<meta name=\"robots\" content=\"noindex\">\n";
    // This page is shown at any depth, so a relative icon would be looked for in the wrong place.
    let icon = icon.map(|icon| addresses.at_root(icon));
    document(settings, &title, links, icon.as_deref(), &main, None)
}

fn document(
    settings: &Settings,
    title: &str,
    links: &str,
    icon: Option<&str>,
    main: &str,
    script: Option<&str>,
) -> String {
    let lang = escape(&settings.language.en.tag);
    let title = escape_html(title);
    let icon = icon.map_or(String::new(), |icon| {
        format!("<link rel=\"icon\" href=\"{}\">\n", escape(icon))
    });
    let script = script.map_or(String::new(), |s| format!("<script>\n{s}</script>\n"));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>{title}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         {links}{icon}<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{main}</main>\n\
         {script}</body>\n</html>\n"
    )
}

fn both_titles(settings: &Settings) -> String {
    Language::ALL
        .map(|language| settings.language.get(language).title.as_str())
        .join(" · ")
}

fn titles_in_their_languages(settings: &Settings) -> String {
    Language::ALL
        .map(|language| {
            let edition = settings.language.get(language);
            format!(
                "<span lang=\"{}\">{}</span>",
                escape(&edition.tag),
                escape_html(&edition.title)
            )
        })
        .join(" ")
}

/// The icon that the English site got, relative to the output folder.
fn icon(dest: &Path) -> Result<Option<String>> {
    let folder = dest.join(Language::En.code());
    for extension in ["svg", "png"] {
        let names = files::names_with_extension(&folder, extension)?;
        if let Some(name) = names.iter().find(|name| name.starts_with("favicon")) {
            return Ok(Some(format!("{}/{name}", Language::En.code())));
        }
    }
    Ok(None)
}
