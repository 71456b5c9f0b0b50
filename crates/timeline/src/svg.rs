//! The drawing: rows of lanes over an axis, a legend, and the lines of output that the marks number.

mod below;
mod stuck;

use crate::Drawing;
use crate::arrows::arrows;
use crate::layout::{Ended, Kind, Layout, Name};
use crate::marks::{self, Mark};
use crate::palette::{self, BAD, Colour, GROUND, GUIDE, INK, QUIET, STATES};
use crate::pieces::{Piece, pieces};
use crate::rows::{Row, Rows, has_heading};
use crate::scale::Scale;
use crate::text::{self, number, shorten};
use crate::words;
use directives::{Language, escape_html};
use runner::State;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Width of every drawing: its text has 12 px there, so a narrower page scrolls.
const WIDTH: f64 = 720.0;
/// Where names begin, and where lines end.
const MARGIN: f64 = 16.0;
/// Where the axis begins.
const LEFT: f64 = 148.0;
/// Where the axis ends.
const RIGHT: f64 = WIDTH - MARGIN - 6.0;
/// Columns of a name of 12 px before the axis.
const NAME_COLUMNS: usize = 16;
/// Bars of all lanes together. More are merged, with the weight of a page in mind.
const PIECES: usize = 260;
/// Lines in the title of a mark.
const TITLE_LINES: usize = 3;
/// Columns of a line in a title, and of all titles together.
const TITLE_COLUMNS: usize = 60;
const ALL_TITLE_COLUMNS: usize = 900;
/// Bars from which on their edges are rounded to whole pixels instead of tenths.
const MANY_PIECES: usize = 120;
/// Lanes whose shares the description tells.
const DESCRIBED: usize = 8;

/// Draws a run in the language of its page.
///
/// `prefix` begins every id in the drawing and must be no other drawing's on the page; characters
/// that an id cannot have become hyphens.
pub fn draw(layout: &Layout, language: Language, prefix: &str) -> Drawing {
    let summary = words::summary(layout, language);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let prefix = prefix.replace(|c| !is_plain(c), "-");
    let mut picture = Picture::new(layout, language, &prefix);
    let height = picture.all();
    let Picture {
        body, notes, rows, ..
    } = picture;

    let mut description = summary.replace('`', "");
    let told: Vec<_> = rows.lanes().take(DESCRIBED).collect();
    let shares = words::lane_shares(layout, language, &told);
    for text in std::iter::once(&shares).chain(&notes) {
        if !text.is_empty() {
            description.push_str(language.text(" ", ""));
            description.push_str(text);
        }
    }
    let (tag, title) = (language.text("en", "zh-CN"), words::title(layout, language));
    let (title, description) = (escape_html(&title), escape_html(&description));
    let (ground, height) = (GROUND.value(), number(height));
    let svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"timeline\" role=\"img\" lang=\"{tag}\" \
         aria-labelledby=\"{prefix}-title\" aria-describedby=\"{prefix}-desc\" width=\"{WIDTH}\" \
         height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"var(--text-font,system-ui,sans-serif)\" font-size=\"12\">\
         <title id=\"{prefix}-title\">{title}</title><desc id=\"{prefix}-desc\">{description}</desc>\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"{ground}\"/>{body}</svg>"
    );
    Drawing { svg, summary }
}

/// A drawing that is being made.
struct Picture<'a> {
    layout: &'a Layout,
    language: Language,
    prefix: &'a str,
    scale: Scale,
    rows: Rows,
    body: String,
    /// What the description says of things left out.
    notes: Vec<String>,
    states: BTreeSet<State>,
    kinds: BTreeSet<Kind>,
}

impl<'a> Picture<'a> {
    fn new(layout: &'a Layout, language: Language, prefix: &'a str) -> Self {
        Self {
            layout,
            language,
            prefix,
            scale: Scale::new(LEFT, RIGHT - LEFT, layout.total, layout.stuck_since())
                .between(layout.first_seen(), layout.last_seen()),
            rows: Rows::new(layout),
            body: String::new(),
            notes: Vec::new(),
            states: BTreeSet::new(),
            kinds: BTreeSet::new(),
        }
    }

