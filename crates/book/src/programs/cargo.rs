//! One run of cargo: what it is asked, and what its JSON messages say.

use super::Note;
use anyhow::Result;
use runner::{Diagnostic, Spec, Stop, What, Why, run_with};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Variables of an outer `cargo run` or `cargo test` that would change what an inner cargo does.
const OUTER: [&str; 7] = [
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_MAKEFLAGS",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_DIR",
    "CARGO_TARGET_TMPDIR",
    "MAKEFLAGS",
    "MFLAGS",
];
/// The same, by their beginnings.
const OUTER_PREFIXES: [&str; 4] = [
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
];

/// What to compile.
pub struct Build<'a> {
    /// The workspace.
    pub root: &'a Path,
    /// Crate and binary of each program.
    pub programs: Vec<(&'a str, &'a str)>,
    /// All listing crates. Named in every build, for which features a dependency gets hangs on them: a
    /// click must not compile it once more with fewer.
    pub crates: &'a BTreeSet<String>,
}

/// Libraries that cargo has built.
#[derive(Debug, Clone, Default)]
pub struct Libraries {
    /// The file of each, by package id.
    pub files: BTreeMap<String, PathBuf>,
    /// Where build scripts say that native libraries are, in the form of rustc's `-L`.
    pub native: BTreeSet<String>,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Built {
    /// By crate and binary.
    executables: BTreeMap<(String, String), PathBuf>,
    /// Crate, target (none for a library), and the compiler's words.
    errors: Vec<(String, Option<String>, String)>,
    /// What cargo itself says is wrong.
    complaint: String,
    /// What the programs are linked with.
    pub libraries: Libraries,
}

impl Built {
    /// The executable, or why there is none.
    pub fn of(&self, chapter: &str, name: &str) -> Result<PathBuf, String> {
        if let Some(executable) = self.executables.get(&(chapter.to_owned(), name.to_owned())) {
            return Ok(executable.clone());
        }
        let own: String = self
            .errors
            .iter()
            .filter(|(of, target, _)| {
                of == chapter && target.as_ref().is_none_or(|target| target == name)
            })
            .map(|(_, _, text)| text.as_str())
            .collect();
        Err(if own.is_empty() {
            self.complaint.clone()
        } else {
            own
        })
    }
}

/// A line of `--message-format=json`, as far as it matters here.
#[derive(Deserialize)]
struct Message<'a> {
    reason: String,
    package_id: Option<String>,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    executable: Option<PathBuf>,
    #[serde(default)]
    linked_paths: Vec<String>,
    #[serde(borrow)]
    message: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Build<'_> {
    /// Compiles under the supervisor, so that nothing of cargo survives a stop or our own death.
    ///
    /// # Errors
    ///
    /// Cargo cannot be started. Programs that do not compile are in [`Built`].
    pub fn run(
        &self,
        supervisor: &mut Command,
        stop: &Stop,
        on_note: &mut dyn FnMut(Note),
    ) -> Result<Built> {
        without_outer_cargo(supervisor);
        let spec = Spec::tool(program(), self.root).args(self.arguments());
        let mut built = Built::default();
        let mut out = Lines::default();
        let mut err = Lines::default();
        let wanted = self.programs.len();
        let end = run_with(supervisor, &spec, stop, &mut |event| match event.what {
            What::Out { text, .. } => out.push(&text, |line| built.take(line, on_note)),
            What::Err { text, .. } => err.push(&text, |line| {
                let line = line.trim();
                if let Some(what) = progress(line) {
                    let done = built.executables.len();
                    let count = if wanted > 1 {
                        format!(" ({done} of {wanted} programs)")
                    } else {
                        String::new()
                    };
                    on_note(Note::Progress(format!("{what}{count}")));
                } else if !line.starts_with("Finished")
                    && !line.starts_with("warning: build failed")
                {
                    built.complaint.push_str(line);
                    built.complaint.push('\n');
                }
            }),
            _ => {}
        })?;
        match end.why {
            Why::StartFailed => anyhow::bail!("{}", built.complaint.trim_end()),
            Why::Timeout => built
                .complaint
                .push_str("cargo was stopped after half an hour\n"),
            _ => {}
        }
        Ok(built)
    }

