//! What a supervisor is asked to run.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One run. The client sends it to the supervisor as one line of JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spec {
    /// Name of the run, given back in the `start` event.
    pub run: String,
    /// The executable: an absolute path, or a name that is looked up in the PATH; the name that
    /// `source` gets once it is compiled.
    pub program: PathBuf,
    /// What the program is compiled from, in this very run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// A file for an interpreter: `python3` with the script `fork.py`. It becomes the first argument.
    pub script: Option<PathBuf>,
    /// The other arguments.
    pub args: Vec<String>,
    /// Listing or build.
    pub setting: Setting,
    /// Limit of wall-clock time, in milliseconds.
    pub wall_ms: u64,
    /// Limit of standard output and standard error together, in bytes.
    pub output_bytes: usize,
    /// Whether to trace what each thread does, see [`crate::self_test`].
    #[serde(default)]
    pub trace: bool,
}

/// A program in one file, compiled by one call of rustc.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The compiler, by its absolute path.
    pub rustc: PathBuf,
    /// Its arguments but for the file, the output and the form of the messages.
    pub args: Vec<String>,
    /// The file as messages and panics name it: a relative path, without `..`.
    pub file: PathBuf,
    /// Its text.
    pub text: String,
}

/// In what surroundings the program runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Setting {
    /// A program of the book: clean environment, scratch folder, limits; as root, another user.
    Listing,
    /// A tool of ours, such as cargo: the supervisor's own environment, in this folder, no limits
    /// but time and output. Nothing of it survives either.
    Tool {
        /// The working folder.
        folder: PathBuf,
    },
}

impl Spec {
    /// Wall-clock limit of a listing that does not set its own: 10 s, in milliseconds.
    pub const WALL_MS: u64 = 10_000;
    /// Output limit of a listing: 256 KiB, in bytes.
    pub const OUTPUT_BYTES: usize = 256 * 1024;

    /// Wall-clock limit of a compilation: 30 s, in milliseconds.
    pub const COMPILE_MS: u64 = 30_000;
    /// Limit of what the compiler may say: 1 MiB, in bytes.
    pub const COMPILE_BYTES: usize = 1 << 20;

    /// A listing with the default limits.
    pub fn listing(program: impl Into<PathBuf>) -> Self {
        Self {
            run: String::new(),
            program: program.into(),
            source: None,
            script: None,
            args: Vec::new(),
            setting: Setting::Listing,
            wall_ms: Self::WALL_MS,
            output_bytes: Self::OUTPUT_BYTES,
            trace: false,
        }
    }

    /// A program that is still to be compiled: the same surroundings and limits as a listing, and for
    /// its compilation those of the compiler.
    pub fn source(source: Source) -> Self {
        let name = source.file.file_stem().unwrap_or("program".as_ref());
        Self {
            program: PathBuf::from(name),
            source: Some(source),
            ..Self::listing("")
        }
    }

    /// A Python twin: the same surroundings and limits as a listing.
    pub fn python(script: impl Into<PathBuf>) -> Self {
        Self {
            script: Some(script.into()),
            ..Self::listing("python3")
        }
    }

    /// A tool of ours in a folder, with half an hour and 64 MiB of output.
    pub fn tool(program: impl Into<PathBuf>, folder: impl Into<PathBuf>) -> Self {
        Self {
            setting: Setting::Tool {
                folder: folder.into(),
            },
            wall_ms: 30 * 60 * 1000,
            output_bytes: 64 * 1024 * 1024,
            ..Self::listing(program)
        }
    }

    /// The same run with arguments.
    #[must_use]
    pub fn args<I: IntoIterator<Item = S>, S: Into<String>>(mut self, args: I) -> Self {
        self.args = args.into_iter().map(Into::into).collect();
        self
    }

    /// The same run, traced.
    #[must_use]
    pub fn traced(mut self) -> Self {
        self.trace = true;
        self
    }

    /// The same run with its own wall-clock limit, in seconds; `None` keeps the default.
    #[must_use]
    pub fn limit_s(mut self, limit_s: Option<u64>) -> Self {
        if let Some(limit_s) = limit_s {
            self.wall_ms = limit_s.saturating_mul(1000);
        }
        self
    }
}
