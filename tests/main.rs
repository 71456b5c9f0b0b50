//! The promises of the book, end to end.
//!
//! Each module checks one promise: functions that take sources and return [`directives::Problem`]s,
//! a test on the real book, and tests on small made-up pages that prove that the check can fail.

mod browser;
mod concepts;
mod html;
mod layout;
mod listings;
mod need;
mod parity;
mod prose;
mod references;
mod runs;
mod sources;
mod stock;
mod summary;
mod unwritten;
