//! Stock mdBook builds, tests and serves the book, with nothing installed but mdBook.

use crate::html;
use crate::need::need;
use crate::sources::{self, root};
use directives::{Directive, Language};
use mdbook_listings::Kind;
use nix::sys::signal::{SigHandler, Signal, kill, killpg, signal};
use nix::unistd::Pid;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

/// For the cargo that mdBook starts: never the folder that the outer cargo may be using.
fn target() -> PathBuf {
    root().join("target/stock")
}

/// Stock mdBook, once the `book` that it calls is compiled; `None` when it is to be skipped.
fn mdbook() -> Option<Command> {
    static COMPILED: OnceLock<()> = OnceLock::new();
    let mdbook = need("mdbook")?;
    COMPILED.get_or_init(|| {
        succeed(Command::new(env!("CARGO")).args(["build", "--locked", "--package", "book"]));
    });
    Some(Command::new(mdbook))
}

/// Runs a command in the root of the book and returns all that it printed; fails if it fails.
fn succeed(command: &mut Command) -> String {
    command
        .current_dir(root())
        .env("CARGO_TARGET_DIR", target())
        .stdin(Stdio::null());
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{said}",
        output.status
    );
    said
}

/// The files that differ between two folders, or are in one only.
fn differing(a: &Path, b: &Path) -> Vec<PathBuf> {
    let (in_a, in_b) = (html::files(a), html::files(b));
    let all = in_a.union(&in_b);
    all.filter(|file| fs::read(a.join(file)).ok() != fs::read(b.join(file)).ok())
        .cloned()
        .collect()
}

