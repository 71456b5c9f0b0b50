//! Where the book is.

use anyhow::{Context, Result, bail};
use std::path::PathBuf;

/// The root of the book: the nearest folder, from the working folder upwards, that holds its
/// `book.toml`.
///
/// # Errors
///
/// There is none: the command was started outside of a checkout.
pub fn find() -> Result<PathBuf> {
    let start = std::env::current_dir().context("the working folder cannot be read")?;
    match start
        .ancestors()
        .find(|folder| folder.join("book.toml").is_file())
    {
        Some(root) => Ok(root.to_path_buf()),
        None => bail!(
            "no book.toml in {} or above it\n  hint: run the command inside the checkout of the book",
            start.display()
        ),
    }
}
