//! `cargo book bench`: how fast the book answers, each figure beside its floor in the same run.
//!
//! Machines differ and are shared, so no figure stands alone: a click is compared with spawning the
//! program directly, an edit with rustc alone, in turn, and medians are printed.

use crate::programs::{self, Console, Note, Programs, Supervisor};
use crate::serve::{Clients, Parts, Server, Site};
use anyhow::{Context, Result, bail, ensure};
use runner::{Source, Spec, Stop};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// The benches, by name.
const NAMES: [&str; 2] = ["runner", "trace"];
/// A listing without crates that prints its first line at once.
const LISTING: &str = "threads/five_tasks";
/// Pairs of measurements.
const CLICKS: usize = 30;
const EDITS: usize = 10;
const TRACED: usize = 9;
/// Requests at the same time.
const AT_ONCE: usize = 32;
/// Between two clicks of a reader, at least.
const REST: Duration = Duration::from_millis(500);

/// Runs one bench, or all, and prints its figures.
///
/// # Errors
///
/// No bench has this name, or what it measures does not work.
pub fn bench(root: &Path, name: Option<&str>) -> Result<()> {
    if let Some(name) = name
        && !NAMES.contains(&name)
    {
        let near = directives::nearest(name, NAMES).unwrap_or(NAMES[0]);
        bail!("no bench is called `{name}`\n  hint: did you mean `{near}`?");
    }
    if name.is_none_or(|name| name == "runner") {
        runner(root)?;
    }
    if name.is_none_or(|name| name == "trace") {
        trace(root)?;
    }
    Ok(())
}

/// What tracing costs: whole runs, traced and not, in turn; and a click.
fn trace(root: &Path) -> Result<()> {
    let supervisor = Supervisor::this()?;
    if let Err(reason) = runner::self_test(&mut supervisor.command()) {
        bail!("runs cannot be traced here: {reason}");
    }
    // The programs of the tracer's own tests; the first time that compiles rayon and tokio.
    let built = Command::new("cargo")
        .current_dir(root)
        .args(["build", "--locked", "--package", "runner"])
        .args(["--bin", "runner-traced", "--example", "runner-pools"])
        .status();
    ensure!(
        built.is_ok_and(|status| status.success()),
        "the programs do not compile"
    );
    let target = root.join("target/debug");
    let own =
        |words: &[&str]| Spec::listing(target.join("runner-traced")).args(words.iter().copied());
    let pool = |name| Spec::listing(target.join("examples/runner-pools")).args([name]);
    let pipeline = "seq 200000 | sort -n | tail -n 1";
    println!("traced over untraced, medians of {TRACED} runs each, in milliseconds");
    for (name, spec) in [
        ("computing", own(&["compute", "50"])),
        ("rayon", pool("rayon")),
        ("sleeping", own(&["sleepers"])),
        ("tokio", pool("tokio")),
        (
            "pipes of a shell",
            Spec::listing("sh").args(["-c", pipeline]),
        ),
        ("a futex per message", own(&["ping-pong", "1000"])),
    ] {
        let (mut plain, mut traced) = (Vec::new(), Vec::new());
        for _ in 0..TRACED {
            plain.push(run(&supervisor, &spec)?);
            traced.push(run(&supervisor, &spec.clone().traced())?);
        }
        let (time, least) = (median(&traced), median(&plain));
        println!(
            "{name:24} {time:8.2}   {:17} {least:8.2}   ratio {:.2}",
            "untraced",
            time / least
        );
    }

    let programs = Programs::new(root, supervisor.clone(), &programs::catalogue(root)?);
    programs.ensure(LISTING, &Stop::new(), &mut |_| {})?;
    let served = Served::start(Parts {
        listings: Arc::new(programs),
        site: Arc::new(Site::building()),
        supervisor,
        clients: Clients::OwnPages,
    })?;
    let (mut plain, mut traced) = (Times::default(), Times::default());
    for _ in 0..CLICKS {
        for (trace, times) in [(false, &mut plain), (true, &mut traced)] {
            thread::sleep(REST);
            times.add(served.click("run", &json!({ "id": LISTING, "trace": trace }))?);
        }
    }
    compare(
        "traced click to output",
        &traced.first,
        "not traced",
        &plain.first,
    );
    Ok(())
}

