//! The listing crates on disk, read once.

use crate::recorded::Recorded;
use crate::settings::Settings;
use crate::traced::{Traced, digest};
use directives::Problem;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Crates of ours that play.rust-lang.org has as well: it takes the hundred most used ones and some of
/// the Rust cookbook (<https://github.com/rust-lang/rust-playground>).
const ON_PLAYGROUND: [&str; 4] = ["crossbeam", "libc", "rayon", "tokio"];

/// What a listing is to the compiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// `src/bin/<name>.rs`: it runs.
    Program,
    /// `refused/<name>.rs`: the compiler must refuse it.
    Refused,
    /// `src/<name>.rs`: a part of what the chapter builds, shown by anchors.
    Library,
}

/// One listing of one chapter. Paths are relative to the root of the book.
#[derive(Debug, Clone)]
pub struct Listing {
    /// `threads/five_tasks`: how pages and commands name it.
    pub id: String,
    /// The chapter, which is also the crate: `threads`.
    pub chapter: String,
    /// The binary: `five_tasks`.
    pub name: String,
    /// Program or refused.
    pub kind: Kind,
    /// The Rust file.
    pub path: PathBuf,
    /// Its text.
    pub source: String,
    /// Dependencies of the crate that this program names.
    pub crates: Vec<String>,
    /// The Python twin's file and text.
    pub python: Option<(PathBuf, String)>,
    /// Where its recording is or should be.
    pub recorded_path: PathBuf,
    /// What its last recorded run printed.
    pub recorded: Option<Recorded>,
    /// Its table in `listings.toml`, or the defaults.
    pub settings: Settings,
    /// What its threads did in its last traced run.
    pub timeline: Timeline,
    /// The same for its Python twin; without a twin it is never recorded.
    pub python_timeline: Timeline,
}

/// A recorded time line, if there is one.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// Where it is or should be.
    pub path: PathBuf,
    /// The digest that it should have.
    pub of: String,
    /// The recording.
    pub recorded: Option<Traced>,
}

impl Timeline {
    /// Whether there is one, and it is of the text as it is now.
    pub fn is_fresh(&self) -> bool {
        self.recorded.as_ref().is_some_and(|it| it.of == self.of)
    }
}

impl Listing {
    /// The claim that the program proves: the first line of its `//!` comment.
    pub fn claim(&self) -> Option<&str> {
        self.source.lines().next()?.strip_prefix("//! ")
    }

    /// The time lines that it should have: of the program and of its twin, where they can be traced.
    pub fn timelines(&self) -> impl Iterator<Item = &Timeline> {
        let is_program = self.kind == Kind::Program;
        let rust = is_program && self.settings.timeline.is_none();
        let python = is_program && self.python.is_some() && self.settings.python_timeline.is_none();
        let rust = rust.then_some(&self.timeline);
        rust.into_iter()
            .chain(python.then_some(&self.python_timeline))
    }

    /// Whether play.rust-lang.org can run it: nothing in `listings.toml` speaks against it, and all that
    /// it names is there, where the chapter's own library is not.
    pub fn runs_on_playground(&self) -> bool {
        let own = self.chapter.replace('-', "_");
        self.settings.playground
            && self.kind == Kind::Program
            && !names_crate(&self.source, &own)
            && self
                .crates
                .iter()
                .all(|name| ON_PLAYGROUND.contains(&name.as_str()))
    }
}

/// All listings of the book, by id.
#[derive(Debug, Default)]
pub struct Catalogue {
    listings: BTreeMap<String, Listing>,
    /// What is on disk or in a `listings.toml` and belongs to no listing.
    strays: Vec<Problem>,
}

#[derive(Deserialize)]
struct Manifest {
    #[serde(default)]
    dependencies: BTreeMap<String, toml::Value>,
}

impl Catalogue {
    /// Reads `listings/*` under the root of the book.
    ///
    /// # Errors
    ///
    /// Files that cannot be read or parsed; an unknown key in a `listings.toml`.
    pub fn load(root: &Path) -> Result<Self, Vec<Problem>> {
        let mut catalogue = Self::default();
        let mut problems = Vec::new();
        for folder in entries(&root.join("listings")) {
            if folder.join("Cargo.toml").is_file() {
                let crate_name = stem(&folder);
                let relative = Path::new("listings").join(&crate_name);
                if let Err(wrong) = catalogue.load_crate(root, &crate_name, &relative) {
                    problems.extend(wrong);
                }
            }
        }
        if problems.is_empty() {
            Ok(catalogue)
        } else {
            Err(problems)
        }
    }

