//! The united picture, drawn by hand: `concepts.toml` says what things are called, where they lead and
//! what relates them; the places are here, and the tests check one against the other.
//!
//! From top to bottom: call modes, ways of waiting, and then the units in their boxes, from tasks down
//! to cores, with a scheduler between each two layers. The execution modes stand beside, each at the
//! height of what it rests on.

use crate::concepts::Relation;
use crate::maps::Maps;
use directives::{Language, escape_html};
use std::collections::BTreeSet;
use std::fmt::Write as _;

const WIDTH: i32 = 880;
const HEIGHT: i32 = 564;
/// Names the parts that the drawing refers to; a page holds it once.
const ID: &str = "map-united";

type Point = (i32, i32);

/// How a concept is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// A box around others; its name is a [`Look::Title`].
    Frame,
    /// A name without a box, at the left of its place.
    Title,
    /// A box with its name.
    Node,
    /// A thread that sleeps.
    Asleep,
    /// A box that crosses the picture, with the label of a relation below the name.
    Bar,
}

/// Where a concept is drawn; some stand in several places.
#[derive(Debug)]
struct Place {
    id: &'static str,
    look: Look,
    x: i32,
    y: i32,
    width: i32,
    height: i32,
    /// The relation whose label stands below the name.
    says: Option<(&'static str, &'static str)>,
}

const fn place(id: &'static str, look: Look, at: Point, size: Point) -> Place {
    Place {
        id,
        look,
        x: at.0,
        y: at.1,
        width: size.0,
        height: size.1,
        says: None,
    }
}

const fn saying(place: Place, from: &'static str, to: &'static str) -> Place {
    Place {
        says: Some((from, to)),
        ..place
    }
}

const PLACES: &[Place] = &[
    place("call-mode", Look::Title, (0, 10), (140, 36)),
    place("synchronous", Look::Node, (158, 10), (160, 36)),
    place("asynchronous", Look::Node, (346, 10), (160, 36)),
    place("waiting", Look::Title, (0, 90), (140, 36)),
    place("blocking", Look::Node, (158, 90), (160, 36)),
    place("non-blocking", Look::Node, (346, 90), (160, 36)),
    place("unit", Look::Title, (0, 164), (140, 26)),
    place("process", Look::Frame, (142, 158), (384, 234)),
    place("process", Look::Title, (154, 164), (110, 26)),
    place("address-space", Look::Title, (154, 190), (130, 26)),
    place("task", Look::Node, (336, 212), (56, 36)),
    place("task", Look::Node, (398, 212), (56, 36)),
    place("task", Look::Node, (460, 212), (56, 36)),
    place("scheduler", Look::Title, (0, 282), (140, 26)),
    saying(
        place("event-loop", Look::Bar, (336, 270), (180, 50)),
        "concurrent",
        "event-loop",
    ),
    place("thread", Look::Node, (152, 344), (84, 36)),
    place("thread", Look::Asleep, (244, 344), (84, 36)),
    place("thread", Look::Node, (336, 344), (84, 36)),
    place("thread", Look::Node, (432, 344), (84, 36)),
    place("pipe", Look::Node, (536, 347), (46, 30)),
    place("process", Look::Frame, (592, 306), (84, 86)),
    place("process", Look::Title, (600, 312), (72, 26)),
    place("thread", Look::Node, (600, 344), (68, 36)),
    place("scheduler", Look::Title, (0, 430), (140, 26)),
    saying(
        place("preemptive", Look::Bar, (142, 418), (534, 50)),
        "concurrent",
        "preemptive",
    ),
    saying(
        place("core", Look::Bar, (174, 494), (150, 50)),
        "core",
        "thread",
    ),
    saying(
        place("core", Look::Bar, (418, 494), (150, 50)),
        "core",
        "thread",
    ),
    place("mode", Look::Frame, (698, 1), (181, 562)),
    place("mode", Look::Title, (710, 10), (158, 26)),
    place("serial", Look::Node, (710, 90), (158, 36)),
    place("concurrent", Look::Node, (710, 277), (158, 36)),
    place("parallel", Look::Node, (710, 501), (158, 36)),
];

