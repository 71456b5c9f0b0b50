//! `cargo book trace`: any program of the reader's, with what each of its threads did.

use crate::programs::Supervisor;
use crate::run;
use anyhow::{Context, Result};
use directives::Language;
use runner::Spec;
use std::path::Path;
use std::process::ExitCode;

/// Runs a command in the working folder, with the reader's own environment and rights and without input,
/// traced; its output and exit status are the command's own. What its threads did is drawn into the file.
///
/// # Errors
///
/// Runs cannot be traced here, or the file cannot be written.
pub fn trace(file: &Path, chinese: bool, command: &[String]) -> Result<ExitCode> {
    let (program, arguments) = command.split_first().context("no program is named")?;
    let folder = std::env::current_dir().context("the working folder cannot be read")?;
    let spec = Spec::tool(program, folder).args(arguments);
    let language = match chinese {
        true => Language::Chinese,
        false => Language::English,
    };
    run::draw(&Supervisor::this()?, &spec, file, language)
}
