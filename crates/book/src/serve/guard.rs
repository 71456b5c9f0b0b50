//! Who asks? Decided for every request before anything else is looked at.
//!
//! A page of another site can make a browser send us requests, but it cannot choose the headers that
//! are checked here: Host (a rebound name is not ours), Origin and Sec-Fetch-Site (the page's own
//! site), and our token, which only our pages can read.

use super::answer::Refusal;
use crate::process::Process;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use std::fs::File;
use std::hint::black_box;
use std::io::Read;

/// Name of the header that carries the token.
pub const TOKEN_HEADER: &str = "x-book-token";

/// Whose pages may ask.
#[derive(Debug, Clone, Copy)]
pub enum Clients {
    /// Those that this server serves.
    OwnPages,
    /// Those that this other process serves, on whatever port it listens at the time.
    PagesOf(Process),
}

/// What this server answers to.
#[derive(Debug)]
pub struct Guard {
    /// `localhost:3000` and its other names.
    hosts: Vec<String>,
    token: String,
    clients: Clients,
}

/// The names of this machine in the address of a page.
const NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

impl Guard {
    /// A guard for this port with a fresh token. `v6` says whether `[::1]` is listened to.
    ///
    /// # Errors
    ///
    /// The system has no random numbers.
    pub fn new(port: u16, v6: bool, clients: Clients) -> std::io::Result<Self> {
        let mut random = [0; 16];
        File::open("/dev/urandom")?.read_exact(&mut random)?;
        let token = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut hosts: Vec<String> = NAMES[..if v6 { 3 } else { 2 }]
            .iter()
            .map(|name| format!("{name}:{port}"))
            .collect();
        if port == 80 {
            // Browsers leave out the port of the scheme.
            hosts.extend(NAMES.map(str::to_owned));
        }
        Ok(Self {
            hosts,
            token,
            clients,
        })
    }

    /// The token of this start: 128 random bits as 32 hexadecimal digits.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether the pages that may ask are served here.
    pub fn serves_own_pages(&self) -> bool {
        matches!(self.clients, Clients::OwnPages)
    }

    /// Lets a request through, or says why not.
    ///
    /// # Errors
    ///
    /// It is not addressed to us, or comes from a page that is not ours.
    pub fn check<B>(&self, request: &Request<B>) -> Result<(), Refusal> {
        let headers = request.headers();
        self.check_host(request)?;
        // Pages of another server say who they are by their origin, all others by both.
        let own_pages = self.serves_own_pages();
        if own_pages {
            check_site(request)?;
        }
        match single(headers, "origin") {
            Ok(Some(origin)) if self.is_clients(origin) => {}
            Ok(None) if request.method() != Method::POST && own_pages => {}
            Ok(None) => return Err(foreign("the request has no Origin")),
            Ok(Some(_)) => return Err(foreign("the request comes from another origin")),
            Err(()) => return Err(foreign("the request has two Origins")),
        }
        if request.method() == Method::POST {
            self.check_post(headers)
        } else {
            Ok(())
        }
    }

    fn check_host<B>(&self, request: &Request<B>) -> Result<(), Refusal> {
        let refuse = |status, error: &str| {
            Refusal::new(status, error, format!("open http://{}/", self.hosts[0]))
        };
        let host = match single(request.headers(), "host") {
            Ok(Some(host)) => host,
            Ok(None) => return Err(refuse(StatusCode::BAD_REQUEST, "the request has no Host")),
            Err(()) => return Err(refuse(StatusCode::BAD_REQUEST, "the request has two Hosts")),
        };
        let target = request
            .uri()
            .authority()
            .map_or(host, |authority| authority.as_str());
        if !self.hosts.iter().any(|ours| ours == host) || target != host {
            return Err(refuse(
                StatusCode::FORBIDDEN,
                "this host name is not served here",
            ));
        }
        Ok(())
    }

    /// Whether a page of this origin may ask.
    fn is_clients(&self, origin: &str) -> bool {
        let Some(host) = origin.strip_prefix("http://") else {
            return false;
        };
        match self.clients {
            Clients::OwnPages => self.hosts.iter().any(|ours| ours == host),
            Clients::PagesOf(server) => {
                let port = NAMES.iter().find_map(|name| {
                    let rest = host.strip_prefix(name)?;
                    match rest.strip_prefix(':') {
                        // One way of writing it, so that no two texts are one origin.
                        Some(port) => port.parse().ok().filter(|n: &u16| n.to_string() == port),
                        None => rest.is_empty().then_some(80),
                    }
                });
                port.is_some_and(|port| server.listening_ports().contains(&port))
            }
        }
    }