/// A relation as a line, with an arrow at its end.
#[derive(Debug)]
struct Route {
    from: &'static str,
    to: &'static str,
    points: &'static [Point],
    look: &'static str,
}

const fn route(
    from: &'static str,
    to: &'static str,
    look: &'static str,
    points: &'static [Point],
) -> Route {
    Route {
        from,
        to,
        points,
        look,
    }
}

const ROUTES: &[Route] = &[
    route("synchronous", "blocking", "arrow", &[(238, 46), (238, 90)]),
    route(
        "asynchronous",
        "non-blocking",
        "arrow",
        &[(426, 46), (426, 90)],
    ),
    route(
        "synchronous",
        "non-blocking",
        "arrow rare",
        &[(254, 46), (410, 90)],
    ),
    route(
        "asynchronous",
        "blocking",
        "arrow rare",
        &[(410, 46), (254, 90)],
    ),
    route("blocking", "thread", "arrow", &[(300, 126), (300, 344)]),
    route("non-blocking", "task", "arrow", &[(426, 126), (426, 212)]),
    route(
        "concurrent",
        "event-loop",
        "arrow",
        &[(710, 288), (516, 288)],
    ),
    route(
        "concurrent",
        "preemptive",
        "arrow",
        &[(710, 302), (687, 302), (687, 443), (676, 443)],
    ),
    route("parallel", "core", "arrow", &[(710, 519), (568, 519)]),
    route("pipe", "process", "line", &[(536, 362), (526, 362)]),
    route("pipe", "process", "line", &[(582, 362), (592, 362)]),
];

/// Labels of relations that stand beside a line: where, and from which end of the text.
const LABELS: &[(&str, &str, Point, &str)] = &[
    ("synchronous", "blocking", (230, 74), "end"),
    ("asynchronous", "non-blocking", (434, 74), "start"),
    ("blocking", "thread", (292, 296), "end"),
    ("non-blocking", "task", (434, 148), "start"),
    ("thread", "task", (30, 518), "start"),
    ("parallel", "core", (690, 511), "end"),
];

/// Whoever may be advanced by whom: all of these to all of those.
const FANS: [(&[Point], &[Point]); 2] = [
    (
        &[(364, 248), (426, 248), (488, 248)],
        &[(378, 344), (474, 344)],
    ),
    (
        &[(194, 380), (378, 380), (474, 380), (634, 380)],
        &[(249, 494), (493, 494)],
    ),
];
/// Who is advanced at the instant that the picture shows.
const NOW: [[Point; 2]; 3] = [
    [(364, 248), (378, 344)],
    [(194, 380), (249, 494)],
    [(378, 380), (493, 494)],
];

/// Two jobs on their time lines, as the modes carry them out: left end, top, width and name.
const STRETCHES: &[(i32, i32, i32, &str)] = &[
    (710, 60, 77, "A"),
    (791, 60, 77, "B"),
    (710, 247, 36, "A"),
    (750, 247, 37, "B"),
    (791, 247, 36, "A"),
    (831, 247, 37, "B"),
    (710, 443, 158, "A"),
    (710, 471, 158, "B"),
];
const STRETCH_HEIGHT: i32 = 24;

