//! `listings.toml`: what of a listing is not default.

use serde::Deserialize;

/// How often `cargo book test` repeats a listing, by what could go wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stress {
    /// It synchronises threads or processes: 1,000 runs with `--full`.
    #[default]
    Sync,
    /// It hangs on purpose, in a deadlock, and its watchdog ends it: 25 runs with `--full`.
    Watchdog,
    /// It spins for ever on purpose, which is no deadlock, and its watchdog ends it: as often.
    Spins,
    /// One run is enough.
    None,
}

/// One table of `listings.toml`. A listing without a table has the default of each key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// `none: <reason>` where Python has no counterpart of the listing.
    pub python: Option<String>,
    /// `none: <reason>` where the program cannot be traced.
    pub timeline: Option<String>,
    /// `none: <reason>` where its Python twin cannot be traced.
    pub python_timeline: Option<String>,
    /// Wall-clock limit of one run, in seconds; the runner's own default when absent.
    pub limit_s: Option<u64>,
    /// Exit status of a run that went as it should.
    pub exit: i32,
    /// Whether `mdbook test` runs it too. Off for programs that start themselves again.
    pub doctest: bool,
    /// How often it is repeated.
    pub stress: Stress,
    /// Whether play.rust-lang.org can run it.
    pub playground: bool,
    /// For a program under `refused/`: the error codes, or, for an error without a code, its text.
    pub refused: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            python: None,
            timeline: None,
            python_timeline: None,
            limit_s: None,
            exit: 0,
            doctest: true,
            stress: Stress::default(),
            playground: true,
            refused: Vec::new(),
        }
    }
}