    fn load_crate(
        &mut self,
        root: &Path,
        chapter: &str,
        folder: &Path,
    ) -> Result<(), Vec<Problem>> {
        let mut problems = Vec::new();
        let manifest: Manifest =
            parse_toml(root, &folder.join("Cargo.toml")).map_err(|problem| vec![problem])?;
        let settings_path = folder.join("listings.toml");
        let mut tables: BTreeMap<String, Settings> = if root.join(&settings_path).is_file() {
            parse_toml(root, &settings_path).map_err(|problem| vec![problem])?
        } else {
            BTreeMap::new()
        };

        // What a program does hangs on the library of its chapter, too.
        let library: Vec<String> = entries(&root.join(folder).join("src"))
            .iter()
            .filter_map(|file| fs::read_to_string(file).ok())
            .collect();
        let own_crate = chapter.replace('-', "_");
        let timelines = folder.join("recorded/timeline");
        let mut names = Vec::new();
        for (kind, sub) in [
            (Kind::Program, "src/bin"),
            (Kind::Refused, "refused"),
            (Kind::Library, "src"),
        ] {
            for file in entries(&root.join(folder).join(sub)) {
                if file.extension().is_none_or(|extension| extension != "rs") {
                    continue;
                }
                let name = stem(&file);
                let path = folder.join(sub).join(format!("{name}.rs"));
                let python_path = folder.join("python").join(format!("{name}.py"));
                let recorded_path = folder.join("recorded").join(format!("{name}.json"));
                let source = match fs::read_to_string(&file) {
                    Ok(source) => source,
                    Err(error) => {
                        problems.push(Problem::new(&path, 0, format!("cannot be read: {error}")));
                        continue;
                    }
                };
                let recorded = match root.join(&recorded_path).is_file() {
                    true => match Recorded::read(&root.join(&recorded_path)) {
                        Ok(recorded) => Some(recorded),
                        Err(error) => {
                            let hint = format!("run `cargo book record {chapter}`");
                            problems.push(Problem::new(&recorded_path, 0, error).hint(hint));
                            None
                        }
                    },
                    false => None,
                };
                let crates = manifest
                    .dependencies
                    .keys()
                    .map(|name| name.replace('-', "_"))
                    .filter(|name| names_crate(&source, name))
                    .collect();
                let python = fs::read_to_string(root.join(&python_path)).ok();
                let uses_library = names_crate(&source, &own_crate);
                let library = library.iter().filter(|_| uses_library);
                let rust_texts = [&source].into_iter().chain(library).map(String::as_str);
                let mut timeline = |file: String, of: String| {
                    let path = timelines.join(file);
                    let recorded = root
                        .join(&path)
                        .is_file()
                        .then(|| Traced::read(&root.join(&path)));
                    let recorded = match recorded.transpose() {
                        Ok(recorded) => recorded,
                        Err(error) => {
                            let hint = format!("run `cargo book record {chapter}`");
                            problems.push(Problem::new(&path, 0, error).hint(hint));
                            None
                        }
                    };
                    Timeline { path, of, recorded }
                };
                let listing = Listing {
                    timeline: timeline(format!("{name}.json"), digest(rust_texts)),
                    python_timeline: timeline(format!("{name}.py.json"), digest(python.as_deref())),
                    id: format!("{chapter}/{name}"),
                    chapter: chapter.to_owned(),
                    kind,
                    crates,
                    python: python.map(|text| (python_path, text)),
                    recorded_path,
                    recorded,
                    settings: tables.remove(&name).unwrap_or_default(),
                    path,
                    source,
                    name: name.clone(),
                };
                if let Some(other) = self.listings.insert(listing.id.clone(), listing) {
                    self.strays.push(Problem::new(
                        &other.path,
                        0,
                        format!("two files of the chapter are called `{}`", other.id),
                    ));
                }
                names.push(name);
            }
        }
        for table in tables.keys() {
            self.strays.push(
                Problem::new(&settings_path, 0, format!("no listing is called `{table}`"))
                    .did_you_mean(table, names.iter().map(String::as_str)),
            );
        }
        for (sub, extension) in [
            ("python", "py"),
            ("recorded", "json"),
            ("recorded/timeline", "json"),
        ] {
            for file in entries(&root.join(folder).join(sub)) {
                let stem = stem(&file);
                let name = match sub {
                    "recorded/timeline" => stem.strip_suffix(".py").unwrap_or(&stem),
                    _ => &stem,
                };
                let known = names.iter().any(|known| known == name);
                if file.extension().is_some_and(|found| found == extension) && !known {
                    let path = folder.join(sub).join(file.file_name().unwrap_or_default());
                    self.strays.push(
                        Problem::new(path, 0, "belongs to no listing").hint("delete or rename it"),
                    );
                }
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// All listings, by id.
    pub fn listings(&self) -> impl Iterator<Item = &Listing> {
        self.listings.values()
    }

    /// The chapters that have listings; each is the name of its crate.
    pub fn chapters(&self) -> BTreeSet<&str> {
        self.listings()
            .map(|listing| listing.chapter.as_str())
            .collect()
    }

    /// The listing of this id.
    pub fn get(&self, id: &str) -> Option<&Listing> {
        self.listings.get(id)
    }

    /// What is missing or left over: a claim, a twin or the reason for its absence, a recording, an
    /// expected error, files and tables of no listing.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = self.strays.clone();
        for listing in self
            .listings()
            .filter(|listing| listing.kind != Kind::Library)
        {
            let Listing {
                id,
                name,
                chapter,
                settings,
                ..
            } = listing;
            let mut wrong = |line, message: String, hint: String| {
                problems.push(Problem::new(&listing.path, line, message).hint(hint));
            };
            if listing.claim().is_none() {
                wrong(
                    1,
                    format!("`{id}` does not say what it proves"),
                    "make its first line `//! <the claim in one sentence>`".to_owned(),
                );
            }
            match (&listing.python, &settings.python) {
                (None, None) => wrong(
                    0,
                    format!("`{id}` has no Python twin"),
                    format!(
                        "write listings/{chapter}/python/{name}.py, or say why there is none: \
                         `python = \"none: <reason>\"` under [{name}] in \
                         listings/{chapter}/listings.toml"
                    ),
                ),
                (Some((path, _)), Some(reason)) => wrong(
                    0,
                    format!(
                        "`{id}` has the twin {} and a reason for none",
                        path.display()
                    ),
                    format!("remove one: the file or `python = \"{reason}\"`"),
                ),
                (None, Some(reason)) if !reason.starts_with("none: ") => wrong(
                    0,
                    format!("`python = \"{reason}\"` gives no reason"),
                    "write `none: <reason>`".to_owned(),
                ),
                _ => {}
            }
            if (listing.kind == Kind::Refused) == settings.refused.is_empty() {
                wrong(
                    0,
                    format!("`{id}`: `refused` names the errors of programs under refused/ only"),
                    format!("mend [{name}] in listings/{chapter}/listings.toml"),
                );
            }
            for (key, reason) in [
                ("timeline", &settings.timeline),
                ("python_timeline", &settings.python_timeline),
            ] {
                if let Some(reason) = reason.as_ref().filter(|it| !it.starts_with("none: ")) {
                    wrong(
                        0,
                        format!("`{key} = \"{reason}\"` gives no reason"),
                        "write `none: <reason>`".to_owned(),
                    );
                }
            }
            for timeline in listing.timelines().filter(|it| !it.is_fresh()) {
                let file = timeline.path.display();
                wrong(
                    0,
                    match timeline.recorded {
                        Some(_) => format!("{file} is of an older text"),
                        None => format!("{file} is missing"),
                    },
                    format!("run `cargo book record {chapter}`"),
                );
            }
            if listing.recorded.is_none() {
                wrong(
                    0,
                    format!("`{id}` has no recorded output"),
                    format!("run `cargo book record {chapter}`"),
                );
            }
        }
        problems
    }
}

/// The entries of a folder by name; none when there is no such folder.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .map(|entries| {
            entries
                .filter_map(Result::ok)
                .map(|entry| entry.path())
                .collect()
        })
        .unwrap_or_default();
    paths.sort();
    paths
}

