//! Runs, seen from the page.

use crate::client::{Answer, Served, assert_gone_soon};
use serde_json::Value;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// Kept in step with `serve/runs.rs`.
const RUNS: usize = 2;
const QUEUE: usize = 4;

fn kinds(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|event| event["k"].as_str())
        .collect()
}

#[test]
fn a_run_tells_what_it_prints_and_how_it_ends() {
    let served = Served::start();
    let answer = served.run("greets");
    assert!(
        answer
            .headers
            .contains("content-type: application/x-ndjson\r\n")
    );
    let events = answer.events();
    assert_eq!(kinds(&events), ["start", "out", "err", "end"], "{events:?}");
    assert_eq!(events[1]["text"], "hello\n");
    assert_eq!(events[2]["text"], "trouble\n");
    assert_eq!(
        (&events[3]["why"], &events[3]["code"]),
        (&"exit".into(), &3.into())
    );
}

#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
#[test]
fn a_traced_run_tells_what_its_threads_do() {
    let served = Served::start();
    let request = r#"{"id":"test/greets","trace":true}"#;
    let events = served.post("/api/run", request).events();
    let of_kind = |kind: &str| -> Vec<&Value> {
        let events = events.iter().filter(|event| event["k"] == kind);
        events.collect()
    };
    let steps = of_kind("ev");
    assert_eq!(steps[0]["e"], "spawn", "{events:?}");
    assert_eq!(of_kind("out")[0]["text"], "hello\n");
    assert_eq!(of_kind("out")[0]["tid"], steps[0]["tid"]);
    assert_eq!(of_kind("end")[0]["code"], 3);
    // The drawing comes when all is known, and right before the end.
    let kinds = kinds(&events);
    assert_eq!(kinds[kinds.len() - 2..], ["timeline", "end"], "{kinds:?}");
    let drawn = of_kind("timeline")[0];
    let svg = drawn["svg"].as_str().expect("a drawing");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"), "{svg}");
    let summary = drawn["summary"].as_str().expect("a sentence");
    assert!(summary.starts_with("Over "), "{summary}");
}

#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
#[test]
fn a_time_line_speaks_the_language_of_its_page() {
    let served = Served::start();
    let request = r#"{"id":"test/greets","trace":true,"lang":"zh"}"#;
    let events = served.post("/api/run", request).events();
    let drawn = events.iter().find(|event| event["k"] == "timeline");
    let summary = drawn.expect("a drawing")["summary"].as_str();
    assert!(
        summary.is_some_and(|it| it.starts_with("历时")),
        "{summary:?}"
    );
    let refused = served.post("/api/run", r#"{"id":"test/greets","lang":"fr"}"#);
    assert_eq!(refused.status, 400);
}

#[test]
fn a_line_arrives_while_the_program_runs_and_stop_ends_it() {
    let served = Served::start();
    let (stream, run, pid) = served.hang();
    assert_eq!(served.stop(&run)["stopped"], true);
    let events = stream.events();
    assert_eq!(events.last().expect("an end")["why"], "stopped");
    assert_gone_soon(&pid);
}

#[test]
fn stopping_a_run_that_has_ended_is_no_error() {
    let served = Served::start();
    assert_eq!(served.stop("r77")["stopped"], false);
}

#[test]
fn a_program_that_does_not_compile_says_why() {
    let served = Served::start();
    let events = served.run("broken").events();
    assert_eq!(kinds(&events), ["build", "err", "end"], "{events:?}");
    assert!(
        events[1]["text"]
            .as_str()
            .is_some_and(|text| text.contains("E0308")),
        "{events:?}"
    );
    assert_eq!(events[2]["why"], "build-failed");
}

#[test]
fn a_reader_who_leaves_ends_the_run() {
    let served = Served::start();
    let (stream, _, pid) = served.hang();
    drop(stream);
    assert_gone_soon(&pid);
}

#[test]
fn the_end_of_the_server_ends_every_run() {
    let mut served = Served::start();
    let runs = [served.hang(), served.hang()];
    let start = Instant::now();
    served.end();
    // Without an order to stop, it would wait for its runs for longer than this.
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "the end took {:?}",
        start.elapsed()
    );
    for (_, _, pid) in runs {
        assert_gone_soon(&pid);
    }
}

#[test]
fn two_runs_have_places_a_few_wait_and_the_next_is_refused() {
    let served = Arc::new(Served::start());
    let (first, run, _) = served.hang();
    let second = served.hang();
    let waiting: Vec<_> = (0..QUEUE)
        .map(|_| {
            let served = Arc::clone(&served);
            thread::spawn(move || {
                loop {
                    let answer = served.run("quick");
                    if answer.status == 200 {
                        return answer;
                    }
                }
            })
        })
        .collect();
    // A request that still finds room waits there and gives up by leaving.
    let refused = (0..100).find_map(|_| {
        thread::sleep(Duration::from_millis(50));
        let full = served.run_within("quick", Duration::from_millis(300))?;
        Some(full.whole())
    });
    let refused = refused.expect("the queue is full at some time");
    assert_eq!(refused.status, 429, "{}", refused.body);
    assert!(
        refused.headers.contains("retry-after: "),
        "{}",
        refused.headers
    );
    served.stop(&run);
    drop(first);
    for answer in waiting {
        let events = answer.join().expect("an answer").events();
        assert_eq!(events.last().expect("an end")["why"], "exit");
    }
    drop(second);
}

#[test]
fn thirty_two_requests_at_once_are_served_or_refused_and_pages_still_come() {
    let served = Arc::new(Served::start());
    let requests: Vec<_> = (0..32)
        .map(|_| {
            let served = Arc::clone(&served);
            thread::spawn(move || {
                let answer: Answer = served.run("quick");
                let status = answer.status;
                let events = if status == 200 {
                    answer.events()
                } else {
                    Vec::new()
                };
                (status, events)
            })
        })
        .collect();
    assert_eq!(served.get("/en/").status, 200);
    let mut served_runs = 0;
    for request in requests {
        let (status, events) = request.join().expect("an answer");
        assert!(matches!(status, 200 | 429), "{status}");
        if status == 200 {
            served_runs += 1;
            assert_eq!(events.last().expect("an end")["why"], "exit");
        }
    }
    assert!(served_runs >= RUNS, "{served_runs}");
}
