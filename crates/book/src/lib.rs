//! The command `book`: serves, builds, tests and records the book.
//!
//! Data goes one way: `src/` and `listings/` -> [`preprocess`] -> [`site`] -> a folder of HTML, which
//! the server hands out while [`programs`] compiles what its Run buttons start.

pub mod bench;
pub mod diagrams;
pub mod doctest_libs;
pub mod helper;
pub mod leftovers;
pub mod mirror;
pub mod mutate;
pub mod new;
pub mod preprocess;
pub mod process;
pub mod programs;
pub mod record;
pub mod root;
pub mod run;
pub mod serve;
pub mod site;
pub mod test;
pub mod trace;
