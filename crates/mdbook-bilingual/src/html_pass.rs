//! The one pass over each page: mends mdBook's HTML and adds what two languages need.

use crate::Api;
use crate::addresses::Addresses;
use crate::chrome_zh::{self, translate};
use crate::head;
use crate::language::{Language, Words};
use crate::settings::{Edition, Settings};
use crate::survey::Survey;
use anyhow::{Context, Result};
use lol_html::html_content::{ContentType, Element};
use lol_html::{RewriteStrSettings, element, rewrite_str, text};
use mdbook_core::utils::escape_html_attribute as escape;
use std::cell::{Cell, RefCell};

/// What a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageKind {
    /// A page of the book.
    Chapter,
    /// `print.html`, the whole book on one page.
    Print,
    /// `404.html`, shown at any depth of the site, so with a `<base>`.
    NotFound,
    /// `toc.html`, the sidebar of browsers without JavaScript.
    Contents,
}

/// A page and what has to be known to rewrite it.
pub struct Page<'a> {
    pub language: Language,
    pub kind: PageKind,
    /// The page's path within its site: `threads.html`.
    pub path: &'a str,
    /// The path under which search engines should list the page.
    pub canonical: &'a str,
    pub survey: &'a Survey,
    /// The same page of the other language, if this is a chapter and there is one.
    pub twin: Option<&'a Survey>,
    pub settings: &'a Settings,
    pub addresses: &'a Addresses,
    /// Where the page's listings can be run.
    pub api: Option<&'a Api>,
    /// The editor's script, below the output folder.
    pub editor: Option<&'a str>,
    /// Whether the stock link to `fonts/fonts.css` leads nowhere: the theme drops mdBook's fonts.
    pub lacks_fonts_css: bool,
    pub has_own_404: bool,
}

impl Page<'_> {
    pub fn edition(&self) -> &Edition {
        self.settings.language.get(self.language)
    }

    pub fn words(&self) -> &'static Words {
        self.language.words()
    }

    /// The page's path below the output folder.
    pub fn place(&self) -> String {
        self.place_of(self.language, self.path)
    }

    pub fn place_of(&self, language: Language, path: &str) -> String {
        format!("{}/{path}", language.code())
    }

    fn other_edition(&self) -> &Edition {
        self.settings.language.get(self.language.other())
    }
}

/// The sidebar's box is ticked only after `book.js` has seen the click on the button, because that
/// shows the sidebar while the box is still empty; hence a listener further out.
const SIDEBAR_BUTTON_SCRIPT: &str = "
                    <script>
                        document.querySelector('.left-buttons').addEventListener('click', event => {
                            if (event.target.closest('#mdbook-sidebar-toggle')) {
                                document.getElementById('mdbook-sidebar-toggle-anchor').click();
                            }
                        });
                    </script>";

type Handlers<'a> = RewriteStrSettings<'a, 'static>;

/// Rewrites one page.
pub fn rewrite(html: &str, page: &Page<'_>) -> Result<String> {
    let in_text = RefCell::new(String::new());
    let has_title = Cell::new(false);
    let mut handlers = rewrite_head(RewriteStrSettings::new(), page, &has_title);
    if page.kind != PageKind::Contents {
        handlers = mend_landmarks(handlers, page);
        handlers = add_language_switch(handlers, page);
        handlers = mark_content(handlers, page);
        if page.language == Language::Zh {
            handlers = translate_chrome(handlers, &in_text);
        }
    }
    rewrite_str(html, handlers).context("the page's HTML cannot be rewritten")
}

