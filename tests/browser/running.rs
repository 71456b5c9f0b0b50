//! Run and Stop, from the page.

use super::served::Reader;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

const LISTING: &str = "threads/five_tasks";
const RUN: &str = "#listing-five_tasks button.run";

/// Pages with the listing, with a text of the good verdict and the one of a run that was stopped.
const PAGES: [(&str, &str, &str); 2] = [
    ("en/threads.html", "with exit status 0.", "Stopped."),
    ("zh/threads.html", "退出状态 0。", "已停止。"),
];

/// A script that runs in the place of the listing, in a folder that it can see whoever it runs as.
fn script(text: &str) -> TempDir {
    let open = Permissions::from_mode(0o755);
    let mut builder = tempfile::Builder::new();
    let folder = builder
        .permissions(open.clone())
        .tempdir()
        .expect("a temp folder");
    let path = folder.path().join("script");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a file");
    fs::set_permissions(&path, open).expect("it is ours");
    folder
}

/// An expression: the live output or verdict contains this text.
fn shows(part: &str, text: &str) -> String {
    format!(
        "document.querySelector('#listing-five_tasks .listing-live {part}')?.textContent
            .includes('{text}') ?? false"
    )
}

#[test]
fn lines_are_shown_while_the_program_still_runs() {
    let folder = script("");
    let (script, go) = (folder.path().join("script"), folder.path().join("go"));
    let text = format!(
        "#!/bin/sh\necho first\nwhile [ ! -e {} ]; do sleep 0.05; done\necho second\n",
        go.display()
    );
    fs::write(&script, text).expect("a file");
    for (page, ended, _) in PAGES {
        let Some(mut reader) = Reader::start_with_script(LISTING, &script) else {
            return;
        };
        reader.open_page(Path::new(page));
        reader.click(RUN);
        reader.wait(&shows("samp", "first"));
        assert_eq!(reader.eval(&shows("samp", "second")), false);
        let verdict = "document.querySelector('#listing-five_tasks .verdict').textContent";
        assert_eq!(reader.eval(verdict), "", "it has ended");

        fs::write(&go, "").expect("a file");
        reader.wait(&shows("samp", "first\\nsecond\\n"));
        reader.wait(&shows(".verdict", ended));
        fs::remove_file(&go).expect("it was made");
    }
}

#[test]
fn a_listing_runs_from_the_page_and_tells_its_end_in_the_pages_language() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    for (page, ended, _) in PAGES {
        reader.open_page(Path::new(page));
        let recorded = reader
            .eval("document.querySelector('#listing-five_tasks .listing-output samp').textContent");
        reader.click(RUN);
        reader.wait(&shows(".verdict", ended));
        let live = "document.querySelector('#listing-five_tasks .listing-live samp').textContent";
        assert_eq!(reader.eval(live), recorded);
    }
}

#[test]
fn stop_ends_a_program_that_would_not_end() {
    let folder = script("echo endless\nwhile :; do sleep 1; done");
    for (page, _, stopped) in PAGES {
        let script = folder.path().join("script");
        let Some(mut reader) = Reader::start_with_script(LISTING, &script) else {
            return;
        };
        reader.open_page(Path::new(page));
        let label = format!("document.querySelector('{RUN}').textContent");
        let before = reader.eval(&label);
        reader.click(RUN);
        reader.wait(&shows("samp", "endless"));
        assert_ne!(reader.eval(&label), before, "the button does not say Stop");
        reader.click(RUN);
        reader.wait(&shows(".verdict", stopped));
        reader.wait(&format!("{label} === {before}"));
    }
}