/// One whole run, as the supervisor is asked for it.
fn run(supervisor: &Supervisor, spec: &Spec) -> Result<Duration> {
    let idle = supervisor.start()?;
    let start = Instant::now();
    let end = idle.run(spec, &Stop::new(), &mut |_| {})?;
    let time = start.elapsed();
    ensure!(
        end.code == Some(0),
        "{} did not run: {end:?}",
        spec.program.display()
    );
    Ok(time)
}

fn runner(root: &Path) -> Result<()> {
    let console = Console::new();
    let supervisor = Supervisor::this()?;
    let programs = Programs::new(root, supervisor.clone(), &programs::catalogue(root)?);
    let on_note = &mut |note| {
        if let Note::Progress(text) = note {
            console.busy(&text);
        }
    };
    let executable = programs.ensure(LISTING, &Stop::new(), on_note)?;
    let source = programs.source(LISTING, &Stop::new(), on_note)?;
    console.busy("building the site");
    let folder = tempfile::tempdir().context("no temp folder")?;
    let site = Arc::new(Site::building());
    crate::site::build(root, folder.path())?;
    site.publish(folder.path(), 1);
    console.idle();
    let served = Served::start(Parts {
        listings: Arc::new(programs),
        site,
        supervisor,
        clients: Clients::OwnPages,
    })?;

    println!("listing {LISTING}; medians of {CLICKS} clicks and {EDITS} edits, in milliseconds");
    let mut direct = Times::default();
    let mut clicked = Times::default();
    for _ in 0..CLICKS {
        thread::sleep(REST);
        direct.add(spawn(&mut Command::new(&executable))?);
        clicked.add(served.click("run", &json!({ "id": LISTING }))?);
    }
    compare(
        "click to first output",
        &clicked.first,
        "spawned directly",
        &direct.first,
    );
    compare(
        "click to end",
        &clicked.end,
        "spawned directly",
        &direct.end,
    );

    let mut compiled = Vec::new();
    let mut edited = Times::default();
    for number in 0..EDITS {
        // A reader changes a little each time.
        let text = format!("{}\n// {number}\n", source.text);
        thread::sleep(REST);
        compiled.push(rustc(&source, &text)?);
        edited.add(served.click("edit", &json!({ "id": LISTING, "source": text }))?);
    }
    compare(
        "edit to first output",
        &edited.first,
        "rustc alone",
        &compiled,
    );
    served.at_once()
}

/// Times of one kind of run.
#[derive(Default)]
struct Times {
    first: Vec<Duration>,
    end: Vec<Duration>,
}

impl Times {
    fn add(&mut self, (first, end): (Duration, Duration)) {
        self.first.push(first);
        self.end.push(end);
    }
}

fn compare(what: &str, times: &[Duration], floor: &str, floors: &[Duration]) {
    let (time, least) = (median(times), median(floors));
    println!(
        "{what:24} {time:8.2}   {floor:17} {least:8.2}   difference {:+.2}",
        time - least
    );
}

/// In milliseconds.
fn median(times: &[Duration]) -> f64 {
    let mut times: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Runs a command: times to its first byte of output and to its end.
fn spawn(command: &mut Command) -> Result<(Duration, Duration)> {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("{command:?} cannot be started"))?;
    let mut output = child.stdout.take().context("it has no output")?;
    output.read_exact(&mut [0])?;
    let first = start.elapsed();
    output.read_to_end(&mut Vec::new())?;
    child.wait()?;
    Ok((first, start.elapsed()))
}

