//! A deadlock: the waits that nothing could end, and who waits for whom.

use super::{Picture, RIGHT, tenths};
use crate::layout::Lane;
use crate::palette::{BAD, GROUND};
use crate::text::{self, number};
use crate::words;
use directives::escape_html;
use std::fmt::Write as _;

impl Picture<'_> {
    /// The waits that nothing could end, and the arrows to those who would have to act.
    pub(super) fn stuck(&mut self) {
        let stuck: Vec<(usize, &Lane)> = self
            .rows
            .lanes()
            .map(|index| (index, &self.layout.lanes[index]))
            .filter(|(_, lane)| lane.stuck.is_some())
            .collect();
        let Some(since) = self.layout.stuck_since() else {
            return;
        };
        let (bad, ground) = (BAD.value(), GROUND.value());
        let height = self.rows.run;
        let left = self.scale.x(since);
        let room = RIGHT - left;
        let (mut bars, mut labels) = (String::new(), String::new());
        let (mut lines, mut heads) = (String::new(), String::new());
        let label = |lane: &Lane| {
            let wait = lane.stuck.as_ref()?;
            let label = words::stuck_label(self.layout, self.language, &wait.on);
            let wide = text::bold_width(&label) + 10.0;
            (wide < room * 0.75).then_some((label, wide))
        };
        // The arrows have the room to the right of the labels.
        let widest = stuck
            .iter()
            .filter_map(|(_, lane)| label(lane))
            .fold(0.0, |widest: f64, (_, wide)| widest.max(wide));
        let step = ((room - widest - 36.0) / stuck.len() as f64).clamp(2.0, 16.0);
        for (nth, (index, lane)) in stuck.iter().enumerate() {
            let Some(wait) = &lane.stuck else {
                continue;
            };
            let y = self.rows.middle[index];
            let top = number(y - height / 2.0);
            let from = tenths(self.scale.x(wait.from));
            let width = number((self.scale.x(lane.end) - from).max(2.0));
            let _ = write!(bars, "M{} {top}h{width}v{height}h-{width}z", number(from));

            if let Some((label, wide)) = label(lane) {
                let (x, at) = (number(left + 8.0), number(left + 8.0 + wide / 2.0));
                let (top, base) = (number(y - 8.0), number(y + 4.2));
                let _ = write!(
                    labels,
                    "<rect x=\"{x}\" y=\"{top}\" width=\"{}\" height=\"16\" rx=\"3\" fill=\"{ground}\"/>\
                     <text x=\"{at}\" y=\"{base}\">{}</text>",
                    number(wide),
                    escape_html(&label)
                );
            }

            let x = RIGHT - 14.0 - nth as f64 * step;
            let Some(other) = wait.other.filter(|other| self.rows.has(*other)) else {
                continue;
            };
            if other == *index {
                // It waits for itself: out of its bar and back into it.
                let (x, top) = (number(x - 18.0), y - height / 2.0);
                let _ = write!(lines, "M{x} {}c0-14 18-14 18-4", number(top));
                let _ = write!(
                    heads,
                    "M{} {}l-4-6h8z",
                    number(RIGHT - 14.0 - nth as f64 * step),
                    number(top)
                );
                continue;
            }
            let to = self.rows.middle[&other];
            let down = if to > y { 1.0 } else { -1.0 };
            let edge = height / 2.0;
            let (start, tip) = (y + down * edge, to - down * edge);
            let (x, end) = (number(x), number(tip - down * 5.0));
            let _ = write!(lines, "M{x} {}V{end}", number(start));
            let _ = write!(heads, "M{x} {}l-4 {}h8z", number(tip), number(-7.0 * down));
        }
        let _ = write!(
            self.body,
            "<path fill=\"url(#{}-stuck)\" stroke=\"{bad}\" stroke-width=\"1.4\" d=\"{bars}\"/>\
             <path fill=\"none\" stroke=\"{ground}\" stroke-width=\"5\" d=\"{lines}\"/>\
             <path fill=\"none\" stroke=\"{bad}\" stroke-width=\"1.8\" d=\"{lines}\"/>\
             <path fill=\"{bad}\" d=\"{heads}\"/>\
             <g fill=\"{bad}\" text-anchor=\"middle\" font-weight=\"600\">{labels}</g>",
            self.prefix
        );
    }
}
