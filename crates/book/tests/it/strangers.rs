//! Hostile clients of the real server.

use crate::real::{Real, attack, attack_one_of, end};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

/// Kept in step with `serve/server.rs`.
const CONNECTIONS: usize = 128;
/// Far above the time that headers may take, and that an answer may lie unread.
const TIME_OUTS: Duration = Duration::from_secs(45);

/// A server for those who take all connections: other tests need some.
fn crowd(with: impl FnOnce(&Real)) {
    static OTHER: OnceLock<Mutex<Real>> = OnceLock::new();
    attack_one_of(&OTHER, with);
}

#[test]
fn what_another_site_can_make_a_browser_send_is_refused_and_starts_nothing() {
    attack(|real| {
        let host = real.host();
        let other = format!("evil.example:{}", real.port);
        let own: Vec<(&str, String)> = real.own_headers();
        let body = r#"{"id":"threads/five_tasks"}"#;
        let changed = |name: &'static str, value: Option<&str>| {
            let mut headers = own.clone();
            headers.retain(|(other, _)| *other != name);
            headers.extend(value.map(|value| (name, value.to_owned())));
            real.post_text("/api/run", &headers, body)
        };
        let added = |name: &'static str, value: &str| {
            let mut headers = own.clone();
            headers.push((name, value.to_owned()));
            real.post_text("/api/run", &headers, body)
        };
        let token = real.token.clone();
        let cases = [
            // A name that was bound to this machine after the page was loaded.
            (403, changed("host", Some(&other))),
            (403, changed("host", Some("localhost"))),
            (400, changed("host", None)),
            (400, added("host", &host)),
            (403, changed("origin", Some("http://evil.example"))),
            (403, changed("origin", Some("null"))),
            (403, changed("origin", Some(&format!("https://{host}")))),
            (403, changed("origin", None)),
            (403, added("origin", "http://evil.example")),
            (403, changed("x-book-token", None)),
            (
                403,
                changed("x-book-token", Some("0123456789abcdef0123456789abcdef")),
            ),
            (403, added("x-book-token", &token)),
            (415, changed("content-type", Some("text/plain"))),
            (
                415,
                changed("content-type", Some("application/x-www-form-urlencoded")),
            ),
            (415, changed("content-type", None)),
            (403, added("sec-fetch-site", "cross-site")),
            (403, added("sec-fetch-site", "same-site")),
            (
                403,
                format!("GET http://{other}/en/ HTTP/1.1\r\nhost: {host}\r\n\r\n"),
            ),
            (
                403,
                format!(
                    "GET /api/listings HTTP/1.1\r\nhost: {host}\r\norigin: http://evil.example\r\n\r\n"
                ),
            ),
            (
                405,
                format!("GET /api/run HTTP/1.1\r\nhost: {host}\r\n\r\n"),
            ),
            (405, format!("DELETE /en/ HTTP/1.1\r\nhost: {host}\r\n\r\n")),
            (
                404,
                format!("GET /%2e%2e/%2e%2e/Cargo.toml HTTP/1.1\r\nhost: {host}\r\n\r\n"),
            ),
            (
                404,
                format!("GET /..%2f..%2fCargo.toml HTTP/1.1\r\nhost: {host}\r\n\r\n"),
            ),
            (
                404,
                real.post_text("/api/run", &own, r#"{"id":"../../../bin/sh"}"#),
            ),
            (
                404,
                real.post_text("/api/run", &own, r#"{"id":"threads/five_tasks; id"}"#),
            ),
            (
                400,
                real.post_text(
                    "/api/run",
                    &own,
                    r#"{"id":"threads/five_tasks","args":["x"]}"#,
                ),
            ),
            (
                413,
                real.post_text("/api/run", &own, &"x".repeat(64 * 1024 + 1)),
            ),
        ];
        let spare = Some(real.spare());
        let mut wrong = String::new();
        for (status, request) in cases {
            let answer = real.send(&request).whole();
            assert!(!answer.headers.contains("access-control-"), "{request}");
            if answer.status != status || real.lone_supervisor() != spare {
                wrong += &format!("{request}\n{} {}\n\n", answer.status, answer.body);
            }
        }
        assert_eq!(wrong, "");
        // With everything right it runs.
        let events = real.post("/api/run", body).events();
        assert_eq!(end(&events)["why"], "exit", "{events:?}");
    });
}

