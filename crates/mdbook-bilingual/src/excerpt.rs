//! The description of a page: the beginning of its first paragraph.

/// Search engines show about this many characters.
const MAX_CHARS: usize = 155;

/// Cuts a text to [`MAX_CHARS`] characters, an ellipsis included, and never inside a Latin word.
pub fn excerpt(text: &str) -> String {
    if text.chars().count() <= MAX_CHARS {
        return text.to_string();
    }
    let chars: Vec<char> = text.chars().collect();
    let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '\'' | '’');
    let mut end = MAX_CHARS - 1;
    if in_word(chars[end]) {
        while end > 0 && in_word(chars[end - 1]) {
            end -= 1;
        }
    }
    if end == 0 {
        end = MAX_CHARS - 1;
    }
    let cut: String = chars[..end].iter().collect();
    let cut = cut.trim_end_matches(|c: char| c.is_whitespace() || ",;:（(，；：、—–".contains(c));
    format!("{cut}…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_text_stays_whole() {
        assert_eq!(excerpt("Two threads."), "Two threads.");
    }

    #[test]
    fn an_english_text_is_cut_between_words() {
        let text = "thread ".repeat(40);
        let cut = excerpt(&text);
        assert!(cut.ends_with("thread…"), "{cut}");
        assert!(cut.chars().count() <= MAX_CHARS, "{cut}");
    }

    #[test]
    fn a_chinese_text_is_cut_between_characters() {
        let cut = excerpt(&"线程".repeat(100));
        assert_eq!(cut.chars().count(), MAX_CHARS);
    }

    #[test]
    fn a_latin_word_in_a_chinese_text_is_not_cut() {
        let text = format!("{}Mutex{}", "锁".repeat(152), "锁".repeat(20));
        assert_eq!(excerpt(&text), format!("{}…", "锁".repeat(152)));
    }

    #[test]
    fn one_endless_word_is_cut_all_the_same() {
        assert_eq!(excerpt(&"a".repeat(500)).chars().count(), MAX_CHARS);
    }
}
