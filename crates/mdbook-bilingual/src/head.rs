//! What search engines and link previews read: the title and all that follows it in the head.

use crate::addresses::Addresses;
use crate::excerpt::excerpt;
use crate::html_pass::{Page, PageKind};
use crate::language::Language;
use mdbook_core::utils::escape_html_attribute as escape;
use std::fmt::Write;

/// The text of `<title>`, if it is not to stay as it is.
pub fn title(page: &Page<'_>) -> Option<String> {
    let book = &page.edition().title;
    let heading = match page.kind {
        PageKind::Contents => return Some(page.words().table_of_contents.to_string()),
        PageKind::Print => return Some(book.clone()),
        PageKind::NotFound if !page.has_own_404 => page.words().not_found,
        PageKind::NotFound | PageKind::Chapter => &page.survey.title,
    };
    match heading {
        "" => None,
        heading if heading == book => Some(book.clone()),
        heading => Some(format!("{heading} - {book}")),
    }
}

/// The elements that follow the title.
pub fn after_title(page: &Page<'_>) -> String {
    let mut head = String::new();
    match page.kind {
        PageKind::Chapter => {
            description(&mut head, page);
            alternates(&mut head, page);
            open_graph(&mut head, page);
        }
        PageKind::Print => description(&mut head, page),
        PageKind::NotFound => {
            description(&mut head, page);
            head.push_str("\n        <meta name=\"robots\" content=\"noindex\">");
        }
        // Stock: `noindex`, and nothing to describe.
        PageKind::Contents => {}
    }
    if let Some(api) = page.api.filter(|_| page.kind != PageKind::Contents) {
        meta(&mut head, "name", "book-api", &api.address);
        meta(&mut head, "name", "book-token", &api.token);
    }
    head
}

fn description_text(page: &Page<'_>) -> String {
    if page.kind == PageKind::Chapter && !page.survey.lead.is_empty() {
        excerpt(&page.survey.lead)
    } else {
        excerpt(&page.edition().description)
    }
}

fn description(head: &mut String, page: &Page<'_>) {
    meta(head, "name", "description", &description_text(page));
}

fn alternates(head: &mut String, page: &Page<'_>) {
    let from = page.place();
    let canonical = page.place_of(page.language, page.canonical);
    link(head, page, "canonical", None, &from, &canonical);
    if page.twin.is_none() {
        return;
    }
    for language in Language::ALL {
        let hreflang = &page.settings.language.get(language).hreflang;
        let target = page.place_of(language, page.canonical);
        link(head, page, "alternate", Some(hreflang), &from, &target);
    }
    // Readers of neither language choose on the root page; inside the book they get English.
    let target = if page.path == "index.html" {
        "index.html".to_string()
    } else {
        page.place_of(Language::En, page.canonical)
    };
    link(head, page, "alternate", Some("x-default"), &from, &target);
}

fn link(
    head: &mut String,
    page: &Page<'_>,
    rel: &str,
    hreflang: Option<&str>,
    from: &str,
    target: &str,
) {
    let href = page.addresses.published_or_relative(from, target);
    let hreflang = hreflang.map_or(String::new(), |h| format!(" hreflang=\"{}\"", escape(h)));
    let href = escape(&href);
    write!(
        head,
        "\n        <link rel=\"{rel}\"{hreflang} href=\"{href}\">"
    )
    .expect("a String takes every write");
}

fn open_graph(head: &mut String, page: &Page<'_>) {
    let book = &page.edition().title;
    let heading = &page.survey.title;
    let kind = if page.path == "index.html" {
        "website"
    } else {
        "article"
    };
    let mut og = |name: &str, value: &str| meta(head, "property", &format!("og:{name}"), value);
    og("title", if heading.is_empty() { book } else { heading });
    og("description", &description_text(page));
    og("type", kind);
    og("site_name", book);
    og("locale", page.words().og_locale);
    if page.twin.is_some() {
        og("locale:alternate", page.language.other().words().og_locale);
    }
    let canonical = page.place_of(page.language, page.canonical);
    if let Some(url) = page.addresses.published(&canonical) {
        og("url", &url);
    }
}

fn meta(head: &mut String, key: &str, name: &str, content: &str) {
    let content = escape(content);
    write!(
        head,
        "\n        <meta {key}=\"{name}\" content=\"{content}\">"
    )
    .expect("a String takes every write");
}

/// The address of the page that shows the same in the other language, for readers.
pub fn switch_target(page: &Page<'_>) -> String {
    let file = match page.kind {
        PageKind::Print => page.path,
        _ if page.twin.is_some() => page.path,
        _ => "index.html",
    };
    Addresses::relative(&page.place(), &page.place_of(page.language.other(), file))
}