#[test]
fn a_program_of_64_kib_is_taken_and_one_byte_more_is_not() {
    attack(|real| {
        let most = 64 * 1024;
        let program = "fn main() {}\n";
        let filled = format!("{program}{}", "\n".repeat(most - program.len()));
        assert_eq!(end(&real.edit(&filled).events())["why"], "exit");
        let body = serde_json::json!({ "id": "pipes/eof", "source": filled + "\n" });
        assert_eq!(real.post("/api/edit", &body.to_string()).status, 413);
    });
}

#[test]
fn whoever_sends_slowly_is_closed_and_pages_still_come() {
    crowd(|real| {
        let host = real.host();
        let slow: Vec<TcpStream> = (0..200)
            .map(|number| {
                let mut stream = real.connect();
                let begun = match number % 3 {
                    0 => String::new(),
                    1 => format!("GET /en/ HTTP/1.1\r\nhost: {host}\r\nx-slow: "),
                    _ => {
                        let request = real.post_text("/api/run", &real.own_headers(), "");
                        request.replace("content-length: 0", "content-length: 1000")
                    }
                };
                stream.write_all(begun.as_bytes()).expect("it reads");
                stream
            })
            .collect();
        let start = Instant::now();
        assert_eq!(real.page().status, 200);
        assert!(
            start.elapsed() < TIME_OUTS,
            "a page took {:?}",
            start.elapsed()
        );
        // A byte now and then is no excuse.
        let mut open = slow;
        while !open.is_empty() {
            open.retain_mut(|stream| !is_closed(stream));
            assert!(start.elapsed() < TIME_OUTS, "{} are still open", open.len());
            thread::sleep(Duration::from_millis(500));
        }
    });
}

/// Sends one byte more, and sees whether the server has closed the connection.
fn is_closed(stream: &mut TcpStream) -> bool {
    if stream.write_all(b"x").is_err() {
        return true;
    }
    stream.set_nonblocking(true).expect("a socket");
    let mut scrap = [0; 4096];
    let closed = loop {
        match stream.read(&mut scrap) {
            Ok(0) => break true,
            // What it answers before it closes.
            Ok(_) => {}
            Err(error) => break error.kind() != ErrorKind::WouldBlock,
        }
    };
    stream.set_nonblocking(false).expect("a socket");
    closed
}

#[test]
fn a_run_whose_reader_never_reads_ends_and_others_are_served() {
    attack(|real| {
        let body = serde_json::json!({
            "id": "pipes/eof",
            "source": "fn main() { loop { println!(\"{:1000}\", \"\\\"\"); } }",
        });
        let request = real.post_text("/api/edit", &real.own_headers(), &body.to_string());
        let mut deaf = Vec::new();
        for _ in 0..8 {
            let mut stream = real.connect();
            stream.write_all(request.as_bytes()).expect("it reads");
            deaf.push(stream);
            assert_eq!(real.page().status, 200);
        }
        // Two run at a time, a few wait: when there is a place again, some of them have ended.
        let patience = Instant::now();
        let heard = loop {
            let answer = real.post("/api/run", r#"{"id":"threads/five_tasks"}"#);
            if answer.status == 200 {
                break answer.events();
            }
            assert!(patience.elapsed() < TIME_OUTS, "no place for others");
            thread::sleep(Duration::from_millis(100));
        };
        assert_eq!(end(&heard)["why"], "exit");
        real.wait_for("only the spare supervisor", || real.only_spare());
        real.assert_memory_flat();
        drop(deaf);
    });
}

#[test]
fn whoever_never_reads_is_closed_and_pages_still_come() {
    crowd(|real| {
        let host = real.host();
        let ask = format!("GET /en/ HTTP/1.1\r\nhost: {host}\r\n\r\n").repeat(500);
        // More than the system keeps for a reader who does not read.
        let deaf: Vec<TcpStream> = (0..CONNECTIONS)
            .map(|_| {
                let mut stream = real.connect();
                stream.write_all(ask.as_bytes()).expect("it reads");
                stream
            })
            .collect();
        let start = Instant::now();
        assert_eq!(real.page().status, 200);
        assert!(
            start.elapsed() < TIME_OUTS,
            "a page took {:?}",
            start.elapsed()
        );
        real.assert_memory_flat();
        drop(deaf);
    });
}
