//! `cargo book record`: what listings print is stored beside them; and the fresh runs that tests
//! compare with it.

use crate::doctest_libs;
use crate::programs::{self, Console, Note, Programs, Supervisor};
use anyhow::{Context, Result, bail};
use mdbook_listings::{Kind, Listing, Recorded, Timeline, Traced};
use runner::{Event, Spec, Stop, What, Why, run_with};
use serde::Deserialize;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs the listings of one chapter, or of all, and writes `recorded/<name>.json` for each; and what
/// the threads did, of the listing and of its twin, to `recorded/timeline/`, where that is missing,
/// stale or, with `anew`, wanted again.
///
/// # Errors
///
/// No such chapter; a listing does not compile, ends in another way than its settings say, or is
/// refused for another reason.
pub fn record(root: &Path, chapter: Option<&str>, anew: bool) -> Result<()> {
    let catalogue = programs::catalogue(root)?;
    if let Some(chapter) = chapter {
        programs::check_chapter(&catalogue, chapter)?;
    }
    let console = Console::new();
    let supervisor = Supervisor::this()?;
    let programs = Programs::new(root, supervisor.clone(), &catalogue);
    let executables = programs.ensure_all(chapter, &mut |note| {
        if let Note::Progress(text) = note {
            console.busy(&text);
        }
    })?;
    console.idle();
    let tracing = runner::self_test(&mut supervisor.command());
    if let Err(reason) = &tracing {
        console.say(&format!("time lines cannot be recorded here: {reason}"));
    }
    let mut untraced = Vec::new();
    for listing in catalogue.listings() {
        if chapter.is_some_and(|chapter| chapter != listing.chapter) {
            continue;
        }
        let recorded = match listing.kind {
            Kind::Program => {
                let executable = executables
                    .get(&listing.id)
                    .context("it was not compiled")?;
                run(&supervisor, listing, executable)?
            }
            Kind::Refused => refuse(root, listing)?.0,
            Kind::Library => continue,
        };
        let path = root.join(&listing.recorded_path);
        let unchanged = listing
            .recorded
            .as_ref()
            .is_some_and(|old| old.same_as(&recorded));
        if !unchanged {
            fs::create_dir_all(path.parent().context("a recording lies in a folder")?)?;
            fs::write(&path, recorded.to_json()).with_context(|| {
                format!("{} cannot be written", listing.recorded_path.display())
            })?;
        }
        console.say(&format!(
            "{}: {}",
            listing.id,
            if unchanged { "as recorded" } else { "recorded" }
        ));
        let wanted = |timeline: &&Timeline| tracing.is_ok() && (anew || !timeline.is_fresh());
        for timeline in listing.timelines().filter(wanted) {
            let python = listing.python.as_ref();
            let python = python.filter(|_| std::ptr::eq(timeline, &listing.python_timeline));
            let (spec, exit) = match (python, executables.get(&listing.id)) {
                (Some((path, _)), _) => (Spec::python(root.join(path)), 0),
                (None, Some(program)) => (Spec::listing(program), listing.settings.exit),
                (None, None) => bail!("{} was not compiled", listing.id),
            };
            let spec = spec.limit_s(listing.settings.limit_s).traced();
            match trace(root, &supervisor, timeline, &spec, exit) {
                Ok(()) => console.say(&format!("{}: recorded", timeline.path.display())),
                Err(error) => untraced.push(format!("{error:#}")),
            }
        }
    }
    match untraced.is_empty() {
        true => Ok(()),
        false => bail!("{}", untraced.join("\nerror: ")),
    }
}

