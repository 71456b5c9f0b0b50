//! `cargo book serve`: the book on this machine, with programs that run.
//!
//! ```text
//! connection ── guard (who asks?) ─┬─ pages: files of the newest site, with token
//!                                  └─ api: capabilities, listings, run, edit, stop, changes
//! rebuild (own thread): sources change ──▶ new site folder ──▶ pages, open pages reload
//! ```
//!
//! Under stock `mdbook serve` the pages are mdBook's, and the api is all there is; see `helper`.
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
mod tracing;

pub use api::Listings;
pub use guard::Clients;
pub use rebuild::watch;
pub use server::{Parts, Server, until_signal};
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
        clients: Clients::OwnPages,
    };
    let server = Server::bind(options.port, parts)?;
    let address = format!("http://localhost:{}/", server.port());
    println!("the book is at {address} (Ctrl-C ends it)");
    warn_if_root(&console);

    let folder = rebuild::Folder::new(&root)?;
    let rebuilder = rebuild::Rebuilder::new(root.clone(), &folder, site, console.clone());
    watch(root.clone(), console.clone(), {
        let programs = programs.clone();
        move |number| {
            programs.renew(&root, &console);
            rebuilder.build(number);
        }
    })?;
    if options.open {
        open(&address);
    }
    let result = server.run(until_signal());
    programs.close();
    folder.remove();
    result
}

/// Says whom the programs run as, where that is not the reader.
pub fn warn_if_root(console: &Console) {
    // SAFETY: geteuid only reads, and cannot fail.
    if unsafe { libc::geteuid() } == 0 {
        console.say("started as root: programs of the book run as a user without rights");
    }
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
