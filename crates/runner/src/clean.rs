//! Bytes of a program become text that is safe to show: valid UTF-8, no terminal escape sequences, no
//! control characters but newline, tab and carriage return, no characters that turn the direction of
//! what follows.

/// Cleans one stream; remembers what a chunk left unfinished.
#[derive(Debug, Default)]
pub struct Cleaner {
    /// The first bytes of a character that is still to come, at most three.
    partial: Vec<u8>,
    place: Place,
}

/// Where in an escape sequence the stream is (ECMA-48).
#[derive(Debug, Default, Clone, Copy, PartialEq)]
enum Place {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// In a control sequence, `ESC [`, up to its final byte.
    Control,
    /// In a control string, such as `ESC ]`, up to BEL, `ESC \` or the end of the line.
    Str,
}

impl Cleaner {
    /// The text of these bytes and of what earlier ones left over.
    pub fn push(&mut self, bytes: &[u8]) -> String {
        let mut input = std::mem::take(&mut self.partial);
        input.extend_from_slice(bytes);
        let mut out = String::with_capacity(input.len());
        let mut rest = input.len();
        for chunk in input.utf8_chunks() {
            rest -= chunk.valid().len() + chunk.invalid().len();
            chunk.valid().chars().for_each(|c| self.char(c, &mut out));
            if chunk.invalid().is_empty() {
                continue;
            }
            let unfinished =
                std::str::from_utf8(chunk.invalid()).is_err_and(|e| e.error_len().is_none());
            if rest == 0 && unfinished {
                self.partial = chunk.invalid().to_vec();
            } else {
                self.char(char::REPLACEMENT_CHARACTER, &mut out);
            }
        }
        out
    }

    /// The end of the stream: a character that never came in full.
    pub fn finish(&mut self) -> &'static str {
        if std::mem::take(&mut self.partial).is_empty() {
            ""
        } else {
            "\u{fffd}"
        }
    }

    fn char(&mut self, c: char, out: &mut String) {
        self.place = match (self.place, c) {
            (_, '\u{1b}') => Place::Escape,
            (Place::Text, '\u{9b}') => Place::Control,
            (Place::Text, _) => {
                if is_shown(c) {
                    out.push(c);
                }
                Place::Text
            }
            // A sequence never spans lines; one that does is no reason to lose output.
            (_, '\n') => {
                out.push('\n');
                Place::Text
            }
            (Place::Escape, '[') => Place::Control,
            (Place::Escape, ']' | 'P' | 'X' | '^' | '_') => Place::Str,
            (Place::Escape, ' '..='/') => Place::Escape,
            (Place::Escape, _) => Place::Text,
            (Place::Control, '@'..='~') => Place::Text,
            (Place::Control, _) => Place::Control,
            (Place::Str, '\u{7}' | '\u{9c}') => Place::Text,
            (Place::Str, _) => Place::Str,
        };
    }
}

fn is_shown(c: char) -> bool {
    let turns_direction = matches!(
        c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    matches!(c, '\n' | '\t' | '\r') || !(c.is_control() || turns_direction)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(chunks: &[&[u8]], expected: &str) {
        let mut cleaner = Cleaner::default();
        let mut text: String = chunks.iter().map(|chunk| cleaner.push(chunk)).collect();
        text.push_str(cleaner.finish());
        assert_eq!(text, expected, "{chunks:?}");
    }

    #[test]
    fn text_passes() {
        check(
            &["并发 a\tb\r\n≈ 3 ms\n".as_bytes()],
            "并发 a\tb\r\n≈ 3 ms\n",
        );
    }

    #[test]
    fn invalid_bytes_are_replaced() {
        check(&[b"a\xffb"], "a\u{fffd}b");
        check(&[b"a\xe5\xb9"], "a\u{fffd}");
        check(&[b"\xe5\xb9x"], "\u{fffd}x");
    }

    #[test]
    fn a_character_may_come_in_pieces() {
        check(&[b"\xe5", b"\xb9", b"\xb6!"], "并!");
    }

    #[test]
    fn escape_sequences_are_stripped_even_in_pieces() {
        check(&[b"\x1b[1;31mred\x1b[0m"], "red");
        check(&[b"a\x1b", b"[3", b"8mb"], "ab");
        check(&[b"\x1b]0;title\x07a\x1b]8;;http://x\x1b\\link"], "alink");
        check(&[b"\x1b(Bx\x1b7y"], "xy");
        check(&["\u{9b}31mx".as_bytes()], "x");
    }

    #[test]
    fn an_open_escape_sequence_ends_with_its_line() {
        check(&[b"\x1b]0;never closed\nnext"], "\nnext");
    }

    #[test]
    fn characters_that_turn_the_direction_are_stripped() {
        check(&["a\u{202e}b\u{2066}c\u{200f}d".as_bytes()], "abcd");
    }

    #[test]
    fn control_characters_are_stripped() {
        check(&[b"a\0b\x08c\x07d"], "abcd");
    }
}
