//! What must hold for every drawing.

use crate::run::Run;
use crate::stories;
use directives::Language;
use flate2::{Compression, write::GzEncoder};
use roxmltree::{Document, Node};
use runner::{Event, On, State};
use std::collections::BTreeSet;
use std::io::Write as _;
use timeline::{draw, layout};

/// Every story in both languages: its name, the language and the drawing.
fn drawings() -> impl Iterator<Item = (String, Language, String)> {
    stories::all().into_iter().flat_map(|(name, events)| {
        let layout = layout(&events);
        Language::BOTH.map(|language| {
            let svg = draw(&layout, language, "a1").svg;
            (format!("{name} ({})", language.folder()), language, svg)
        })
    })
}

fn elements<'a>(document: &'a Document<'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(Node::is_element)
}

#[test]
fn every_drawing_is_valid_described_and_has_nothing_from_elsewhere() {
    for (name, language, svg) in drawings() {
        let document = Document::parse(&svg).unwrap_or_else(|error| panic!("{name}: {error}"));
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "svg", "{name}");
        assert_eq!(root.attribute("role"), Some("img"), "{name}");
        for (attribute, element) in [("aria-labelledby", "title"), ("aria-describedby", "desc")] {
            let id = root.attribute(attribute).expect(attribute);
            let named = elements(&document)
                .find(|node| node.attribute("id") == Some(id))
                .unwrap_or_else(|| panic!("{name}: no {id}"));
            assert_eq!(named.tag_name().name(), element, "{name}");
            let text = named.text().unwrap_or_default();
            let is_chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(
                !text.trim().is_empty() && !text.contains('`'),
                "{name}: {text}"
            );
            assert!(
                is_chinese || language == Language::English,
                "{name}: {text}"
            );
        }
        for node in elements(&document) {
            let tag = node.tag_name().name();
            assert!(
                [
                    "svg", "title", "desc", "rect", "defs", "pattern", "path", "g", "text", "tspan"
                ]
                .contains(&tag),
                "{name}: <{tag}>"
            );
            for attribute in node.attributes() {
                let (key, value) = (attribute.name(), attribute.value());
                assert!(
                    !key.starts_with("on") && key != "href" && key != "style",
                    "{name}: {key}"
                );
                if let Some((_, id)) = value.split_once("url(") {
                    assert!(id.starts_with("#a1-"), "{name}: {value}");
                }
            }
        }
    }
}

#[test]
fn ids_begin_with_the_prefix_are_unique_and_all_that_are_used_exist() {
    for (name, _, svg) in drawings() {
        let document = Document::parse(&svg).expect("valid");
        let ids: Vec<_> = elements(&document)
            .filter_map(|node| node.attribute("id"))
            .collect();
        let unique: BTreeSet<_> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{name}: {ids:?}");
        assert!(
            ids.iter().all(|id| id.starts_with("a1-")),
            "{name}: {ids:?}"
        );
        for used in svg.split("url(#").skip(1) {
            let id = used.split(')').next().expect("a parenthesis");
            assert!(unique.contains(id), "{name}: {id}");
        }
    }
}

#[test]
fn a_prefix_cannot_leave_its_attribute() {
    let svg = draw(
        &layout(&stories::deadlock()),
        Language::English,
        "a/b\"><x>",
    )
    .svg;
    let document = Document::parse(&svg).expect("valid");
    assert_eq!(
        document.root_element().attribute("aria-labelledby"),
        Some("a-b---x--title")
    );
}

#[test]
fn names_and_output_stay_text() {
    let svg = draw(&layout(&stories::hostile()), Language::English, "a1").svg;
    let document = Document::parse(&svg).expect("valid");
    let texts: Vec<_> = elements(&document).filter_map(|node| node.text()).collect();
    for expected in [
        "<b>\"&''x",
        "]]> <img src=x onerror=alert(1)> &amp;",
        "thread 5",
    ] {
        assert!(texts.contains(&expected), "{expected}: {texts:?}");
    }
    assert!(
        svg.contains("Time line of &lt;/title&gt;&lt;script&gt;"),
        "{svg}"
    );
    assert!(
        !svg.chars()
            .any(|c| c.is_control() && c != '\n' || c == '\u{202e}')
    );
}

/// Bytes as they weigh in a page that is sent compressed.
fn weight(text: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory").len()
}

