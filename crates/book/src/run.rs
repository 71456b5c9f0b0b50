//! `cargo book run`: one listing in the terminal, under the limits of the book.

use crate::programs::{self, Console, Note, Programs, Supervisor};
use anyhow::{Result, anyhow};
use runner::{Spec, Stop, What, Why};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Runs a listing, compiled first if need be; its output and its exit status are the command's own.
///
/// # Errors
///
/// No such listing, or it does not compile.
pub fn run(root: &Path, id: &str) -> Result<ExitCode> {
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
    let end = runner::run_with(
        &mut supervisor.command(),
        &spec,
        &Stop::new(),
        &mut |event| {
            // A closed terminal is no reason to leave the run behind: it goes on to its end or limit.
            let _ = match event.what {
                What::Out { text } => std::io::stdout().write_all(text.as_bytes()),
                What::Err { text } => std::io::stderr().write_all(text.as_bytes()),
                _ => Ok(()),
            };
        },
    )?;
    let seconds = end.wall_ms / 1000;
    match end.why {
        Why::Exit => {}
        Why::Signal => eprintln!(
            "the listing was killed by signal {}",
            end.code.unwrap_or_default()
        ),
        Why::Timeout => eprintln!("stopped: it was still running after {seconds} s"),
        Why::OutputLimit => eprintln!(
            "stopped: it printed more than {} KiB",
            Spec::OUTPUT_BYTES >> 10
        ),
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
    Ok(ExitCode::from(status))
}
