//! A headless Chromium and its tabs, by way of the DevTools protocol.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::{Value, json};
use std::fs;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket, client};

/// Longer than anything here takes on a busy machine: what reaches it has hung.
pub const HANG: Duration = Duration::from_secs(90);

const FLAGS: &str = "--headless --no-sandbox --disable-gpu --disable-quic --disable-sync \
    --no-first-run --disable-background-networking --disable-component-update \
    --disable-breakpad --disable-dev-shm-usage --remote-debugging-port=0";

/// A browser of its own; dropping it ends all of its processes.
pub struct Browser {
    process: Child,
    profile: TempDir,
    /// `port`, and the path of the browser's own socket.
    address: (u16, String),
}

impl Browser {
    /// Starts it with an empty profile.
    pub fn start(program: &Path) -> Self {
        let profile = tempfile::tempdir().expect("a temp folder");
        let process = Command::new(program)
            .args(FLAGS.split_whitespace())
            .arg(format!("--user-data-dir={}", profile.path().display()))
            // Killed, it leaves what it has there.
            .env("TMPDIR", profile.path())
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{} cannot be started: {error}", program.display()));
        let mut browser = Self {
            process,
            profile,
            address: (0, String::new()),
        };
        let file = browser.profile.path().join("DevToolsActivePort");
        browser.address = until("the browser listens", || {
            let text = fs::read_to_string(&file).ok()?;
            let (port, path) = text.split_once('\n')?;
            (!path.is_empty()).then_some((port.parse().ok()?, path.to_owned()))
        });
        browser
    }

    /// A tab with storage of its own, which reports all that happens in it.
    pub fn tab(&self) -> Tab {
        let mut owner = self.connect(&self.address.1);
        let dispose = json!({ "disposeOnDetach": true });
        let context = owner.call("Target.createBrowserContext", dispose).unwrap();
        let blank =
            json!({ "url": "about:blank", "browserContextId": context["browserContextId"] });
        let target = owner.call("Target.createTarget", blank).unwrap();
        let id = target["targetId"].as_str().expect("an id").to_owned();
        let mut tab = self.connect(&format!("/devtools/page/{id}"));
        tab.owner = Some(Box::new(owner));
        for domain in ["Page", "Runtime", "Log", "Network"] {
            tab.call(&format!("{domain}.enable"), json!({})).unwrap();
        }
        tab
    }

    fn connect(&self, path: &str) -> Tab {
        let stream = TcpStream::connect(("127.0.0.1", self.address.0)).expect("it listens");
        stream.set_read_timeout(Some(HANG)).expect("a time-out");
        let address = format!("ws://127.0.0.1:{}{path}", self.address.0);
        let (socket, _) = client(address, stream).expect("it speaks WebSocket");
        Tab {
            socket,
            calls: 0,
            events: Vec::new(),
            owner: None,
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let group = Pid::from_raw(self.process.id().cast_signed());
        let _ = killpg(group, Signal::SIGKILL);
        let _ = self.process.wait();
        // A process that is just dying may still write.
        for _ in 0..50 {
            if fs::remove_dir_all(self.profile.path()).is_ok() {
                break;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// One tab.
pub struct Tab {
    socket: WebSocket<TcpStream>,
    calls: u64,
    /// What happened since this was last cleared.
    pub events: Vec<Value>,
    /// The tab's storage lives as long as this connection.
    owner: Option<Box<Tab>>,
}

impl Tab {
    /// Calls a method; what the protocol or the page refuses is the error.
    pub fn call(&mut self, method: &str, params: Value) -> Result<Value, String> {
        self.calls += 1;
        let call = json!({ "id": self.calls, "method": method, "params": params });
        let sent = self.socket.send(Message::text(call.to_string()));
        sent.unwrap_or_else(|error| panic!("{method}: {error}"));
        loop {
            let message = self.read(method);
            if message["id"] == self.calls {
                let error = &message["error"]["message"];
                return error.as_str().map_or_else(
                    || Ok(message["result"].clone()),
                    |error| Err(format!("{method}: {error}")),
                );
            }
            self.events.push(message);
        }
    }

    fn read(&mut self, what: &str) -> Value {
        let message = self.socket.read();
        let message = message.unwrap_or_else(|error| panic!("{what}: no answer: {error}"));
        serde_json::from_str(message.to_text().expect("text")).unwrap_or_default()
    }

    /// The value of an expression, awaited if it is a promise.
    pub fn try_eval(&mut self, expression: &str) -> Result<Value, String> {
        let params =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", params)?;
        match &result["exceptionDetails"] {
            Value::Null => Ok(result["result"]["value"].clone()),
            thrown => Err(thrown["exception"]["description"].to_string()),
        }
    }

    /// The value of an expression that must not fail.
    #[track_caller]
    pub fn eval(&mut self, expression: &str) -> Value {
        let value = self.try_eval(expression);
        value.unwrap_or_else(|error| panic!("{expression}: {error}"))
    }

    /// Opens an address and waits until it is loaded.
    pub fn open(&mut self, url: &str) {
        // By way of an empty page, so that the page before this one cannot be taken for it.
        for (url, there) in [
            ("about:blank", "location.href === 'about:blank'"),
            (url, "location.protocol === 'http:'"),
        ] {
            self.call("Page.navigate", json!({ "url": url })).unwrap();
            self.wait(&format!(
                "document.readyState === 'complete' && {there} /* {url} */"
            ));
        }
    }

    /// Waits until an expression is true, also when that is on another page.
    #[track_caller]
    pub fn wait(&mut self, expression: &str) {
        until(expression, || {
            // While a page gives way to another, nothing can be evaluated.
            (self.try_eval(expression) == Ok(true.into())).then_some(())
        });
    }

    /// Presses and releases a key, `Enter` or `Shift+Tab`, wherever the focus is.
    pub fn press(&mut self, key: &str) {
        let mut modifiers = 0;
        let mut name = key;
        for (prefix, bit) in [("Control+", 2), ("Shift+", 8)] {
            if let Some(rest) = name.strip_prefix(prefix) {
                modifiers |= bit;
                name = rest;
            }
        }
        let (code, text) = match name {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            "Escape" => (27, ""),
            " " => (32, " "),
            "End" => (35, ""),
            "Home" => (36, ""),
            "ArrowRight" => (39, ""),
            other => panic!("no number for the key {other}"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({
                "type": kind, "key": name, "code": name, "modifiers": modifiers,
                "windowsVirtualKeyCode": code,
            });
            if kind == "keyDown" && !text.is_empty() {
                event["text"] = text.into();
            }
            self.call("Input.dispatchKeyEvent", event).unwrap();
        }
    }

    /// Types text where the focus is, in the place of what is selected.
    pub fn insert(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }))
            .unwrap();
    }

    /// Clicks into the middle of an element, which is scrolled into view for it.
    #[track_caller]
    pub fn click(&mut self, selector: &str) {
        let place = self.eval(&format!(
            "(() => {{ const it = document.querySelector({selector:?});
                it.scrollIntoView({{ block: 'center', behavior: 'instant' }});
                const at = it.getBoundingClientRect();
                return [at.x + at.width / 2, at.y + at.height / 2]; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let params = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", params).unwrap();
        }
    }
}

/// What `find` finds, as soon as it does.
#[track_caller]
fn until<T>(what: &str, mut find: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(start.elapsed() < HANG, "it does not come true: {what}");
        thread::sleep(Duration::from_millis(30));
    }
}
