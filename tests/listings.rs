//! Every listing is whole, shown in both languages, explained, and alone under its name.

use crate::sources::{self, Page, catalogue, listing_of, none, read, root, says};
use crate::summary;
use directives::{Directive, Language, Problem};
use mdbook_listings::{Catalogue, Kind, Listing, Purpose, Request, expand};
use mdbook_markdown::pulldown_cmark::{Event, Tag, TagEnd};
use regex::Regex;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

/// Listings that a language does not show, and listing crates that are no chapter.
fn check_shown(
    catalogue: &Catalogue,
    crates: &[String],
    pages: &[Page],
    slugs: &[String],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for language in Language::BOTH {
        let directives: Vec<Directive> = pages
            .iter()
            .filter(|page| page.language == language)
            .flat_map(Page::directives)
            .collect();
        let shown: BTreeSet<&str> = directives
            .iter()
            .filter_map(listing_of)
            .map(|(id, _)| id)
            .collect();
        for listing in catalogue
            .listings()
            .filter(|listing| listing.kind != Kind::Library)
            .filter(|listing| !shown.contains(listing.id.as_str()))
        {
            let folder = language.folder();
            problems.push(
                Problem::new(
                    &listing.path,
                    0,
                    format!("no page under src/{folder}/ shows it"),
                )
                .hint(format!(
                    "write `{{{{#listing {} | <claim>}}}}` in src/{folder}/{}.md, or delete it",
                    listing.id, listing.chapter
                )),
            );
        }
    }
    for name in crates.iter().filter(|name| !slugs.contains(name)) {
        problems.push(
            Problem::new(
                Path::new("listings").join(name),
                0,
                "the crate is named like no chapter",
            )
            .hint("name it like the chapter's pages, and list those in src/SUMMARY.md")
            .did_you_mean(name, slugs.iter().map(String::as_str)),
        );
    }
    problems
}

/// Binaries of one name, from the JSON of `cargo metadata`.
fn check_bins(metadata: &Value) -> Vec<Problem> {
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let packages = metadata["packages"].as_array().into_iter().flatten();
    for target in packages.flat_map(|package| package["targets"].as_array().into_iter().flatten()) {
        let is_bin = target["kind"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|kind| kind == "bin");
        if let (true, Some(name), Some(path)) =
            (is_bin, target["name"].as_str(), target["src_path"].as_str())
        {
            files.entry(name).or_default().push(path);
        }
    }
    let root = metadata["workspace_root"].as_str().unwrap_or_default();
    let relative = |path: &str| {
        Path::new(path)
            .strip_prefix(root)
            .unwrap_or(Path::new(path))
            .to_path_buf()
    };
    let twice = files.into_iter().filter(|(_, paths)| paths.len() > 1);
    twice
        .map(|(name, mut paths)| {
            paths.sort_unstable();
            let others = paths[1..]
                .iter()
                .map(|path| relative(path).display().to_string());
            let others = others.collect::<Vec<_>>().join(", ");
            let message = format!("the binary `{name}` exists twice: also {others}");
            Problem::new(relative(paths[0]), 0, message)
                .hint("rename one: cargo would run whichever was linked last")
        })
        .collect()
}

/// Listing crates that bear the name of a dependency.
fn check_crate_names(crates: &[String], lock: &str) -> Vec<Problem> {
    let lock: toml::Table = lock.parse().expect("Cargo.lock is TOML");
    let packages = lock["package"]
        .as_array()
        .expect("Cargo.lock lists packages");
    let foreign = packages
        .iter()
        .filter(|package| package.get("source").is_some());
    let foreign: BTreeSet<&str> = foreign
        .filter_map(|package| package["name"].as_str())
        .collect();
    let same = crates.iter().filter(|name| foreign.contains(name.as_str()));
    same.map(|name| {
        Problem::new(
            Path::new("listings").join(name),
            0,
            format!("`{name}` is also a dependency"),
        )
        .hint("give the chapter another slug: cargo cannot tell the two apart in `-p`")
    })
    .collect()
}

/// Sleeping threads, in either language: nothing is ordered by hoping.
fn check_sleep(path: &Path, source: &str) -> Vec<Problem> {
    static SLEEP: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"thread::(sleep|\{[^}]*\bsleep)|\btime\.sleep\b|from time import[^\n]*\bsleep")
            .expect("a valid pattern")
    });
    let code =
        |line: &str| !line.trim_start().starts_with("//") && !line.trim_start().starts_with('#');
    let lines = source
        .lines()
        .enumerate()
        .filter(|(_, line)| code(line) && SLEEP.is_match(line));
    lines
        .map(|(number, _)| {
            Problem::new(path, number + 1, "a listing sleeps").hint(
                "order threads by join, channel, barrier or condition; wait with a time limit by \
                 `recv_timeout`, `wait_timeout` or `park_timeout`",
            )
        })
        .collect()
}

/// The numbers of the call-outs, `// (1)` in Rust and `# (1)` in Python.
fn callouts(source: &str) -> BTreeSet<u64> {
    static CALLOUT: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?://|#) \((\d+)\)").expect("a valid pattern"));
    CALLOUT
        .captures_iter(source)
        .filter_map(|found| found[1].parse().ok())
        .collect()
}

