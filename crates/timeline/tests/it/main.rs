//! Runs written by hand, and what becomes of them.

mod drawings;
mod lanes;
mod preview;
mod recordings;
mod run;
mod stories;
mod summaries;
