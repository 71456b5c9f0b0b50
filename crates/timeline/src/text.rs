//! Text that others wrote, thread names and output, made fit for a drawing.

use std::fmt::Write as _;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Text on one line, without characters that XML forbids, that turn the direction of what follows,
/// or that would open a code span in the summary.
pub fn clean(text: &str) -> String {
    let shown = |c: char| match c {
        '\t' | '\n' | '\r' => Some(' '),
        '`' => Some('\''),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            None
        }
        '\u{fffe}' | '\u{ffff}' => None,
        c if c.is_control() => None,
        c => Some(c),
    };
    let shown: String = text.chars().filter_map(shown).collect();
    shown.trim().to_owned()
}

/// The text in at most so many columns, a Han character taking two; what is cut off becomes `…`.
pub fn shorten(text: &str, columns: usize) -> String {
    if columns_of(text) <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut left = columns.saturating_sub(1);
    for c in text.chars() {
        // A letter may bear any number of marks that take no room; a hostile one bears thousands.
        let width = c.width().unwrap_or(0);
        if width > left || out.len() > 4 * columns {
            break;
        }
        left -= width;
        out.push(c);
    }
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// How many columns of a terminal the text takes.
///
/// Characters that take none count as half of one, so that there is an end to them.
pub fn columns_of(text: &str) -> usize {
    let marks = text.chars().filter(|c| c.width() == Some(0)).count();
    text.width() + marks / 2
}

/// Width in pixels of a text of 12 px in the font of the page, rather too wide than too narrow.
pub fn width(text: &str) -> f64 {
    columns_of(text) as f64 * 6.3
}

/// The same for bold letters.
pub fn bold_width(text: &str) -> f64 {
    columns_of(text) as f64 * 6.8
}

/// A number without needless digits: at most one after the point.
pub fn number(value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    let mut out = String::new();
    let _ = match tenths % 10 {
        0 => write!(out, "{}", tenths / 10),
        _ => write!(out, "{}", tenths as f64 / 10.0),
    };
    out
}

/// A time of three digits with its unit: `310 µs`, `4.2 ms`, `1.25 s`.
pub fn duration(nanoseconds: u64) -> String {
    let units = [(1.0, "ns"), (1e3, "µs"), (1e6, "ms"), (1e9, "s")];
    let value = nanoseconds as f64;
    // From 999.5 on, three digits are those of the next unit.
    let (size, unit) = units
        .into_iter()
        .find(|(size, unit)| value < 999.5 * size || *unit == "s")
        .expect("seconds have no bound");
    let value = value / size;
    let decimals = match value {
        _ if unit == "ns" => 0,
        v if v < 9.995 => 2,
        v if v < 99.95 => 1,
        _ => 0,
    };
    let digits = format!("{value:.decimals$}");
    let digits = match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => &digits,
    };
    format!("{digits} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_is_one_line_that_xml_can_hold() {
        assert_eq!(clean("a\u{0}b\u{1b}\tc\n"), "ab c");
        assert_eq!(clean("x\u{202e}y\u{ffff}"), "xy");
        assert_eq!(clean("`rm`"), "'rm'");
        assert_eq!(clean("工人 <1>"), "工人 <1>");
    }

    #[test]
    fn long_text_is_cut_at_the_column() {
        assert_eq!(shorten("worker", 6), "worker");
        assert_eq!(shorten("worker-1", 6), "worke…");
        assert_eq!(shorten("工作线程一", 6), "工作…");
        let marks = format!("a{}", "\u{301}".repeat(5000));
        assert!(shorten(&marks, 10).len() < 50);
    }

    #[test]
    fn times_have_three_digits_and_their_unit() {
        let check = |nanoseconds, expected| assert_eq!(duration(nanoseconds), expected);
        check(0, "0 ns");
        check(640, "640 ns");
        check(310_000, "310 µs");
        check(999_700, "1 ms");
        check(4_200_000, "4.2 ms");
        check(4_236_000, "4.24 ms");
        check(99_960_000, "100 ms");
        check(100_000_000, "100 ms");
        check(1_250_000_000, "1.25 s");
        check(12_000_000_000, "12 s");
    }

    #[test]
    fn numbers_have_no_needless_digits() {
        let check = |value, expected| assert_eq!(number(value), expected);
        check(3.0, "3");
        check(3.04, "3");
        check(3.25, "3.3");
        check(-0.5, "-0.5");
        check(709.96, "710");
    }
}
