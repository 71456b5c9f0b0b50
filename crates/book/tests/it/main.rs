//! The server and the compilation of listings, with real sockets and processes. The first five parts
//! do without the book; the last three attack the real server on the real book.

mod client;
mod commands;
mod pages;
mod programs;
mod requests;
mod runs;

#[cfg(target_os = "linux")]
mod attacks;
#[cfg(target_os = "linux")]
mod ends;
#[cfg(target_os = "linux")]
mod real;
#[cfg(target_os = "linux")]
mod strangers;
