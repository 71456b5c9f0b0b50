//! The published site: no server of ours stands behind it.

use super::cdp::Browser;
use crate::html;
use crate::need::need;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// Runs anywhere; needs more than the playground has; both have recorded runs.
const ANYWHERE: (&str, &str) = ("threads.html", "#listing-five_tasks");
const HERE_ONLY: (&str, &str) = ("pipes.html", "#listing-eof");

/// What the stand-in for play.rust-lang.org does.
#[derive(Debug, Clone)]
enum Playground {
    Answers(Value),
    Fails,
    NeverAnswers,
}

/// The built site, served as files, and a stand-in for play.rust-lang.org beside it.
struct Published {
    port: u16,
    /// The bodies that the playground was sent.
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Published {
    fn start(playground: Playground) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let published = Self {
            port,
            asked: Arc::clone(&asked),
        };
        // Lives as long as the tests do.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (playground, asked) = (playground.clone(), Arc::clone(&asked));
                thread::spawn(move || answer(stream, port, &playground, &asked));
            }
        });
        published
    }

    fn asked(&self) -> Vec<Value> {
        self.asked.lock().expect("no panic").clone()
    }
}

fn answer(
    stream: TcpStream,
    port: u16,
    playground: &Playground,
    asked: &Mutex<Vec<Value>>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.to_lowercase();
    let length = length.split("content-length: ").nth(1);
    let length = length.and_then(|rest| rest.split("\r\n").next()?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).ok()?;
    let path = head.split(' ').nth(1)?.split('?').next()?.to_owned();
    let (status, kind, bytes) = if path == "/execute" {
        asked.lock().ok()?.push(serde_json::from_slice(&body).ok()?);
        match playground {
            Playground::Answers(answer) => (
                "200 OK",
                "application/json",
                answer.to_string().into_bytes(),
            ),
            Playground::Fails => ("503 Busy", "text/plain", Vec::new()),
            Playground::NeverAnswers => {
                // Until the browser gives up.
                let _ = stream.read(&mut [0]);
                return None;
            }
        }
    } else {
        let file = html::built().join(path.trim_start_matches('/'));
        let mut bytes = fs::read(&file).ok()?;
        let kind = match file.extension()?.to_str()? {
            "html" => {
                let real = "https://play.rust-lang.org/execute";
                let page = String::from_utf8(bytes).ok()?;
                let stand_in = format!("http://127.0.0.1:{port}/execute");
                bytes = page.replace(real, &stand_in).into_bytes();
                "text/html"
            }
            "css" => "text/css",
            "js" => "text/javascript",
            _ => "application/octet-stream",
        };
        ("200 OK", kind, bytes)
    };
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        bytes.len()
    );
    let stream = stream.get_mut();
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&bytes).ok()
}

/// Opens the page of a listing in each language, presses Run, and gives what is shown at the end.
fn run(
    playground: &Playground,
    (page, figure): (&str, &str),
    expected: [&str; 2],
) -> Option<Vec<Value>> {
    let program = need("chromium")?;
    let browser = Browser::start(&program);
    let published = Published::start(playground.clone());
    for (language, expected) in ["en", "zh"].into_iter().zip(expected) {
        let before = published.asked().len();
        let mut tab = browser.tab();
        tab.open(&format!(
            "http://127.0.0.1:{}/{language}/{page}",
            published.port
        ));
        assert_eq!(
            published.asked().len(),
            before,
            "it was asked before a click"
        );
        tab.click(&format!("{figure} button.run"));
        let verdict = format!("document.querySelector('{figure} .verdict').textContent");
        tab.wait(&format!("{verdict}.includes({})", json!(expected)));
        // Whatever came of it, the recorded run can still be read.
        let recorded = format!("{figure} .listing-output:not(.listing-live) samp");
        assert_eq!(
            tab.eval(&format!(
                "document.querySelector('{recorded}').offsetHeight > 0"
            )),
            true
        );
        if matches!(playground, Playground::Answers(answer) if answer["success"] == true) {
            let live = format!("document.querySelector('{figure} .listing-live samp').textContent");
            assert_eq!(tab.eval(&live), "from afar\n");
        }
    }
    Some(published.asked())
}

#[test]
fn a_published_listing_runs_at_the_playground_after_a_click() {
    let answer = json!({
        "success": true, "exitDetail": "Exited with status 0", "stdout": "from afar\n",
        "stderr": "   Compiling playground v0.0.1 (/playground)\n    Finished `dev` profile\n     Running `target/debug/playground`\n",
    });
    let Some(asked) = run(
        &Playground::Answers(answer),
        ANYWHERE,
        ["Ran at play", "已在 play"],
    ) else {
        return;
    };
    let file = crate::sources::root().join("listings/threads/src/bin/five_tasks.rs");
    let file = fs::read_to_string(file).expect("the listing");
    assert_eq!(asked.len(), 2);
    for asked in asked {
        assert_eq!(asked["code"], file, "the program is not the whole file");
        assert_eq!(
            (&asked["edition"], &asked["crateType"]),
            (&"2024".into(), &"bin".into())
        );
    }
}

#[test]
fn a_playground_that_cannot_be_reached_is_told_and_the_recorded_run_stays() {
    for playground in [Playground::NeverAnswers, Playground::Fails] {
        run(
            &playground,
            ANYWHERE,
            ["did not answer within 5 s", "5 秒内没有答复"],
        );
    }
}

#[test]
fn a_published_listing_that_only_runs_at_home_replays_its_recorded_run() {
    let Some(asked) = run(
        &Playground::Fails,
        HERE_ONLY,
        ["recorded run", "预录的运行"],
    ) else {
        return;
    };
    assert_eq!(
        asked,
        [] as [Value; 0],
        "the playground was asked for what it lacks"
    );
}

#[test]
fn a_published_copy_that_does_not_compile_shows_each_message_at_its_line() {
    let Some(program) = need("chromium") else {
        return;
    };
    let stderr = "   Compiling playground v0.0.1 (/playground)\n\
        warning: unused variable: `y`\n --> src/main.rs:3:9\n  |\n\n\
        error[E0308]: mismatched types\n --> src/main.rs:2:17\n  |\n2 |     let x: u8 = \"\";\n\n\
        For more information about this error, try `rustc --explain E0308`.\n\
        warning: `playground` (bin \"playground\") generated 1 warning\n\
        error: could not compile `playground` (bin \"playground\") due to 1 previous error\n";
    let answer = json!({ "success": false, "exitDetail": "Exited with status 101", "stdout": "", "stderr": stderr });
    let published = Published::start(Playground::Answers(answer));
    let browser = Browser::start(&program);
    let mut tab = browser.tab();
    let (page, figure) = ANYWHERE;
    tab.open(&format!("http://127.0.0.1:{}/en/{page}", published.port));
    tab.click(&format!("{figure} button.edit"));
    tab.wait(&format!(
        "document.activeElement.matches('{figure} textarea')"
    ));
    tab.press("Control+Enter");
    tab.wait(&format!(
        "document.querySelector('{figure} .verdict')?.textContent.includes('does not compile') ?? false"
    ));
    let marks = format!(
        "[...document.querySelectorAll('{figure} .editor-gutter :is(.is-error, .is-warning)')]
            .map(line => `${{line.textContent}} ${{line.className}}`)"
    );
    assert_eq!(tab.eval(&marks), json!(["2 is-error", "3 is-warning"]));
    let messages = format!("document.querySelectorAll('{figure} .diagnostics li').length");
    assert_eq!(tab.eval(&messages), 2);
}