    /// The origin whose page may read the answer, where that is not our own.
    pub fn reader<B>(&self, request: &Request<B>) -> Option<HeaderValue> {
        match self.clients {
            Clients::OwnPages => None,
            Clients::PagesOf(_) => match single(request.headers(), "origin") {
                Ok(Some(origin)) if self.is_clients(origin) => HeaderValue::from_str(origin).ok(),
                _ => None,
            },
        }
    }

    fn check_post(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let content_type = single(headers, "content-type")
            .ok()
            .flatten()
            .unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Refusal::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "the body must be JSON",
                "send `content-type: application/json`",
            ));
        }
        match single(headers, TOKEN_HEADER) {
            Ok(Some(token)) if same(token.as_bytes(), self.token.as_bytes()) => Ok(()),
            Ok(None) => Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "the request has no token",
                "send the token of the page's `book-token` as `x-book-token`",
            )),
            _ => Err(Refusal::new(
                StatusCode::FORBIDDEN,
                "the token is not the one of this server",
                "reload the page: the server was started anew",
            )),
        }
    }
}

fn foreign(error: &str) -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        error,
        "use the pages that this server serves",
    )
}

/// What browsers say about the page behind a request. Following a link to a page is all that another
/// site may cause.
fn check_site<B>(request: &Request<B>) -> Result<(), Refusal> {
    let headers = request.headers();
    let is = |name, value: &str| headers.get(name).is_some_and(|found| found == value);
    let own = headers.get("sec-fetch-site").is_none()
        || is("sec-fetch-site", "same-origin")
        || is("sec-fetch-site", "none");
    let follows_link = request.method() == Method::GET
        && !request.uri().path().starts_with("/api/")
        && is("sec-fetch-mode", "navigate")
        && is("sec-fetch-dest", "document");
    if own || follows_link {
        Ok(())
    } else {
        Err(foreign("the request comes from another site"))
    }
}

/// The one value of a header; an error when it is there twice or is not text.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}

/// Compares in a time that depends on the lengths only, so that no byte can be found by measuring.
fn same(a: &[u8], b: &[u8]) -> bool {
    let different = a
        .iter()
        .zip(b)
        .fold(0, |seen, (a, b)| black_box(seen | (a ^ b)));
    a.len() == b.len() && different == 0
}