impl Maps<'_> {
    /// `{{#map united}}`: containment, modes, call styles and what crosses between them, in one
    /// picture, and what its lines say as a list below.
    pub fn united(&self, language: Language, from: &str) -> String {
        let title = language.text("The united picture", "合成一图");
        let description = description(language);
        let mut out = format!(
            "<figure class=\"diagram\" role=\"group\"><svg class=\"drawing united\" viewBox=\"0 0 {WIDTH} \
             {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" style=\"--width:{WIDTH}px\" role=\"group\" \
             aria-labelledby=\"{ID}-title\" aria-describedby=\"{ID}-desc\">\
             <title id=\"{ID}-title\">{title}</title><desc id=\"{ID}-desc\">{description}</desc>\
             <marker id=\"{ID}-end\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"9\" \
             markerHeight=\"9\" orient=\"auto\"><path d=\"M0 1L10 5L0 9z\"/></marker>"
        );
        for place in PLACES.iter().filter(|place| place.look == Look::Frame) {
            let rect = rect(place);
            let _ = write!(out, "<g class=\"cluster\">{rect}</g>");
        }
        self.draw_lines(&mut out, language);
        let mut linked = BTreeSet::new();
        for place in PLACES.iter().filter(|place| place.look != Look::Frame) {
            if let Some(concept) = self.concepts.get(place.id) {
                // The keyboard need not stop at the fifth thread again.
                let stop = if linked.insert(place.id) {
                    ""
                } else {
                    " tabindex=\"-1\""
                };
                let link = format!("href=\"{}\"{stop}", self.href(concept, from));
                self.draw_place(&mut out, place, concept.name(language), &link, language);
            }
        }
        for (relation_from, relation_to, (x, y), anchor) in LABELS {
            let label = self.label(language, relation_from, relation_to);
            let _ = write!(
                out,
                "<text class=\"said\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{label}</text>"
            );
        }
        for (x, y, width, job) in STRETCHES {
            let (middle, baseline) = (x + width / 2, y + 18);
            let _ = write!(
                out,
                "<g class=\"node job-{job}\"><rect x=\"{x}\" y=\"{y}\" width=\"{width}\" \
                 height=\"{STRETCH_HEIGHT}\" rx=\"4\"/><text x=\"{middle}\" y=\"{baseline}\" \
                 text-anchor=\"middle\">{job}</text></g>"
            );
        }
        let now = language.text("at this instant", "此刻");
        let summary = language.text("What the lines say", "图中的线说了什么");
        let time = language.text("two jobs, time \u{2192}", "两件活，时间 \u{2192}");
        let _ = write!(
            out,
            "<path class=\"may\" d=\"M0 512H24\"/><path class=\"now\" d=\"M0 540H24\"/>\
             <text class=\"said\" x=\"30\" y=\"546\">{now}</text>\
             <text class=\"said\" x=\"710\" y=\"556\">{time}</text></svg></figure>\n\n\
             <details><summary>{summary}</summary>\n<ul>\n"
        );
        for relation in &self.concepts.relations {
            let says = escape_html(language.text(&relation.en_says, &relation.zh_says));
            let _ = writeln!(out, "<li>{says}</li>");
        }
        out.push_str("</ul>\n</details>\n");
        out
    }

    /// Fans first: whoever picks among them lies on them.
    fn draw_lines(&self, out: &mut String, language: Language) {
        for (tails, heads) in FANS {
            for (tail, head) in tails
                .iter()
                .flat_map(|t| heads.iter().map(move |h| (*t, *h)))
            {
                let look = if NOW.contains(&[tail, head]) {
                    "now"
                } else {
                    "may"
                };
                let _ = write!(
                    out,
                    "<path class=\"{look}\" d=\"{}\"/>",
                    path(&[tail, head])
                );
            }
        }
        for route in ROUTES {
            let Route {
                from,
                to,
                points,
                look,
            } = route;
            let says = self.relation(from, to).map_or("", |relation| {
                language.text(&relation.en_says, &relation.zh_says)
            });
            let end = match *look {
                "line" => String::new(),
                _ => format!(" marker-end=\"url(#{ID}-end)\""),
            };
            let _ = write!(
                out,
                "<path class=\"{look}\" d=\"{}\"{end}><title>{}</title></path>",
                path(points),
                escape_html(says)
            );
        }
    }

    fn draw_place(
        &self,
        out: &mut String,
        place: &Place,
        name: &str,
        link: &str,
        language: Language,
    ) {
        let name = escape_html(name);
        let (class, shape) = match place.look {
            Look::Frame | Look::Title => ("cluster-label", String::new()),
            Look::Node => ("node", rect(place)),
            Look::Asleep => ("node aside", rect(place)),
            Look::Bar => ("node bar", rect(place)),
        };
        let (x, anchor) = match place.look {
            Look::Title => (place.x, "start"),
            _ => (place.x + place.width / 2, "middle"),
        };
        // The baseline of text of 16 px, so that its letters stand in the middle.
        let middle = place.y + place.height / 2 + 6;
        let first = middle - if place.says.is_some() { 9 } else { 0 };
        let _ = write!(
            out,
            "<g class=\"{class}\"><a {link}>{shape}<text x=\"{x}\" y=\"{first}\" \
             text-anchor=\"{anchor}\">{name}</text></a>"
        );
        if let Some((relation_from, relation_to)) = place.says {
            let second = middle + 12;
            let label = self.label(language, relation_from, relation_to);
            let _ = write!(
                out,
                "<text class=\"said\" x=\"{x}\" y=\"{second}\" text-anchor=\"{anchor}\">{label}</text>"
            );
        }
        out.push_str("</g>");
    }

    fn label(&self, language: Language, from: &str, to: &str) -> String {
        self.relation(from, to).map_or(String::new(), |relation| {
            escape_html(language.text(&relation.en, &relation.zh))
        })
    }

    fn relation(&self, from: &str, to: &str) -> Option<&Relation> {
        let mut relations = self.concepts.relations.iter();
        relations.find(|relation| relation.from == from && relation.to == to)
    }
}

