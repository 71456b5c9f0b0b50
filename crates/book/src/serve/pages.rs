//! Files of the site. Pages get the token on their way out; it is never on disk.

use super::answer::Refusal;
use super::server::App;
use super::site::Now;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use directives::escape_html;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Reloads pages; see the file.
const CHANGES_JS: &str = include_str!("changes.js");

/// Answers with the file of this address.
pub async fn page(State(app): State<Arc<App>>, uri: Uri) -> Response {
    let (folder, build) = match app.site.now() {
        Now::Built(folder, build) => (folder, build),
        Now::Building => return waiting("The book is being built", "A few seconds.", ""),
        Now::Broken(problem) => {
            return waiting(
                "The book does not build",
                "It is built again when a file changes.",
                &problem,
            );
        }
    };
    let Some(path) = relative(uri.path()) else {
        return not_found();
    };
    let asked = folder.join(&path);
    if asked.is_dir() && !uri.path().ends_with('/') {
        return Redirect::permanent(&format!("{}/", uri.path())).into_response();
    }
    let file = if asked.is_dir() {
        asked.join("index.html")
    } else {
        asked
    };
    if let Some(response) = send(&app, &folder, &build, StatusCode::OK, &file).await {
        return response;
    }
    // The 404 page of the language, or else of the whole site.
    let language = path
        .components()
        .next()
        .map(|first| folder.join(first).join("404.html"));
    for file in language.into_iter().chain([folder.join("404.html")]) {
        if let Some(response) = send(&app, &folder, &build, StatusCode::NOT_FOUND, &file).await {
            return response;
        }
    }
    not_found()
}

/// The script that reloads pages.
pub async fn changes_js() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, CHANGES_JS).into_response()
}

fn not_found() -> Response {
    Refusal::new(StatusCode::NOT_FOUND, "there is no such page", "start at /").into_response()
}

/// The path of a file inside a folder: no way up, nothing hidden, no second meaning.
fn relative(path: &str) -> Option<PathBuf> {
    let path = PathBuf::from(decoded(path.strip_prefix('/')?)?);
    let harmless = path.components().all(|component| match component {
        Component::Normal(name) => {
            let name = name.as_encoded_bytes();
            !name.starts_with(b".") && !name.contains(&b'\\') && !name.contains(&0)
        }
        _ => false,
    });
    harmless.then_some(path)
}

/// `%20` and the like as what they mean.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

/// The file as an answer, if it is a file of the site.
async fn send(
    app: &App,
    folder: &Path,
    build: &str,
    status: StatusCode,
    file: &Path,
) -> Option<Response> {
    // A link that leads out of the site is none of it.
    let real = tokio::fs::canonicalize(file).await.ok()?;
    if !real.starts_with(tokio::fs::canonicalize(folder).await.ok()?) {
        return None;
    }
    let mut bytes = tokio::fs::read(&real).await.ok()?;
    let kind = content_type(file);
    let is_page = kind.starts_with("text/html");
    if is_page {
        bytes = with_token(bytes, app.guard.token(), build);
    }
    let headers = [
        (header::CONTENT_TYPE, kind),
        (
            header::CACHE_CONTROL,
            if is_page { "no-store" } else { "no-cache" },
        ),
    ];
    Some((status, headers, bytes).into_response())
}

/// The page with what its scripts need to reach us, right after its `<head>`.
fn with_token(page: Vec<u8>, token: &str, build: &str) -> Vec<u8> {
    let Ok(page) = String::from_utf8(page) else {
        return Vec::new();
    };
    let head = ["<head>", "<head "].iter().find_map(|tag| page.find(tag));
    let end = head.and_then(|start| Some(start + page[start..].find('>')? + 1));
    // Without a head there is no place for it, and no script that could use it.
    let Some(end) = end else {
        return page.into_bytes();
    };
    let insert = format!(
        "<meta name=\"book-token\" content=\"{token}\"><meta name=\"book-api\" content=\"/\">\
         <meta name=\"book-build\" content=\"{build}\"><script src=\"/api/changes.js\" defer></script>"
    );
    [&page[..end], &insert, &page[end..]].concat().into_bytes()
}

fn content_type(file: &Path) -> &'static str {
    match file
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default()
    {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "xml" => "application/xml",
        "wasm" => "application/wasm",
        "txt" | "md" | "rs" | "py" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// A page that asks again every second.
fn waiting(title: &str, text: &str, problem: &str) -> Response {
    let problem = if problem.is_empty() {
        String::new()
    } else {
        format!("<pre>{}</pre>", escape_html(problem))
    };
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <style>body{{font:1.1rem/1.6 system-ui,sans-serif;max-width:48rem;margin:20vh auto;\
         padding:0 1rem}}pre{{white-space:pre-wrap}}</style></head>\
         <body><h1>{title}</h1><p>{text}</p>{problem}</body></html>"
    );
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFRESH, HeaderValue::from_static("1")),
        (header::RETRY_AFTER, HeaderValue::from_static("1")),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: Option<&str>) {
        assert_eq!(relative(path), expected.map(PathBuf::from), "{path}");
    }

    #[test]
    fn addresses_become_paths() {
        check("/", Some(""));
        check("/en/threads.html", Some("en/threads.html"));
        check("/en/", Some("en/"));
        check("/en/a%20b%E5%B9%B6.html", Some("en/a b并.html"));
    }

    #[test]
    fn no_address_leads_out_of_the_site() {
        for path in [
            "/../x",
            "/en/../../x",
            "/%2e%2e/x",
            "/en/%2e%2e%2f%2e%2e/x",
            "//etc/passwd",
            "/%2fetc/passwd",
            "/.git/config",
            "/en/..%5cx",
            "/a%00b",
            "/%zz",
            "/%e5",
            "/%2",
        ] {
            check(path, None);
        }
    }

    #[test]
    fn the_token_stands_right_after_the_head_begins() {
        let page = with_token(b"<html><head><title>".to_vec(), "T", "b-1");
        let page = String::from_utf8(page).expect("text");
        assert!(
            page.starts_with("<html><head><meta name=\"book-token\" content=\"T\">"),
            "{page}"
        );
        assert!(page.ends_with("defer></script><title>"), "{page}");
    }

    #[test]
    fn a_header_element_is_no_head() {
        let page = b"<body><header>".to_vec();
        assert_eq!(with_token(page.clone(), "T", "b-1"), page);
    }
}
