//! mermaid's script: 2.6 MB that are not committed but found in the locked crate `mdbook-mermaid`.

use crate::files;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the script is, below the output folder: once for both languages.
pub const PLACE: &str = "assets/mermaid.min.js";

/// Where the script is, below the root of the crate.
const IN_CRATE: &str = "src/bin/assets/mermaid.min.js";

/// Copies the script when a page needs it, else removes an old copy.
pub fn copy(root: &Path, dest: &Path, is_needed: bool) -> Result<()> {
    let target = dest.join(PLACE);
    if !is_needed {
        return files::remove_stale(&target);
    }
    let source = locate(root).context(
        "a page holds a diagram, and mermaid's script was not found\n\
         hint: the workspace of the book must depend on the crate `mdbook-mermaid`; run \
         `cargo fetch --locked` once while online",
    )?;
    let script =
        fs::read(&source).with_context(|| format!("failed to read `{}`", source.display()))?;
    files::write_if_changed(&target, &script)
}

/// Finds mermaid's script for the workspace at `root`. `cargo metadata` takes a good part of a second, so its answer is kept in
/// `target/mermaid-path` for as long as `Cargo.lock` stays the same.
///
/// # Errors
///
/// The workspace does not depend on the crate `mdbook-mermaid`, or cargo does not know where it is.
pub fn locate(root: &Path) -> Result<PathBuf> {
    let lock_file = root.join("Cargo.lock");
    let lock = fs::read(&lock_file)
        .with_context(|| format!("failed to read `{}`", lock_file.display()))?;
    let mut hasher = DefaultHasher::new();
    lock.hash(&mut hasher);
    let key = format!("{:016x}", hasher.finish());

    let memo = root.join("target").join("mermaid-path");
    if let Ok(text) = fs::read_to_string(&memo)
        && let Some((old_key, path)) = text.split_once('\n')
        && old_key == key
        && Path::new(path).is_file()
    {
        return Ok(PathBuf::from(path));
    }
    let path = ask_cargo(root)?;
    // A folder that cannot be written costs time, nothing else.
    let _ = mdbook_core::utils::fs::write(&memo, format!("{key}\n{}", path.display()));
    Ok(path)
}

fn ask_cargo(root: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    // Without the filter cargo wants crates of other platforms, which a fresh machine lacks.
    let metadata = output(
        Command::new(cargo)
            .current_dir(root)
            .args(["metadata", "--locked", "--offline", "--format-version", "1"])
            .args(["--filter-platform", &host()?]),
    )?;
    let metadata: Value =
        serde_json::from_slice(&metadata).context("`cargo metadata` wrote no valid JSON")?;
    let manifest = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == "mdbook-mermaid")
        .and_then(|package| package["manifest_path"].as_str())
        .context("`Cargo.lock` names no crate `mdbook-mermaid`")?;
    let script = Path::new(manifest).with_file_name(IN_CRATE);
    ensure!(
        script.is_file(),
        "the crate `mdbook-mermaid` has no file `{}`",
        script.display()
    );
    Ok(script)
}

/// The triple of the machine, such as `x86_64-unknown-linux-gnu`.
fn host() -> Result<String> {
    let version = output(Command::new("rustc").arg("-vV"))?;
    String::from_utf8_lossy(&version)
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .map(str::to_string)
        .context("`rustc -vV` names no host")
}

fn output(command: &mut Command) -> Result<Vec<u8>> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("failed to start `{program}`"))?;
    if !output.status.success() {
        bail!(
            "`{program}` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_is_found_in_the_locked_crate() {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let script = ask_cargo(&workspace).expect("the workspace depends on mdbook-mermaid");
        assert!(script.ends_with(IN_CRATE), "{}", script.display());
    }
}