/// What the picture shows, for those who do not see it.
fn description(language: Language) -> &'static str {
    language.text("At the top, synchronous and asynchronous calls; below them, blocking and non-blocking \
         operations, to which arrows lead straight and crosswise. Then a process as a box: it \
         contains tasks, under them the event loop, and under that threads, one of which sleeps. \
         Every task is joined to every thread of the loop. A second process has one thread, and a \
         pipe joins the two. Below, the kernel scheduler lies across both, and under it two cores, \
         joined to all threads that do not sleep. On the right, the modes, each with two jobs on a \
         time line: serial, one after the other; concurrent, in turns, with arrows to both \
         schedulers; parallel, side by side, with an arrow to the cores.",
        "最上面是同步调用和异步调用，下面是阻塞和非阻塞，箭头有直的，也有交叉的。再往下，进程是一个方框，\
         里面从上到下是任务、事件循环、线程，其中一个线程睡着；每个任务都和事件循环的每个线程相连。\
         另一个进程只有一个线程，两个进程之间有一条管道。内核调度器横在两个进程下面，它下面是两个核心，\
         与每个没睡的线程相连。右边是三种执行方式，各配两件活的时间线：串行，一件接一件；并发，轮流推进，\
         箭头指向两种调度器；并行，同时推进，箭头指向核心。",
    )
}

fn rect(place: &Place) -> String {
    let Place {
        x,
        y,
        width,
        height,
        ..
    } = place;
    format!("<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>")
}

