//! The served book in a real browser: what no reading of the files can promise.
//!
//! Each test has a server and a browser of its own, and goes through all pages of the built site.

mod cdp;
mod editing;
mod pages;
mod published;
mod reading;
mod running;
mod served;
mod time_lines;