    /// Draws everything, back to front; how high it is.
    fn all(&mut self) -> f64 {
        if self.layout.lanes.is_empty() {
            let nothing = words::summary(self.layout, self.language);
            self.text(MARGIN, 29.0, INK, &nothing);
            return 48.0;
        }
        let bars = self.pieces();
        self.patterns();
        self.axis();
        self.names();
        self.arrows();
        self.bars(&bars);
        self.stuck();
        let has_marks = self.marks();
        let below = self.legend(self.rows.bottom + 48.0, has_marks);
        self.lines(below)
    }

    fn pieces(&mut self) -> Vec<(usize, Vec<Piece>)> {
        let mut least = 1.0;
        loop {
            let all: Vec<_> = self
                .rows
                .lanes()
                .map(|index| {
                    let lane = &self.layout.lanes[index];
                    let stuck = lane.stuck.as_ref().map_or(u64::MAX, |stuck| stuck.from);
                    let before: Vec<_> = lane
                        .segments
                        .iter()
                        .filter(|segment| segment.from < stuck)
                        .copied()
                        .collect();
                    (index, pieces(&before, &self.scale, least))
                })
                .collect();
            if all.iter().map(|(_, pieces)| pieces.len()).sum::<usize>() <= PIECES {
                self.states = all
                    .iter()
                    .flat_map(|(_, pieces)| pieces.iter().map(|piece| piece.state))
                    .collect();
                if least > 1.0 {
                    self.notes.push(match self.language {
                        Language::English => format!(
                            "Bars under {least} px are merged: each shows what took most of its time."
                        ),
                        Language::Chinese => {
                            format!("不到 {least} px 的小段已经合并，显示其中占时间最多的状态。")
                        }
                    });
                }
                return all;
            }
            least *= 2.0;
        }
    }

    fn patterns(&mut self) {
        let mut defs = String::new();
        let mut add = |name: &str, (width, height, lines): (u8, u8, &str), colour: Colour| {
            let (prefix, ground, colour) = (self.prefix, GROUND.value(), colour.value());
            let _ = write!(
                defs,
                "<pattern id=\"{prefix}-{name}\" width=\"{width}\" height=\"{height}\" \
                 patternUnits=\"userSpaceOnUse\"><path fill=\"{ground}\" d=\"M0 0h{width}v{height}H0z\"/>\
                 <path fill=\"{colour}\" fill-opacity=\".16\" stroke=\"{colour}\" stroke-width=\"1.6\" \
                 d=\"{lines}\"/></pattern>"
            );
        };
        for state in STATES {
            if let (true, Some(name)) = (self.states.contains(&state), palette::pattern(state)) {
                add(name, palette::tile(state), palette::colour(state));
            }
        }
        if self.layout.stuck_since().is_some() {
            add("stuck", (7, 7, "M0 0L7 7M7 0L0 7"), BAD);
        }
        if !defs.is_empty() {
            let _ = write!(self.body, "<defs>{defs}</defs>");
        }
    }