    fn arguments(&self) -> Vec<String> {
        let mut arguments: Vec<String> = [
            "build",
            "--locked",
            "--keep-going",
            "--target-dir",
            "target/listings",
        ]
        .map(str::to_owned)
        .into();
        arguments.push("--message-format=json".to_owned());
        let crates = self.crates.iter();
        arguments.extend(crates.flat_map(|name| ["-p".to_owned(), name.clone()]));
        let bins = self
            .programs
            .iter()
            .flat_map(|(_, bin)| ["--bin".to_owned(), (*bin).to_owned()]);
        arguments.extend(bins);
        arguments
    }
}

impl Built {
    fn take(&mut self, line: &str, on_note: &mut dyn FnMut(Note)) {
        let Ok(message) = serde_json::from_str::<Message>(line) else {
            return;
        };
        self.libraries.native.extend(message.linked_paths);
        let (Some(manifest), Some(target)) = (message.manifest_path, message.target) else {
            return;
        };
        let folder = manifest
            .parent()
            .and_then(Path::file_name)
            .unwrap_or_default();
        let chapter = folder.to_string_lossy().into_owned();
        let is_program = target.kind.iter().any(|kind| kind == "bin");
        match (message.reason.as_str(), message.message) {
            ("compiler-artifact", _) if is_program => {
                if let Some(executable) = message.executable {
                    self.executables.insert((chapter, target.name), executable);
                }
            }
            ("compiler-artifact", _) => {
                let file = message.filenames.into_iter().find(|file| is_library(file));
                self.libraries.files.extend(message.package_id.zip(file));
            }
            ("compiler-message", Some(said)) => {
                let Ok(Some(said)) = Diagnostic::from_json(said.get()) else {
                    return;
                };
                if said.level == "error" {
                    let of = is_program.then_some(target.name);
                    self.errors.push((chapter, of, format!("{}\n", said.text)));
                }
                on_note(Note::Diagnostic(said));
            }
            _ => {}
        }
    }
}

/// Whether a file of an artifact is what rustc takes as `--extern`; procedural macros are dynamic.
fn is_library(file: &Path) -> bool {
    let extension = file.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|found| found == "rlib" || found == std::env::consts::DLL_EXTENSION)
}

/// The cargo that started us, if one did: rustup's choice is made already.
pub fn program() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

/// Takes out of a command's environment what an outer cargo has put into ours.
fn without_outer_cargo(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        if OUTER.contains(&text) || OUTER_PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
}

/// `Compiling serde v1.0.2` is worth telling: with a small letter, without paths.
fn progress(line: &str) -> Option<String> {
    let (verb, rest) = line.split_once(' ')?;
    let telling = [
        "Compiling",
        "Downloading",
        "Downloaded",
        "Updating",
        "Blocking",
        "Locking",
    ];
    let rest = rest.split(" (").next().unwrap_or(rest);
    telling
        .contains(&verb)
        .then(|| format!("{} {rest}", verb.to_lowercase()))
}

/// Text that comes in pieces becomes lines.
#[derive(Default)]
struct Lines {
    rest: String,
}

impl Lines {
    fn push(&mut self, text: &str, mut on_line: impl FnMut(&str)) {
        self.rest.push_str(text);
        let Some(end) = self.rest.rfind('\n') else {
            return;
        };
        let rest = self.rest.split_off(end + 1);
        self.rest.lines().for_each(&mut on_line);
        self.rest = rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_names_what_is_compiled() {
        let line = "Compiling threads v0.1.0 (/somewhere/listings/threads)";
        assert_eq!(progress(line), Some("compiling threads v0.1.0".to_owned()));
        assert_eq!(progress("error: could not compile"), None);
    }

    #[test]
    fn lines_are_put_together_again() {
        let mut lines = Lines::default();
        let mut seen = Vec::new();
        for piece in ["a", "b\nc\nd", "e\n", "f"] {
            lines.push(piece, |line| seen.push(line.to_owned()));
        }
        assert_eq!(seen, ["ab", "c", "de"]);
    }

    #[test]
    fn an_error_of_the_library_is_an_error_of_each_program() {
        let mut built = Built::default();
        let library = r#"{"reason":"compiler-message","manifest_path":"/x/pipes/Cargo.toml",
            "target":{"name":"pipes","kind":["lib"]},
            "message":{"message":"no","level":"error","code":null,"rendered":"error: no","spans":[]}}"#;
        built.take(library, &mut |_| {});
        assert_eq!(built.of("pipes", "eof"), Err("error: no\n".to_owned()));
        assert_eq!(built.of("threads", "builder"), Err(String::new()));
    }
}
