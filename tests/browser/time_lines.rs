//! Time lines on the pages: recorded ones, and those of a run that a reader starts.

use super::served::{Reader, chapters, problem};
use crate::sources::{catalogue, none};
use serde_json::json;
use std::path::Path;

const FIGURE: &str = "#listing-two_locks";

#[test]
fn a_reader_sees_who_waits_for_whom_in_the_language_of_the_page() {
    for (page, stuck, ended) in [
        (
            "en/deadlock.html",
            "Deadlock: 3 threads can never go on.",
            "exit status 0",
        ),
        (
            "zh/deadlock.html",
            "死锁：有 3 个线程再也走不下去了。",
            "退出状态 0",
        ),
    ] {
        let Some(mut reader) = Reader::start() else {
            return;
        };
        reader.open_page(Path::new(page));
        let button = format!("{FIGURE} button.timeline-button");
        reader.wait(&format!("document.querySelector('{button}') !== null"));
        reader.click(&button);
        let verdict = format!("document.querySelector('{FIGURE} .verdict')?.textContent ?? ''");
        reader.wait(&format!("({verdict}).includes({})", json!(ended)));

        let said = format!(
            "[...document.querySelectorAll('{FIGURE} .stuck p')].map(it => it.textContent)"
        );
        let said = reader.eval(&said);
        let said: Vec<&str> = said
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|it| it.as_str())
            .collect();
        assert_eq!(said[0], stuck);
        for (thread, other) in [("copy", "fax"), ("fax", "copy")] {
            let line = said
                .iter()
                .find(|line| line.starts_with(thread))
                .expect("each is told");
            assert!(
                line.contains("two_locks.rs:24") && line.contains(other),
                "{line}"
            );
        }
        // The drawing fits its frame or scrolls in it, and can be read without seeing it.
        let drawn = format!(
            "(svg => [svg.getAttribute('role'), svg.querySelector('title').textContent.length > 9,
                svg.querySelector('desc').textContent.includes('copy'),
                svg.querySelectorAll('script, foreignObject').length,
                svg.parentElement.getBoundingClientRect().right
                    <= document.querySelector('{FIGURE}').getBoundingClientRect().right])
             (document.querySelector('{FIGURE} .listing-live svg.timeline'))"
        );
        assert_eq!(reader.eval(&drawn), json!(["img", true, true, 0, true]));
        // It ran as it always does.
        let live =
            format!("document.querySelector('{FIGURE} .listing-live [role=log]').textContent");
        let recorded = format!(
            "document.querySelector('{FIGURE} .listing-output:not(.listing-live) samp').textContent"
        );
        assert_eq!(reader.eval(&live), reader.eval(&recorded));
    }
}

#[test]
fn a_changed_copy_that_deadlocks_for_good_is_stopped_with_a_verdict() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    reader.open_page(Path::new("zh/threads.html"));
    let figure = "#listing-five_tasks";
    reader.wait(&format!(
        "document.querySelector('{figure} button.timeline-button') !== null"
    ));
    reader.click(&format!("{figure} button.edit"));
    reader.wait(&format!(
        "document.activeElement.matches('{figure} textarea')"
    ));
    reader.eval("document.activeElement.select()");
    reader.insert("fn main() {\n    let lock = std::sync::Mutex::new(1);\n    let first = lock.lock().unwrap();\n    println!(\"{} {}\", first, lock.lock().unwrap());\n}\n");
    reader.click(&format!("{figure} button.timeline-button"));
    let verdict = format!("document.querySelector('{figure} .verdict')?.textContent ?? ''");
    reader.wait(&format!("({verdict}).includes('再也走不下去')"));
    let stuck = reader.eval(&format!(
        "document.querySelector('{figure} .stuck').textContent"
    ));
    assert!(
        stuck
            .as_str()
            .is_some_and(|it| it.contains("five_tasks.rs:4")),
        "{stuck}"
    );
}

#[test]
fn where_runs_cannot_be_traced_the_page_says_why_and_all_else_works() {
    let Some(mut reader) = Reader::start_without_tracing() else {
        return;
    };
    for (page, words, ended) in [
        (
            "en/deadlock.html",
            "Live time lines do not work on this machine",
            "exit status 0",
        ),
        (
            "zh/deadlock.html",
            "这台机器上画不了实时的时间线",
            "退出状态 0",
        ),
    ] {
        reader.open_page(Path::new(page));
        let note = format!("document.querySelector('{FIGURE} .listing-note')?.textContent ?? ''");
        reader.wait(&format!("({note}).includes({})", json!(words)));
        let said = reader.eval(&note);
        assert!(
            said.as_str()
                .is_some_and(|it| it.contains("BOOK_TRACE=off")),
            "{said}"
        );
        assert_eq!(
            reader.eval("document.querySelectorAll('button.timeline-button').length"),
            0
        );
        reader.click(&format!("{FIGURE} button.run"));
        let verdict = format!("document.querySelector('{FIGURE} .verdict')?.textContent ?? ''");
        reader.wait(&format!("({verdict}).includes({})", json!(ended)));
        let recorded =
            format!("document.querySelector('{FIGURE} details.listing-timeline svg') !== null");
        assert_eq!(reader.eval(&recorded), true);
    }
}

#[test]
fn every_listing_shows_its_recorded_time_lines_without_scripts() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    let disable = json!({ "value": true });
    reader
        .call("Emulation.setScriptExecutionDisabled", disable)
        .unwrap();
    let mut problems = Vec::new();
    for page in chapters() {
        reader.open_page(&page);
        let shown = reader.eval(
            "[...document.querySelectorAll('figure.listing')].map(figure => [figure.dataset.listing,
                [...figure.querySelectorAll('.listing-timeline')].filter(it =>
                    it.querySelector('summary').offsetHeight > 0
                    && it.querySelector('svg desc').textContent.length > 20).length])",
        );
        for figure in shown.as_array().expect("a list") {
            let id = figure[0].as_str().expect("an id");
            let expected = catalogue()
                .get(id)
                .map_or(0, |listing| listing.timelines().count());
            if figure[1] != expected {
                problems.push(problem(
                    &page,
                    format!("{id} shows {} time lines, not {expected}", figure[1]),
                ));
            }
        }
    }
    none(problems);
}
