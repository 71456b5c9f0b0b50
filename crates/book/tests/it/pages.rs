//! Pages on their way out.

use crate::client::{Served, beside, supervisor};
use book::serve::{Parts, Server, Site};
use std::fs;
use std::sync::Arc;

#[test]
fn readers_are_told_that_the_book_is_being_built() {
    let served = Served::start_building();
    let answer = served.get("/en/");
    assert_eq!(answer.status, 503);
    assert!(
        answer.headers.contains("refresh: 1\r\n"),
        "{}",
        answer.headers
    );
    assert!(
        answer.body.contains("The book is being built"),
        "{}",
        answer.body
    );
}

#[test]
fn readers_see_why_the_first_build_failed() {
    let served = Served::start_building();
    served.site.fail("src/en/a.md:1: <wrong>".to_owned());
    let answer = served.get("/");
    assert!(
        answer.body.contains("src/en/a.md:1: &lt;wrong&gt;"),
        "{}",
        answer.body
    );
}

#[test]
fn a_failed_build_keeps_the_last_good_site() {
    let served = Served::start();
    served.site.fail("src/en/a.md:1: wrong".to_owned());
    assert_eq!(served.get("/").status, 200);
}

#[test]
fn pages_have_the_token_and_files_have_not() {
    let served = Served::start();
    let page = served.get("/en/").body;
    assert!(
        page.contains(&format!("name=\"book-token\" content=\"{}\"", served.token)),
        "{page}"
    );
    assert!(
        page.contains("<meta name=\"book-api\" content=\"/\">"),
        "{page}"
    );
    let file = fs::read_to_string(beside("site/en/index.html")).expect("the file");
    assert!(!file.contains("book-token"));
    assert!(!served.get("/en/style.css").body.contains(&served.token));
}

#[test]
fn files_have_their_types() {
    let served = Served::start();
    for (path, content_type) in [
        ("/", "text/html; charset=utf-8"),
        ("/en/style.css", "text/css; charset=utf-8"),
        ("/api/changes.js", "text/javascript; charset=utf-8"),
    ] {
        let headers = served.get(path).headers;
        assert!(
            headers.contains(&format!("content-type: {content_type}\r\n")),
            "{path} {headers}"
        );
    }
}

#[test]
fn a_missing_page_has_the_404_page_of_its_language() {
    let served = Served::start();
    for (path, title) in [
        ("/en/nowhere.html", "en 404"),
        ("/nowhere.html", "root 404"),
        ("/zh/x", "root 404"),
    ] {
        let answer = served.get(path);
        assert_eq!(answer.status, 404);
        assert!(
            answer.body.contains(&format!("<title>{title}</title>")),
            "{path}: {}",
            answer.body
        );
    }
}

#[test]
fn a_folder_without_its_slash_is_sent_on() {
    let served = Served::start();
    let answer = served.get("/en");
    assert_eq!(answer.status, 308);
    assert!(
        answer.headers.contains("location: /en/\r\n"),
        "{}",
        answer.headers
    );
}

#[test]
fn no_address_leads_out_of_the_site() {
    let served = Served::start();
    for path in [
        "/../main.rs",
        "/%2e%2e/main.rs",
        "/en/..%2f..%2fmain.rs",
        "//etc/passwd",
    ] {
        let answer = served.get(path);
        assert_eq!(answer.status, 404, "{path}: {}", answer.body);
    }
}

#[test]
fn open_pages_hear_of_a_new_build() {
    let served = Served::start();
    let host = served.host();
    let request = format!("GET /api/changes HTTP/1.1\r\nhost: {host}\r\n\r\n");
    let mut changes = served.send(&request);
    assert!(
        changes
            .headers
            .contains("content-type: text/event-stream\r\n")
    );
    let now = changes.line().expect("the build of now");
    assert!(
        served
            .get("/")
            .body
            .contains(now.strip_prefix("data: ").expect("an event"))
    );
    served.site.publish(&beside("site/en"), 2);
    assert_eq!(changes.line().as_deref(), Some(""));
    let next = changes.line().expect("the next build");
    assert!(next.ends_with("-2") && next != now, "{next}");
    assert!(served.get("/").body.contains("<title>start</title>"));
}

#[test]
fn a_port_that_is_taken_is_an_error_with_a_way_out() {
    let served = Served::start_building();
    let parts = Parts {
        listings: Arc::new(book::programs::Programs::new(
            &beside("site"),
            supervisor(),
            &mdbook_listings::Catalogue::default(),
        )),
        site: Arc::new(Site::building()),
        clients: book::serve::Clients::OwnPages,
        supervisor: supervisor(),
    };
    let error = Server::bind(served.port, parts)
        .err()
        .expect("it is taken")
        .to_string();
    assert!(
        error.contains(&format!("port {} is taken", served.port)),
        "{error}"
    );
    assert!(error.contains("--port"), "{error}");
}
