//! A reader changes a listing on its page and runs the copy, by mouse and by keyboard.

use super::served::Reader;
use serde_json::{Value, json};
use std::path::Path;

const FIGURE: &str = "#listing-five_tasks";
const TEXT: &str = "#listing-five_tasks textarea";
const PAGES: [Page; 2] = [
    Page {
        path: "en/threads.html",
        exit: "exit status ",
        stopped: "Stopped.",
        broken: "It does not compile",
        edited: "Edit · edited",
    },
    Page {
        path: "zh/threads.html",
        exit: "退出状态 ",
        stopped: "已停止。",
        broken: "编译没有通过",
        edited: "编辑 · 已改",
    },
];

/// A page and what it says.
struct Page {
    path: &'static str,
    exit: &'static str,
    stopped: &'static str,
    broken: &'static str,
    edited: &'static str,
}

const COMPILES: &str = "fn main() {\n    println!(\"mine\");\n}\n";
const REFUSED: &str = "fn main() {\n    let x: u8 = \"one\";\n}\n";
const HANGS: &str =
    "fn main() {\n    println!(\"waits\");\n    loop {\n        std::thread::park();\n    }\n}\n";
const PANICS: &str = "fn main() {\n    panic!(\"on purpose\");\n}\n";

/// How a reader works the controls.
#[derive(Debug, Clone, Copy, PartialEq)]
enum By {
    Mouse,
    Keyboard,
}

impl By {
    /// Presses a button of the figure.
    fn press(self, reader: &mut Reader, button: &str) {
        let selector = format!("{FIGURE} button.{button}");
        match self {
            Self::Mouse => reader.click(&selector),
            Self::Keyboard => {
                // From the first tab of the figure on, as far as the Tab key leads.
                reader.eval(&format!(
                    "document.querySelector('{FIGURE} [role=tab]').focus()"
                ));
                let there = format!("document.activeElement.matches('{selector}')");
                for _ in 0..5 {
                    if reader.eval(&there) == true {
                        break;
                    }
                    reader.press("Tab");
                }
                assert_eq!(
                    reader.eval(&there),
                    true,
                    "the Tab key does not lead to {button}"
                );
                reader.press("Enter");
            }
        }
    }

    /// Replaces the program by another and runs it.
    fn run(self, reader: &mut Reader, program: &str) {
        replace(reader, program);
        match self {
            Self::Mouse => reader.click(&format!("{FIGURE} button.run")),
            Self::Keyboard => reader.press("Control+Enter"),
        }
    }

    /// Stops what runs, from inside of the editor.
    fn stop(self, reader: &mut Reader) {
        let stop = format!("{FIGURE} button.stop");
        match self {
            Self::Mouse => reader.click(&stop),
            Self::Keyboard => {
                // Esc lets the Tab key leave; Run, now Stop, stands before the editor.
                reader.press("Escape");
                reader.press("Shift+Tab");
                let there = format!("document.activeElement.matches('{stop}')");
                assert_eq!(
                    reader.eval(&there),
                    true,
                    "the keyboard does not reach Stop"
                );
                reader.press("Enter");
                reader.press("Tab");
            }
        }
    }
}

fn replace(reader: &mut Reader, program: &str) {
    reader.eval(&format!("document.querySelector('{TEXT}').focus()"));
    reader.eval(&format!("document.querySelector('{TEXT}').select()"));
    reader.insert(program);
    let value = reader.eval(&format!("document.querySelector('{TEXT}').value"));
    assert_eq!(value, program, "typing did not arrive as it was typed");
}

/// An expression: this part of the live panel contains the text.
fn shows(part: &str, text: &str) -> String {
    let text = json!(text);
    format!(
        "document.querySelector('{FIGURE} .listing-live {part}')?.textContent.includes({text}) ?? false"
    )
}

fn play(by: By) {
    for page in PAGES {
        let Some(mut reader) = Reader::start() else {
            return;
        };
        reader.open_page(Path::new(page.path));
        by.press(&mut reader, "edit");
        reader.wait(&format!("document.activeElement.matches('{TEXT}')"));

        by.run(&mut reader, COMPILES);
        reader.wait(&shows(".verdict", &format!("{}0", page.exit)));
        reader.wait(&shows(".terminal[role=log]", "mine\n"));

        by.run(&mut reader, REFUSED);
        reader.wait(&shows(".verdict", page.broken));
        reader.wait(&shows(
            ".diagnostics .is-error",
            "error[E0308]: mismatched types",
        ));
        let marked = format!(
            "[...document.querySelectorAll('{FIGURE} .editor-gutter .is-error')].map(it => it.textContent)"
        );
        assert_eq!(
            reader.eval(&marked),
            json!(["2"]),
            "the wrong lines are marked"
        );
        let to_line = format!("{FIGURE} .diagnostics button");
        match by {
            By::Mouse => reader.click(&to_line),
            By::Keyboard => {
                reader.eval(&format!("document.querySelector('{to_line}').focus()"));
                reader.press("Enter");
            }
        }
        let caret = format!(
            "(text => text === document.activeElement && text.selectionStart)(document.querySelector('{TEXT}'))"
        );
        assert_eq!(
            reader.eval(&caret),
            json!("fn main() {\n".len()),
            "the caret is elsewhere"
        );

        by.run(&mut reader, HANGS);
        reader.wait(&shows(".terminal[role=log]", "waits\n"));
        by.stop(&mut reader);
        reader.wait(&shows(".verdict", page.stopped));

        by.run(&mut reader, PANICS);
        reader.wait(&shows(".verdict", &format!("{}101", page.exit)));
        reader.wait(&shows(".terminal .err", "five_tasks.rs:2:5:\non purpose"));
        let marks = reader.eval(&format!("{marked}.length"));
        assert_eq!(marks, 0, "marks of an earlier run are left");
    }
}

