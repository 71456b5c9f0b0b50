//! `{{#listing ...}}` becomes a figure of the page.

use crate::catalogue::{Catalogue, Kind, Listing};
use crate::recorded::Recorded;
use crate::traced::Traced;
use directives::{Language, Problem, escape_html};
use std::fmt::Write as _;
use std::path::Path;

/// What the page is prepared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To be read: the whole figure.
    Site,
    /// For `mdbook test`: the code as a test, and nothing else.
    Test,
}

/// Where a directive stands and what it asks for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The page, relative to the root of the book.
    pub path: &'a Path,
    /// The directive's line.
    pub line: usize,
    /// What follows `#listing`.
    pub arguments: &'a str,
    /// The page's language.
    pub language: Language,
    /// To be read or tested.
    pub purpose: Purpose,
}

/// Words of the figure in the page's language.
struct Words {
    recorded: &'static str,
    recorded_stderr: &'static str,
    refused: &'static str,
    exit: &'static str,
    run_it: &'static str,
    whole: &'static str,
    timeline: &'static str,
}

impl Words {
    fn of(language: Language) -> Self {
        match language {
            Language::English => Self {
                recorded: "Recorded output",
                recorded_stderr: "Recorded output, standard error",
                refused: "What the compiler says",
                exit: "exit status",
                run_it: "In a terminal:",
                whole: "The whole program",
                timeline: "Recorded time line",
            },
            Language::Chinese => Self {
                recorded: "预录输出",
                recorded_stderr: "预录输出（标准错误）",
                refused: "编译器报错",
                exit: "退出状态",
                run_it: "在终端里运行：",
                whole: "完整程序",
                timeline: "预录时间线",
            },
        }
    }
}

/// The Markdown of a listing.
///
/// Input: `threads/five_tasks | Five threads start and end`. Output, for the site: a `<figure>` with
/// the claim as its caption, the program as a fenced block, the Python twin in a `<details>`, and
/// the recorded output. For a test: the fenced block alone, with `extern crate` lines for the crates
/// it names, ignored where it cannot or need not be tested.
///
/// # Errors
///
/// An unknown listing or anchor; a missing claim.
pub fn expand(catalogue: &Catalogue, request: Request<'_>) -> Result<String, Problem> {
    let problem = |message: String| Problem::new(request.path, request.line, message);
    let Some((target, claim)) = request.arguments.split_once('|') else {
        return Err(
            problem(format!("the listing `{}` has no claim", request.arguments))
                .hint("write `{{#listing <chapter>/<name> | <the claim in the page's language>}}`"),
        );
    };
    let (target, claim) = (target.trim(), claim.trim());
    if claim.is_empty() {
        return Err(problem(format!(
            "the claim of the listing `{target}` is empty"
        )));
    }
    let (id, anchor) = match target.split_once(':') {
        Some((id, anchor)) => (id, Some(anchor)),
        None => (target, None),
    };
    let Some(listing) = catalogue.get(id) else {
        return Err(problem(format!("unknown listing `{id}`"))
            .did_you_mean(id, catalogue.listings().map(|listing| listing.id.as_str())));
    };
    let code = match anchor {
        None if listing.kind == Kind::Library => {
            return Err(problem(format!("`{id}` is shown by an anchor only"))
                .hint(format!("write `{{{{#listing {id}:<anchor> | <claim>}}}}`")));
        }
        None => without_anchors(&listing.source),
        Some(anchor) => between_anchors(&listing.source, anchor).ok_or_else(|| {
            problem(format!(
                "{} has no anchor `{anchor}`",
                listing.path.display()
            ))
            .hint(format!(
                "mark the lines with `// ANCHOR: {anchor}` and `// ANCHOR_END: {anchor}`"
            ))
        })?,
    };
    Ok(match request.purpose {
        Purpose::Site => figure(listing, anchor, claim, &code, request.language),
        Purpose::Test => test(listing, anchor.is_some(), &code, request.language),
    })
}

