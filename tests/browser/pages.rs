//! What holds for every page: no errors, diagrams that are drawn, nothing that sticks out.

use super::served::{Reader, all_pages, chapters, problem};
use crate::html;
use crate::sources::none;
use directives::Problem;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Goes to the end of the page, so that all is loaded that is loaded late, and waits for it.
const TO_THE_END: &str = "(async () => {
    for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight / 2) {
        scrollTo({ top: y, behavior: 'instant' });
        await new Promise(requestAnimationFrame);
    }
    await document.fonts.ready;
})()";

/// Nothing waits for mermaid, and what mermaid does is done.
const DRAWN: &str = "[...document.querySelectorAll('pre.mermaid')]
    .every(frame => frame.querySelector('svg') || frame.nextElementSibling?.textContent.includes(
        bookWords.diagramFailed))";

/// What a browser reports as wrong while it shows a page of this origin.
fn complaints(events: &[Value], origin: &str) -> Vec<String> {
    let mut found = Vec::new();
    for event in events {
        let params = &event["params"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" => {
                let thrown = &params["exceptionDetails"];
                found.push(format!("an error is not caught: {thrown}"));
            }
            "Runtime.consoleAPICalled"
                if ["error", "assert"].contains(&&*text(&params["type"])) =>
            {
                found.push(format!("an error in the console: {}", params["args"]));
            }
            "Log.entryAdded" if params["entry"]["level"] == "error" => {
                let entry = &params["entry"];
                found.push(format!(
                    "an error in the log: {} {}",
                    entry["text"], entry["url"]
                ));
            }
            "Network.requestWillBeSent" => {
                let url = text(&params["request"]["url"]);
                let own = url
                    .strip_prefix(origin)
                    .is_some_and(|rest| rest.starts_with('/'));
                if !own
                    && !["data:", "blob:", "about:"]
                        .iter()
                        .any(|kind| url.starts_with(kind))
                {
                    found.push(format!("a request to another host: {url}"));
                }
            }
            "Network.webSocketCreated" => found.push(format!("a socket: {}", params["url"])),
            "Network.responseReceived" if params["response"]["status"].as_u64() >= Some(400) => {
                let response = &params["response"];
                found.push(format!(
                    "status {} of {}",
                    response["status"], response["url"]
                ));
            }
            // Leaving a page cancels the stream of changes.
            "Network.loadingFailed" if params["canceled"] != true => {
                found.push(format!("a request failed: {params}"));
            }
            _ => {}
        }
    }
    found
}

#[test]
fn no_page_has_an_error_or_asks_another_host() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    let origin = reader.origin();
    let mut problems = Vec::new();
    for page in all_pages() {
        reader.events.clear();
        reader.open_page(&page);
        reader.wait(&format!("{TO_THE_END}.then(() => true)"));
        if page.components().count() == 2 {
            reader.wait(
                "typeof bookWords === 'undefined' || (DRAWN)"
                    .replace("DRAWN", DRAWN)
                    .as_str(),
            );
        }
        let found = complaints(&reader.events, &origin);
        problems.extend(found.into_iter().map(|text| problem(&page, text)));
        let asked = reader
            .events
            .iter()
            .any(|event| event["method"] == "Network.requestWillBeSent");
        assert!(asked, "nothing was reported of {}", page.display());
    }
    none(problems);
}

/// Diagrams that are not drawn, are not described, or cannot be read: too faint on their background,
/// or wider than their box.
const DIAGRAMS: &str = r"(() => {
    const problems = [];
    const numbers = colour => (/^rgba?\(([^)]*)\)$/.exec(colour)?.[1] ?? '').split(/[ ,/]+/).map(Number);
    const luminance = colour => {
        const [r, g, b] = numbers(colour).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a, b) => {
        const [dark, light] = [luminance(a), luminance(b)].sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
    };
    const ground = getComputedStyle(document.documentElement).backgroundColor;
    const frames = [...document.querySelectorAll('pre.mermaid, figure.diagram')];
    frames.forEach((frame, at) => {
        const say = text => problems.push(`diagram ${at + 1}: ${text}`);
        const svg = frame.querySelector('svg');
        if (!svg) {
            return say(`it is not drawn: ${frame.textContent.slice(0, 80)}`);
        }
        const named = attribute => document.getElementById(svg.getAttribute(attribute))?.textContent.trim();
        if (!named('aria-labelledby')) say('no title');
        if (!named('aria-describedby')) say('no description');
        const han = /\p{Script=Han}/u;
        if (document.documentElement.lang.startsWith('zh') && !han.test(named('aria-describedby') ?? '')) {
            say('its description is not Chinese');
        }
        if (/syntax error/i.test(svg.textContent) || svg.getAttribute('aria-roledescription') === 'error') say('mermaid refused it');
        const box = svg.getBoundingClientRect();
        if (box.width < 20 || box.height < 20) say(`it is only ${box.width} by ${box.height} px`);
        const texts = [...svg.querySelectorAll('text')].filter(text => text.textContent.trim());
        if (!texts.length) say('no words in it');
        for (const text of texts) {
            const shape = text.closest('.node, .statediagram-state')?.querySelector('rect, polygon, circle, path');
            const filled = shape && getComputedStyle(shape).fill;
            const behind = numbers(filled ?? '').length === 3 ? filled : ground;
            const ratio = contrast(getComputedStyle(text).fill, behind);
            const room = text.closest('.node')?.querySelector('rect')?.getBoundingClientRect();
            const words = text.getBoundingClientRect();
            if (room && (words.left < room.left - 1 || words.right > room.right + 1)) {
                say('it sticks out of its box: `' + text.textContent + '`');
            }
            if (!(ratio >= 4.5)) say(`contrast ${ratio.toFixed(1)} of `+ '`' + text.textContent + '`');
        }
    });
    return problems;
})()";