/// Headers of every answer: no other site may embed, read or guess it.
pub const SECURITY_HEADERS: [(header::HeaderName, &str); 4] = [
    (
        header::HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
    (header::REFERRER_POLICY, "no-referrer"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: [(&str, &str); 4] = [
        ("host", "localhost:3000"),
        ("origin", "http://localhost:3000"),
        ("content-type", "application/json"),
        ("x-book-token", "TOKEN"),
    ];

    fn status(method: &str, target: &str, headers: &[(&str, &str)]) -> Option<u16> {
        let guard = Guard::new(3000, true, Clients::OwnPages).expect("random numbers");
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, value.replace("TOKEN", guard.token()));
        }
        let request = request.body(()).expect("a request");
        guard
            .check(&request)
            .err()
            .map(|refusal| refusal.status.as_u16())
    }

    /// Our own page's POST with one header changed, removed or, after a plus, added.
    fn check_post(name: &str, value: Option<&str>, expected: Option<u16>) {
        let mut headers: Vec<(&str, &str)> = OURS.into();
        let (name, adds) = name
            .strip_prefix('+')
            .map_or((name, false), |name| (name, true));
        if !adds {
            headers.retain(|(other, _)| *other != name);
        }
        headers.extend(value.map(|value| (name, value)));
        assert_eq!(
            status("POST", "/api/run", &headers),
            expected,
            "{name}: {value:?}"
        );
    }

    #[test]
    fn our_own_page_may_post() {
        check_post("accept", None, None);
        check_post("sec-fetch-site", Some("same-origin"), None);
        check_post(
            "content-type",
            Some("application/json; charset=utf-8"),
            None,
        );
    }

    #[test]
    fn a_host_that_is_not_exactly_ours_is_refused() {
        check_post("host", None, Some(400));
        check_post("+host", Some("localhost:3000"), Some(400));
        for host in [
            "evil.example:3000",
            "localhost",
            "localhost:3001",
            "localhost.:3000",
        ] {
            check_post("host", Some(host), Some(403));
        }
    }

    #[test]
    fn an_origin_that_is_not_exactly_ours_is_refused() {
        check_post("origin", None, Some(403));
        check_post("+origin", Some("http://localhost:3000"), Some(403));
        for origin in [
            "null",
            "https://localhost:3000",
            "http://localhost:3001",
            "http://a.example",
        ] {
            check_post("origin", Some(origin), Some(403));
        }
    }

    #[test]
    fn a_token_that_is_not_exactly_ours_is_refused() {
        check_post("x-book-token", None, Some(403));
        check_post("+x-book-token", Some("TOKEN"), Some(403));
        for token in ["", "TOKEN0", "0000", "00000000000000000000000000000000"] {
            check_post("x-book-token", Some(token), Some(403));
        }
    }

    #[test]
    fn a_form_cannot_post() {
        check_post("content-type", None, Some(415));
        check_post("content-type", Some("text/plain"), Some(415));
    }

    #[test]
    fn another_site_may_only_link_to_pages() {
        let host = ("host", "localhost:3000");
        for site in ["cross-site", "same-site"] {
            let site = ("sec-fetch-site", site);
            check_post(site.0, Some(site.1), Some(403));
            assert_eq!(status("GET", "/en/", &[host, site]), Some(403));
            let link = [
                host,
                site,
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "document"),
            ];
            assert_eq!(status("GET", "/en/", &link), None);
            assert_eq!(status("GET", "/api/listings", &link), Some(403));
            let frame = [
                host,
                site,
                ("sec-fetch-mode", "navigate"),
                ("sec-fetch-dest", "iframe"),
            ];
            assert_eq!(status("GET", "/en/", &frame), Some(403));
        }
    }

    #[test]
    fn reading_with_a_foreign_origin_is_refused() {
        let host = ("host", "localhost:3000");
        assert_eq!(status("GET", "/api/listings", &[host]), None);
        let foreign = ("origin", "http://localhost:8080");
        assert_eq!(status("GET", "/api/listings", &[host, foreign]), Some(403));
    }

    #[test]
    fn an_absolute_target_must_be_ours_too() {
        let host = [("host", "localhost:3000")];
        assert_eq!(status("GET", "http://localhost:3000/en/", &host), None);
        assert_eq!(status("GET", "http://evil.example/en/", &host), Some(403));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn pages_of_another_server_are_known_by_its_ports_of_now() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let server = Process::of(std::process::id()).expect("we live");
        let guard = Guard::new(3000, true, Clients::PagesOf(server)).expect("random numbers");
        let allowed = |origin: &str, more: (&str, &str)| {
            let request = Request::builder()
                .uri("/api/listings")
                .header("host", "127.0.0.1:3000")
                .header("origin", origin)
                .header(more.0, more.1)
                .body(())
                .expect("a request");
            let seen = guard.reader(&request).is_some();
            assert_eq!(guard.check(&request).is_ok(), seen, "{origin}");
            seen
        };
        let cross_site = ("sec-fetch-site", "cross-site");
        for name in NAMES {
            assert!(
                allowed(&format!("http://{name}:{port}"), cross_site),
                "{name}"
            );
        }
        for origin in [
            "null".to_owned(),
            "http://127.0.0.1".to_owned(),
            format!("https://127.0.0.1:{port}"),
            format!("http://127.0.0.1:0{port}"),
            format!("http://127.0.0.1:+{port}"),
            format!("http://127.0.0.1.evil.example:{port}"),
            format!("http://evil.example:{port}"),
            format!("http://127.0.0.1:{port}/"),
            "http://127.0.0.1:3000".to_owned(),
        ] {
            assert!(!allowed(&origin, cross_site), "{origin}");
        }
        drop(listener);
        assert!(!allowed(&format!("http://127.0.0.1:{port}"), cross_site));

        let no_origin = Request::builder()
            .uri("/api/listings")
            .header("host", "127.0.0.1:3000");
        let no_origin = no_origin.body(()).expect("a request");
        assert!(guard.check(&no_origin).is_err(), "not even reading");
    }
}