    fn axis(&mut self) {
        let (bottom, guide, quiet) = (self.rows.bottom, GUIDE.value(), QUIET.value());
        let mut lines = String::new();
        let mut labels = String::new();
        let mut last = f64::MIN;
        for (x, label) in self.scale.ticks() {
            let (at, bottom) = (number(x), number(bottom));
            let _ = write!(lines, "M{at} 10V{bottom}");
            // A label at the very end would leave the drawing.
            let half = text::width(&label) / 2.0;
            let centre = x.min(WIDTH - 4.0 - half);
            if centre - half > last {
                let y = self.rows.bottom + 18.0;
                let (centre, y) = (number(centre), number(y));
                let _ = write!(labels, "<text x=\"{centre}\" y=\"{y}\">{label}</text>");
                last = centre.parse::<f64>().unwrap_or(x) + half + 4.0;
            }
        }
        let (left, right, y) = (number(LEFT), number(RIGHT), number(bottom));
        let _ = write!(
            self.body,
            "<path stroke=\"{guide}\" d=\"{lines}\"/><path stroke=\"{quiet}\" d=\"M{left} {y}H{right}\"/>\
             <g fill=\"{quiet}\" text-anchor=\"middle\">{labels}</g>"
        );
        if self.scale.begin() > 0 {
            let begin = text::duration(self.scale.begin());
            self.notes.push(match self.language {
                Language::English => {
                    format!("The first {begin}, in which nothing is seen to happen, are left out.")
                }
                Language::Chinese => format!("开头 {begin} 里看不到发生了什么，没有画出。"),
            });
        }
        for x in self.scale.broken_at() {
            let ground = GROUND.value();
            let (x, y) = (number(x - 6.0), number(bottom));
            let _ = write!(
                self.body,
                "<path stroke=\"{ground}\" stroke-width=\"3\" d=\"M{x} {y}h12\"/>\
                 <path fill=\"none\" stroke=\"{quiet}\" d=\"M{x} {y}l3-5 6 10 3-5\"/>"
            );
        }
    }

    fn names(&mut self) {
        let mut guides = String::new();
        let mut names = String::new();
        let mut words_of_ours = String::new();
        let mut heads = String::new();
        let quiet = QUIET.value();
        for &(top, row) in &self.rows.rows {
            match row {
                Row::Process(process) => {
                    let program = shorten(&self.layout.processes[process].program, 32);
                    let head = words::process(process, self.language);

                    let at = number(top + 18.0);
                    let program = match program.is_empty() {
                        true => String::new(),
                        false => format!(
                            " · <tspan font-family=\"{MONO}\">{}</tspan>",
                            escape_html(&program)
                        ),
                    };
                    let _ = write!(
                        heads,
                        "<text x=\"{MARGIN}\" y=\"{at}\">{head}{program}</text>"
                    );
                }
                Row::More(count) => {
                    let said = match self.language {
                        Language::English => format!("and {count} more threads, not drawn"),
                        Language::Chinese => format!("另有 {count} 个线程没有画出"),
                    };
                    let at = number(top + 17.0);
                    let _ = write!(heads, "<text x=\"{LEFT}\" y=\"{at}\">{said}</text>");
                    self.notes.push(match self.language {
                        Language::English => format!("{count} more threads are not drawn."),
                        Language::Chinese => format!("另有 {count} 个线程没有画出。"),
                    });
                }
                Row::Lane(index) => {
                    let lane = &self.layout.lanes[index];
                    let is_headed = has_heading(self.layout, lane.process);
                    let indent = if is_headed { 8.0 } else { 0.0 };
                    let columns = NAME_COLUMNS - usize::from(is_headed);
                    let (label, is_name) = match lane.name {
                        Name::Main if !is_headed && self.layout.processes.len() > 1 => {
                            (words::process(lane.process, self.language), false)
                        }
                        _ => words::label(lane, self.language, columns),
                    };
                    let middle = self.rows.middle[&index];
                    let (x, at) = (number(MARGIN + indent), number(middle + 4.0));
                    let list = match is_name {
                        true => &mut names,
                        false => &mut words_of_ours,
                    };
                    let label = escape_html(&label);
                    let _ = write!(list, "<text x=\"{x}\" y=\"{at}\">{label}</text>");
                    let (left, right) = (number(LEFT), number(RIGHT));
                    let _ = write!(guides, "M{left} {}H{right}", number(middle));
                }
            }
        }
        let (guide, ink) = (GUIDE.value(), INK.value());
        let _ = write!(
            self.body,
            "<path stroke=\"{guide}\" d=\"{guides}\"/><g fill=\"{quiet}\">{heads}</g>\
             <g fill=\"{ink}\">{words_of_ours}</g><g fill=\"{ink}\" font-family=\"{MONO}\">{names}</g>"
        );
    }