fn stem(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

fn parse_toml<T: serde::de::DeserializeOwned>(root: &Path, path: &Path) -> Result<T, Problem> {
    let text = fs::read_to_string(root.join(path))
        .map_err(|error| Problem::new(path, 0, format!("cannot be read: {error}")))?;
    toml::from_str(&text).map_err(|error| {
        let line = error
            .span()
            .map_or(0, |span| text[..span.start].matches('\n').count() + 1);
        Problem::new(path, line, error.message().replace('\n', ", "))
    })
}

/// Whether a program names a crate: `name::` with nothing of an identifier before it.
fn names_crate(source: &str, name: &str) -> bool {
    source.match_indices(&format!("{name}::")).any(|(at, _)| {
        !source[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a temp folder");
        for (path, text) in files {
            let path = root.path().join("listings").join(path);
            fs::create_dir_all(path.parent().unwrap()).expect("folders");
            fs::write(path, text).expect("a file");
        }
        root
    }

    fn check(files: &[(&str, &str)], expected: &str) {
        let root = book(files);
        let problems = match Catalogue::load(root.path()) {
            Ok(catalogue) => catalogue.check(),
            Err(problems) => problems,
        };
        let report = Problem::report(&problems);
        assert!(
            report.contains(expected),
            "expected `{expected}` in:\n{report}"
        );
    }

    const MANIFEST: (&str, &str) = ("pipes/Cargo.toml", "[dependencies]\nnix = '1'\n");

    #[test]
    fn a_listing_knows_its_chapter_its_claim_and_its_crates() {
        let root = book(&[
            MANIFEST,
            (
                "pipes/src/bin/eof.rs",
                "//! A pipe ends.\nuse nix::unistd::pipe;\nfn main() {}\n",
            ),
        ]);
        let catalogue = Catalogue::load(root.path()).expect("it loads");
        let listing = catalogue.get("pipes/eof").expect("it is there");
        assert_eq!(listing.claim(), Some("A pipe ends."));
        assert_eq!(listing.crates, ["nix"]);
        assert_eq!(listing.path, Path::new("listings/pipes/src/bin/eof.rs"));
    }

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        check(
            &[MANIFEST, ("pipes/listings.toml", "[eof]\nlimits = 3\n")],
            "listings/pipes/listings.toml:2: unknown field `limits`",
        );
    }

    #[test]
    fn a_table_of_no_listing_is_named() {
        check(
            &[
                MANIFEST,
                ("pipes/src/bin/eof.rs", "//! A.\nfn main() {}\n"),
                ("pipes/listings.toml", "[eoff]\nlimit_s = 3\n"),
            ],
            "no listing is called `eoff`\n  hint: did you mean `eof`?",
        );
    }

    #[test]
    fn a_missing_twin_is_named() {
        check(
            &[MANIFEST, ("pipes/src/bin/eof.rs", "//! A.\nfn main() {}\n")],
            "`pipes/eof` has no Python twin",
        );
    }

    #[test]
    fn a_missing_recording_is_named() {
        check(
            &[MANIFEST, ("pipes/src/bin/eof.rs", "//! A.\nfn main() {}\n")],
            "`pipes/eof` has no recorded output\n  hint: run `cargo book record pipes`",
        );
    }

    #[test]
    fn a_time_line_that_is_missing_or_stale_is_named() {
        let eof = (
            "pipes/src/bin/eof.rs",
            "//! A.\nuse pipes::Queue;\nfn main() {}\n",
        );
        let queue = ("pipes/src/queue.rs", "pub struct Queue;\n");
        let twin = ("pipes/python/eof.py", "print()\n");
        check(
            &[MANIFEST, eof, queue, twin],
            "listings/pipes/recorded/timeline/eof.json is missing\n  hint: run `cargo book record pipes`",
        );
        check(
            &[MANIFEST, eof, queue, twin],
            "listings/pipes/recorded/timeline/eof.py.json is missing",
        );
        let of = digest([eof.1, queue.1]);
        let fresh = format!("{{\"of\":\"{of}\",\"events\":[]}}");
        let place = "pipes/recorded/timeline/eof.json";
        let root = book(&[MANIFEST, eof, queue, (place, &fresh)]);
        let catalogue = Catalogue::load(root.path()).expect("it loads");
        let listing = catalogue.get("pipes/eof").expect("it is there");
        assert!(listing.timeline.is_fresh(), "{:?}", listing.timeline);
        // A change of the library that it uses changes what it does.
        let changed = ("pipes/src/queue.rs", "pub struct Queue(u8);\n");
        check(
            &[MANIFEST, eof, changed, (place, &fresh)],
            "eof.json is of an older text",
        );
        let none = ("pipes/listings.toml", "[eof]\ntimeline = \"too long\"\n");
        check(
            &[MANIFEST, eof, none],
            "`timeline = \"too long\"` gives no reason",
        );
        check(
            &[MANIFEST, ("pipes/recorded/timeline/gone.py.json", &fresh)],
            "gone.py.json: belongs to no listing",
        );
    }

    #[test]
    fn a_twin_of_no_listing_is_named() {
        check(
            &[MANIFEST, ("pipes/python/eof.py", "")],
            "eof.py: belongs to no listing",
        );
    }

    #[test]
    fn a_listing_without_a_claim_is_named() {
        check(
            &[MANIFEST, ("pipes/src/bin/eof.rs", "fn main() {}\n")],
            "does not say what it proves",
        );
    }

    #[test]
    fn a_refused_program_must_name_its_error() {
        check(
            &[MANIFEST, ("pipes/refused/eof.rs", "//! A.\nfn main() {}\n")],
            "`refused` names the errors of programs under refused/ only",
        );
    }
}
