//! Marks of output: a number in the lane of the thread that wrote the line.

use crate::arrows::thinned;
use crate::layout::Line;
use crate::scale::Scale;
use crate::text::columns_of;
use std::collections::HashMap;

/// Marks of a drawing.
const MARKS: usize = 20;
/// Height of a mark; one of a single digit is as wide.
pub const HEIGHT: f64 = 16.0;

/// One or more lines of output of one lane.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    /// The lane.
    pub lane: usize,
    /// Its left edge; more digits make it longer to the right.
    pub left: f64,
    /// The places of its lines in the output.
    pub lines: Vec<usize>,
    /// Whether the lines follow each other.
    is_run: bool,
}

impl Mark {
    /// `3`, `3–5`, `3, 5`, and `3+` for more than two that do not follow each other.
    pub fn label(&self) -> String {
        let nth = |at: usize| self.lines[at] + 1;
        match self.lines.len() {
            1 => nth(0).to_string(),
            count if self.is_run => format!("{}–{}", nth(0), nth(count - 1)),
            2 => format!("{}, {}", nth(0), nth(1)),
            _ => format!("{}+", nth(0)),
        }
    }

    /// How wide it is: bold digits of 12 px take 8.4 px in the widest of the fonts.
    pub fn width(&self) -> f64 {
        width(&self.label())
    }
}

/// Width of a mark of this label.
pub fn width(label: &str) -> f64 {
    (columns_of(label) as f64 * 8.4 + 7.6).max(HEIGHT)
}

/// The marks of the lines that were written in lanes that are drawn, and how many there would be if
/// there were room for all. Those that would overlap in a lane are one; none ends right of `right`.
pub fn marks(
    lines: &[Line],
    scale: &Scale,
    right: f64,
    is_drawn: impl Fn(usize) -> bool,
) -> (Vec<Mark>, usize) {
    let mut marks: Vec<Mark> = Vec::new();
    let mut latest: HashMap<usize, usize> = HashMap::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(lane) = line.lane.filter(|&lane| is_drawn(lane)) else {
            continue;
        };
        if line.text.is_empty() {
            continue;
        }
        let left = (scale.x(line.at) - HEIGHT / 2.0).min(right - HEIGHT);
        if let Some(&before) = latest.get(&lane) {
            let before = &mut marks[before];
            if left < before.left + before.width() + 1.0 {
                before.is_run &= before.lines.last() == Some(&(index - 1));
                before.lines.push(index);
                continue;
            }
        }
        latest.insert(lane, marks.len());
        marks.push(Mark {
            lane,
            left,
            lines: vec![index],
            is_run: true,
        });
    }
    for mark in &mut marks {
        mark.left = mark.left.min(right - mark.width());
    }
    let all = marks.len();
    (thinned(marks, MARKS), all)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines by lane and place on an axis of 500 px.
    fn check(lines: &[(usize, u64)], expected: &[(usize, f64, &str)]) {
        let lines: Vec<_> = lines
            .iter()
            .map(|&(lane, at)| Line {
                at,
                lane: Some(lane),
                text: "x".to_owned(),
                is_err: false,
            })
            .collect();
        let scale = Scale::new(0.0, 500.0, 500, None);
        let (marks, _) = marks(&lines, &scale, 508.0, |lane| lane < 9);
        let labels: Vec<_> = marks.iter().map(Mark::label).collect();
        let marks: Vec<_> = marks
            .iter()
            .zip(&labels)
            .map(|(mark, label)| (mark.lane, mark.left, label.as_str()))
            .collect();
        assert_eq!(marks, expected);
    }

    #[test]
    fn marks_of_a_lane_that_would_overlap_are_one() {
        check(
            &[(0, 100), (0, 117), (1, 118), (0, 133)],
            &[(0, 92.0, "1"), (0, 109.0, "2, 4"), (1, 110.0, "3")],
        );
    }

    #[test]
    fn a_label_tells_its_lines() {
        check(&[(0, 10), (0, 10), (0, 11)], &[(0, 2.0, "1–3")]);
        check(
            &[(0, 10), (1, 10), (0, 11)],
            &[(0, 2.0, "1, 3"), (1, 2.0, "2")],
        );
        check(
            &[(0, 10), (1, 10), (0, 11), (0, 12)],
            &[(0, 2.0, "1+"), (1, 2.0, "2")],
        );
    }

    #[test]
    fn a_mark_at_the_end_stays_inside() {
        check(&[(0, 500)], &[(0, 492.0, "1")]);
        check(&[(0, 499), (0, 500)], &[(0, 508.0 - width("1–2"), "1–2")]);
    }

    #[test]
    fn lanes_that_are_not_drawn_have_no_marks() {
        check(&[(9, 10), (0, 10)], &[(0, 2.0, "2")]);
    }

    #[test]
    fn more_marks_than_there_is_room_for_are_thinned() {
        let line = |nth: u64| Line {
            at: nth * 60,
            lane: Some(0),
            text: "x".to_owned(),
            is_err: false,
        };
        let lines: Vec<_> = (0..60).map(line).collect();
        let scale = Scale::new(0.0, 3600.0, 3600, None);
        let (marks, all) = marks(&lines, &scale, 3608.0, |_| true);
        assert_eq!((marks.len(), all), (MARKS, 60));
    }
}