fn numbers(callouts: &BTreeSet<u64>) -> String {
    match callouts.len() {
        0 => "none".to_owned(),
        _ => callouts
            .iter()
            .map(|n| format!("({n})"))
            .collect::<Vec<_>>()
            .join(" "),
    }
}

/// Call-outs that are not 1, 2, 3 ..., or not the same in the Python twin.
fn check_callouts(listing: &Listing) -> Vec<Problem> {
    let mut problems = Vec::new();
    let own = callouts(&listing.source);
    if own.iter().copied().ne(1..=own.len() as u64) {
        problems.push(
            Problem::new(
                &listing.path,
                0,
                format!("its call-outs are {}", numbers(&own)),
            )
            .hint("number them 1, 2, 3 ... without a gap"),
        );
    }
    if let Some((path, text)) = &listing.python
        && callouts(text) != own
    {
        let message = format!(
            "its call-outs are {}, those of {} are {}",
            numbers(&callouts(text)),
            listing.path.display(),
            numbers(&own)
        );
        problems.push(
            Problem::new(path, 0, message)
                .hint("mark the lines that do the same: one text explains both"),
        );
    }
    problems
}

/// Listings of a page whose call-outs are not explained by the numbered list right after them.
fn check_explained(page: &Page, catalogue: &Catalogue) -> Vec<Problem> {
    let mut problems = Vec::new();
    for directive in page
        .directives()
        .iter()
        .filter(|directive| directive.name == "listing")
    {
        let request = Request {
            path: &page.path,
            line: directive.line,
            arguments: &directive.arguments,
            language: page.language,
            purpose: Purpose::Test,
        };
        let Ok(shown) = expand(catalogue, request) else {
            continue;
        };
        let marked = callouts(&shown);
        let explained = numbered_list_after(page, directive.range.end);
        let Some((id, _)) = listing_of(directive) else {
            continue;
        };
        // Another chapter may show a listing as a taste, without going through it.
        let own = id.split('/').next() == Some(page.slug.as_str());
        if !marked.is_empty() && marked != explained && (own || !explained.is_empty()) {
            let message = format!(
                "`{id}` has the call-outs {}, the list after it explains {}",
                numbers(&marked),
                numbers(&explained)
            );
            problems.push(
                page.problem(directive.line, message)
                    .hint("right after the listing, write a numbered list with one item for each"),
            );
        }
    }
    problems
}

/// The numbers of the ordered list that follows a byte of the page, if the next block is one.
fn numbered_list_after(page: &Page, at: usize) -> BTreeSet<u64> {
    let mut events = page
        .events()
        .skip_while(|(_, range)| range.start < at)
        .map(|(event, _)| event);
    let Some(Event::Start(Tag::List(Some(first)))) = events.next() else {
        return BTreeSet::new();
    };
    let mut depth = 1;
    let mut items = 0;
    for event in events {
        match event {
            Event::Start(Tag::List(_)) => depth += 1,
            Event::End(TagEnd::List(_)) => depth -= 1,
            Event::Start(Tag::Item) if depth == 1 => items += 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    (first..first + items).collect()
}

/// The folders under `listings/`.
fn crates() -> Vec<String> {
    let entries = fs::read_dir(root().join("listings")).expect("listings/ exists");
    let folders = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_dir());
    folders
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn every_listing_has_a_claim_a_twin_and_a_recording() {
    none(catalogue().check());
}

#[test]
fn every_listing_is_shown_in_both_languages() {
    let slugs = summary::slugs(&read("src/SUMMARY.md"), Language::English);
    none(check_shown(
        catalogue(),
        &crates(),
        sources::pages(),
        &slugs,
    ));
}

#[test]
fn binary_names_are_unique_in_the_workspace() {
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--locked",
            "--format-version",
            "1",
        ])
        .output()
        .expect("cargo can be started");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    none(check_bins(&metadata));
}

#[test]
fn no_listing_crate_is_named_like_a_dependency() {
    none(check_crate_names(&crates(), &read("Cargo.lock")));
}

#[test]
fn no_listing_sleeps() {
    let rust = catalogue()
        .listings()
        .map(|listing| (&listing.path, &listing.source));
    let python = catalogue()
        .listings()
        .filter_map(|listing| listing.python.as_ref());
    let all = rust.chain(python.map(|(path, text)| (path, text)));
    none(
        all.flat_map(|(path, text)| check_sleep(path, text))
            .collect(),
    );
}

#[test]
fn twins_share_their_call_outs() {
    none(catalogue().listings().flat_map(check_callouts).collect());
}

