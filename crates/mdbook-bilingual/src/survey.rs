//! What a rendered page says about itself, read before the pages are rewritten: a page needs to
//! know its own first paragraph in its head, and the headings of its twin beside its own.

use anyhow::{Context, Result};
use lol_html::{RewriteStrSettings, element, rewrite_str, text};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What was read.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Survey {
    /// The text of the first `h1` of the content.
    pub title: String,
    /// The text of the first paragraph that stands directly in the content.
    pub lead: String,
    /// The ids of the second- and third-level headings of the content.
    pub heading_ids: BTreeSet<String>,
    /// Whether a diagram is left for mermaid to draw in the browser.
    pub has_diagram: bool,
    /// Whether it shows a listing.
    pub has_listing: bool,
}

/// Reads one page.
pub fn survey(html: &str) -> Result<Survey> {
    let survey = RefCell::new(Survey::default());
    let collects_title = RefCell::new(false);
    let collects_lead = RefCell::new(false);
    let settings = RewriteStrSettings::new()
        .append_element_content_handler(element!("main h1", |_| {
            *collects_title.borrow_mut() = survey.borrow().title.trim().is_empty();
            Ok(())
        }))
        .append_element_content_handler(text!("main h1", |chunk| {
            if *collects_title.borrow() {
                survey.borrow_mut().title.push_str(chunk.as_str());
            }
            Ok(())
        }))
        .append_element_content_handler(element!("main > p", |_| {
            *collects_lead.borrow_mut() = survey.borrow().lead.trim().is_empty();
            Ok(())
        }))
        .append_element_content_handler(text!("main > p", |chunk| {
            if *collects_lead.borrow() {
                survey.borrow_mut().lead.push_str(chunk.as_str());
            }
            Ok(())
        }))
        .append_element_content_handler(element!("main h2[id], main h3[id]", |heading| {
            let id = heading.get_attribute("id").unwrap_or_default();
            survey.borrow_mut().heading_ids.insert(id);
            Ok(())
        }))
        .append_element_content_handler(element!("main figure.listing", |_| {
            survey.borrow_mut().has_listing = true;
            Ok(())
        }))
        .append_element_content_handler(element!("main pre.mermaid", |_| {
            survey.borrow_mut().has_diagram = true;
            Ok(())
        }));
    rewrite_str(html, settings).context("the page's HTML cannot be read")?;
    let mut survey = survey.into_inner();
    survey.title = plain(&survey.title);
    survey.lead = plain(&survey.lead);
    Ok(survey)
}

/// HTML text without entities (those that mdBook writes) and with single spaces.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(main: &str) -> Survey {
        let page = format!("<body><h1>Menu</h1><p>Help</p><main>{main}</main></body>");
        survey(&page).expect("the test's HTML can be read")
    }

    #[test]
    fn the_title_is_the_text_of_the_first_heading_without_markup() {
        let page =
            r##"<h1 id="a"><a href="#a"><code>Vec&lt;T&gt;</code> &amp; co</a></h1><h1>B</h1>"##;
        assert_eq!(read(page).title, "Vec<T> & co");
    }

    #[test]
    fn the_lead_is_the_first_paragraph_of_the_text_itself() {
        let page = "<blockquote><p>Note</p></blockquote><p> </p><p>One\ntwo.</p><p>Three.</p>";
        assert_eq!(read(page).lead, "One two.");
    }

    #[test]
    fn a_diagram_for_mermaid_is_seen() {
        assert!(read("<pre class=\"mermaid\">graph TD</pre>").has_diagram);
        assert!(!read("<pre><code class=\"mermaid\">x</code></pre>").has_diagram);
    }
}