fn rewrite_head<'a>(
    handlers: Handlers<'a>,
    page: &'a Page<'_>,
    has_title: &'a Cell<bool>,
) -> Handlers<'a> {
    handlers
        .append_element_content_handler(element!("head > title", |el| {
            has_title.set(true);
            if let Some(title) = head::title(page) {
                el.set_inner_content(&title, ContentType::Text);
            }
            el.after(&head::after_title(page), ContentType::Html);
            Ok(())
        }))
        // mdBook's own is empty or the same on every page.
        .append_element_content_handler(element!("head > meta[name='description']", |el| {
            el.remove();
            Ok(())
        }))
        .append_element_content_handler(element!("head > link[href$='fonts/fonts.css']", |el| {
            if page.lacks_fonts_css {
                el.remove();
            }
            Ok(())
        }))
        .append_element_content_handler(element!("body", |el| {
            if page.survey.has_diagram {
                let script = Addresses::relative(&page.place(), crate::mermaid_script::PLACE);
                el.set_attribute("data-mermaid", &script)?;
            }
            if page.survey.has_listing {
                el.set_attribute("data-playground", &page.settings.playground)?;
                if let Some(editor) = page.editor {
                    let editor = Addresses::relative(&page.place(), editor);
                    el.set_attribute("data-editor", &editor)?;
                }
            }
            Ok(())
        }))
        .append_element_content_handler(element!("head", |el| {
            // A frame without a title is announced by its address.
            if page.kind == PageKind::Contents {
                let title = head::title(page).unwrap_or_default();
                let title = format!("<title>{}</title>\n    ", escape(&title));
                el.append(&title, ContentType::Html);
            }
            Ok(())
        }))
}

fn mend_landmarks<'a>(handlers: Handlers<'a>, page: &'a Page<'_>) -> Handlers<'a> {
    let words = page.words();
    handlers
        .append_element_content_handler(element!("body", |el| {
            // Under a `<base>` a link to `#main` would leave the page.
            if page.kind != PageKind::NotFound {
                let link = format!(
                    "\n    <a class=\"skip-link\" href=\"#main\">{}</a>",
                    words.skip_to_content
                );
                el.prepend(&link, ContentType::Html);
            }
            Ok(())
        }))
        .append_element_content_handler(element!("#mdbook-content > main", |el| {
            el.set_attribute("id", "main")?;
            el.set_attribute("tabindex", "-1")?;
            if page.kind == PageKind::NotFound && !page.has_own_404 {
                let content = format!(
                    "<h1>{}</h1>\n<p>{}</p>\n<p><a href=\"index.html\">{}</a></p>",
                    words.not_found,
                    words.not_found_advice,
                    escape(&page.edition().title),
                );
                el.set_inner_content(&content, ContentType::Html);
            }
            Ok(())
        }))
        .append_element_content_handler(element!("#mdbook-menu-bar", |el| {
            el.set_tag_name("header")?;
            Ok(())
        }))
        // The page's own heading is the one of its content.
        .append_element_content_handler(element!("h1.menu-title", |el| {
            el.set_tag_name("div")?;
            Ok(())
        }))
        .append_element_content_handler(element!("#mdbook-help-popup", |el| {
            el.set_attribute("role", "dialog")?;
            el.set_attribute("aria-modal", "true")?;
            el.set_attribute("aria-label", "Keyboard shortcuts")?;
            if page.language == Language::Zh {
                translate_attribute(el, "aria-label")?;
            }
            Ok(())
        }))
        // A label takes neither focus nor the state that the stock script gives it.
        .append_element_content_handler(element!("label#mdbook-sidebar-toggle", |el| {
            el.set_tag_name("button")?;
            el.set_attribute("type", "button")?;
            el.remove_attribute("for");
            let without_script = format!(
                "<noscript><label class=\"icon-button\" for=\"mdbook-sidebar-toggle-anchor\" \
                 title=\"{}\">☰</label></noscript>\n                        ",
                words.table_of_contents
            );
            el.before(&without_script, ContentType::Html);
            Ok(())
        }))
        .append_element_content_handler(element!("#mdbook-menu-bar > .left-buttons", |el| {
            el.after(SIDEBAR_BUTTON_SCRIPT, ContentType::Html);
            Ok(())
        }))
        .append_element_content_handler(element!("#mdbook-sidebar > noscript", |el| {
            let frame = format!(
                "\n                <iframe class=\"sidebar-iframe-outer\" \
                 src=\"{}toc.html\" title=\"{}\"></iframe>\n            ",
                "../".repeat(page.path.matches('/').count()),
                words.table_of_contents
            );
            el.set_inner_content(&frame, ContentType::Html);
            Ok(())
        }))
}

