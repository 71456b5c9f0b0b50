//! `cargo book serve`: the book on this machine, with programs that run.
//!
//! ```text
//! connection ── guard (who asks?) ─┬─ pages: files of the newest site, with token
//!                                  └─ api: capabilities, listings, run, stop, changes
//! rebuild (own thread): sources change ──▶ new site folder ──▶ pages, open pages reload
//! ```
//!
//! Every run is a supervisor process of its own; see the crate `runner`.

mod answer;
mod api;
mod guard;
mod pages;
mod rebuild;
mod runs;
mod server;
mod site;

pub use api::Listings;
pub use server::{Parts, Server};
pub use site::Site;

use crate::programs::{self, Console, Programs, Supervisor};
use anyhow::Result;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// What the reader chose.
#[derive(Debug, Clone, Copy)]
pub struct ServeOptions {
    /// Port on the loopback addresses; 0 takes any free one.
    pub port: u16,
    /// Whether to open the book in the browser.
    pub open: bool,
}

/// Serves the book until Ctrl-C or SIGTERM; nothing that it started is left then.
///
/// # Errors
///
/// The port is taken, or the listings cannot be read. A page that does not build is no error: the
/// browser and the terminal show what is wrong, and the next change builds it again.
pub fn serve(root: PathBuf, options: ServeOptions) -> Result<()> {
    let console = Console::new();
    let supervisor = Supervisor::this()?;
    let programs = Programs::new(&root, supervisor.clone(), &programs::catalogue(&root)?);
    let site = Arc::new(Site::building());
    let parts = Parts {
        listings: Arc::new(programs.clone()),
        site: Arc::clone(&site),
        supervisor,
    };
    let server = Server::bind(options.port, parts)?;
    let address = format!("http://localhost:{}/", server.port());
    println!("the book is at {address} (Ctrl-C ends it)");
    if is_root() {
        console.say("started as root: programs of the book run as a user without rights");
    }

    let folder = rebuild::Folder::new(&root)?;
    let changed = {
        let (programs, console) = (programs.clone(), console.clone());
        let root = root.clone();
        move || {
            // If it cannot be read, the build of the pages reports the same problems.
            if let Ok(catalogue) = programs::catalogue(&root) {
                programs.update(&catalogue);
                programs.build_in_background(&console);
            }
        }
    };
    rebuild::start(root, &folder, site, console, changed)?;
    if options.open {
        open(&address);
    }
    let result = server.run(server::until_signal());
    programs.close();
    folder.remove();
    result
}

fn is_root() -> bool {
    // SAFETY: geteuid only reads, and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

/// Best effort: the address is on the screen anyway.
fn open(address: &str) {
    let opened = ["xdg-open", "open", "wslview"].iter().any(|opener| {
        Command::new(opener)
            .arg(address)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .is_ok()
    });
    if !opened {
        eprintln!("no browser could be opened\n  hint: open {address} yourself");
    }
}
