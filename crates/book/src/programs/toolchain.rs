//! How one call of rustc compiles a program of a listing crate: what cargo would pass, without cargo.

use super::BuildError;
use super::cargo::{self, Libraries};
use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The compiler and the listing crates, as `Cargo.lock` has them.
#[derive(Debug, Clone)]
pub struct Toolchain {
    /// rustc itself, not rustup's stand-in for it: that one needs the reader's home.
    pub rustc: PathBuf,
    packages: BTreeMap<String, Package>,
}

/// One listing crate.
#[derive(Debug, Clone)]
struct Package {
    edition: String,
    /// Name in the program and package id of each library that it may use.
    libraries: Vec<(String, String)>,
}

/// `cargo metadata`, as far as it matters here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<MetadataPackage>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct MetadataPackage {
    id: String,
    name: String,
    edition: String,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    pkg: String,
    dep_kinds: Vec<DependencyKind>,
}

#[derive(Deserialize)]
struct DependencyKind {
    kind: Option<String>,
}

impl Toolchain {
    /// Asks rustc and cargo, which takes a good part of a second.
    ///
    /// # Errors
    ///
    /// One of them cannot be asked, or `Cargo.lock` does not fit.
    pub fn find(root: &Path) -> Result<Self> {
        let said = output(Command::new("rustc").current_dir(root).args([
            "--print",
            "sysroot",
            "--print",
            "host-tuple",
        ]))?;
        let said = String::from_utf8(said).context("rustc's answer is not text")?;
        let mut lines = said.lines();
        let sysroot = lines.next().context("rustc names no sysroot")?;
        let host = lines.next().context("rustc names no host")?;
        let rustc = Path::new(sysroot).join("bin/rustc");
        ensure!(rustc.is_file(), "there is no {}", rustc.display());
        // Without the filter cargo wants crates of other platforms, which a fresh machine lacks.
        let metadata = output(
            Command::new(cargo::program())
                .current_dir(root)
                .args(["metadata", "--locked", "--offline", "--format-version", "1"])
                .args(["--filter-platform", host]),
        )?;
        let metadata = serde_json::from_slice(&metadata).context("cargo's answer is not JSON")?;
        Ok(Self {
            rustc,
            packages: packages(metadata),
        })
    }

    /// The arguments for a program called `name` of a listing crate, with the libraries that cargo has
    /// built for it. Optimisation, debug information and checks are those of the profile `dev`.
    ///
    /// # Errors
    ///
    /// A library is not there.
    pub fn arguments(
        &self,
        chapter: &str,
        name: &str,
        built: &Libraries,
    ) -> Result<Vec<String>, BuildError> {
        let package = self
            .packages
            .get(chapter)
            .ok_or_else(|| BuildError::Failed(format!("cargo knows no crate `{chapter}`")))?;
        let mut arguments: Vec<String> = vec![
            format!("--edition={}", package.edition),
            format!("--crate-name={name}"),
            "--crate-type=bin".to_owned(),
            // As in Cargo.toml: time lines need lines.
            "-Cdebuginfo=line-tables-only".to_owned(),
        ];
        // What the libraries use in turn lies beside them.
        let mut folders = BTreeSet::new();
        for (extern_name, id) in &package.libraries {
            let file = built.files.get(id).filter(|file| file.is_file());
            let file = file.ok_or_else(|| {
                BuildError::Failed(format!("the library `{extern_name}` is not compiled"))
            })?;
            folders.extend(file.parent());
            arguments.extend([
                "--extern".to_owned(),
                format!("{extern_name}={}", file.display()),
            ]);
        }
        for folder in folders {
            for folder in [folder.to_path_buf(), folder.join("deps")] {
                arguments.push(format!("-Ldependency={}", folder.display()));
            }
        }
        arguments.extend(built.native.iter().map(|path| format!("-L{path}")));
        Ok(arguments)
    }
}

fn packages(metadata: Metadata) -> BTreeMap<String, Package> {
    let mut nodes: BTreeMap<String, Vec<Dependency>> = metadata
        .resolve
        .nodes
        .into_iter()
        .map(|node| (node.id, node.deps))
        .collect();
    let mut packages = BTreeMap::new();
    for package in metadata.packages {
        let dependencies = nodes.remove(&package.id).unwrap_or_default();
        let mut libraries: Vec<(String, String)> = dependencies
            .into_iter()
            .filter(|dependency| dependency.dep_kinds.iter().any(|kind| kind.kind.is_none()))
            .map(|dependency| (dependency.name, dependency.pkg))
            .collect();
        let own = |target: &&Target| target.kind.iter().any(|kind| kind == "lib");
        if let Some(own) = package.targets.iter().find(own) {
            libraries.push((own.name.replace('-', "_"), package.id));
        }
        let edition = package.edition;
        packages.insert(package.name, Package { edition, libraries });
    }
    packages
}

/// What a command prints.
fn output(command: &mut Command) -> Result<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("`{name}` cannot be started"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "`{name}` failed: {}", said.trim());
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn toolchain() -> Toolchain {
        let metadata = serde_json::json!({
            "packages": [
                { "id": "p#pipes", "name": "pipes", "edition": "2024", "targets": [
                    { "name": "eof", "kind": ["bin"] },
                    { "name": "pipes", "kind": ["lib"] },
                ] },
                { "id": "r#nix", "name": "nix", "edition": "2021", "targets": [] },
            ],
            "resolve": { "nodes": [
                { "id": "p#pipes", "deps": [
                    { "name": "nix", "pkg": "r#nix", "dep_kinds": [{ "kind": null }] },
                    { "name": "tempfile", "pkg": "r#tempfile", "dep_kinds": [{ "kind": "dev" }] },
                ] },
            ] },
        });
        let metadata = serde_json::from_value(metadata).expect("metadata");
        Toolchain {
            rustc: PathBuf::new(),
            packages: packages(metadata),
        }
    }

    #[test]
    fn a_program_gets_the_libraries_of_its_crate_and_no_test_library() {
        let folder = tempfile::tempdir().expect("a temp folder");
        let mut built = Libraries::default();
        for id in ["p#pipes", "r#nix", "r#tempfile"] {
            let file = folder.path().join(format!("lib{}.rlib", &id[2..]));
            std::fs::write(&file, "").expect("a file");
            built.files.insert(id.to_owned(), file);
        }
        let arguments = toolchain()
            .arguments("pipes", "eof", &built)
            .expect("all is there");
        let externs: Vec<&str> = arguments
            .iter()
            .filter_map(|argument| argument.split_once('='))
            .filter(|(_, file)| file.ends_with(".rlib"))
            .map(|(name, _)| name)
            .collect();
        assert_eq!(externs, ["nix", "pipes"]);
        assert!(
            arguments.contains(&"--edition=2024".to_owned()),
            "{arguments:?}"
        );
    }

    #[test]
    fn a_library_that_is_missing_is_named() {
        let error = toolchain().arguments("pipes", "eof", &Libraries::default());
        let expected = "the library `nix` is not compiled".to_owned();
        assert_eq!(error, Err(BuildError::Failed(expected)));
    }
}