fn path(points: &[Point]) -> String {
    let steps = points.iter().zip("M".chars().chain(std::iter::repeat('L')));
    steps
        .map(|((x, y), step)| format!("{step}{x} {y}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::concepts::Concepts;
    use std::path::Path;

    /// The concepts of the book: what is drawn here is about them and no others.
    fn concepts() -> Concepts {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/concepts.toml");
        let text = std::fs::read_to_string(&path).expect("the concepts of the book");
        Concepts::parse(&path, &text).expect("a good hierarchy")
    }

    fn draw(language: Language) -> String {
        let written = ["threads", "pipes"].map(str::to_owned).into();
        Maps::new(&concepts(), written).united(language, "index")
    }

    /// Left, top, right and bottom.
    type Area = (i32, i32, i32, i32);

    fn area(place: &Place) -> Area {
        (
            place.x,
            place.y,
            place.x + place.width,
            place.y + place.height,
        )
    }

    fn holds(outer: Area, inner: Area) -> bool {
        outer.0 <= inner.0 && outer.1 <= inner.1 && outer.2 >= inner.2 && outer.3 >= inner.3
    }

    fn meet(a: Area, b: Area) -> bool {
        a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
    }

    /// Whether a line passes through an area, looked at in small steps.
    fn crosses(line: &[Point], area: Area) -> bool {
        const STEPS: i32 = 1_000;
        line.windows(2).any(|ends| {
            (0..=STEPS).any(|step| {
                let at = |a: i32, b: i32| a + (b - a) * step / STEPS;
                let (x, y) = (at(ends[0].0, ends[1].0), at(ends[0].1, ends[1].1));
                meet(area, (x, y, x + 1, y + 1)) && area.0 < x && area.1 < y
            })
        })
    }

    /// More than text of 16 px takes in any font that the pages name; bold letters are wider.
    fn width(label: &str, look: Look) -> i32 {
        let letter = match look {
            Look::Title | Look::Bar => 10,
            Look::Frame | Look::Node | Look::Asleep => 9,
        };
        let width = |c: char| if c.is_ascii() { letter } else { 17 };
        label.chars().map(width).sum()
    }

    fn boxes() -> impl Iterator<Item = &'static Place> {
        PLACES.iter().filter(|place| place.look != Look::Frame)
    }

    #[test]
    fn what_the_data_puts_into_the_picture_is_drawn_and_nothing_else() {
        let concepts = concepts();
        let wanted = concepts
            .all
            .iter()
            .filter(|concept| concept.united.is_some());
        let wanted: BTreeSet<&str> = wanted.map(|concept| &*concept.id).collect();
        let drawn: BTreeSet<&str> = PLACES.iter().map(|place| place.id).collect();
        assert_eq!(drawn, wanted);
    }

    #[test]
    fn boxes_contain_what_the_data_puts_into_them_and_nothing_else() {
        let concepts = concepts();
        let root = &concepts.root().expect("a root").id;
        for place in boxes() {
            let concept = concepts.get(place.id).expect("a known concept");
            let around: Vec<&str> = PLACES
                .iter()
                .filter(|frame| frame.look == Look::Frame && holds(area(frame), area(place)))
                .map(|frame| frame.id)
                .filter(|id| *id != place.id)
                .collect();
            let wanted = concept.united.as_ref().filter(|id| *id != root);
            assert_eq!(around, Vec::from_iter(wanted), "{}", place.id);
        }
    }

    #[test]
    fn nothing_lies_on_anything_else() {
        let stretches = STRETCHES
            .iter()
            .map(|(x, y, width, _)| (*x, *y, x + width, y + STRETCH_HEIGHT));
        let areas: Vec<Area> = PLACES.iter().map(area).chain(stretches).collect();
        for (number, one) in areas.iter().enumerate() {
            assert!(holds((0, 0, WIDTH, HEIGHT), *one), "{one:?} sticks out");
            for other in &areas[number + 1..] {
                let apart = !meet(*one, *other) || holds(*one, *other) || holds(*other, *one);
                assert!(apart, "{one:?} and {other:?}");
            }
        }
    }

    #[test]
    fn names_fit_into_their_places_in_both_languages() {
        let concepts = concepts();
        let written = BTreeSet::new();
        let maps = Maps::new(&concepts, written);
        for language in Language::BOTH {
            for place in boxes() {
                let name = concepts
                    .get(place.id)
                    .expect("a known concept")
                    .name(language);
                assert!(width(name, place.look) <= place.width, "{name}");
                if let Some((from, to)) = place.says {
                    let label = maps.label(language, from, to);
                    assert!(width(&label, Look::Node) <= place.width, "{label}");
                }
            }
        }
    }

    #[test]
    fn labels_lie_on_no_box_and_on_no_line() {
        let concepts = concepts();
        let maps = Maps::new(&concepts, BTreeSet::new());
        for language in Language::BOTH {
            for (from, to, (x, y), anchor) in LABELS {
                let label = maps.label(language, from, to);
                let left = if *anchor == "end" {
                    x - width(&label, Look::Node)
                } else {
                    *x
                };
                let label_area = (left, y - 13, left + width(&label, Look::Node), y + 4);
                for place in boxes() {
                    assert!(!meet(label_area, area(place)), "{label} on {}", place.id);
                }
                for route in ROUTES {
                    assert!(!crosses(route.points, label_area), "{label} on {route:?}");
                }
            }
        }
    }

    #[test]
    fn every_relation_is_shown_and_every_line_is_a_relation() {
        let routes = ROUTES.iter().map(|route| (route.from, route.to));
        let labels = LABELS.iter().map(|(from, to, ..)| (*from, *to));
        let said = PLACES.iter().filter_map(|place| place.says);
        let shown: BTreeSet<_> = routes.chain(labels).chain(said).collect();
        let concepts = concepts();
        let wanted = concepts
            .relations
            .iter()
            .map(|relation| (&*relation.from, &*relation.to));
        assert_eq!(shown, wanted.collect());
    }

    #[test]
    fn a_line_ends_at_its_boxes_and_crosses_no_other() {
        for Route {
            from, to, points, ..
        } in ROUTES
        {
            let touches = |id: &str, (x, y): Point| {
                PLACES.iter().any(|place| {
                    place.id == id && holds(area(place), (x, y, x, y)) && place.look != Look::Title
                })
            };
            assert!(touches(from, points[0]), "{from} to {to}");
            assert!(touches(to, points[points.len() - 1]), "{from} to {to}");
            for place in boxes() {
                assert!(
                    !crosses(points, area(place)),
                    "{from} to {to}: {}",
                    place.id
                );
            }
        }
    }

    #[test]
    fn fans_join_tasks_threads_and_cores_behind_the_schedulers() {
        let at = |(x, y): Point| {
            let mut ends = boxes().filter(|place| holds(area(place), (x, y, x, y)));
            ends.next().map(|place| (place.id, place.look))
        };
        let layers = [
            ("task", "thread", "event-loop"),
            ("thread", "core", "preemptive"),
        ];
        for ((tails, heads), (lower, upper, between)) in FANS.iter().zip(layers) {
            for (tail, head) in tails
                .iter()
                .flat_map(|t| heads.iter().map(move |h| (*t, *h)))
            {
                assert!(at(tail).is_some_and(|(id, look)| id == lower && look == Look::Node));
                assert!(at(head).is_some_and(|(id, look)| id == upper && look != Look::Asleep));
                let crossed = boxes().filter(|place| crosses(&[tail, head], area(place)));
                assert_eq!(crossed.map(|place| place.id).collect::<Vec<_>>(), [between]);
            }
        }
        let all = |now: &[Point; 2]| {
            FANS.iter()
                .any(|(t, h)| t.contains(&now[0]) && h.contains(&now[1]))
        };
        assert!(NOW.iter().all(all));
    }

    #[test]
    fn every_name_in_the_picture_is_a_link() {
        let picture = draw(Language::English);
        assert_eq!(picture.matches("<a href=").count(), boxes().count());
        let distinct: BTreeSet<&str> = boxes().map(|place| place.id).collect();
        let again = boxes().count() - distinct.len();
        assert_eq!(picture.matches(" tabindex=\"-1\"").count(), again);
        assert!(
            picture.contains("<a href=\"threads.html\"><rect"),
            "{picture}"
        );
        assert!(
            picture.contains("<a href=\"#concept-mode\"><text"),
            "{picture}"
        );
    }

    #[test]
    fn the_picture_has_a_title_a_description_and_its_lines_in_words() {
        let picture = draw(Language::Chinese);
        assert!(
            picture.contains("<title id=\"map-united-title\">合成一图</title>"),
            "{picture}"
        );
        assert!(
            picture.contains("<desc id=\"map-united-desc\">最上面"),
            "{picture}"
        );
        assert!(
            picture.contains("<li>多个线程要并行，需要多个核心。</li>"),
            "{picture}"
        );
    }
}