#[test]
fn no_drawing_weighs_more_than_eight_kilobytes() {
    for (name, _, svg) in drawings() {
        assert!(weight(&svg) <= 8000, "{name}: {} bytes", weight(&svg));
    }
    // As many bars, arrows and marks as there can be, of what compresses worst.
    for (nth, steps) in [300, 600, 900, 1500, 3000, 6000].into_iter().enumerate() {
        for characters in [33..127, 0x4e00..0x9fa0] {
            let layout = layout(&stories::storm_of(steps, nth as u64, characters.clone()));
            let weight = weight(&draw(&layout, Language::Chinese, "listing-storm-timeline").svg);
            assert!(
                weight <= 8000,
                "{steps} steps, {characters:?}: {weight} bytes"
            );
        }
    }
}

#[test]
fn text_has_twelve_pixels_and_is_inside_the_drawing() {
    for (name, _, svg) in drawings() {
        let document = Document::parse(&svg).expect("valid");
        let root = document.root_element();
        let size = |attribute| {
            root.attribute(attribute)
                .and_then(|text| text.parse::<f64>().ok())
        };
        let (width, height) = (
            size("width").expect("width"),
            size("height").expect("height"),
        );
        assert_eq!(
            root.attribute("viewBox"),
            Some(format!("0 0 {width} {height}").as_str())
        );
        let sizes: Vec<_> = elements(&document)
            .filter_map(|node| node.attribute("font-size"))
            .collect();
        assert_eq!(sizes, ["12"], "{name}");
        for node in elements(&document).filter(|node| node.has_tag_name("text")) {
            let at = |attribute| {
                node.attribute(attribute)
                    .and_then(|text| text.parse::<f64>().ok())
            };
            let (x, y) = (at("x").expect("x"), at("y").expect("y"));
            assert!(
                (0.0..=width).contains(&x) && (12.0..=height).contains(&y),
                "{name}: {x} {y}"
            );
        }
    }
}

#[test]
fn the_legend_has_the_states_that_occur_and_no_others() {
    let svg = draw(&layout(&stories::async_one_lane()), Language::English, "a1").svg;
    for (text, is_there) in [
        (">running<", true),
        (">waiting in poll<", true),
        (">sleeping<", false),
        (">waiting: lock, join, channel<", false),
        (">wakes<", false),
        (">waiting for ever<", false),
    ] {
        assert_eq!(svg.contains(text), is_there, "{text}");
    }
}

#[test]
fn a_holder_is_likely_and_a_join_is_certain() {
    let svg = |events: &[Event]| draw(&layout(events), Language::English, "a1").svg;
    assert!(svg(&stories::deadlock()).contains(">very likely waits for<"));
    let mut run = Run::of("joins_itself");
    run.at(500).state(100, State::Lock);
    let joins = run
        .at(101_000)
        .deadlock(&[(100, "x", On::Join { of: 100 })]);
    let svg = svg(&joins.events);
    assert!(svg.contains(">waits for<") && !svg.contains("likely"));
}

#[test]
fn what_is_left_out_is_said() {
    let svg = draw(&layout(&stories::storm()), Language::English, "a1").svg;
    let description = svg
        .split("<desc id=\"a1-desc\">")
        .nth(1)
        .expect("a description");
    let description = description.split("</desc>").next().expect("its end");
    for expected in [
        " more threads are not drawn.",
        " arrows are drawn.",
        " marks of output are drawn.",
        "are merged",
    ] {
        assert!(description.contains(expected), "{expected}: {description}");
    }
    assert!(svg.contains(">and 9 more threads, not drawn<"));
    let svg = draw(&layout(&stories::one_lock()), Language::English, "a1").svg;
    assert!(!svg.contains("are drawn"), "{svg}");
}

#[test]
fn who_is_stuck_is_drawn_however_many_others_there_are() {
    let mut run = Run::of("crowd");
    for nth in 0..60 {
        run.at(500 + nth)
            .thread(101 + nth as i32, &format!("t{nth}"));
    }
    run.at(900).state(159, State::Lock).state(160, State::Lock);
    let locks = [
        (159, "t58", crate::run::mutex("A", 160)),
        (160, "t59", crate::run::mutex("B", 159)),
    ];
    let events = run.at(101_000).deadlock(&locks).events.clone();
    let svg = draw(&layout(&events), Language::English, "a1").svg;
    for name in [">t58<", ">t59<", ">main<", ">t0<"] {
        assert!(svg.contains(name), "{name}");
    }
    assert!(!svg.contains(">t57<"));
}

#[test]
fn the_same_events_are_the_same_drawing() {
    for (name, events) in stories::all() {
        let once = draw(&layout(&events), Language::English, "a1");
        assert_eq!(
            once,
            draw(&layout(&events), Language::English, "a1"),
            "{name}"
        );
    }
}