fn add_language_switch<'a>(handlers: Handlers<'a>, page: &'a Page<'_>) -> Handlers<'a> {
    let target = page.language.other();
    let words = target.words();
    let (lang, hreflang) = (&page.other_edition().tag, &page.other_edition().hreflang);
    let href = head::switch_target(page);
    let title = if page.twin.is_some() {
        words.this_page
    } else {
        words.this_edition
    };
    let switch = format!(
        "\n                        <a class=\"language-switch\" data-language-switch=\"{}\" \
         href=\"{}\" lang=\"{}\" hreflang=\"{}\" title=\"{title}\">{}</a>",
        target.code(),
        escape(&href),
        escape(lang),
        escape(hreflang),
        words.name,
    );
    let handlers = handlers.append_element_content_handler(element!(
        "#mdbook-menu-bar > .right-buttons",
        move |el| {
            el.prepend(&switch, ContentType::Html);
            Ok(())
        }
    ));
    let Some(twin) = page.twin else {
        return handlers;
    };
    handlers.append_element_content_handler(element!("main h2[id], main h3[id]", move |el| {
        let id = el.get_attribute("id").unwrap_or_default();
        if twin.heading_ids.contains(&id) {
            // Last in the heading: mdBook's script takes the first child for the sidebar. The id
            // is escaped already, it comes from HTML.
            let link = format!(
                "<a class=\"heading-switch\" href=\"{}#{id}\" lang=\"{}\" hreflang=\"{}\" \
                 title=\"{}\">{}</a>",
                escape(&href),
                escape(lang),
                escape(hreflang),
                words.this_section,
                words.short_name,
            );
            el.append(&link, ContentType::Html);
        }
        Ok(())
    }))
}

fn mark_content<'a>(handlers: Handlers<'a>, page: &'a Page<'_>) -> Handlers<'a> {
    handlers
        .append_element_content_handler(element!("main code", |el| {
            // Screen readers change their voice with `lang`, translators leave the rest alone.
            if page.language == Language::Zh && !el.has_attribute("lang") {
                el.set_attribute("lang", "en")?;
            }
            if !el.has_attribute("translate") {
                el.set_attribute("translate", "no")?;
            }
            Ok(())
        }))
        .append_element_content_handler(element!("main a[href^='http']", |el| {
            let rel = el.get_attribute("rel").unwrap_or_default();
            if !rel.split_ascii_whitespace().any(|word| word == "noopener") {
                el.set_attribute("rel", format!("{rel} noopener").trim_start())?;
            }
            Ok(())
        }))
}

fn translate_chrome<'a>(handlers: Handlers<'a>, in_text: &'a RefCell<String>) -> Handlers<'a> {
    let mut handlers = handlers
        .append_element_content_handler(element!("[title]", |el| translate_attribute(el, "title")))
        .append_element_content_handler(element!("[aria-label]", |el| {
            translate_attribute(el, "aria-label")
        }))
        // A text may come in pieces: it is held back until its last one.
        .append_element_content_handler(text!("main .blockquote-tag-title", |chunk| {
            in_text.borrow_mut().push_str(chunk.as_str());
            if chunk.last_in_text_node() {
                let whole = in_text.take();
                let chinese = translate(chrome_zh::ADMONITIONS, whole.trim());
                chunk.replace(chinese.unwrap_or(&whole), ContentType::Html);
            } else {
                chunk.remove();
            }
            Ok(())
        }));
    for (selector, chinese) in chrome_zh::CONTENTS {
        handlers = handlers.append_element_content_handler(element!(*selector, |el| {
            el.set_inner_content(chinese, ContentType::Html);
            Ok(())
        }));
    }
    handlers
}

fn translate_attribute(el: &mut Element<'_, '_>, name: &str) -> lol_html::HandlerResult {
    let value = el.get_attribute(name).unwrap_or_default();
    if let Some(chinese) = translate(chrome_zh::ATTRIBUTES, &value) {
        el.set_attribute(name, chinese)?;
    }
    Ok(())
}
