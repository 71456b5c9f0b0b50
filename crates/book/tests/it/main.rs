//! The server and the compilation of listings, with real sockets and processes but without the book.

mod client;
mod pages;
mod programs;
mod requests;
mod runs;