fn test(listing: &Listing, excerpt: bool, code: &str, language: Language) -> String {
    if listing.kind != Kind::Program {
        // `compile_fail` would accept any error at all; a cargo test compiles refused programs and
        // compares the code of the error.
        return fence("rust,ignore", code);
    }
    let tested = !excerpt && listing.settings.doctest && language == Language::English;
    if !tested {
        return fence("rust,ignore", code);
    }
    // Before the inner doc comment an item is an error (E0753).
    let inner = code
        .lines()
        .take_while(|line| line.starts_with("//!"))
        .count();
    let mut out = String::new();
    for (number, line) in code.lines().enumerate() {
        if number == inner {
            for name in &listing.crates {
                let _ = writeln!(out, "# extern crate {name};");
            }
        }
        out.push_str(line);
        out.push('\n');
    }
    fence("rust", &out)
}

fn figure(
    listing: &Listing,
    anchor: Option<&str>,
    claim: &str,
    code: &str,
    language: Language,
) -> String {
    let words = Words::of(language);
    let (head, code) = split_claim(code);
    let kind = match listing.kind {
        Kind::Program => "program",
        Kind::Refused => "refused",
        Kind::Library => "library",
    };
    let mut out = format!(
        "<figure class=\"listing\" id=\"listing-{name}{anchor}\" data-listing=\"{id}\" \
         data-kind=\"{kind}\"{playground}>\n\
         <figcaption><span class=\"listing-claim\">{claim}</span> \
         <code class=\"listing-path\">{path}</code></figcaption>\n\
         <div class=\"listing-code\" data-tab=\"Rust\"{head}>\n\n{code}\n</div>\n",
        playground = match listing.runs_on_playground() {
            true => " data-playground",
            false => "",
        },
        head = match anchor {
            // The lines before the shown ones: an editor shows them, too.
            None => format!(" data-head=\"{}\"", one_line(head)),
            Some(_) => String::new(),
        },
        name = escape_html(&listing.name),
        anchor = anchor
            .map(|anchor| format!("-{}", escape_html(anchor)))
            .unwrap_or_default(),
        id = escape_html(&listing.id),
        claim = inline_html(claim),
        path = escape_html(&listing.path.display().to_string()),
        code = fence("rust", code),
    );
    if anchor.is_some() && listing.kind != Kind::Library {
        let _ = write!(
            out,
            "<details class=\"listing-whole\">\n<summary>{}</summary>\n\n{}\n</details>\n",
            words.whole,
            fence("rust", &without_anchors(&listing.source)),
        );
    }
    if let Some((path, text)) = &listing.python {
        let _ = write!(
            out,
            "<details class=\"listing-code\" data-tab=\"Python\">\n<summary>Python \
             <code class=\"listing-path\">{}</code></summary>\n\n{}\n</details>\n",
            escape_html(&path.display().to_string()),
            fence("python", text),
        );
    }
    if let Some(recorded) = &listing.recorded {
        out.push_str(&output(listing, recorded, &words));
    }
    for timeline in listing.timelines() {
        // What is stale belongs to another program: it is not shown, and a test asks for a new one.
        if let Some(traced) = timeline.recorded.as_ref().filter(|_| timeline.is_fresh()) {
            let tab = match std::ptr::eq(timeline, &listing.python_timeline) {
                true => "Python",
                false => "Rust",
            };
            let prefix = format!("{}{}-{tab}", listing.name, anchor.unwrap_or_default());
            out.push_str(&time_line(traced, tab, &prefix, words.timeline, language));
        }
    }
    if listing.kind == Kind::Program {
        let _ = writeln!(
            out,
            "<p class=\"listing-command\">{} <code>cargo run -p {} --bin {}</code></p>",
            words.run_it, listing.chapter, listing.name
        );
    }
    out.push_str("</figure>\n");
    out
}