/// Records what the threads of one run do.
fn trace(
    root: &Path,
    supervisor: &Supervisor,
    timeline: &Timeline,
    spec: &Spec,
    exit: i32,
) -> Result<()> {
    let mut events: Vec<Event> = Vec::new();
    let end = run_with(
        &mut supervisor.command(),
        spec,
        &Stop::new(),
        &mut |event| {
            events.push(event);
        },
    )?;
    if end.why != Why::Exit || end.code != Some(exit) {
        let said: String = events
            .iter()
            .filter_map(|event| match &event.what {
                What::Out { text, .. } | What::Err { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        bail!(
            "{}: the traced run should exit with status {exit}\n  but: {:?}, code {:?}\n  hint: where \
             it cannot be traced, write `timeline = \"none: <reason>\"`, or `python_timeline`, \
             in listings.toml\n{said}",
            timeline.path.display(),
            end.why,
            end.code,
        );
    }
    let path = root.join(&timeline.path);
    fs::create_dir_all(path.parent().context("a recording lies in a folder")?)?;
    fs::write(&path, Traced::new(timeline.of.clone(), &events).to_json())
        .with_context(|| format!("{} cannot be written", timeline.path.display()))
}

/// One fresh run of a program under the limits of the book.
///
/// # Errors
///
/// It ends in another way than its settings say; the message holds what it printed.
pub fn run(supervisor: &Supervisor, listing: &Listing, executable: &Path) -> Result<Recorded> {
    let spec = Spec::listing(executable).limit_s(listing.settings.limit_s);
    let outcome = runner::run_to_end(&mut supervisor.command(), &spec)?;
    let ended = outcome.end.why == Why::Exit && outcome.end.code == Some(listing.settings.exit);
    if !ended || outcome.end.leftovers > 0 {
        bail!(
            "{} should exit with status {} and leave nothing behind\n  but: {:?}, code {:?}, {} \
             process(es) left\n  hint: cargo run -p {} --bin {}\n{}{}",
            listing.path.display(),
            listing.settings.exit,
            outcome.end.why,
            outcome.end.code,
            outcome.end.leftovers,
            listing.chapter,
            listing.name,
            outcome.stdout,
            outcome.stderr,
        );
    }
    if outcome.stdout.ends_with(|last| last != '\n') {
        bail!(
            "{}: its output ends without a line end",
            listing.path.display()
        );
    }
    Ok(Recorded::new(
        listing.settings.exit,
        &outcome.stdout,
        &outcome.stderr,
    ))
}

/// What the compiler says, with places in the standard library the same on every machine: where its
/// sources are installed, the compiler names their folder and quotes them.
fn without_library_source(rendered: &str) -> String {
    let mut out = String::new();
    let mut in_library = false;
    for line in rendered.lines() {
        let gutter = line
            .trim_start_matches([' ', '.'])
            .trim_start_matches(|c: char| c.is_ascii_digit());
        if in_library && (gutter.trim_start().starts_with('|') || gutter.is_empty()) {
            continue;
        }
        let place = line
            .trim_start()
            .strip_prefix("--> ")
            .or(line.trim_start().strip_prefix("::: "));
        let library = place.and_then(|place| place.split_once("/library/"));
        in_library = library.is_some();
        match library {
            Some((_, place)) => out.push_str(&format!(" --> library/{place}")),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

/// One message of the compiler, as `--error-format=json` writes it.
#[derive(Deserialize)]
struct Message {
    level: String,
    message: String,
    code: Option<Code>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

/// Has the compiler refuse a program: what it says, and the codes of its errors. An error without a
/// code gives its text instead.
///
/// # Errors
///
/// The compiler cannot be started, or refuses it for another reason than its settings name.
pub fn refuse(root: &Path, listing: &Listing) -> Result<(Recorded, Vec<String>)> {
    let mut rustc = Command::new("rustc");
    rustc
        .current_dir(root)
        .args(["--edition", "2024", "--crate-type", "bin"]);
    rustc
        .args(["--emit", "metadata", "--error-format=json", "-o", "-"])
        .arg(&listing.path);
    if !listing.crates.is_empty() {
        let libraries = doctest_libs::build(root)?;
        rustc.arg("-L").arg(&libraries);
        let names = listing.crates.iter().map(String::as_str);
        rustc.args(doctest_libs::externs(&libraries, names));
    }
    let output = rustc.output().context("rustc cannot be started")?;
    let (mut said, mut errors) = (String::new(), Vec::new());
    for line in String::from_utf8_lossy(&output.stderr).lines() {
        let Ok(message) = serde_json::from_str::<Message>(line) else {
            continue;
        };
        if message.level == "failure-note" || message.message.starts_with("aborting due to") {
            continue;
        }
        said.push_str(&without_library_source(
            message.rendered.as_deref().unwrap_or(&message.message),
        ));
        if message.level == "error" {
            errors.push(message.code.map_or(message.message, |code| code.code));
        }
    }
    if errors != listing.settings.refused {
        bail!(
            "{} should be refused for {:?}\n  but: {}\n  hint: mend the program, or `refused` in \
             listings/{}/listings.toml\n{said}",
            listing.path.display(),
            listing.settings.refused,
            if errors.is_empty() {
                "it compiles".to_owned()
            } else {
                format!("{errors:?}")
            },
            listing.chapter,
        );
    }
    let exit = output.status.code().unwrap_or_default();
    let version = Command::new("rustc")
        .arg("--version")
        .output()
        .context("rustc cannot be started")?;
    let compiler = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    Ok((
        Recorded {
            compiler: Some(compiler),
            ..Recorded::new(exit, "", &said)
        },
        errors,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTE: &str = "note: required by a bound in `spawn`\n";

    #[test]
    fn the_standard_library_is_the_same_on_every_machine() {
        let bare = format!("{NOTE} --> /rustc/59807616/library/std/src/thread/scoped.rs:201:4\n");
        let with_sources = format!(
            "{NOTE}   --> /a/home/lib/rustlib/src/rust/library/std/src/thread/scoped.rs:201:4\n    |\n\
             200 |     pub fn spawn\n    |            ----- required\n...\n201 |     F: Send\n    |\n"
        );
        let said = format!("{NOTE} --> library/std/src/thread/scoped.rs:201:4\n");
        assert_eq!(without_library_source(&bare), said);
        assert_eq!(without_library_source(&with_sources), said);
    }

    #[test]
    fn the_program_itself_is_quoted() {
        let own =
            "error: no\n --> listings/a/refused/b.rs:7:3\n  |\n7 |     spawn\n  |     ^^^^^\n";
        assert_eq!(without_library_source(own), own);
    }
}
