//! `cargo book new`: a chapter, or a listing of a chapter, whole but for its text.
//!
//! Everything it makes compiles, runs, and passes the tests, with one exception: its text still holds
//! the mark [`UNWRITTEN`], and a test asks for what is missing.

use crate::{mirror, programs, record};
use anyhow::{Context, Result, bail};
use directives::Language;
use std::fs;
use std::path::{Path, PathBuf};

/// Stands where text is still to be written; no page may hold it for good.
pub const UNWRITTEN: &str = "<!-- write";

/// Makes `what`: a chapter (`races`) or a listing (`races/lost_update`).
///
/// # Errors
///
/// The name is taken or is no good name; a file cannot be written; the new listing does not run.
pub fn new(root: &Path, what: &str) -> Result<()> {
    let made = match what.split_once('/') {
        None => new_chapter(root, what)?,
        Some((chapter, name)) => new_listing(root, chapter, name)?,
    };
    let chapter = what.split('/').next().unwrap_or(what);
    // The lock file has to know a new crate, or nothing that says `--locked` goes on.
    let metadata = std::process::Command::new("cargo")
        .current_dir(root)
        .args(["metadata", "--format-version", "1"])
        .output()
        .context("cargo cannot be started")?;
    if !metadata.status.success() {
        bail!(
            "Cargo.lock cannot be updated\n{}",
            String::from_utf8_lossy(&metadata.stderr)
        );
    }
    record::record(root, Some(chapter), false)?;
    mirror::mirror(root, chapter)?;
    for path in made {
        println!("made or extended {}", path.display());
    }
    println!(
        "now write: `git grep -n '{UNWRITTEN}' src` shows where; then `cargo book mirror {chapter}`"
    );
    Ok(())
}

/// Lower case letters, digits and `separator`, beginning with a letter.
fn check_name(name: &str, separator: char, kind: &str) -> Result<()> {
    let good = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == separator)
        && !name.ends_with(separator);
    if good {
        return Ok(());
    }
    bail!(
        "`{name}` is no name for a {kind}\n  hint: lower case letters and digits, words joined by \
         `{separator}`"
    )
}

/// `dead-lock` as a title: `Dead Lock`.
fn title(slug: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    slug.split('-').map(word).collect::<Vec<_>>().join(" ")
}

fn new_chapter(root: &Path, slug: &str) -> Result<Vec<PathBuf>> {
    check_name(slug, '-', "chapter")?;
    let folder = Path::new("listings").join(slug);
    for path in [
        folder.clone(),
        page(slug, Language::English),
        page(slug, Language::Chinese),
    ] {
        if root.join(&path).exists() {
            bail!(
                "{} is there already\n  hint: choose another slug",
                path.display()
            );
        }
    }
    if read(root, Path::new("Cargo.lock"))?.contains(&format!("\nname = \"{slug}\"\n")) {
        bail!("a dependency is called `{slug}`\n  hint: a listing crate must not bear its name");
    }
    let manifest = format!(
        "[package]\nname = \"{slug}\"\nversion.workspace = true\nedition.workspace = true\n\
         rust-version.workspace = true\nlicense.workspace = true\npublish.workspace = true\n\n\
         [lints]\nworkspace = true\n"
    );
    let mut made = vec![write(root, folder.join("Cargo.toml"), &manifest)?];
    for (language, words) in [
        (
            Language::English,
            [
                "The question of the chapter, and its answer.",
                "Self-check",
                "A question",
                "Its answer.",
            ],
        ),
        (
            Language::Chinese,
            ["本章的问题和回答。", "自测", "问题", "回答。"],
        ),
    ] {
        let [opening, self_check, question, answer] = words;
        let text = format!(
            "# {} {{#{slug}}}\n\n{UNWRITTEN}: {opening} -->\n\n{{{{#here}}}}\n\n## {self_check} \
             {{#self-check}}\n\n<details><summary>{question}</summary>\n\n{answer}{UNWRITTEN} -->\n\n\
             </details>\n",
            title(slug)
        );
        made.push(write(root, page(slug, language), &text)?);
    }
    made.push(list_in_summary(root, slug)?);
    let concepts = PathBuf::from("src/concepts.toml");
    let concept = format!(
        "\n[[concept]]\nid = \"{slug}\"\nparent = \"execution\"\nen = \"{0}\"\nzh = \"{0}\"\n\
         en_says = \"{UNWRITTEN} -->What it is.\"\nzh_says = \"{UNWRITTEN} -->它是什么。\"\nchapter = \"{slug}\"\n",
        slug.replace('-', " ")
    );
    let text = read(root, &concepts)? + &concept;
    made.push(write(root, concepts, &text)?);
    made.extend(new_listing(
        root,
        slug,
        &format!("{}_first", slug.replace('-', "_")),
    )?);
    Ok(made)
}

