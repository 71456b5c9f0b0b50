//! The concept hierarchy of the book, and the maps that are drawn from it.
//!
//! `src/concepts.toml` is read once into [`Concepts`], checked, and drawn as diagrams whose nodes are
//! links ([`Maps`]): the hierarchies by mermaid, the united picture as an SVG of its own. A concept whose chapter is not written yet links to its entry on the
//! map page, so that no link is ever dead.

mod concepts;
mod glossary;
mod maps;
mod references;
mod united;

pub use concepts::{Combination, Concept, Concepts, Relation};
pub use glossary::{Glossary, Term};
pub use maps::Maps;
pub use references::References;
