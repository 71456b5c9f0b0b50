//! `cargo book mutate`: proof by machine that each assertion of a chapter's listings can fail.
//!
//! One assertion after the other is negated, the program compiled and run; it must then end in another
//! way than its settings say. An assertion that is never reached, or that cannot fail, is found so.

use crate::doctest_libs;
use crate::programs::{self, Supervisor};
use anyhow::{Context, Result, bail};
use directives::Problem;
use indicatif::{ProgressBar, ProgressStyle};
use mdbook_listings::{Kind, Listing};
use runner::{Spec, Why};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `assert!` with the condition negated; the other two macros negate each other.
const NEGATED: &str = "\nmacro_rules! negated_assert {\n    ($condition:expr $(, $($message:tt)*)?) => \
                       { assert!(!$condition $(, $($message)*)?) };\n}\n";

/// An assertion, and the program in which it is negated.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Mutant {
    /// Line of the assertion in the listing, counted from 1.
    line: usize,
    source: String,
}

/// Negates each assertion of a chapter's listings in turn.
///
/// # Errors
///
/// No such chapter; a mutant does not compile; and, above all, mutants that pass: each is named with
/// its line.
pub fn mutate(root: &Path, chapter: &str) -> Result<()> {
    let catalogue = programs::catalogue(root)?;
    programs::check_chapter(&catalogue, chapter)?;
    let libraries = doctest_libs::build(root)?;
    let folder = root.join("target/mutants");
    fs::create_dir_all(&folder).context("target/mutants cannot be made")?;
    let supervisor = Supervisor::this()?;

    let programs = catalogue
        .listings()
        .filter(|listing| listing.chapter == chapter && listing.kind == Kind::Program);
    let work: Vec<(&Listing, Mutant)> = programs
        .flat_map(|listing| {
            mutants(&listing.source)
                .into_iter()
                .map(move |mutant| (listing, mutant))
        })
        .collect();
    let bar = ProgressBar::new(work.len() as u64).with_style(
        ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}").context("a good template")?,
    );
    let mut survivors = Vec::new();
    for (listing, mutant) in &work {
        bar.set_message(format!("{}:{}", listing.id, mutant.line));
        let program = compile(root, listing, mutant, &libraries, &folder)?;
        if passes(&supervisor, listing, &program)? {
            survivors.push(
                Problem::new(
                    &listing.path,
                    mutant.line,
                    "with this assertion negated it still passes",
                )
                .hint("it is never reached, or it cannot fail: move it or make it assert more"),
            );
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if !survivors.is_empty() {
        bail!(
            "{} of {} assertions prove nothing\n{}",
            survivors.len(),
            work.len(),
            Problem::report(&survivors)
        );
    }
    println!("{chapter}: each of its {} assertions can fail", work.len());
    Ok(())
}

/// The source once for each assertion, with that one negated.
fn mutants(source: &str) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (name, negated) in [
        ("assert!", "negated_assert!"),
        ("assert_eq!", "assert_ne!"),
        ("assert_ne!", "assert_eq!"),
    ] {
        for (at, _) in source.match_indices(name) {
            let before = &source[..at];
            let in_a_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            if in_a_word || before[line_start..].contains("//") {
                continue;
            }
            let body = format!("{before}{negated}{}", &source[at + name.len()..]);
            mutants.push(Mutant {
                line: before.matches('\n').count() + 1,
                source: with_macro(&body),
            });
        }
    }
    mutants.sort_by_key(|mutant| mutant.line);
    mutants
}

/// The macro goes behind the inner doc comment, where items may begin.
fn with_macro(source: &str) -> String {
    let head: usize = source
        .split_inclusive('\n')
        .take_while(|line| line.starts_with("//!"))
        .map(str::len)
        .sum();
    format!(
        "{}#[allow(unused_macros)]{NEGATED}{}",
        &source[..head],
        &source[head..]
    )
}

fn compile(
    root: &Path,
    listing: &Listing,
    mutant: &Mutant,
    libraries: &Path,
    folder: &Path,
) -> Result<PathBuf> {
    let source = folder.join(format!("{}.rs", listing.name));
    let program = folder.join(&listing.name);
    fs::write(&source, &mutant.source).context("target/mutants cannot be written")?;
    let mut rustc = Command::new("rustc");
    rustc
        .current_dir(root)
        .args(["--edition", "2024", "--cap-lints", "allow", "-L"]);
    rustc.arg(libraries);
    let own = listing.chapter.replace('-', "_");
    let lib = root
        .join("listings")
        .join(&listing.chapter)
        .join("src/lib.rs");
    let own = lib.is_file().then_some(own.as_str());
    let names = listing.crates.iter().map(String::as_str).chain(own);
    rustc.args(doctest_libs::externs(libraries, names));
    let output = rustc
        .arg("-o")
        .arg(&program)
        .arg(&source)
        .output()
        .context("rustc cannot be started")?;
    if !output.status.success() {
        bail!(
            "{}:{}: with this assertion negated it does not compile\n{}",
            listing.path.display(),
            mutant.line,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(program)
}

fn passes(supervisor: &Supervisor, listing: &Listing, program: &Path) -> Result<bool> {
    let spec = Spec::listing(program).limit_s(listing.settings.limit_s);
    let end = runner::run_to_end(&mut supervisor.command(), &spec)?.end;
    Ok(end.why == Why::Exit && end.code == Some(listing.settings.exit))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "//! Claim.\n\nfn main() {\n    assert!(1 < 2, \"{}\", 3);\n    \
                          debug_assert!(true);\n    // assert!(false)\n    assert_eq!(1, 1);\n}\n";

    #[test]
    fn each_assertion_gives_one_mutant_with_its_line() {
        let lines: Vec<usize> = mutants(SOURCE).iter().map(|mutant| mutant.line).collect();
        assert_eq!(lines, [4, 7]);
    }

    #[test]
    fn a_mutant_differs_from_its_program_in_one_assertion() {
        let mutants = mutants(SOURCE);
        assert!(
            mutants[0]
                .source
                .contains("    negated_assert!(1 < 2, \"{}\", 3);")
        );
        assert!(mutants[0].source.contains("    assert_eq!(1, 1);"));
        assert!(mutants[1].source.contains("    assert_ne!(1, 1);"));
    }

    #[test]
    fn the_inner_comment_stays_in_front() {
        assert!(
            mutants(SOURCE)[0]
                .source
                .starts_with("//! Claim.\n#[allow(unused_macros)]\nmacro_rules!")
        );
    }
}