fn new_listing(root: &Path, chapter: &str, name: &str) -> Result<Vec<PathBuf>> {
    check_name(name, '_', "listing")?;
    let folder = Path::new("listings").join(chapter);
    if !root.join(&folder).join("Cargo.toml").is_file() {
        bail!("there is no chapter `{chapter}`\n  hint: `cargo book new {chapter}` makes one");
    }
    let catalogue = programs::catalogue(root)?;
    if let Some(other) = catalogue.listings().find(|listing| listing.name == name) {
        bail!(
            "{} is called `{name}` as well\n  hint: names are unique in the whole workspace",
            other.path.display()
        );
    }
    let program = "//! One and one are two.\n\nconst ONE: u32 = 1;\n\nfn main() {\n    \
                   let two = ONE + ONE; // (1)\n    println!(\"{ONE} and {ONE} are {two}\");\n    \
                   assert_eq!(two, 2);\n}\n";
    let twin = "\"\"\"One and one are two.\"\"\"\n\nONE = 1\n\n\ndef main():\n    \
                two = ONE + ONE  # (1)\n    print(f\"{ONE} and {ONE} are {two}\")\n    \
                assert two == 2\n\n\nif __name__ == \"__main__\":\n    main()\n";
    let mut made = vec![
        write(root, folder.join(format!("src/bin/{name}.rs")), program)?,
        write(root, folder.join(format!("python/{name}.py")), twin)?,
    ];
    for (language, claim, call_out) in [
        (
            Language::English,
            "One and one are two",
            "What happens in this line.",
        ),
        (Language::Chinese, "一加一等于二", "这一行做了什么。"),
    ] {
        let path = page(chapter, language);
        let text = read(root, &path)?;
        let figure = format!(
            "{{{{#listing {chapter}/{name} | {claim}}}}}\n\n1. {call_out}{UNWRITTEN} -->\n\n"
        );
        // Before the questions at the end, where a chapter has them.
        let at = text
            .find("{#self-check}")
            .and_then(|at| text[..at].rfind("## "));
        let at = at.unwrap_or(text.len());
        let gap = if text[..at].ends_with("\n\n") {
            ""
        } else {
            "\n"
        };
        let text = format!("{}{gap}{figure}{}", &text[..at], &text[at..]);
        made.push(write(root, path, &format!("{}\n", text.trim_end()))?);
    }
    Ok(made)
}

/// Lists a page in both languages, behind the last one that is not an appendix.
fn list_in_summary(root: &Path, slug: &str) -> Result<PathBuf> {
    let path = PathBuf::from("src/SUMMARY.md");
    let config = read(root, Path::new("book.toml"))?;
    let back = config
        .lines()
        .find_map(|line| line.strip_prefix("back = "))
        .unwrap_or("")
        .to_owned();
    let mut lines: Vec<String> = read(root, &path)?.lines().map(str::to_owned).collect();
    for language in Language::BOTH {
        let last = lines.iter().rposition(|line| {
            let listed = line.split_once(&format!("({}/", language.folder()));
            let slug = listed.and_then(|(_, rest)| rest.strip_suffix(".md)"));
            slug.is_some_and(|slug| !back.contains(&format!("\"{slug}\"")))
        });
        let last = last.with_context(|| format!("src/SUMMARY.md lists no page of {language:?}"))?;
        let line = format!("- [{}]({}/{slug}.md)", title(slug), language.folder());
        lines.insert(last + 1, line);
    }
    write(root, path, &(lines.join("\n") + "\n"))
}

fn page(slug: &str, language: Language) -> PathBuf {
    Path::new("src")
        .join(language.folder())
        .join(slug)
        .with_extension("md")
}

fn read(root: &Path, path: &Path) -> Result<String> {
    fs::read_to_string(root.join(path))
        .with_context(|| format!("{} cannot be read", path.display()))
}

fn write(root: &Path, path: PathBuf, text: &str) -> Result<PathBuf> {
    let full = root.join(&path);
    fs::create_dir_all(full.parent().context("a file lies in a folder")?)
        .and_then(|()| fs::write(&full, text))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root() -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a temp folder");
        for (path, text) in [
            ("book.toml", "[output.bilingual]\nback = [\"glossary\"]\n"),
            ("Cargo.lock", "[[package]]\nname = \"rayon\"\n"),
            ("src/concepts.toml", ""),
            (
                "src/SUMMARY.md",
                "- [A](en/a.md)\n\n# End\n\n- [G](en/glossary.md)\n\n- [甲](zh/a.md)\n- [术语表](zh/glossary.md)\n",
            ),
        ] {
            write(root.path(), path.into(), text).expect("a file");
        }
        root
    }

    #[test]
    fn a_new_chapter_stands_behind_the_last_and_before_the_appendices() {
        let root = root();
        new_chapter(root.path(), "dead-lock").expect("it is made");
        let summary = read(root.path(), Path::new("src/SUMMARY.md")).expect("a summary");
        assert!(
            summary.contains("- [A](en/a.md)\n- [Dead Lock](en/dead-lock.md)\n"),
            "{summary}"
        );
        assert!(
            summary.contains("- [甲](zh/a.md)\n- [Dead Lock](zh/dead-lock.md)\n"),
            "{summary}"
        );
    }

    #[test]
    fn a_new_chapter_has_a_listing_with_its_explanation_before_the_questions() {
        let root = root();
        new_chapter(root.path(), "dead-lock").expect("it is made");
        let page = read(root.path(), &page("dead-lock", Language::Chinese)).expect("a page");
        let at = |part: &str| {
            page.find(part)
                .unwrap_or_else(|| panic!("{part} in\n{page}"))
        };
        assert!(at("{{#here}}") < at("{{#listing dead-lock/dead_lock_first | "));
        assert!(at("\n1. ") < at("## 自测 {#self-check}"));
    }

    #[test]
    fn names_that_are_taken_or_no_names_are_refused() {
        let root = root();
        new_chapter(root.path(), "one").expect("it is made");
        for (what, said) in [
            ("one", "is there already"),
            ("rayon", "a dependency is called `rayon`"),
            ("Two", "is no name for a chapter"),
            ("one/one_first", "is called `one_first` as well"),
            ("two/x", "there is no chapter `two`"),
            ("one/x-y", "is no name for a listing"),
        ] {
            let made = match what.split_once('/') {
                None => new_chapter(root.path(), what),
                Some((chapter, name)) => new_listing(root.path(), chapter, name),
            };
            let error = made.expect_err(what).to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}
