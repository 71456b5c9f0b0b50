//! Whether runs can be traced here.

use crate::client::{Stop, run_with};
use crate::event::{What, Why};
use crate::spec::Spec;
use std::process::Command;

const WORD: &str = "traced";

/// Traces one tiny program, in the way in which every run is traced.
///
/// `supervisor` is the command that [`run_with`] wants. Where its environment says `BOOK_TRACE=off`, no
/// run is traced: for a look at the pages without tracing.
///
/// # Errors
///
/// Runs cannot be traced here; the error says why, in words for the reader of a terminal.
pub fn self_test(supervisor: &mut Command) -> Result<(), String> {
    if !cfg!(all(
        target_os = "linux",
        target_arch = "x86_64",
        target_env = "gnu"
    )) {
        return Err("only x86_64 Linux has it".to_owned());
    }
    let spec = Spec {
        wall_ms: 5_000,
        ..Spec::listing("sh").args(["-c", &format!("echo {WORD}")])
    };
    let mut seen = false;
    let mut said = String::new();
    let end = run_with(
        supervisor,
        &spec.traced(),
        &Stop::new(),
        &mut |event| match event.what {
            // That the thread is known proves that the filter's stops arrive.
            What::Out { text, tid } => seen |= text.trim_end() == WORD && tid.is_some(),
            What::Err { text, .. } => said.push_str(&text),
            _ => {}
        },
    );
    match end {
        Ok(end) if seen && end.why == Why::Exit => Ok(()),
        Ok(_) if said.is_empty() => Err("a tiny program was not seen to print".to_owned()),
        Ok(_) => Err(said.trim_end().replace("sh cannot be started: ", "")),
        Err(error) => Err(format!("{error:#}")),
    }
}