/// Compiles as an edit does, by nothing but rustc.
fn rustc(source: &Source, text: &str) -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("edited.rs");
    fs::write(&file, text)?;
    let start = Instant::now();
    let status = Command::new(&source.rustc)
        .current_dir(folder.path())
        .args(&source.args)
        .arg(&file)
        .status()?;
    let time = start.elapsed();
    ensure!(status.success(), "{LISTING} does not compile");
    Ok(time)
}

/// A server on a thread of this process.
struct Served {
    port: u16,
    token: String,
    end: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<Result<()>>>,
}

impl Served {
    fn start(parts: Parts) -> Result<Self> {
        let server = Server::bind(0, parts)?;
        let (port, token) = (server.port(), server.token().to_owned());
        let (end, ended) = oneshot::channel::<()>();
        let thread = thread::spawn(move || server.run(async { drop(ended.await) }));
        Ok(Self {
            port,
            token,
            end: Some(end),
            thread: Some(thread),
        })
    }

    fn request(&self, head: &str, body: &str) -> Result<BufReader<TcpStream>> {
        let port = self.port;
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        let request = format!(
            "{head} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\norigin: http://127.0.0.1:{port}\r\n\
             content-type: application/json\r\nx-book-token: {}\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{body}",
            self.token,
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        Ok(BufReader::new(stream))
    }

    /// A run from the page: times from the click to the first output and to the end of the run.
    fn click(&self, call: &str, body: &Value) -> Result<(Duration, Duration)> {
        let start = Instant::now();
        let answer = self.request(&format!("POST /api/{call}"), &body.to_string())?;
        let mut first = None;
        for line in answer.lines() {
            // Between the events stand the lengths of the chunks.
            let Ok(event) = serde_json::from_str::<Value>(&line?) else {
                continue;
            };
            match event["k"].as_str() {
                Some("out") => drop(first.get_or_insert(start.elapsed())),
                Some("end") => {
                    ensure!(event["code"] == 0, "{LISTING} did not run: {event}");
                    return Ok((first.context("it printed nothing")?, start.elapsed()));
                }
                _ => {}
            }
        }
        bail!("the answer broke off")
    }

    fn status(&self, head: &str, body: &str) -> Result<u16> {
        let mut answer = String::new();
        self.request(head, body)?.read_to_string(&mut answer)?;
        let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
        status.context("the answer has no status")
    }

    /// Many runs at the same time, and a page meanwhile.
    fn at_once(&self) -> Result<()> {
        thread::sleep(REST);
        let run = json!({ "id": LISTING }).to_string();
        let alone = self.page()?;
        let start = Instant::now();
        let (statuses, page) = thread::scope(|scope| {
            let runs: Vec<_> = (0..AT_ONCE)
                .map(|_| scope.spawn(|| self.status("POST /api/run", &run)))
                .collect();
            let page = self.page();
            let statuses: Result<Vec<u16>> = runs
                .into_iter()
                .map(|run| run.join().expect("no panic"))
                .collect();
            (statuses, page)
        });
        let (statuses, page) = (statuses?, page?);
        let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
        let (ran, refused) = (count(200), count(429));
        println!(
            "{AT_ONCE} runs at once: {ran} ran, {refused} were refused with 429, {} failed; all \
             answered after {:.2}",
            AT_ONCE - ran - refused,
            start.elapsed().as_secs_f64() * 1e3
        );
        println!(
            "{:24} {:8.2}   {:17} {:8.2}",
            "a page meanwhile",
            page.as_secs_f64() * 1e3,
            "alone",
            alone.as_secs_f64() * 1e3
        );
        ensure!(
            ran + refused == AT_ONCE,
            "some requests failed: {statuses:?}"
        );
        Ok(())
    }

    fn page(&self) -> Result<Duration> {
        let start = Instant::now();
        let status = self.status("GET /en/threads.html", "")?;
        ensure!(status == 200, "the page was refused: {status}");
        Ok(start.elapsed())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // The figures are printed; how the server ends is no part of them.
            let _ = thread.join();
        }
    }
}
