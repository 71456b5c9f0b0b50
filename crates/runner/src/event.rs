//! What happens in a run, as the supervisor writes it and every client reads it: one JSON object a
//! line, `{"t":<nanoseconds>,"k":"start|build|diag|out|err|end",...}`.

use crate::diagnostic::Diagnostic;
use serde::{Deserialize, Serialize};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Nanoseconds since the program was started; 0 for what happens before.
    pub t: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// The kinds of events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "k", rename_all = "lowercase")]
pub enum What {
    /// The program is about to start.
    Start {
        /// Name of the run, for `POST /api/stop`.
        run: String,
    },
    /// The program has to be compiled first: a line of progress.
    Build {
        /// Name of the run, as `start` will give it.
        run: String,
        /// What is being done.
        text: String,
    },
    /// A message of the compiler.
    Diag(Diagnostic),
    /// Text on standard output: whole lines, or what is there of one after 30 ms.
    Out {
        /// The text, cleaned: valid UTF-8, no escape sequences, no direction controls.
        text: String,
    },
    /// Text on standard error.
    Err {
        /// The text, cleaned like standard output.
        text: String,
    },
    /// The run is over and nothing of it is left. Always the last event.
    End(End),
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The reason.
    pub why: Why,
    /// Exit status for `exit`, signal number for `signal`, else null.
    pub code: Option<i32>,
    /// Milliseconds from start to end.
    pub wall_ms: u64,
    /// Processes besides the program itself that it left behind: still alive, and killed now, or ended
    /// and never waited for.
    pub leftovers: u32,
}

/// Why a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The program returned or called `exit`.
    Exit,
    /// A signal ended it that we did not send.
    Signal,
    /// It reached its limit of wall-clock time.
    Timeout,
    /// It printed more than it may.
    OutputLimit,
    /// The reader pressed Stop, or is gone.
    Stopped,
    /// It did not compile.
    BuildFailed,
    /// It could not be started; an `err` event says why.
    StartFailed,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(what: What, json: &str) {
        let event = Event { t: 7, what };
        assert_eq!(serde_json::to_string(&event).unwrap(), json);
        assert_eq!(serde_json::from_str::<Event>(json).unwrap(), event);
    }

    #[test]
    fn events_have_the_json_that_other_clients_rely_on() {
        check(
            What::Start {
                run: "r1".to_owned(),
            },
            r#"{"t":7,"k":"start","run":"r1"}"#,
        );
        check(
            What::Out {
                text: "a\n".to_owned(),
            },
            r#"{"t":7,"k":"out","text":"a\n"}"#,
        );
        let end = End {
            why: Why::OutputLimit,
            code: None,
            wall_ms: 3,
            leftovers: 1,
        };
        check(
            What::End(end),
            r#"{"t":7,"k":"end","why":"output-limit","code":null,"wall_ms":3,"leftovers":1}"#,
        );
    }
}
