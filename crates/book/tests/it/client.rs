//! An HTTP client that can misbehave, and a served site of two pages and three programs.

use book::programs::{BuildError, Listed, Note, State, Supervisor, Turn};
use book::serve::{Clients, Listings, Parts, Server, Site};
use mdbook_listings::Kind;
use runner::{Source, Stop};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Longer than anything here takes; a read that reaches it has hung.
pub const HANG: Duration = Duration::from_secs(60);

/// The executable that supervises.
pub fn supervisor() -> Supervisor {
    Supervisor::at(env!("CARGO_BIN_EXE_book"))
}

/// A file beside these tests.
pub fn beside(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it")
        .join(path)
}

/// `test/greets`, `test/hangs` and `test/quick`, which are compiled, and `test/broken`, which is not.
struct Scripts;

impl Listings for Scripts {
    fn listed(&self) -> Vec<Listed> {
        ["broken", "greets", "hangs", "quick"]
            .map(|name| Listed {
                id: format!("test/{name}"),
                chapter: "test".to_owned(),
                kind: Kind::Program,
                crates: Vec::new(),
                playground: false,
                limit_s: Some(30),
                state: State::Built,
            })
            .into()
    }

    fn find(&self, id: &str) -> Option<Listed> {
        self.listed().into_iter().find(|listed| listed.id == id)
    }

    fn ensure(
        &self,
        id: &str,
        _: &Stop,
        on_note: &mut dyn FnMut(Note),
    ) -> Result<PathBuf, BuildError> {
        let name = id.strip_prefix("test/").ok_or(BuildError::Unknown(None))?;
        if name == "broken" {
            on_note(Note::Progress("compiling test".to_owned()));
            return Err(BuildError::Failed(
                "error[E0308]: mismatched types".to_owned(),
            ));
        }
        Ok(beside(&format!("programs/{name}.sh")))
    }

    fn source(&self, _: &str, _: &Stop, _: &mut dyn FnMut(Note)) -> Result<Source, BuildError> {
        Err(BuildError::Failed("scripts are not compiled".to_owned()))
    }

    fn turn(&self, _: &Stop, _: &mut dyn FnMut(Note)) -> Result<Turn<'_>, BuildError> {
        Ok(Turn::default())
    }
}

/// A client of one server, with the token of its pages.
pub struct Client {
    pub port: u16,
    pub token: String,
}

impl Client {
    /// The token that a page brings.
    pub fn page_token(&self, path: &str) -> Option<String> {
        let page = self.get(path).body;
        let rest = page.split("book-token\" content=\"").nth(1)?;
        rest.get(..32).map(str::to_owned)
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("it listens");
        stream.set_read_timeout(Some(HANG)).expect("a time-out");
        stream
    }

