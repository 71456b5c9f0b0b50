//! What is let in, and what is refused with which words.

use crate::client::Served;
use book::programs::Supervisor;
use serde_json::Value;

/// Whether this machine can trace at all.
const TRACES: bool = cfg!(all(
    target_os = "linux",
    target_arch = "x86_64",
    target_env = "gnu"
));

const RUN: &str = r#"{"id":"test/quick"}"#;

/// Our own page's POST with one header replaced; without a value it is left out.
fn check_header(name: &str, value: Option<&str>, status: u16, words: &str) {
    let served = Served::start();
    let mut headers = served.own_headers();
    headers.retain(|(other, _)| *other != name);
    headers.extend(value.map(|value| (leaked(name), value.to_owned())));
    check_refusal(
        served.post_with("/api/run", &headers, RUN).whole(),
        status,
        words,
    );
}

fn leaked(name: &str) -> &'static str {
    name.to_owned().leak()
}

fn check_refusal(answer: crate::client::Whole, status: u16, words: &str) {
    assert_eq!(answer.status, status, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).expect("refusals are JSON");
    assert!(
        body["error"]
            .as_str()
            .is_some_and(|error| error.contains(words)),
        "{body}"
    );
    assert!(
        body["hint"].as_str().is_some_and(|hint| !hint.is_empty()),
        "{body}"
    );
}

#[test]
fn a_post_without_the_token_is_refused() {
    check_header("x-book-token", None, 403, "no token");
}

#[test]
fn a_post_with_the_token_of_another_start_is_refused() {
    let other = Some("0123456789abcdef0123456789abcdef");
    check_header("x-book-token", other, 403, "not the one of this server");
}

#[test]
fn a_post_from_another_origin_is_refused() {
    check_header("origin", Some("http://evil.example"), 403, "another origin");
}

#[test]
fn a_post_without_an_origin_is_refused() {
    check_header("origin", None, 403, "no Origin");
}

#[test]
fn a_rebound_host_is_refused() {
    check_header("host", Some("evil.example"), 403, "host name");
}

#[test]
fn a_form_is_refused() {
    check_header("content-type", Some("text/plain"), 415, "must be JSON");
}

#[test]
fn two_hosts_are_refused() {
    let served = Served::start();
    let host = format!("host: {}\r\n", served.host());
    check_refusal(served.get_with("/api/listings", &host), 400, "two Hosts");
}

#[test]
fn no_host_is_refused() {
    let served = Served::start();
    let answer = served.send("GET /api/listings HTTP/1.1\r\n\r\n");
    check_refusal(answer.whole(), 400, "no Host");
}

#[test]
fn reading_from_another_origin_is_refused() {
    let served = Served::start();
    let origin = "origin: http://localhost:9\r\n";
    check_refusal(
        served.get_with("/api/listings", origin),
        403,
        "another origin",
    );
}

#[test]
fn a_body_above_64_kib_is_refused() {
    let served = Served::start();
    let body = format!(r#"{{"id":"{}"}}"#, "x".repeat(64 * 1024));
    check_refusal(served.post("/api/run", &body).whole(), 413, "too large");
}

#[test]
fn an_unknown_field_is_refused() {
    let served = Served::start();
    let answer = served.post("/api/run", r#"{"id":"test/quick","shell":"sh"}"#);
    check_refusal(answer.whole(), 400, "unknown field `shell`");
}

#[test]
fn a_body_that_is_no_json_is_refused() {
    let served = Served::start();
    check_refusal(
        served.post("/api/run", "id=test/quick").whole(),
        400,
        "not what this call takes",
    );
}

#[test]
fn an_unknown_listing_is_refused_with_the_nearest_name() {
    let served = Served::start();
    let answer = served.post("/api/run", r#"{"id":"test/quik"}"#).whole();
    assert!(
        answer.body.contains("did you mean `test/quick`?"),
        "{}",
        answer.body
    );
    check_refusal(answer, 404, "no listing is called `test/quik`");
}

#[test]
fn a_path_is_no_listing() {
    let served = Served::start();
    let answer = served.post("/api/run", r#"{"id":"../../bin/sh"}"#).whole();
    check_refusal(answer, 404, "no listing is called");
}

#[test]
fn a_trace_is_refused_where_there_is_none() {
    let served = Served::start_with(Supervisor::at("true"));
    let answer = served.post("/api/run", r#"{"id":"test/quick","trace":true}"#);
    check_refusal(answer.whole(), 400, "cannot be traced here: ");
    let answer = served.get("/api/capabilities").body;
    assert!(answer.contains(r#""trace":false"#), "{answer}");
    // A page says why there is no button.
    assert!(!answer.contains(r#""trace_why_not":null"#), "{answer}");
}

#[test]
fn a_program_above_64_kib_is_refused() {
    let served = Served::start();
    let most = 64 * 1024;
    // Each newline is two bytes of JSON: what counts is the program.
    for (length, status) in [(most, 200), (most + 1, 413)] {
        let body = serde_json::json!({ "id": "test/quick", "source": "\n".repeat(length) });
        let answer = served.post("/api/edit", &body.to_string());
        assert_eq!(answer.status, status, "{length}");
        if status == 413 {
            check_refusal(answer.whole(), 413, "the program is too large");
        }
    }
}

#[test]
fn an_edit_without_a_program_is_refused() {
    let served = Served::start();
    let answer = served.post("/api/edit", r#"{"id":"test/quick"}"#);
    check_refusal(answer.whole(), 400, "missing field `source`");
}

#[test]
fn an_unknown_call_is_refused() {
    let served = Served::start();
    check_refusal(served.get("/api/shell"), 404, "no such call");
}

#[test]
fn reading_runs_nothing() {
    let served = Served::start();
    check_refusal(served.get("/api/run"), 405, "method");
}

#[test]
fn capabilities_name_the_version_and_what_can_be_done() {
    let served = Served::start();
    let answer: Value = serde_json::from_str(&served.get("/api/capabilities").body).expect("JSON");
    assert_eq!(answer["api"], 1);
    assert_eq!(
        (&answer["run"], &answer["edit"]),
        (&true.into(), &true.into())
    );
    assert_eq!(
        (&answer["trace"], &answer["sandbox"]),
        (&TRACES.into(), &"none".into())
    );
}

#[test]
fn listings_are_listed_with_their_state() {
    let served = Served::start();
    let answer: Value = serde_json::from_str(&served.get("/api/listings").body).expect("JSON");
    assert_eq!(answer[1]["id"], "test/greets");
    assert_eq!(answer[1]["state"], "built");
}

#[test]
fn no_answer_may_be_embedded_or_read_by_another_site() {
    let served = Served::start();
    for path in ["/", "/api/listings", "/en/nowhere.html", "/api/run"] {
        let headers = served.get(path).headers;
        for line in [
            "cross-origin-resource-policy: same-origin\r\n",
            "x-content-type-options: nosniff\r\n",
            "content-security-policy: frame-ancestors 'none'\r\n",
            "referrer-policy: no-referrer\r\n",
        ] {
            assert!(headers.contains(line), "{path} lacks {line}{headers}");
        }
        assert!(!headers.contains("access-control-"), "{headers}");
    }
}