/// A recorded time line: what it tells in a sentence, and the drawing a click away.
fn time_line(traced: &Traced, tab: &str, prefix: &str, label: &str, language: Language) -> String {
    let layout = timeline::layout(&traced.events);
    let drawing = timeline::draw(&layout, language, prefix);
    format!(
        "<details class=\"listing-timeline\" data-of=\"{tab}\">\n\
         <summary><span class=\"listing-label\">{label} · {tab}</span> {summary}</summary>\n\
         <div class=\"timeline\">{svg}</div>\n</details>\n",
        summary = timeline::html(&drawing.summary),
        // Markdown ends an HTML block at an empty line.
        svg = drawing.svg.replace('\n', ""),
    )
}

fn output(listing: &Listing, recorded: &Recorded, words: &Words) -> String {
    let mut out = String::from("<div class=\"listing-output\">\n");
    let mut panel = |label: &str, stream: &str, lines: &[String]| {
        let text = lines.join("\n");
        let text = text.trim_matches('\n');
        if !text.is_empty() {
            let _ = write!(
                out,
                "<p class=\"listing-label\">{label}</p>\n<pre class=\"terminal\" \
                 data-stream=\"{stream}\"><samp>{}\n</samp></pre>\n",
                escape_html(text)
            );
        }
    };
    panel(words.recorded, "out", &recorded.stdout);
    let label = match listing.kind {
        Kind::Refused => words.refused,
        Kind::Program | Kind::Library => words.recorded_stderr,
    };
    panel(label, "err", &recorded.stderr);
    if recorded.exit != 0 && listing.kind == Kind::Program {
        let _ = writeln!(
            out,
            "<p class=\"listing-label\">{}: {}</p>",
            words.exit, recorded.exit
        );
    }
    out.push_str("</div>\n");
    out
}

/// A fenced code block whose fence is longer than any in the text.
fn fence(info: &str, text: &str) -> String {
    let mut ticks = "```".to_owned();
    while text.contains(&ticks) {
        ticks.push('`');
    }
    format!("{ticks}{info}\n{}\n{ticks}\n", text.trim_end_matches('\n'))
}

/// A claim as HTML: text in backquotes is code, the rest is text.
fn inline_html(claim: &str) -> String {
    let mut out = String::new();
    for (number, part) in claim.split('`').enumerate() {
        match number % 2 {
            0 => out.push_str(&escape_html(part)),
            _ => {
                let _ = write!(out, "<code>{}</code>", escape_html(part));
            }
        }
    }
    out
}

/// The `//!` lines at the head of the code with the empty ones after them, and the rest: the caption
/// says the claim, in the page's language.
fn split_claim(code: &str) -> (&str, &str) {
    let mut rest = code;
    while let Some((line, below)) = rest.split_once('\n')
        && line.starts_with("//!")
    {
        rest = below;
    }
    rest = rest.trim_start_matches('\n');
    code.split_at(code.len() - rest.len())
}

/// Text as the value of an attribute that spans no lines: Markdown would end an HTML block at an empty
/// one.
fn one_line(text: &str) -> String {
    escape_html(text).replace('\n', "&#10;")
}

fn anchor_name<'a>(line: &'a str, marker: &str) -> Option<&'a str> {
    line.trim()
        .strip_prefix("// ")?
        .strip_prefix(marker)
        .map(str::trim)
}

fn is_anchor(line: &str) -> bool {
    anchor_name(line, "ANCHOR:")
        .or_else(|| anchor_name(line, "ANCHOR_END:"))
        .is_some()
}

fn without_anchors(source: &str) -> String {
    lines(source.lines().filter(|line| !is_anchor(line)))
}

fn between_anchors(source: &str, anchor: &str) -> Option<String> {
    let mut inside = source
        .lines()
        .skip_while(|line| anchor_name(line, "ANCHOR:") != Some(anchor))
        .skip(1)
        .peekable();
    inside.peek()?;
    let excerpt = inside.take_while(|line| anchor_name(line, "ANCHOR_END:") != Some(anchor));
    Some(outdented(&lines(excerpt.filter(|line| !is_anchor(line)))))
}

