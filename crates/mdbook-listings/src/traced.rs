//! What the threads of a listing did in a traced run, stored beside its output.

use crate::recorded::Recorded;
use runner::{Event, What};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::Path;

/// The content of `recorded/timeline/<name>.json`, or `<name>.py.json` for the Python twin: one event
/// a line, so that a change reads as a diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traced {
    /// [`digest`] of the text that ran. Two runs of one text differ, so this tells whether it is stale.
    pub of: String,
    /// The events, as [`timeline::normalise`] leaves them.
    pub events: Vec<Event>,
}

/// The first 12 hexadecimal digits of the SHA-256 of all of these texts, one after the other.
pub fn digest<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update(text.as_bytes());
    }
    let mut hex = String::new();
    for byte in &hasher.finalize()[..6] {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

impl Traced {
    /// What is stored of a run of the text with this digest.
    pub fn new(of: String, events: &[Event]) -> Self {
        let mut events = timeline::normalise(events);
        for event in &mut events {
            if let What::Err { text, .. } = &mut event.what {
                *text = Recorded::normalised(text);
            }
        }
        events.retain(|event| !matches!(&event.what, What::Err { text, .. } if text.is_empty()));
        Self { of, events }
    }

    /// Reads a recording.
    ///
    /// # Errors
    ///
    /// The file is not the JSON that `cargo book record` writes.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
        serde_json::from_str(&text).map_err(|error| error.to_string())
    }

    /// The text of the file.
    pub fn to_json(&self) -> String {
        let line = |event| serde_json::to_string(event).expect("an event is valid JSON");
        let lines: Vec<String> = self.events.iter().map(line).collect();
        format!(
            "{{\"of\":\"{}\",\"events\":[\n{}\n]}}\n",
            self.of,
            lines.join(",\n")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use runner::Step;

    #[test]
    fn a_recording_is_one_event_a_line_and_reads_back() {
        let spawn = What::Ev {
            tid: 4711,
            step: Step::Spawn {
                parent: None,
                pid: 4711,
                name: "five_tasks".to_owned(),
            },
        };
        let text = "thread 'main' (4711) panicked at a.rs:1:1:\nno\n".to_owned();
        let panic = What::Err {
            text,
            tid: Some(4711),
        };
        let events = [(0, spawn), (9, panic)].map(|(t, what)| Event { t, what });
        let traced = Traced::new(digest(["a", "b"]), &events);
        let json = traced.to_json();
        assert_eq!(json.lines().count(), 4, "{json}");
        assert!(!json.contains("4711"), "a number of this machine: {json}");
        let folder = tempfile::tempdir().expect("a temp folder");
        let file = folder.path().join("x.json");
        std::fs::write(&file, &json).expect("a file");
        assert_eq!(Traced::read(&file), Ok(traced));
    }

    #[test]
    fn the_digest_is_the_one_of_sha_256() {
        // From FIPS 180-2, appendix B.1.
        assert_eq!(digest(["a", "bc"]), "ba7816bf8f01");
    }
}
