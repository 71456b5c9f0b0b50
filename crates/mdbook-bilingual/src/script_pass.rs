//! What has to change in mdBook's `book.js`.

use crate::chrome_zh;
use crate::files;
use crate::language::Language;
use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Rewrites the script of one site.
pub fn finish(site: &Path, language: Language) -> Result<()> {
    for name in files::names_with_extension(site, "js")? {
        if name == "book.js"
            || (name.starts_with("book-") && name.len() == "book-01234567.js".len())
        {
            let path = site.join(&name);
            let script = fs::read_to_string(&path)
                .with_context(|| format!("failed to read `{}`", path.display()))?;
            files::write_if_changed(&path, rewrite(&script, language).as_bytes())?;
        }
    }
    Ok(())
}

fn rewrite(script: &str, language: Language) -> String {
    // A click lands on the icon in the button, which has no title: the button's name became
    // "undefined" for screen readers.
    let mut script = script.replace(
        "setAttribute('aria-label', e.target.title)",
        "setAttribute('aria-label', this.title)",
    );
    if language == Language::Zh {
        for (english, chinese) in chrome_zh::SCRIPT {
            script = script.replace(english, chinese);
        }
    }
    script
}
