//! Chromium without a window: opens a file, and hands back the page as its scripts left it.

use anyhow::{Context, Result, bail};
use std::env;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How to get it.
pub const HINT: &str = "install Chromium, on Debian: apt-get install chromium";

/// Its names in the `PATH`.
const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// No start-up questions, no traffic of its own.
const QUIET: [&str; 9] = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-breakpad",
    "--no-first-run",
    "--no-default-browser-check",
];

/// The program: what `BOOK_CHROMIUM` names, else the first in the `PATH`.
///
/// `None` when there is none, and when `BOOK_SKIP` names `chromium`.
pub fn find() -> Option<PathBuf> {
    let skipped = env::var("BOOK_SKIP").unwrap_or_default();
    if skipped.split(',').any(|name| name == "chromium") {
        return None;
    }
    if let Some(named) = env::var_os("BOOK_CHROMIUM") {
        return Some(PathBuf::from(named));
    }
    let path = env::var_os("PATH")?;
    NAMES.iter().find_map(|name| {
        env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(|program| program.is_file())
    })
}

/// The HTML of a page after its scripts have come to rest.
///
/// `folder` is empty of Chromium's own files before; they are left there for the caller to remove.
/// `limit` is how long it may take.
///
/// # Errors
///
/// Chromium cannot be started, fails, or takes longer.
pub fn dump(chromium: &Path, page: &Path, folder: &Path, limit: Duration) -> Result<String> {
    let (out, log) = (folder.join("out.html"), folder.join("log.txt"));
    let mut command = Command::new(chromium);
    command
        .args(QUIET)
        // Virtual time stands still while a script works, so this waits for all of them, and
        // passes at once when there is nothing left to wait for.
        .args(["--virtual-time-budget=600000", "--dump-dom"])
        .arg(format!(
            "--user-data-dir={}",
            folder.join("profile").display()
        ))
        .stdin(Stdio::null())
        .stdout(File::create(&out).context("the browser's output cannot be stored")?)
        .stderr(File::create(&log).context("the browser's messages cannot be stored")?);
    // The sandbox refuses to work for root, as whom one is in a container. Who we are shows in the
    // folder that we made.
    if fs::metadata(folder)?.uid() == 0 {
        command.arg("--no-sandbox");
    }
    let mut browser = command
        .arg(address(page))
        .spawn()
        .with_context(|| format!("{} cannot be started", chromium.display()))?;

    let since = Instant::now();
    let status = loop {
        if let Some(status) = browser.try_wait()? {
            break status;
        }
        if since.elapsed() > limit {
            browser.kill()?;
            browser.wait()?;
            bail!(
                "{} did not finish within {} s{}",
                chromium.display(),
                limit.as_secs(),
                last_words(&log)
            );
        }
        thread::sleep(Duration::from_millis(20));
    };
    if !status.success() {
        bail!(
            "{} failed: {status}{}",
            chromium.display(),
            last_words(&log)
        );
    }
    fs::read_to_string(&out).context("the browser's output cannot be read")
}

/// The last lines that it printed, for an error message.
fn last_words(log: &Path) -> String {
    let log = fs::read(log).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(5)..]
        .iter()
        .map(|line| format!("\n    {line}"))
        .collect()
}

/// The `file:` address of an absolute path.
fn address(path: &Path) -> String {
    let mut address = String::from("file://");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => {
                address.push(char::from(*byte));
            }
            _ => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_no_sign_that_means_something_else_there() {
        assert_eq!(
            address(Path::new("/a b/c#d/%/é.html")),
            "file:///a%20b/c%23d/%25/%C3%A9.html"
        );
    }

    #[test]
    fn a_browser_that_does_not_end_is_ended() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let program = folder.path().join("browser");
        fs::write(&program, "#!/bin/sh\necho waiting >&2\nexec sleep 20\n").expect("written");
        fs::set_permissions(
            &program,
            std::os::unix::fs::PermissionsExt::from_mode(0o755),
        )
        .expect("it is ours");
        let page = folder.path().join("page.html");
        let limit = Duration::from_millis(300);
        let error = dump(&program, &page, folder.path(), limit).expect_err("it never ends");
        assert!(error.to_string().contains("did not finish"), "{error}");
        assert!(error.to_string().contains("waiting"), "{error}");
    }

    #[test]
    fn a_browser_that_fails_says_why() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let error = dump(
            Path::new("/bin/false"),
            Path::new("/x"),
            folder.path(),
            Duration::MAX,
        )
        .expect_err("it fails");
        assert!(
            error.to_string().contains("failed: exit status: 1"),
            "{error}"
        );
    }
}
