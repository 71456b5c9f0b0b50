//! The events of one traced run become one drawing and its words: what every thread did, and when.
//!
//! ```text
//! events ──▶ layout ──▶ Layout: lanes, segments, edges, lines of output, who is stuck
//!   │                     │
//!   ▼ normalise           ▼ draw, in a language
//! a recording          Drawing: one <svg> and a summary
//! ```
//!
//! One renderer for recorded and for live runs: it reads events and nothing else, asks no clock, and
//! draws the same bytes for the same events. Colours are the variables of the theme with the light
//! palette as a fall-back, so that the drawing also stands as a file of its own.

mod arrows;
mod layout;
mod marks;
mod normalise;
mod palette;
mod pieces;
mod rows;
mod scale;
mod svg;
mod text;
mod words;

pub use layout::{Edge, Ended, Kind, Lane, Layout, Line, Name, Process, Segment, Stuck, layout};
pub use normalise::normalise;
pub use svg::draw;
pub use words::{deadlock, html};

/// A drawn run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    /// One `<svg>` element, valid as XML, without scripts and without anything from elsewhere.
    pub svg: String,
    /// What it shows, in one to three sentences of the page's language. Names stand between
    /// backticks, which come in pairs; [`html`] makes code of them.
    pub summary: String,
}
