//! Colours and patterns: one meaning, one look, in every drawing of the book.

use runner::State;

/// A variable of the theme and its value in the light palette, for a drawing outside of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Its name in `theme/css`.
    pub variable: &'static str,
    /// What stands there for the light theme.
    pub light: &'static str,
}

impl Colour {
    const fn new(variable: &'static str, light: &'static str) -> Self {
        Self { variable, light }
    }

    /// As a value of an attribute.
    pub fn value(self) -> String {
        format!("var({},{})", self.variable, self.light)
    }
}

/// Behind everything.
pub const GROUND: Colour = Colour::new("--terminal", "#f7f5f0");
/// Names, arrows, marks.
pub const INK: Colour = Colour::new("--node-ink", "#22252b");
/// The axis and the legend.
pub const QUIET: Colour = Colour::new("--quiet", "#5d6470");
/// Lines that only guide the eye.
pub const GUIDE: Colour = Colour::new("--panel-edge", "#dcd8cd");
/// Waits that nothing can end, and output on standard error.
pub const BAD: Colour = Colour::new("--error", "#a8271f");

/// The states in the order of the legend.
pub const STATES: [State; 6] = [
    State::Run,
    State::Lock,
    State::Sleep,
    State::Read,
    State::Wait,
    State::Poll,
];

/// The colour of a state.
pub fn colour(state: State) -> Colour {
    match state {
        State::Run => Colour::new("--state-run", "#0a6b68"),
        State::Lock => Colour::new("--state-lock", "#a35200"),
        State::Sleep => Colour::new("--state-sleep", "#6b5bb5"),
        State::Read => Colour::new("--state-read", "#2463b0"),
        State::Wait => Colour::new("--state-wait", "#a83280"),
        State::Poll => Colour::new("--state-poll", "#5f6b12"),
    }
}

/// The name of a state's pattern in the drawing's ids; running has none, it is solid.
pub fn pattern(state: State) -> Option<&'static str> {
    match state {
        State::Run => None,
        State::Lock => Some("lock"),
        State::Sleep => Some("sleep"),
        State::Read => Some("read"),
        State::Wait => Some("wait"),
        State::Poll => Some("poll"),
    }
}

/// Width, height and lines of a state's tile, drawn in the state's colour with strokes of 1.8 px.
pub fn tile(state: State) -> (u8, u8, &'static str) {
    match state {
        // Rising lines.
        State::Run | State::Lock => (6, 6, "M-1 7L7-1M-1 1L1-1M5 7L7 5"),
        // Points far apart.
        State::Sleep => (7, 5, "M2.6 2.5h1.8"),
        // Upright lines.
        State::Read => (5, 5, "M2.5 0v5"),
        // Level lines.
        State::Wait => (5, 4, "M0 2h5"),
        // A zigzag.
        State::Poll => (8, 6, "M0 5L4 1L8 5"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;

    /// The variables of every rule whose selectors name this theme.
    fn variables(theme: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for file in ["1-palette.css", "5-timeline.css"] {
            let path = format!("{}/../../theme/css/{file}", env!("CARGO_MANIFEST_DIR"));
            let css = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            for rule in css.split('}') {
                let Some((selectors, body)) = rule.split_once('{') else {
                    continue;
                };
                let selectors = selectors.rsplit("*/").next().unwrap_or_default();
                if !selectors
                    .split(',')
                    .any(|selector| selector.trim() == theme)
                {
                    continue;
                }
                let declared = body.split(';').filter_map(|line| line.split_once(':'));
                found.extend(
                    declared.map(|(name, value)| (name.trim().into(), value.trim().into())),
                );
            }
        }
        found
    }

    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = u8::from_str_radix(&colour[at..at + 2], 16).expect("six hex digits");
            let value = f64::from(value) / 255.0;
            match value <= 0.04045 {
                true => value / 12.92,
                false => ((value + 0.055) / 1.055).powf(2.4),
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
        one.max(other) / one.min(other)
    }

    #[test]
    fn every_colour_stands_out_from_its_ground_in_every_theme() {
        for theme in [".light", ".rust", ".navy", ".coal", ".ayu"] {
            let variables = variables(theme);
            let of = |colour: Colour| {
                variables
                    .get(colour.variable)
                    .unwrap_or_else(|| panic!("{theme} has no {}", colour.variable))
            };
            let check = |colour: Colour, least: f64| {
                let ratio = contrast(of(colour), of(GROUND));
                let name = colour.variable;
                assert!(
                    ratio >= least,
                    "{theme}: {name} has a contrast of {ratio:.2}"
                );
            };
            for text in [INK, QUIET, BAD] {
                check(text, 4.5);
            }
            for state in STATES {
                check(colour(state), 4.5);
            }
        }
    }

    #[test]
    fn the_fall_backs_are_the_light_palette() {
        let variables = variables(".light");
        let all = [GROUND, INK, QUIET, GUIDE, BAD]
            .into_iter()
            .chain(STATES.map(colour));
        for colour in all {
            assert_eq!(variables[colour.variable], colour.light);
        }
    }

    #[test]
    fn no_two_states_share_a_colour_or_a_pattern() {
        let count = |all: BTreeSet<String>| all.len();
        let colours = STATES.map(|state| colour(state).variable.to_owned());
        let patterns = STATES.map(|state| format!("{:?}", pattern(state).map(|_| tile(state))));
        assert_eq!(count(colours.into()), STATES.len());
        assert_eq!(count(patterns.into()), STATES.len());
    }
}