/// A server in a process group of its own, which ends with this value.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(mdbook: &mut Command, destination: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.expect("a free port").port();
        mdbook
            .current_dir(root())
            .env("CARGO_TARGET_DIR", target())
            .args([
                "serve",
                "--hostname",
                "127.0.0.1",
                "--port",
                &port.to_string(),
                "--dest-dir",
            ])
            .arg(destination)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        // A shell that starts the tests in the background has them ignore SIGINT, and mdBook would
        // inherit that.
        // SAFETY: sigaction is async-signal-safe, and sets the default action only.
        unsafe {
            mdbook.pre_exec(|| {
                signal(Signal::SIGINT, SigHandler::SigDfl)?;
                Ok(())
            });
        }
        Self {
            child: mdbook.spawn().expect("mdBook can be started"),
            port,
        }
    }

    /// A page, as soon as it is served.
    fn page(&mut self, path: &str) -> String {
        let patience = Instant::now() + Duration::from_secs(120);
        loop {
            if let Some(status) = self.child.try_wait().expect("mdBook can be waited for") {
                panic!("mdbook serve ended: {status}");
            }
            match get(self.port, path) {
                Some(page) if page.starts_with("HTTP/1.1 200") => return page,
                answer => assert!(
                    Instant::now() < patience,
                    "no {path} after two minutes: {answer:?}"
                ),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The helper that a page knows, as soon as the page is whole.
    fn helper(&mut self, path: &str) -> Helper {
        let patience = Instant::now() + Duration::from_secs(120);
        loop {
            match Helper::of(&self.page(path)) {
                Some(helper) => return helper,
                None => assert!(Instant::now() < patience, "{path} knows no helper"),
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Ends it as Ctrl-C in a terminal does; whether anything of its group lives on after ten seconds.
    fn interrupt(mut self) -> bool {
        let group = self.group();
        killpg(group, Signal::SIGINT).expect("it runs");
        self.ends() && soon(|| killpg(group, None).is_err())
    }

    /// Sends a signal to mdBook alone; whether it has ended after ten seconds.
    fn signal(mut self, signal: Signal) -> bool {
        kill(self.group(), signal).expect("it runs");
        self.ends()
    }

    fn ends(&mut self) -> bool {
        soon(|| {
            self.child
                .try_wait()
                .expect("it can be waited for")
                .is_some()
        })
    }

    fn group(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).expect("an id of a process"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failed test must not leave a server behind; an ended one needs no signal.
        let _ = killpg(self.group(), Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

/// Whether this becomes true within ten seconds.
fn soon(mut is_so: impl FnMut() -> bool) -> bool {
    let patience = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        if Instant::now() > patience {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}

/// The helper of an mdBook, as its pages know it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Helper {
    port: u16,
    token: String,
}

impl Helper {
    /// What the page says of it; none on a page that can run nothing.
    fn of(page: &str) -> Option<Self> {
        let meta = |name: &str| {
            let start = format!("<meta name=\"{name}\" content=\"");
            page.split(&start).nth(1)?.split('"').next()
        };
        let address = meta("book-api")?;
        let port = address.strip_prefix("http://127.0.0.1:")?;
        Some(Self {
            port: port.trim_end_matches('/').parse().ok()?,
            token: meta("book-token")?.to_owned(),
        })
    }

    /// The processes that are helpers of this checkout: `book __api`.
    fn processes() -> Vec<u32> {
        let is_helper = |id: &u32| {
            let arguments = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            let words: Vec<&[u8]> = arguments.split(|byte| *byte == 0).collect();
            let folder = fs::read_link(format!("/proc/{id}/cwd")).unwrap_or_default();
            words.get(1) == Some(&b"__api".as_slice()) && folder == *root()
        };
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        processes
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .filter(is_helper)
            .collect()
    }

    /// Asks the API as a page of that origin does; the whole answer.
    fn post(&self, call: &str, origin: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        let patience = Some(Duration::from_secs(120));
        stream.set_read_timeout(patience).expect("a time-out");
        let request = format!(
            "POST /api/{call} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nOrigin: {origin}\r\n\
             Sec-Fetch-Site: cross-site\r\nContent-Type: application/json\r\n\
             x-book-token: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.port,
            self.token,
            body.len()
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }
}

fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .ok()?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

fn folder() -> tempfile::TempDir {
    fs::create_dir_all(target()).expect("target/stock can be made");
    tempfile::Builder::new()
        .prefix("site-")
        .tempdir_in(target())
        .expect("a folder")
}

#[test]
fn stock_mdbook_builds_what_cargo_book_builds() {
    let Some(mut mdbook) = mdbook() else { return };
    let folder = folder();
    succeed(mdbook.args(["build", "--dest-dir"]).arg(folder.path()));
    let differing = differing(folder.path(), html::built());
    assert!(
        differing.is_empty(),
        "`mdbook build` and `cargo book build` differ in {differing:#?}\n  hint: the code that runs in \
         process must use nothing that the protocol of mdBook does not carry"
    );
}

#[test]
fn stock_mdbook_tests_the_english_listings_and_counts_the_chinese_ones_as_ignored() {
    let Some(mut mdbook) = mdbook() else { return };
    let libraries = ["run", "--locked", "-p", "book", "--", "doctest-libs"];
    succeed(Command::new(env!("CARGO")).args(libraries));
    let folder = folder();
    let log = folder.path().join("log");
    mdbook.env("PATH", listening_rustdoc(folder.path(), &log));
    mdbook.args(["test", "-L", "target/doctest-libs"]);
    // mdBook says nothing of tests that pass, and rustdoc's words are in the log when one fails.
    let passed = mdbook
        .current_dir(root())
        .env("CARGO_TARGET_DIR", target())
        .output();
    let passed = passed.expect("mdBook can be started");
    let said = fs::read_to_string(&log).unwrap_or_default();
    let errors = String::from_utf8_lossy(&passed.stderr);
    assert!(
        passed.status.success(),
        "`mdbook test` fails\n{errors}\n{said}"
    );

    for page in sources::pages() {
        let directives = page.directives();
        let shown: Vec<_> = directives.iter().filter(|d| d.name == "listing").collect();
        let path = page
            .path
            .strip_prefix("src")
            .expect("a page lies under src/");
        let lines = said
            .lines()
            .filter(|line| line.starts_with(&format!("test {}", path.display())));
        let ended = |verdict| lines.clone().filter(|line| line.ends_with(verdict)).count();
        // Snippets in the text itself are tested in both languages, so there may be more.
        match page.language {
            Language::English => assert!(
                ended("... ok")
                    >= shown
                        .iter()
                        .filter(|directive| is_doctest(directive))
                        .count(),
                "{}: `mdbook test` does not test all of its listings\n{said}",
                page.path.display()
            ),
            Language::Chinese => assert!(
                ended("... ignored") >= shown.len(),
                "{}: `mdbook test` does not count its listings as ignored\n{said}",
                page.path.display()
            ),
        }
    }
}

/// Whether a listing on an English page is to be tested: whole programs are, unless they say no.
fn is_doctest(directive: &Directive) -> bool {
    let excerpt = directive
        .arguments
        .split('|')
        .next()
        .is_some_and(|target| target.contains(':'));
    let listing = sources::listing_of(directive).and_then(|(id, _)| sources::catalogue().get(id));
    let whole = listing.is_some_and(|it| it.kind == Kind::Program && it.settings.doctest);
    whole && !excerpt
}

/// A `PATH` that begins with a `rustdoc` which writes into a log and is rustdoc otherwise.
fn listening_rustdoc(folder: &Path, log: &Path) -> OsString {
    let sysroot = succeed(Command::new("rustc").args(["--print", "sysroot"]));
    let real = Path::new(sysroot.trim()).join("bin/rustdoc");
    let script = folder.join("rustdoc");
    let line = format!("'{}' \"$@\" >>'{}' 2>&1", real.display(), log.display());
    fs::write(&script, format!("#!/bin/sh\n{line}\n")).expect("a script");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it is ours");
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [folder.to_path_buf()]
        .into_iter()
        .chain(env::split_paths(&path));
    env::join_paths(folders).expect("folders without a colon")
}

#[test]
fn stock_mdbook_serves_with_live_reload_and_leaves_nothing_behind() {
    let Some(mut mdbook) = mdbook() else { return };
    let folder = folder();
    let mut server = Server::start(&mut mdbook, folder.path());
    let port = server.port;
    for page in ["/en/index.html", "/zh/index.html"] {
        let page = server.page(page);
        assert!(
            page.contains("__livereload"),
            "the page does not reload itself:\n{page}"
        );
    }
    assert!(
        server.interrupt(),
        "something of `mdbook serve` lives on after Ctrl-C"
    );
    assert_eq!(get(port, "/"), None, "the port is still served");
}

/// One at a time: they count the helpers of this checkout.
static HELPERS: Mutex<()> = Mutex::new(());

#[test]
#[cfg(target_os = "linux")]
fn a_listing_runs_and_a_changed_copy_too_from_a_page_that_stock_mdbook_serves() {
    let Some(mut mdbook) = mdbook() else { return };
    let _one = HELPERS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = folder();
    let mut server = Server::start(&mut mdbook, folder.path());
    let helper = server.helper("/en/threads.html");
    let origin = format!("http://localhost:{}", server.port);
    let run = r#"{"id":"threads/five_tasks"}"#;
    let answer = helper.post("run", &origin, run);
    assert!(answer.contains("all: 9592 primes below 100000"), "{answer}");
    let allowed = format!("access-control-allow-origin: {origin}\r\n");
    assert!(answer.contains(&allowed), "{answer}");
    let edit = r#"{"id":"threads/five_tasks","source":"fn main() { println!(\"{}\", 6 * 7) }"}"#;
    let answer = helper.post("edit", &origin, edit);
    assert!(answer.contains(r#""k":"out","text":"42\n""#), "{answer}");

    // Nobody else's page, whoever serves it, and not the helper's own address either.
    for origin in [
        "http://localhost:1",
        "http://evil.example",
        &format!("http://127.0.0.1:{}", helper.port),
    ] {
        let answer = helper.post("run", origin, run);
        assert!(answer.starts_with("HTTP/1.1 403 "), "{origin}: {answer}");
        assert!(!answer.contains("access-control-"), "{origin}: {answer}");
    }
    assert!(server.interrupt());
    assert!(soon(|| Helper::processes().is_empty()), "a helper is left");
}

#[test]
#[cfg(target_os = "linux")]
fn ten_rebuilds_leave_one_helper_and_none_outlives_its_mdbook() {
    let Some(program) = mdbook() else { return };
    let _one = HELPERS.lock().unwrap_or_else(PoisonError::into_inner);
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGKILL] {
        let folder = folder();
        let mut mdbook = Command::new(program.get_program());
        let mut server = Server::start(&mut mdbook, folder.path());
        let first = server.helper("/en/index.html");
        let rebuilds = if signal == Signal::SIGINT { 10 } else { 1 };
        for _ in 0..rebuilds {
            // A page without its helper, which only a rebuild can give back.
            let page = folder.path().join("en/index.html");
            fs::remove_file(&page).expect("mdBook wrote it");
            let touched = fs::File::options()
                .append(true)
                .open(root().join("src/SUMMARY.md"));
            let now = std::time::SystemTime::now();
            touched
                .and_then(|file| file.set_modified(now))
                .expect("it is ours");
            assert_eq!(
                server.helper("/en/index.html"),
                first,
                "a rebuild has a helper of its own"
            );
        }
        assert_eq!(Helper::processes().len(), 1);

        // A program that runs when mdBook ends is not left behind, either.
        let endless = r#"{"id":"threads/five_tasks","source":"fn main() {
            std::fs::write(\"outlives\", std::process::id().to_string()).unwrap();
            loop { std::thread::park() }
        }"}"#;
        let endless = endless.replace('\n', " ");
        let origin = format!("http://127.0.0.1:{}", server.port);
        let asked = std::thread::spawn({
            let helper = first.clone();
            move || helper.post("edit", &origin, &endless)
        });
        let mut program = None;
        let started = soon(|| {
            program = scratch_file("outlives").and_then(|id| id.parse::<u32>().ok());
            program.is_some()
        });
        assert!(started, "the program never started");
        assert!(server.signal(signal), "mdBook lives on after {signal}");
        assert!(
            soon(|| Helper::processes().is_empty()),
            "a helper is left after {signal}"
        );
        let program = program.map(|id| format!("/proc/{id}")).expect("it started");
        assert!(
            soon(|| !Path::new(&program).exists()),
            "its program is left after {signal}"
        );
        asked.join().expect("no panic");
        let contacts = fs::read_dir(root().join("target/run"))
            .into_iter()
            .flatten()
            .flatten();
        let contacts = contacts.filter(|entry| entry.path().extension().is_some());
        assert_eq!(contacts.count(), 0, "a token is left in target/run");
    }
}

/// What a program of this name wrote into its scratch folder.
fn scratch_file(name: &str) -> Option<String> {
    let folders = fs::read_dir(env::temp_dir())
        .into_iter()
        .flatten()
        .flatten();
    let files = folders.map(|folder| folder.path().join("home").join(name));
    files
        .into_iter()
        .find_map(|file| fs::read_to_string(file).ok())
}

#[test]
fn a_page_that_is_built_and_not_served_knows_no_helper() {
    for page in html::files(html::built()) {
        let text = fs::read(html::built().join(&page)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let token = "<meta name=\"book-token\"";
        assert!(!text.contains(token), "{}", page.display());
    }
}

#[test]
fn folders_that_differ_are_seen_to_differ() {
    let [a, b] = [(); 2].map(|()| tempfile::tempdir().expect("a temp folder"));
    for (folder, file, text) in [
        (&a, "same", "1"),
        (&b, "same", "1"),
        (&a, "x", "1"),
        (&b, "x", "2"),
        (&b, "y", ""),
    ] {
        fs::write(folder.path().join(file), text).expect("a file");
    }
    assert_eq!(
        differing(a.path(), b.path()),
        [Path::new("x"), Path::new("y")]
    );
}