#[test]
fn every_call_out_is_explained_in_both_languages() {
    let pages = sources::pages().iter();
    none(
        pages
            .flat_map(|page| check_explained(page, catalogue()))
            .collect(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const RUST: &str = "//! A.\nfn main() {\n    go(); // (1)\n    // ANCHOR: end\n    stop(); // (2) so\n    \
                        // ANCHOR_END: end\n}\n";

    fn book(rust: &str, python: &str) -> Catalogue {
        let root = tempfile::tempdir().expect("a temp folder");
        for (path, text) in [
            ("Cargo.toml", ""),
            ("src/bin/one.rs", rust),
            ("python/one.py", python),
        ] {
            let path = root.path().join("listings/t").join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            fs::write(path, text).expect("a file");
        }
        Catalogue::load(root.path()).expect("it loads")
    }

    fn page(language: &str, text: &str) -> Page {
        Page::new(format!("src/{language}/t.md"), text)
    }

    #[test]
    fn a_listing_that_one_language_does_not_show_is_named() {
        let pages = [
            page("en", "{{#listing t/one:end | One}}\n"),
            page("zh", "`{{#listing t/one | 一}}`\n"),
        ];
        let slugs = ["t".to_owned()];
        let problems = check_shown(&book(RUST, ""), &slugs, &pages, &slugs);
        assert_eq!(problems.len(), 1);
        says(
            problems,
            "listings/t/src/bin/one.rs: no page under src/zh/ shows it",
        );
    }

    #[test]
    fn a_listing_crate_without_a_chapter_is_named() {
        let [lock, locks] = ["lock", "locks"].map(str::to_owned);
        let problems = check_shown(&Catalogue::default(), &[lock], &[], &[locks]);
        says(
            problems,
            "listings/lock: the crate is named like no chapter\n  hint: did you mean `locks`?",
        );
    }

    #[test]
    fn two_binaries_of_one_name_are_named_with_both_files() {
        let bin =
            |path: &str| json!({"targets": [{"kind": ["bin"], "name": "a", "src_path": path}]});
        let metadata =
            |paths: [&str; 2]| json!({"workspace_root": "/r", "packages": paths.map(bin)});
        let problems = check_bins(&metadata([
            "/r/listings/y/src/bin/a.rs",
            "/r/listings/x/src/bin/a.rs",
        ]));
        says(
            problems,
            "listings/x/src/bin/a.rs: the binary `a` exists twice: also listings/y/src/bin/a.rs",
        );
        let lib = json!({"targets": [{"kind": ["lib"], "name": "a", "src_path": "/r/a"}]});
        none(check_bins(&json!({"packages": [lib, bin("/r/b")]})));
    }

    #[test]
    fn a_crate_named_like_a_dependency_is_named() {
        let lock =
            "[[package]]\nname = \"rayon\"\nsource = \"registry\"\n[[package]]\nname = \"speed\"\n";
        let crates = ["rayon", "speed"].map(str::to_owned);
        let problems = check_crate_names(&crates, lock);
        assert_eq!(problems.len(), 1);
        says(problems, "listings/rayon: `rayon` is also a dependency");
    }

    #[test]
    fn a_sleeping_listing_is_named_with_its_line() {
        for (path, source) in [
            ("a.rs", "//! A.\nstd::thread::sleep(TICK);\n"),
            ("a.rs", "//! A.\nuse std::thread::{self, sleep};\n"),
            ("a.py", "\"\"\"A.\"\"\"\ntime.sleep(1)\n"),
            ("a.py", "\"\"\"A.\"\"\"\nfrom time import sleep\n"),
        ] {
            says(check_sleep(Path::new(path), source), ":2: a listing sleeps");
        }
        none(check_sleep(
            Path::new("a.rs"),
            "// thread::sleep would not do\ntokio::time::sleep(d).await;\n",
        ));
    }

    #[test]
    fn call_outs_with_a_gap_or_unlike_the_twin_are_named() {
        let check = |rust: &str, python: &str| {
            let catalogue = book(rust, python);
            check_callouts(catalogue.get("t/one").expect("it is there"))
        };
        none(check(RUST, "go()  # (1)\nstop()  # (2) so\n"));
        says(
            check(RUST, "go()  # (1)\n"),
            "one.py: its call-outs are (1), those of listings/t",
        );
        says(
            check(&RUST.replace("(2)", "(3)"), "# (1) # (3)"),
            "one.rs: its call-outs are (1) (3)",
        );
    }

    #[test]
    fn call_outs_without_their_list_are_named() {
        let check = |text: &str| check_explained(&page("en", text), &book(RUST, ""));
        let elsewhere =
            |text: &str| check_explained(&Page::new("src/en/index.md", text), &book(RUST, ""));
        none(elsewhere("{{#listing t/one | One}}\n\nText.\n"));
        says(
            elsewhere("{{#listing t/one | One}}\n\n1. It goes.\n"),
            "src/en/index.md:1: ",
        );
        none(check(
            "{{#listing t/one | One}}\n\n1. It goes.\n2. It stops.\n   - so\n",
        ));
        none(check("{{#listing t/one:end | One}}\n\n2. It stops.\n"));
        let expected =
            "src/en/t.md:1: `t/one` has the call-outs (1) (2), the list after it explains";
        says(
            check("{{#listing t/one | One}}\n\n1. It goes.\n"),
            &format!("{expected} (1)"),
        );
        says(
            check("{{#listing t/one | One}}\n\nText.\n\n1. Go\n2. Stop\n"),
            &format!("{expected} none"),
        );
    }
}
