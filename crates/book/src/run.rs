//! `cargo book run`: one listing in the terminal, under the limits of the book.

use crate::programs::{self, Console, Note, Programs, Supervisor};
use anyhow::{Context, Result, anyhow};
use directives::Language;
use runner::{End, Event, Spec, Stop, What, Why};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Runs a listing, compiled first if need be; its output and its exit status are the command's own. With
/// `timeline` it is traced, and drawn into that file.
///
/// # Errors
///
/// No such listing, it does not compile, or runs cannot be traced here.
pub fn run(root: &Path, id: &str, timeline: Option<&Path>) -> Result<ExitCode> {
    let catalogue = programs::catalogue(root)?;
    let supervisor = Supervisor::this()?;
    let programs = Programs::new(root, supervisor.clone(), &catalogue);
    let console = Console::new();
    let executable = programs
        .ensure(id, &Stop::new(), &mut |note| {
            if let Note::Progress(text) = note {
                console.busy(&text);
            }
        })
        .map_err(|error| anyhow!("listing `{id}`: {error}"))?;
    console.idle();
    let limit_s = catalogue
        .get(id)
        .and_then(|listing| listing.settings.limit_s);
    let spec = Spec::listing(executable).limit_s(limit_s);
    match timeline {
        None => show(&supervisor, &spec, &mut |_| {}),
        Some(file) => draw(&supervisor, &spec, file, Language::English),
    }
}

/// Runs a program in the terminal, traced, and draws what its threads did into a file.
///
/// # Errors
///
/// Runs cannot be traced here, or the file cannot be written.
pub fn draw(
    supervisor: &Supervisor,
    spec: &Spec,
    file: &Path,
    language: Language,
) -> Result<ExitCode> {
    if let Err(reason) = runner::self_test(&mut supervisor.command()) {
        return Err(anyhow!("runs cannot be traced here: {reason}"));
    }
    let mut events = Vec::new();
    let status = show(supervisor, &spec.clone().traced(), &mut |event| {
        events.push(event.clone());
    })?;
    let layout = timeline::layout(&events);
    let drawing = timeline::draw(&layout, language, "timeline");
    fs::write(file, drawing.svg)
        .with_context(|| format!("{} cannot be written", file.display()))?;
    for line in timeline::deadlock(&layout, language) {
        eprintln!("{line}");
    }
    eprintln!(
        "{}\nthe time line is in {}",
        drawing.summary,
        file.display()
    );
    Ok(status)
}

/// Runs a program: its output is the command's own, and so is the exit status that is returned.
fn show(
    supervisor: &Supervisor,
    spec: &Spec,
    on_event: &mut dyn FnMut(&Event),
) -> Result<ExitCode> {
    let end = runner::run_with(
        &mut supervisor.command(),
        spec,
        &Stop::new(),
        &mut |event| {
            on_event(&event);
            // A closed terminal is no reason to leave the run behind: it goes on to its end or limit.
            let _ = match event.what {
                What::Out { text, .. } => std::io::stdout().write_all(text.as_bytes()),
                What::Err { text, .. } => std::io::stderr().write_all(text.as_bytes()),
                _ => Ok(()),
            };
        },
    )?;
    Ok(status(&end, spec))
}

/// Says what was unusual about an end, and turns it into an exit status.
fn status(end: &End, spec: &Spec) -> ExitCode {
    let seconds = end.wall_ms / 1000;
    match end.why {
        Why::Exit => {}
        Why::Signal => eprintln!(
            "the program was killed by signal {}",
            end.code.unwrap_or_default()
        ),
        Why::Timeout => eprintln!("stopped: it was still running after {seconds} s"),
        Why::OutputLimit => eprintln!(
            "stopped: it printed more than {} KiB",
            spec.output_bytes >> 10
        ),
        Why::EventLimit => eprintln!("stopped: it did more than a time line can show"),
        Why::Deadlock => eprintln!("stopped: no thread of it could ever go on"),
        Why::Stopped | Why::BuildFailed | Why::StartFailed => eprintln!("it did not run"),
    }
    if end.leftovers > 0 {
        eprintln!(
            "{} process(es) that it left behind were ended",
            end.leftovers
        );
    }
    let status = match end.why {
        Why::Exit => end
            .code
            .and_then(|code| u8::try_from(code).ok())
            .unwrap_or(1),
        _ => 1,
    };
    ExitCode::from(status)
}