    fn arrows(&mut self) {
        let chosen = arrows(&self.layout.edges, &self.scale, |lane| self.rows.has(lane));
        let (drawn, all) = (chosen.len(), self.layout.edges.len());
        if drawn < all {
            self.notes.push(match self.language {
                Language::English => format!("{drawn} of {all} arrows are drawn."),
                Language::Chinese => format!("{all} 个箭头中画出了 {drawn} 个。"),
            });
        }
        self.kinds = chosen.iter().map(|arrow| arrow.kind).collect();
        for &kind in &self.kinds {
            let (mut lines, mut heads) = (String::new(), String::new());
            for arrow in chosen.iter().filter(|arrow| arrow.kind == kind) {
                let [from, to] = [arrow.from, arrow.to].map(|lane| self.rows.middle[&lane]);
                let half = self.rows.run / 2.0;
                let down = if to > from { 1.0 } else { -1.0 };
                let tip = to - down * (half + 0.5);
                let (x, start, end) = (number(arrow.x), number(from), number(tip - down * 5.0));
                let _ = write!(lines, "M{x} {start}V{end}");
                let (tip, back) = (number(tip), number(-6.0 * down));
                let _ = write!(heads, "M{x} {tip}l-3.5 {back}h7z");
            }
            let (colour, dashes) = look(kind);
            let colour = colour.value();
            let _ = write!(
                self.body,
                "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.2\"{dashes} d=\"{lines}\"/>\
                 <path fill=\"{colour}\" d=\"{heads}\"/>"
            );
        }
    }

    fn bars(&mut self, bars: &[(usize, Vec<Piece>)]) {
        let count: usize = bars.iter().map(|(_, pieces)| pieces.len()).sum();
        let rounded = match count > MANY_PIECES {
            true => f64::round,
            false => tenths,
        };
        for state in STATES {
            let height = match state {
                State::Run => self.rows.run,
                _ => self.rows.wait,
            };
            let mut path = String::new();
            for (lane, pieces) in bars {
                let top = number(self.rows.middle[lane] - height / 2.0);
                for piece in pieces.iter().filter(|piece| piece.state == state) {
                    // From the rounded edges, so that neighbours meet.
                    let (from, to) = (rounded(piece.from), rounded(piece.to));
                    let width = number((to - from).max(1.0));
                    let _ = write!(path, "M{} {top}h{width}v{height}h-{width}z", number(from));
                }
            }
            if path.is_empty() {
                continue;
            }
            let _ = match (palette::pattern(state), palette::colour(state).value()) {
                (None, colour) => write!(self.body, "<path fill=\"{colour}\" d=\"{path}\"/>"),
                (Some(pattern), colour) => write!(
                    self.body,
                    "<path fill=\"url(#{}-{pattern})\" stroke=\"{colour}\" d=\"{path}\"/>",
                    self.prefix
                ),
            };
        }
        self.ends();
    }

    /// What stands at the end of each lane: a stroke, or a cross where a signal ended it.
    fn ends(&mut self) {
        let (mut strokes, mut crosses) = (String::new(), String::new());
        for index in self.rows.lanes() {
            let lane = &self.layout.lanes[index];
            let (x, y) = (self.scale.x(lane.end), self.rows.middle[&index]);
            let half = self.rows.run / 2.0;
            match lane.ended {
                Ended::Cut => {}
                Ended::Exit => {
                    let (top, height) = (number(y - half - 2.0), number(2.0 * half + 4.0));
                    let _ = write!(strokes, "M{} {top}v{height}", number(x));
                }
                // Beside the bar: on it, red would not stand out.
                Ended::Signal(_) => crosses.push_str(&cross(x + 8.0, y)),
            }
        }
        let (ink, bad) = (INK.value(), BAD.value());
        for (colour, path) in [(ink, strokes), (bad, crosses)] {
            if !path.is_empty() {
                let _ = write!(
                    self.body,
                    "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" d=\"{path}\"/>"
                );
            }
        }
    }

