//! The command line of `cargo book`.

use anyhow::Result;
use book::process::Process;
use book::{
    bench, diagrams, doctest_libs, helper, mirror, mutate, new, preprocess, record, root, run,
    serve, site, test, trace,
};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Concurrency You Can Run: serve, build and test the book.
#[derive(Parser)]
#[command(name = "cargo book", bin_name = "cargo book", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the book on this machine; Run works on every listing, offline
    ///
    /// Example: cargo book serve --open
    Serve {
        /// Port on 127.0.0.1; 0 takes any free one
        #[arg(long, default_value_t = 3000)]
        port: u16,
        /// Open the book in the browser
        #[arg(long)]
        open: bool,
    },
    /// Build both sites into book/
    ///
    /// Example: cargo book build
    Build,
    /// Check every claim of the book
    ///
    /// Example: cargo book test --require-all
    Test {
        /// Fail, rather than skip, when Python, Chromium or mdBook cannot be had
        #[arg(long)]
        require_all: bool,
        /// Repeat listings 1,000 times instead of 5 (25 times, if they hang on purpose)
        #[arg(long)]
        full: bool,
    },
    /// Run one listing under the limits of the book
    ///
    /// Example: cargo book run threads/five_tasks
    Run {
        /// <chapter>/<name>
        listing: String,
        /// Trace it, and draw what each thread did into this SVG file
        #[arg(long, value_name = "FILE.svg")]
        timeline: Option<PathBuf>,
    },
    /// Trace any program, and draw what each of its threads did
    ///
    /// Example: cargo book trace -- python3 my.py
    Trace {
        /// The SVG file to write
        #[arg(long, value_name = "FILE.svg", default_value = "timeline.svg")]
        timeline: PathBuf,
        /// Describe it in Chinese
        #[arg(long)]
        zh: bool,
        /// The program and its arguments, after `--`
        #[arg(required = true, last = true)]
        command: Vec<String>,
    },
    /// Run listings and store what they print, and what their threads do, under recorded/
    ///
    /// Example: cargo book record threads
    Record {
        /// One chapter; all when absent
        chapter: Option<String>,
        /// Record all time lines anew; without it, those that are missing or stale
        #[arg(long)]
        timelines: bool,
    },
    /// Stamp both pages of a chapter as translations of each other, after reading both
    ///
    /// Example: cargo book mirror threads
    Mirror {
        /// The chapter's slug
        slug: String,
    },
    /// Make a chapter or a listing that is whole but for its text
    ///
    /// Example: cargo book new locks; cargo book new locks/poison
    New {
        /// <chapter>, or <chapter>/<listing>
        what: String,
    },
    /// Negate each assertion of a chapter's listings in turn: each must then fail
    ///
    /// Example: cargo book mutate threads
    Mutate {
        /// The chapter's slug
        chapter: String,
    },
    /// Draw all diagrams with mermaid in Chromium, so that pages need no script for them
    ///
    /// Example: cargo book diagrams
    Diagrams,
    /// Build the libraries that `mdbook test -L target/doctest-libs` links
    ///
    /// Example: cargo book doctest-libs && mdbook test -L target/doctest-libs
    DoctestLibs,
    /// Measure how fast the book answers, each figure beside its floor
    ///
    /// Example: cargo book bench runner
    Bench {
        /// The bench: runner or trace; all when absent
        name: Option<String>,
    },
    /// Answer mdBook as a preprocessor
    #[command(hide = true)]
    Preprocess {
        /// mdBook's arguments: `supports <renderer>`, or nothing
        arguments: Vec<String>,
    },
    /// Answer mdBook as a renderer
    #[command(hide = true)]
    Render,
    /// Answer the pages of an mdBook that serves them, for as long as it lives
    #[command(hide = true, name = "__api")]
    Helper {
        /// mdBook's process number
        id: u32,
        /// When it started, in ticks from the start of the machine
        start: u64,
    },
    /// Supervise one run; its specification comes on standard input
    #[command(hide = true, name = "__run")]
    Supervise,
}

fn main() -> ExitCode {
    match execute(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}

/// An error and what caused it, innermost last, each once.
fn chain(error: &anyhow::Error) -> String {
    let mut said = Vec::new();
    for cause in error.chain().map(ToString::to_string) {
        if !said.contains(&cause) {
            said.push(cause);
        }
    }
    said.join("\n  because: ")
}

fn execute(command: Command) -> Result<ExitCode> {
    match command {
        Command::Serve { port, open } => {
            serve::serve(root::find()?, serve::ServeOptions { port, open })?;
        }
        Command::Build => {
            let site = site::publish(&root::find()?)?;
            println!("built {}: open index.html there", site.display());
        }
        Command::Test { require_all, full } => {
            return test::test(&root::find()?, test::Options { require_all, full });
        }
        Command::Run { listing, timeline } => {
            return run::run(&root::find()?, &listing, timeline.as_deref());
        }
        Command::Trace {
            timeline,
            zh,
            command,
        } => return trace::trace(&timeline, zh, &command),
        Command::Record { chapter, timelines } => {
            record::record(&root::find()?, chapter.as_deref(), timelines)?;
        }
        Command::Mirror { slug } => mirror::mirror(&root::find()?, &slug)?,
        Command::New { what } => new::new(&root::find()?, &what)?,
        Command::Mutate { chapter } => mutate::mutate(&root::find()?, &chapter)?,
        Command::Diagrams => diagrams::command(&root::find()?)?,
        Command::DoctestLibs => {
            let folder = doctest_libs::build(&root::find()?)?;
            println!(
                "built {}; now: mdbook test -L target/doctest-libs",
                folder.display()
            );
        }
        Command::Bench { name } => bench::bench(&root::find()?, name.as_deref())?,
        Command::Preprocess { arguments } => match &arguments[..] {
            [] => preprocess::command()?,
            [word, renderer] if word == "supports" => {
                let supported = matches!(renderer.as_str(), "bilingual" | "test");
                return Ok(if supported {
                    ExitCode::SUCCESS
                } else {
                    ExitCode::FAILURE
                });
            }
            _ => anyhow::bail!("`preprocess` is called by mdBook\n  hint: see `cargo book --help`"),
        },
        Command::Render => site::render_command()?,
        Command::Helper { id, start } => helper::run(&root::find()?, Process { id, start })?,
        Command::Supervise => return Ok(runner::supervise()),
    }
    Ok(ExitCode::SUCCESS)
}
