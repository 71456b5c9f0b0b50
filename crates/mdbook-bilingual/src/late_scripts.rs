//! Scripts that a page loads at the first use of what they do: `theme/js/late/`, copied once for both
//! languages.

use crate::files;
use anyhow::{Context, Result};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// Copies the editor, if the theme has one, and returns its address below the output folder. The
/// address changes with the script, so that no cache hands out an old one.
pub fn copy(root: &Path, dest: &Path) -> Result<Option<String>> {
    let source = root.join("theme/js/late/editor.js");
    if !source.is_file() {
        return Ok(None);
    }
    let script =
        fs::read(&source).with_context(|| format!("failed to read `{}`", source.display()))?;
    files::write_if_changed(&dest.join("assets/editor.js"), &script)?;
    let mut hasher = DefaultHasher::new();
    script.hash(&mut hasher);
    Ok(Some(format!("assets/editor.js?{:016x}", hasher.finish())))
}