    /// Marks of output; whether there are any.
    fn marks(&mut self) -> bool {
        let right = RIGHT + marks::HEIGHT / 2.0;
        let is_drawn = |lane| self.rows.has(lane);
        let (marks, all) = marks::marks(&self.layout.lines, &self.scale, right, is_drawn);
        let drawn = marks.len();
        if drawn < all {
            self.notes.push(match self.language {
                Language::English => format!("{drawn} of {all} marks of output are drawn."),
                Language::Chinese => format!("{all} 个输出标记中画出了 {drawn} 个。"),
            });
        }
        self.draw_marks(&marks);
        drawn > 0
    }

    fn draw_marks(&mut self, marks: &[Mark]) {
        let titled: usize = marks
            .iter()
            .map(|mark| mark.lines.len().min(TITLE_LINES))
            .sum();
        let columns = (ALL_TITLE_COLUMNS / titled.max(1)).min(TITLE_COLUMNS);
        for is_err in [false, true] {
            let mut shapes = String::new();
            for mark in marks {
                let is_line_err = |&at: &usize| self.layout.lines[at].is_err;
                if mark.lines.iter().any(is_line_err) != is_err {
                    continue;
                }
                let title: Vec<_> = mark
                    .lines
                    .iter()
                    .take(TITLE_LINES)
                    .map(|&at| {
                        let text = shorten(&self.layout.lines[at].text, columns);
                        format!("{} {}", at + 1, escape_html(&text))
                    })
                    .collect();
                let more = match mark.lines.len() > TITLE_LINES {
                    true => "\n…",
                    false => "",
                };

                let _ = write!(
                    shapes,
                    "<g><title>{}{more}</title>{}</g>",
                    title.join("\n"),
                    pill(
                        mark.left,
                        self.rows.middle[&mark.lane],
                        &mark.label(),
                        is_err
                    )
                );
            }
            self.pills(is_err, &shapes);
        }
    }

    fn pills(&mut self, is_err: bool, shapes: &str) {
        if !shapes.is_empty() {
            let (colour, ground) = (mark_colour(is_err).value(), GROUND.value());
            let _ = write!(
                self.body,
                "<g fill=\"{ground}\" stroke=\"{colour}\" text-anchor=\"middle\">{shapes}</g>"
            );
        }
    }

    fn text(&mut self, x: f64, y: f64, colour: Colour, text: &str) {
        let (x, y, colour, text) = (number(x), number(y), colour.value(), escape_html(text));
        let _ = write!(
            self.body,
            "<text x=\"{x}\" y=\"{y}\" fill=\"{colour}\">{text}</text>"
        );
    }
}

const MONO: &str = "var(--mono-font,ui-monospace,monospace)";

/// Colour and dashes of an arrow.
fn look(kind: Kind) -> (Colour, &'static str) {
    match kind {
        Kind::Spawn => (INK, ""),
        Kind::End => (INK, " stroke-dasharray=\"4 2.5\""),
        Kind::Data => (palette::colour(State::Read), " stroke-dasharray=\"7 2\""),
        Kind::Wake => (palette::colour(State::Lock), " stroke-dasharray=\"1.5 2\""),
    }
}

fn cross(x: f64, y: f64) -> String {
    format!("M{} {}l8 8m0-8l-8 8", number(x - 4.0), number(y - 4.0))
}

/// The shape and the label of a mark, by its left edge and its middle.
fn pill(x: f64, y: f64, label: &str, is_err: bool) -> String {
    let (wide, colour) = (marks::width(label), mark_colour(is_err).value());
    format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"16\" rx=\"8\"/>\
         <text x=\"{}\" y=\"{}\" stroke=\"none\" font-weight=\"600\" fill=\"{colour}\">{label}</text>",
        number(x),
        number(y - 8.0),
        number(wide),
        number(x + wide / 2.0),
        number(y + 4.2)
    )
}

fn mark_colour(is_err: bool) -> Colour {
    if is_err { BAD } else { INK }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
