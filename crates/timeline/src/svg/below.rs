//! What stands below the axis: the legend, and the lines of output that the marks number.

use super::{MARGIN, MONO, Picture, WIDTH, cross, look, pill};
use crate::layout::{Ended, Stuck};
use crate::palette::{self, BAD, GUIDE, INK, QUIET, STATES};
use crate::text::{self, number, shorten};
use crate::words;
use directives::{Language, escape_html};
use runner::On;
use std::fmt::Write as _;

/// Width of the samples of the legend.
const SAMPLE: f64 = 24.0;
/// Lines of output that are listed below the legend.
const LISTED: usize = 6;
/// Columns of a line in that list.
const LINE_COLUMNS: usize = 84;

impl Picture<'_> {
    /// The legend from `y` on; where it ends.
    pub(super) fn legend(&mut self, y: f64, has_marks: bool) -> f64 {
        let mut flow = Flow::new(y);
        let ink = INK.value();
        let mut out = String::new();
        let mut item = |label: &str, sample: &dyn Fn(f64, f64) -> String| {
            let (x, y) = flow.place(label);
            out.push_str(&sample(x, y));
            let (x, base) = (number(x + SAMPLE + 7.0), number(y + 4.0));
            let _ = write!(
                out,
                "<text x=\"{x}\" y=\"{base}\" fill=\"{ink}\">{label}</text>"
            );
        };
        for state in STATES {
            if !self.states.contains(&state) {
                continue;
            }
            let colour = palette::colour(state).value();
            item(words::state(state, self.language), &|x, y| {
                let x = number(x);
                match palette::pattern(state) {
                    None => format!(
                        "<path fill=\"{colour}\" d=\"M{x} {}h{SAMPLE}v14h-{SAMPLE}z\"/>",
                        number(y - 7.0)
                    ),
                    Some(pattern) => format!(
                        "<path fill=\"url(#{}-{pattern})\" stroke=\"{colour}\" \
                         d=\"M{x} {}h{SAMPLE}v10h-{SAMPLE}z\"/>",
                        self.prefix,
                        number(y - 5.0)
                    ),
                }
            });
        }
        let bad = BAD.value();
        if self.layout.stuck_since().is_some() {
            let label = self.language.text("waiting for ever", "永远等不到");
            item(label, &|x, y| {
                format!(
                    "<path fill=\"url(#{}-stuck)\" stroke=\"{bad}\" stroke-width=\"1.4\" \
                     d=\"M{} {}h{SAMPLE}v14h-{SAMPLE}z\"/>",
                    self.prefix,
                    number(x),
                    number(y - 7.0)
                )
            });
            let others = || {
                let stuck = self
                    .layout
                    .lanes
                    .iter()
                    .filter_map(|lane| lane.stuck.as_ref());
                stuck.filter(|stuck| stuck.other.is_some())
            };
            if others().next().is_some() {
                // Who is joined is known; who holds a lock is likely.
                let is_sure =
                    |stuck: &Stuck| matches!(stuck.on, On::Join { .. } | On::Child { .. });
                let label = match others().all(is_sure) {
                    true => self.language.text("waits for", "在等它"),
                    false => self.language.text("very likely waits for", "很可能在等它"),
                };
                item(label, &|x, y| {
                    arrow_sample(x, y, &bad, " stroke-width=\"1.8\"")
                });
            }
        }
        for &kind in &self.kinds {
            let (colour, dashes) = look(kind);
            item(words::kind(kind, self.language), &|x, y| {
                arrow_sample(
                    x,
                    y,
                    &colour.value(),
                    &format!(" stroke-width=\"1.2\"{dashes}"),
                )
            });
        }
        let by_signal = |index: usize| matches!(self.layout.lanes[index].ended, Ended::Signal(_));
        if self.rows.lanes().any(by_signal) {
            let label = self.language.text("killed by a signal", "信号终止");
            item(label, &|x, y| {
                let d = cross(x + SAMPLE / 2.0, y);
                format!("<path fill=\"none\" stroke=\"{bad}\" stroke-width=\"2\" d=\"{d}\"/>")
            });
        }
        self.body.push_str(&out);
        if has_marks {
            let label = self.language.text("line of output", "一行输出");
            let (x, y) = flow.place(label);
            let shape = pill(x + SAMPLE / 2.0 - 8.0, y, "1", false);
            self.pills(false, &shape);
            self.text(x + SAMPLE + 7.0, y + 4.0, INK, label);
        }
        flow.y + 20.0
    }

    /// The first lines of output with their numbers; the height of the whole drawing.
    pub(super) fn lines(&mut self, top: f64) -> f64 {
        let shown: Vec<_> = self
            .layout
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| !line.text.is_empty())
            .collect();
        if shown.is_empty() {
            return top;
        }
        let (guide, x, right) = (GUIDE.value(), number(MARGIN), number(WIDTH - MARGIN));
        let _ = write!(
            self.body,
            "<path stroke=\"{guide}\" d=\"M{x} {}H{right}\"/>",
            number(top)
        );
        let mut y = top + 20.0;
        let mut texts = String::new();
        // The line that says that there is one more is as high as that one.
        let listed = match shown.len() == LISTED + 1 {
            true => shown.len(),
            false => shown.len().min(LISTED),
        };
        for &(index, line) in &shown[..listed] {
            let colour = if line.is_err { BAD } else { INK }.value();
            let (base, nth) = (number(y + 4.0), index + 1);
            let text = escape_html(&shorten(&line.text, LINE_COLUMNS));
            let _ = write!(
                texts,
                "<g fill=\"{colour}\"><text x=\"{}\" y=\"{base}\" text-anchor=\"end\" \
                 font-weight=\"600\">{nth}</text><text x=\"{}\" y=\"{base}\" xml:space=\"preserve\" \
                 font-family=\"{MONO}\">{text}</text></g>",
                number(MARGIN + 20.0),
                number(MARGIN + 30.0),
            );
            y += 18.0;
        }
        self.body.push_str(&texts);
        if shown.len() > listed {
            let more = shown.len() - listed;
            let said = match self.language {
                Language::English => format!("and {more} more lines"),
                Language::Chinese => format!("另有 {more} 行"),
            };
            self.text(MARGIN + 30.0, y + 4.0, QUIET, &said);
            y += 18.0;
        }
        y + 2.0
    }
}

/// Where the items of the legend go: beside each other, and on as many lines as they need.
struct Flow {
    x: f64,
    y: f64,
}

impl Flow {
    fn new(y: f64) -> Self {
        Self { x: MARGIN, y }
    }

    /// The left edge and the middle of the next item.
    fn place(&mut self, label: &str) -> (f64, f64) {
        let wide = SAMPLE + 7.0 + text::width(label);
        if self.x > MARGIN && self.x + wide > WIDTH - MARGIN {
            self.x = MARGIN;
            self.y += 24.0;
        }
        let place = (self.x, self.y);
        self.x += wide + 18.0;
        place
    }
}

fn arrow_sample(x: f64, y: f64, colour: &str, look: &str) -> String {
    let (x, y, tip) = (number(x), number(y), number(x + SAMPLE));
    format!(
        "<path fill=\"none\" stroke=\"{colour}\"{look} d=\"M{x} {y}h{}\"/>\
         <path fill=\"{colour}\" d=\"M{tip} {y}l-6-3.5v7z\"/>",
        number(SAMPLE - 5.0)
    )
}