/// The links of the diagrams that do not lead to a place in the site.
fn dead_links(reader: &mut Reader, page: &Path) -> Vec<Problem> {
    let links = reader.eval(
        "[...document.querySelectorAll('pre.mermaid svg a, figure.diagram svg a')].map(link =>
            new URL(link.getAttribute('href') ?? link.getAttribute('xlink:href'), location).href)",
    );
    let origin = reader.origin();
    let mut problems = Vec::new();
    for link in links.as_array().expect("a list") {
        let link = link.as_str().expect("an address");
        let (file, id) = link.split_once('#').unwrap_or((link, ""));
        let text = file.strip_prefix(&*origin).and_then(|path| {
            fs::read_to_string(html::built().join(path.trim_start_matches('/'))).ok()
        });
        if !text.is_some_and(|text| id.is_empty() || text.contains(&format!("id=\"{id}\""))) {
            problems.push(problem(page, format!("a dead link in a diagram: {link}")));
        }
    }
    problems
}

#[test]
fn every_diagram_is_drawn_in_light_and_in_dark() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    let (mut problems, mut drawn, mut links) = (Vec::new(), 0, 0);
    for page in chapters() {
        reader.open_page(&page);
        reader.eval(TO_THE_END);
        reader.wait(DRAWN);
        for theme in ["light", "navy"] {
            reader.eval(&format!(
                "document.getElementById('mdbook-theme-{theme}').click()"
            ));
            reader.wait(&format!(
                "document.documentElement.classList.contains('{theme}')"
            ));
            let found = reader.problems(&page, DIAGRAMS);
            problems.extend(found.into_iter().map(|mut found| {
                found.message = format!("{theme}: {}", found.message);
                found
            }));
        }
        let count = |selector: &str| format!("document.querySelectorAll('{selector}').length");
        drawn += reader
            .eval(&count("svg[aria-roledescription], svg.drawing"))
            .as_u64()
            .unwrap_or(0);
        links += reader.eval(&count("svg a")).as_u64().unwrap_or(0);
        problems.extend(dead_links(&mut reader, &page));
    }
    none(problems);
    assert!(
        drawn > 0 && links > 0,
        "{drawn} diagrams with {links} links were seen"
    );
}

/// What sticks out of a narrow screen: `WIDTH` px.
const STICKS_OUT: &str = r"(() => {
    const problems = [];
    const all = document.documentElement.scrollWidth;
    if (all > WIDTH) problems.push(`the page is ${all} px wide`);
    const scrolls = new Map();
    // Whether something between the element and the page scrolls sideways.
    const inScroller = element => {
        const parent = element.parentElement;
        if (!parent || parent.id === 'main') return false;
        if (!scrolls.has(parent)) {
            scrolls.set(parent, /auto|scroll/.test(getComputedStyle(parent).overflowX) || inScroller(parent));
        }
        return scrolls.get(parent);
    };
    for (const element of document.querySelectorAll('main *')) {
        const box = element.getBoundingClientRect();
        if (box.width > 1 && (box.right > WIDTH + 0.5 || box.left < -0.5) && !inScroller(element)) {
            problems.push(`<${element.tagName.toLowerCase()} class='${element.getAttribute('class') ?? ''}'> reaches from ${Math.round(box.left)} to ${Math.round(box.right)} px: ${element.textContent.trim().slice(0, 60)}`);
        }
    }
    return problems.slice(0, 5);
})()";

#[test]
fn nothing_sticks_out_of_a_narrow_screen() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    let screen = json!({ "width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": false });
    reader
        .call("Emulation.setDeviceMetricsOverride", screen)
        .unwrap();
    let sticks_out = STICKS_OUT.replace("WIDTH", "390");
    let mut problems = Vec::new();
    for page in chapters() {
        reader.open_page(&page);
        assert_eq!(reader.eval("innerWidth"), 390);
        reader.eval(TO_THE_END);
        reader.wait(DRAWN);
        reader.eval("document.querySelectorAll('main details').forEach(it => { it.open = true; })");
        problems.extend(reader.problems(&page, &sticks_out));
        reader
            .eval("document.querySelectorAll('[role=tab]:last-child').forEach(tab => tab.click())");
        problems.extend(reader.problems(&page, &sticks_out));
    }
    none(problems);
}
