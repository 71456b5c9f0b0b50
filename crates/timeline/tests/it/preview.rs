//! All stories on one page in the style of the book, to be looked at: `target/tmp/timeline/*.html`.

use crate::stories;
use directives::Language;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use timeline::{deadlock, draw, html, layout};

#[test]
fn a_page_of_all_stories_is_written_for_every_theme() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("timeline");
    fs::create_dir_all(&folder).expect("the folder of temporary files can be written");
    let css = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../theme/css");
    for language in Language::BOTH {
        let mut stories_html = String::new();
        for (nth, (name, events)) in stories::all().into_iter().enumerate() {
            let layout = layout(&events);
            let drawing = draw(&layout, language, &format!("story-{nth}"));
            let verdict: String = deadlock(&layout, language)
                .iter()
                .fold(String::new(), |all, line| all + "<br>" + &html(line));
            let _ = write!(
                stories_html,
                "<h2>{name}</h2><figure class=\"timeline\">{}<figcaption>{}{verdict}</figcaption></figure>",
                drawing.svg,
                html(&drawing.summary)
            );
        }
        for theme in ["light", "rust", "coal", "navy", "ayu"] {
            let mut styles = String::new();
            for file in ["1-palette", "2-page", "5-timeline"] {
                styles +=
                    &fs::read_to_string(css.join(format!("{file}.css"))).expect("a style sheet");
            }
            let page = format!(
                "<!DOCTYPE html><html class=\"{theme}\" lang=\"{}\"><meta charset=\"utf-8\">\
                 <meta name=\"viewport\" content=\"width=device-width\"><style>{styles}\
                 .coal {{ --bg: #131516; --fg: #98a3ad }} .ayu {{ --bg: #0f1419; --fg: #c5c5c5 }} \
                 .rust {{ --bg: #e1e1db; --fg: #262625 }} \
                 html {{ font-size: 62.5%; background: var(--bg); color: var(--fg) }}\
                 body {{ margin: 0 auto; padding: 1rem; max-width: 96rem }}</style>\
                 <body>{stories_html}</body></html>",
                language.folder()
            );
            let path = folder.join(format!("{theme}-{}.html", language.folder()));
            fs::write(&path, page).expect("the page can be written");
        }
    }
}