    pub fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// Sends these bytes, and the answer's first part.
    pub fn send(&self, request: &str) -> Answer {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).expect("it reads");
        Answer::read(BufReader::new(stream))
    }

    pub fn get(&self, path: &str) -> Whole {
        self.get_with(path, "")
    }

    /// A GET with more header lines, each ended by `\r\n`.
    pub fn get_with(&self, path: &str, headers: &str) -> Whole {
        let host = self.host();
        self.send(&format!(
            "GET {path} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n"
        ))
        .whole()
    }

    /// The headers of a POST as our own pages send it.
    pub fn own_headers(&self) -> Vec<(&'static str, String)> {
        vec![
            ("host", self.host()),
            ("origin", format!("http://{}", self.host())),
            ("content-type", "application/json".to_owned()),
            ("x-book-token", self.token.clone()),
        ]
    }

    pub fn post_text(&self, path: &str, headers: &[(&str, String)], body: &str) -> String {
        let headers: String = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let length = body.len();
        format!("POST {path} HTTP/1.1\r\n{headers}content-length: {length}\r\n\r\n{body}")
    }

    pub fn post_with(&self, path: &str, headers: &[(&str, String)], body: &str) -> Answer {
        self.send(&self.post_text(path, headers, body))
    }

    /// A POST of our own page.
    pub fn post(&self, path: &str, body: &str) -> Answer {
        self.post_with(path, &self.own_headers(), body)
    }

    pub fn stop(&self, run: &str) -> Value {
        let answer = self
            .post("/api/stop", &format!(r#"{{"run":"{run}"}}"#))
            .whole();
        serde_json::from_str(&answer.body).expect("JSON")
    }
}

/// A server of its own for each test.
pub struct Served {
    client: Client,
    pub site: Arc<Site>,
    end: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Served {
    /// With the site beside these tests.
    pub fn start() -> Self {
        Self::start_with(supervisor())
    }

    /// With another program in the supervisor's place.
    pub fn start_with(supervisor: Supervisor) -> Self {
        let mut served = Self::start_building_with(supervisor);
        served.site.publish(&beside("site"), 1);
        served.client.token = served.page_token("/").expect("the page has a token");
        served
    }

    /// Before the first build is done.
    pub fn start_building() -> Self {
        Self::start_building_with(supervisor())
    }

    fn start_building_with(supervisor: Supervisor) -> Self {
        let site = Arc::new(Site::building());
        let parts = Parts {
            listings: Arc::new(Scripts),
            site: Arc::clone(&site),
            supervisor,
            clients: Clients::OwnPages,
        };
        let server = Server::bind(0, parts).expect("a free port");
        let port = server.port();
        let (sender, receiver) = oneshot::channel();
        let thread = thread::spawn(move || {
            server
                .run(async { drop(receiver.await) })
                .expect("the server runs");
        });
        Self {
            client: Client {
                port,
                token: String::new(),
            },
            site,
            end: Some((sender, thread)),
        }
    }

    /// Ends the server and waits for it.
    pub fn end(&mut self) {
        if let Some((sender, thread)) = self.end.take() {
            let _ = sender.send(());
            thread.join().expect("the server ends without a panic");
        }
    }

    pub fn run(&self, name: &str) -> Answer {
        self.post("/api/run", &format!(r#"{{"id":"test/{name}"}}"#))
    }

    /// The answer to a run, if there is one within this time; otherwise the client leaves.
    pub fn run_within(&self, name: &str, time: Duration) -> Option<Answer> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("it listens");
        stream.set_read_timeout(Some(time)).expect("a time-out");
        let mut stream = BufReader::new(stream);
        let body = format!(r#"{{"id":"test/{name}"}}"#);
        stream
            .get_mut()
            .write_all(
                self.post_text("/api/run", &self.own_headers(), &body)
                    .as_bytes(),
            )
            .expect("it reads");
        stream.fill_buf().ok()?;
        Some(Answer::read(stream))
    }

    /// Runs `hangs` up to its first line: the stream, the run, and its process.
    pub fn hang(&self) -> (Answer, String, String) {
        let mut answer = self.run("hangs");
        assert_eq!(answer.status, 200);
        let start = answer.event().expect("a start");
        let out = answer.event().expect("a line");
        assert_eq!((&start["k"], &out["k"]), (&"start".into(), &"out".into()));
        let text = |value: &Value| value.as_str().expect("text").trim().to_owned();
        (answer, text(&start["run"]), text(&out["text"]))
    }
}

impl Deref for Served {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.end();
        }
    }
}

/// An answer whose body is still to be read.
pub struct Answer {
    pub status: u16,
    pub headers: String,
    stream: BufReader<TcpStream>,
    /// Bytes of the body that came in full chunks and were not asked for yet.
    read: Vec<u8>,
}

/// An answer in full.
pub struct Whole {
    pub status: u16,
    pub headers: String,
    pub body: String,
}

impl Answer {
    fn read(mut stream: BufReader<TcpStream>) -> Self {
        let mut headers = String::new();
        while !headers.ends_with("\r\n\r\n") {
            let length = stream.read_line(&mut headers).expect("headers");
            assert!(length > 0, "the connection was closed: {headers}");
        }
        let status = headers
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        Self {
            status: status.expect("a status"),
            headers,
            stream,
            read: Vec::new(),
        }
    }

    /// One chunk, or all of a body that has a length; false at the end.
    fn more(&mut self) -> bool {
        if !self.headers.contains("transfer-encoding: chunked") {
            let length = self.headers.split("content-length: ").nth(1);
            let length: usize = length
                .and_then(|rest| rest.split("\r\n").next()?.parse().ok())
                .expect("a length");
            let mut body = vec![0; length];
            self.stream.read_exact(&mut body).expect("a body");
            self.read.extend(body);
            return false;
        }
        let mut line = String::new();
        self.stream.read_line(&mut line).expect("a chunk");
        let length = usize::from_str_radix(line.trim(), 16).expect("a length");
        let mut chunk = vec![0; length + 2];
        self.stream.read_exact(&mut chunk).expect("a chunk");
        self.read.extend(&chunk[..length]);
        length > 0
    }

    /// The next line of the body, as soon as it is there.
    pub fn line(&mut self) -> Option<String> {
        while !self.read.contains(&b'\n') {
            if !self.more() {
                return None;
            }
        }
        let end = self
            .read
            .iter()
            .position(|byte| *byte == b'\n')
            .expect("seen");
        let line: Vec<u8> = self.read.drain(..=end).collect();
        Some(String::from_utf8(line).expect("text").trim_end().to_owned())
    }

    /// The next event of a run.
    pub fn event(&mut self) -> Option<Value> {
        self.line()
            .map(|line| serde_json::from_str(&line).expect("JSON"))
    }

    /// All further events.
    pub fn events(mut self) -> Vec<Value> {
        std::iter::from_fn(|| self.event()).collect()
    }

    /// All of the body.
    pub fn whole(mut self) -> Whole {
        while self.more() {}
        let body = String::from_utf8(self.read).expect("text");
        Whole {
            status: self.status,
            headers: self.headers,
            body,
        }
    }
}

/// Waits until a process is gone.
pub fn assert_gone_soon(pid: &str) {
    assert!(pid.parse::<u32>().is_ok(), "`{pid}` is no process number");
    let start = Instant::now();
    loop {
        let state = Command::new("ps")
            .args(["-o", "state=", "-p", pid])
            .output()
            .expect("ps runs");
        if matches!(state.stdout.first(), None | Some(b'Z')) {
            return;
        }
        assert!(
            start.elapsed() < Duration::from_secs(3),
            "process {pid} is still alive"
        );
        thread::sleep(Duration::from_millis(10));
    }
}