/// The text without the indentation that all of its lines share.
fn outdented(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let filled = text.lines().filter(|line| !line.trim().is_empty());
    let shared = filled.map(indent).min().unwrap_or(0);
    lines(text.lines().map(|line| line.get(shared..).unwrap_or("")))
}

fn lines<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for line in lines {
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const EOF: &str = "//! A pipe ends.\n\nuse nix::unistd::pipe;\n\n// ANCHOR: main\nfn main() {\n    \
                       assert!(1 < 2); // (1)\n}\n// ANCHOR_END: main\n";

    fn expand_in(language: Language, purpose: Purpose, arguments: &str) -> Result<String, Problem> {
        let root = tempfile::tempdir().expect("a temp folder");
        let folder = root.path().join("listings/pipes");
        for (path, text) in [
            ("Cargo.toml", "[dependencies]\nnix = '1'\n"),
            ("src/bin/eof.rs", EOF),
            (
                "src/queue.rs",
                "impl Queue {\n    // ANCHOR: take\n    fn take() {\n    }\n    // ANCHOR_END: take\n}\n",
            ),
            (
                "refused/stuck.rs",
                "//! Refused.\nfn main() { let x: u8 = \"\"; }\n",
            ),
            ("python/eof.py", "\"\"\"A pipe ends.\"\"\"\n"),
            ("listings.toml", "[stuck]\nrefused = [\"E0308\"]\n"),
            (
                "recorded/eof.json",
                "{\"exit\": 3, \"stdout\": [\"a <b>\"], \"stderr\": [\"gone\"]}\n",
            ),
        ] {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).expect("folders");
            fs::write(path, text).expect("a file");
        }
        let catalogue = Catalogue::load(root.path()).expect("it loads");
        let path = Path::new("src/en/pipes.md");
        expand(
            &catalogue,
            Request {
                path,
                line: 7,
                arguments,
                language,
                purpose,
            },
        )
    }

    fn site(arguments: &str) -> String {
        expand_in(Language::English, Purpose::Site, arguments).expect("it expands")
    }

    fn refused(arguments: &str) -> String {
        expand_in(Language::English, Purpose::Site, arguments)
            .expect_err("refused")
            .to_string()
    }

    #[test]
    fn the_figure_holds_claim_code_twin_and_recorded_output() {
        let figure = site("pipes/eof | The `read` ends & says so");
        for part in [
            "data-listing=\"pipes/eof\"",
            "The <code>read</code> ends &amp; says so",
            "```rust\nuse nix::unistd::pipe;\n",
            "    assert!(1 < 2); // (1)\n",
            "```python\n\"\"\"A pipe ends.\"\"\"\n```",
            "<samp>a &lt;b&gt;\n</samp>",
            "exit status: 3",
            "cargo run -p pipes --bin eof",
        ] {
            assert!(figure.contains(part), "{part} is missing in\n{figure}");
        }
    }

    #[test]
    fn the_claim_is_said_once_in_the_language_of_the_page() {
        let figure = site("pipes/eof | claim");
        assert_eq!(figure.matches("A pipe ends.").count(), 2, "{figure}");
        // Once for editors, once in the twin, which says it as Python does.
        assert!(
            figure.contains("data-head=\"//! A pipe ends.&#10;&#10;\""),
            "{figure}"
        );
        assert!(figure.contains("\"\"\"A pipe ends.\"\"\""), "{figure}");
    }

    #[test]
    fn anchor_lines_are_never_shown() {
        assert!(!site("pipes/eof | claim").contains("ANCHOR"));
    }

    #[test]
    fn an_anchor_shows_its_lines_alone() {
        let figure = site("pipes/eof:main | claim");
        assert!(figure.contains("```rust\nfn main() {"), "{figure}");
        let (shown, whole) = figure
            .split_once("<summary>The whole program</summary>")
            .expect("the rest is a click away");
        assert!(!shown.contains("use nix"), "{shown}");
        assert!(
            whole.contains("```rust\n//! A pipe ends.\n\nuse nix"),
            "{whole}"
        );
    }

    #[test]
    fn only_what_the_playground_has_runs_there() {
        let root = tempfile::tempdir().expect("a temp folder");
        let folder = root.path().join("listings/pool-book");
        fs::create_dir_all(folder.join("src/bin")).expect("folders");
        fs::create_dir_all(folder.join("refused")).expect("folders");
        let manifest = "[dependencies]\nnix = '1'\nrayon = '1'\n";
        fs::write(folder.join("Cargo.toml"), manifest).expect("a file");
        fs::write(folder.join("listings.toml"), "[slow]\nplayground = false\n").expect("a file");
        for (name, text, expected) in [
            ("bin/plain", "fn main() {}", true),
            ("bin/with_rayon", "fn main() { rayon::join(a, b); }", true),
            ("bin/with_nix", "use nix::unistd;", false),
            ("bin/with_own_library", "use pool_book::Pool;", false),
            ("bin/slow", "fn main() {}", false),
            ("../refused/wrong", "fn main() {}", false),
        ] {
            let file = folder.join("src").join(format!("{name}.rs"));
            fs::write(file, text).expect("a file");
            let catalogue = Catalogue::load(root.path()).expect("it loads");
            let name = name.rsplit('/').next().expect("a name");
            let listing = catalogue
                .get(&format!("pool-book/{name}"))
                .expect("it is there");
            assert_eq!(listing.runs_on_playground(), expected, "{name}");
        }
    }

    #[test]
    fn a_part_of_the_library_is_shown_by_an_anchor_without_its_indentation() {
        let figure = site("pipes/queue:take | claim");
        assert!(figure.contains("```rust\nfn take() {\n}\n```"), "{figure}");
        assert!(figure.contains("id=\"listing-queue-take\""), "{figure}");
        assert!(refused("pipes/queue | claim").contains("shown by an anchor only"));
    }

    #[test]
    fn the_words_of_the_figure_are_chinese_on_a_chinese_page() {
        let figure = expand_in(Language::Chinese, Purpose::Site, "pipes/eof | 管道到此为止");
        assert!(figure.expect("it expands").contains("预录输出"));
    }

    #[test]
    fn a_test_names_its_crates_after_the_inner_comment() {
        let test = expand_in(Language::English, Purpose::Test, "pipes/eof | claim").unwrap();
        assert!(
            test.starts_with("```rust\n//! A pipe ends.\n# extern crate nix;\n"),
            "{test}"
        );
    }

    #[test]
    fn chinese_pages_refused_programs_and_excerpts_are_not_doctests() {
        for (language, arguments) in [
            (Language::Chinese, "pipes/eof | c"),
            (Language::English, "pipes/stuck | c"),
            (Language::English, "pipes/eof:main | c"),
        ] {
            let test = expand_in(language, Purpose::Test, arguments).unwrap();
            assert!(test.starts_with("```rust,ignore\n"), "{test}");
        }
    }

    #[test]
    fn an_unknown_listing_is_named_with_the_nearest() {
        assert_eq!(
            refused("pipes/oef | claim"),
            "src/en/pipes.md:7: unknown listing `pipes/oef`\n  hint: did you mean `pipes/eof`?"
        );
    }

    #[test]
    fn a_listing_without_a_claim_is_refused() {
        assert!(refused("pipes/eof").contains("has no claim"));
        assert!(refused("pipes/eof | ").contains("is empty"));
    }

    #[test]
    fn an_unknown_anchor_is_refused() {
        assert!(refused("pipes/eof:nowhere | claim").contains("has no anchor `nowhere`"));
    }

    #[test]
    fn a_fence_outgrows_the_fences_in_its_text() {
        assert_eq!(fence("text", "```\n"), "````text\n```\n````\n");
    }
}
