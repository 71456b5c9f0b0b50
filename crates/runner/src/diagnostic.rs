//! A message of the compiler, from its JSON.

use crate::clean::Cleaner;
use serde::{Deserialize, Serialize};

/// What the compiler says, as far as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// `error` or `warning`.
    pub level: String,
    /// The whole message, as the compiler shows it in a terminal.
    pub text: String,
    /// Line in the listing, counted from 1, when the message points at one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Column in that line, counted in characters from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// `E0382`, when the message has a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// A diagnostic as rustc and cargo write it, see
/// <https://doc.rust-lang.org/rustc/json.html#diagnostics>.
#[derive(Deserialize)]
struct Message {
    message: String,
    level: String,
    code: Option<Code>,
    spans: Vec<Span>,
    rendered: Option<String>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Span {
    line_start: usize,
    column_start: usize,
    is_primary: bool,
}

impl Diagnostic {
    /// Of our own making: an error without a place.
    pub fn error(text: impl Into<String>) -> Self {
        Self {
            level: "error".to_owned(),
            text: text.into(),
            line: None,
            column: None,
            code: None,
        }
    }

    /// The message of one JSON object; none for sums of others, such as "aborting due to 2 previous
    /// errors".
    ///
    /// # Errors
    ///
    /// It is no diagnostic.
    pub fn from_json(json: &str) -> serde_json::Result<Option<Self>> {
        let message: Message = serde_json::from_str(json)?;
        let is_sum = message.level == "failure-note"
            || message.message.starts_with("aborting due to ")
            || message.spans.is_empty() && message.message.ends_with(" emitted");
        let Some(rendered) = message.rendered.filter(|_| !is_sum) else {
            return Ok(None);
        };
        let place = message.spans.iter().find(|span| span.is_primary);
        Ok(Some(Self {
            // "error: internal compiler error" is a level of its own.
            level: match message.level.split(':').next() {
                Some("error") => "error".to_owned(),
                _ => message.level,
            },
            // JSON can hold what a terminal would obey; the source is quoted in it.
            text: Cleaner::default().push(rendered.trim_end().as_bytes()),
            line: place.map(|span| span.line_start),
            column: place.map(|span| span.column_start),
            code: message.code.map(|code| code.code),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_level_code_and_place() {
        let json = r#"{"$message_type":"diagnostic","message":"mismatched types",
            "code":{"code":"E0308","explanation":"long"},"level":"error","children":[],
            "spans":[{"line_start":9,"column_start":1,"is_primary":false},
                     {"line_start":3,"column_start":5,"is_primary":true}],
            "rendered":"error[E0308]: mismatched\u001b[31m types\n"}"#;
        let said = Diagnostic::from_json(json).expect("JSON").expect("telling");
        assert_eq!(
            said,
            Diagnostic {
                level: "error".to_owned(),
                text: "error[E0308]: mismatched types".to_owned(),
                line: Some(3),
                column: Some(5),
                code: Some("E0308".to_owned()),
            }
        );
    }

    #[test]
    fn sums_are_left_out() {
        for (level, message) in [
            ("error", "aborting due to 1 previous error"),
            ("failure-note", "Some errors have detailed explanations"),
            ("warning", "1 warning emitted"),
        ] {
            let json = format!(
                r#"{{"message":"{message}","level":"{level}","code":null,"spans":[],"rendered":"x"}}"#
            );
            assert_eq!(Diagnostic::from_json(&json).expect("JSON"), None);
        }
    }

    #[test]
    fn text_that_is_no_message_is_an_error() {
        assert!(Diagnostic::from_json("memory allocation of 8 bytes failed").is_err());
    }
}