#[test]
fn a_changed_listing_compiles_is_refused_hangs_and_panics_by_mouse() {
    play(By::Mouse);
}

#[test]
fn a_changed_listing_compiles_is_refused_hangs_and_panics_by_keyboard() {
    play(By::Keyboard);
}

#[test]
fn a_copy_is_kept_until_it_is_reset_and_the_editor_is_loaded_when_it_is_wanted() {
    for page in PAGES {
        let Some(mut reader) = Reader::start() else {
            return;
        };
        reader.events.clear();
        reader.open_page(Path::new(page.path));
        let loads_editor = |event: &Value| {
            let url = event["params"]["request"]["url"].as_str();
            url.is_some_and(|url| url.contains("/assets/editor.js"))
        };
        assert!(
            !reader.events.iter().any(loads_editor),
            "it comes with the page"
        );
        By::Mouse.press(&mut reader, "edit");
        reader.wait(&format!("document.activeElement.matches('{TEXT}')"));
        assert!(
            reader.events.iter().any(loads_editor),
            "it was not seen to load"
        );
        let original = reader.eval(&format!("document.querySelector('{TEXT}').value"));
        let file = std::fs::read_to_string(
            crate::sources::root().join("listings/threads/src/bin/five_tasks.rs"),
        );
        assert_eq!(
            original,
            file.expect("the listing"),
            "the editor does not have the whole file"
        );
        replace(&mut reader, COMPILES);

        reader.open_page(Path::new(page.path));
        let label = format!("document.querySelector('{FIGURE} button.edit').textContent");
        assert_eq!(reader.eval(&label), page.edited);
        By::Mouse.press(&mut reader, "edit");
        reader.wait(&format!(
            "document.querySelector('{TEXT}')?.value === {}",
            json!(COMPILES)
        ));

        // Reset asks once more; the page's own text runs in the meantime from a closed editor.
        let reset = format!("{FIGURE} button.reset");
        reader.click(&reset);
        assert_eq!(
            reader.eval(&format!("document.querySelector('{TEXT}').value")),
            COMPILES
        );
        reader.click(&reset);
        assert_eq!(
            reader.eval(&format!("document.querySelector('{TEXT}').value")),
            original
        );
        assert_eq!(
            reader.eval(
                "Object.keys(localStorage).filter(key => key.startsWith('book-edit')).length"
            ),
            0
        );
    }
}

#[test]
fn keys_in_the_editor_belong_to_the_editor() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    reader.open_page(Path::new("zh/threads.html"));
    By::Mouse.press(&mut reader, "edit");
    reader.wait(&format!("document.activeElement.matches('{TEXT}')"));
    let value = format!("document.querySelector('{TEXT}').value");

    replace(&mut reader, "fn main() {");
    reader.press("Enter");
    reader.press("Tab");
    reader.insert("a();");
    reader.press("Enter");
    reader.insert("b();");
    assert_eq!(reader.eval(&value), "fn main() {\n    a();\n    b();");
    reader.press("Shift+Tab");
    assert_eq!(reader.eval(&value), "fn main() {\n    a();\nb();");
    // Arrows turn the page elsewhere.
    reader.press("ArrowRight");
    assert_eq!(reader.eval("location.pathname"), "/zh/threads.html");

    // Pinyin: the input method takes Enter for itself, and nothing runs.
    replace(&mut reader, "// ");
    reader
        .call(
            "Input.imeSetComposition",
            json!({ "text": "bing", "selectionStart": 4, "selectionEnd": 4 }),
        )
        .unwrap();
    for key in ["Enter", "Tab"] {
        let code = 229;
        let event = json!({ "type": "rawKeyDown", "key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": 2 });
        reader.call("Input.dispatchKeyEvent", event).unwrap();
    }
    assert_eq!(
        reader.eval(&value),
        "// bing",
        "a key was taken from the input method"
    );
    assert_eq!(
        reader.eval(&format!("document.querySelector('{FIGURE} .listing-live')")),
        Value::Null
    );
    reader.insert("并发");
    assert_eq!(reader.eval(&value), "// 并发");
}

#[test]
fn a_listing_that_must_not_compile_shows_what_the_compiler_says_and_can_be_mended() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    reader.open_page(Path::new("en/threads.html"));
    let figure = "#listing-not_static";
    let text = |part: &str| {
        format!("document.querySelector('{figure} .listing-live {part}')?.textContent ?? ''")
    };
    reader.click(&format!("{figure} button.run"));
    reader.wait(&format!(
        "({}).includes('It does not compile')",
        text(".verdict")
    ));
    let said = reader.eval(&text(".diagnostics"));
    assert!(
        said.as_str()
            .is_some_and(|said| said.contains("error[E0373]")),
        "{said}"
    );

    reader.click(&format!("{figure} button.edit"));
    reader.wait(&format!(
        "document.querySelector('{figure} textarea') !== null"
    ));
    let mended = reader.eval(&format!(
        "document.querySelector('{figure} textarea').value.replace('spawn(||', 'spawn(move ||')"
    ));
    reader.eval(&format!(
        "document.querySelector('{figure} textarea').select()"
    ));
    reader.insert(mended.as_str().expect("text"));
    reader.press("Control+Enter");
    reader.wait(&format!("({}).includes('exit status 0')", text(".verdict")));
}
