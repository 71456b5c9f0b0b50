//! The book, served, in a browser.

use super::cdp::{Browser, Tab};
use crate::html;
use crate::need::need;
use crate::sources::{catalogue, root};
use book::programs::{BuildError, Listed, Note, Programs, Supervisor, Turn};
use book::serve::{Clients, Listings, Parts, Server, Site};
use directives::Problem;
use runner::{Source, Stop};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// A tab of a browser in which the book is to be opened. Dropping it ends browser and server.
pub struct Reader {
    // Dropped in this order: the tab needs its browser, the browser's requests the server.
    tab: Tab,
    _browser: Browser,
    served: Served,
}

impl Reader {
    /// Of the book as it is; none when browsers are to be skipped.
    pub fn start() -> Option<Self> {
        Self::with(|programs| Arc::new(programs))
    }

    /// Of the book, with this script in the place of one listing.
    pub fn start_with_script(listing: &'static str, script: &Path) -> Option<Self> {
        let script = script.to_owned();
        Self::with(|programs| {
            Arc::new(Replaced {
                programs,
                listing,
                script,
            })
        })
    }

    /// Of the book, on a machine whose runs cannot be traced.
    pub fn start_without_tracing() -> Option<Self> {
        let supervisor = env!("CARGO_BIN_EXE_book-tests-untraced");
        Self::supervised(supervisor, |programs| Arc::new(programs))
    }

    fn with(listings: impl FnOnce(Programs) -> Arc<dyn Listings>) -> Option<Self> {
        Self::supervised(env!("CARGO_BIN_EXE_book-tests-supervisor"), listings)
    }

    fn supervised(
        supervisor: &str,
        listings: impl FnOnce(Programs) -> Arc<dyn Listings>,
    ) -> Option<Self> {
        let program = need("chromium")?;
        let served = Served::start(Supervisor::at(supervisor), listings);
        let browser = Browser::start(&program);
        Some(Self {
            tab: browser.tab(),
            _browser: browser,
            served,
        })
    }

    /// The address of the server, without a slash at its end.
    pub fn origin(&self) -> String {
        format!("http://localhost:{}", self.served.port)
    }

    /// Opens a page of the site: `en/threads.html`.
    pub fn open_page(&mut self, page: &Path) {
        let url = format!("{}/{}", self.origin(), page.display());
        self.tab.open(&url);
    }

    /// Problems of a page as a script finds them: the value of an expression, a list of texts.
    #[track_caller]
    pub fn problems(&mut self, page: &Path, expression: &str) -> Vec<Problem> {
        let found = self.tab.eval(expression);
        let found = found.as_array().expect("a list of problems");
        let texts = found.iter().map(|text| text.as_str().expect("a text"));
        texts.map(|text| problem(page, text)).collect()
    }
}

impl Deref for Reader {
    type Target = Tab;

    fn deref(&self) -> &Tab {
        &self.tab
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut Tab {
        &mut self.tab
    }
}

/// A problem of a page of the site.
pub fn problem(page: &Path, message: impl Into<String>) -> Problem {
    Problem::new(Path::new("book").join(page), 0, message)
}

/// All pages of the built site, `en/threads.html`, but for the contents that mdBook puts into a frame
/// of pages without scripts.
pub fn all_pages() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = html::files(html::built()).into_iter().collect();
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "html")
            && !file.ends_with("toc.html")
    });
    files
}

/// The pages that have a twin in the other language: no page of mdBook's own.
pub fn chapters() -> Vec<PathBuf> {
    let mut pages = all_pages();
    pages.retain(|page| {
        let own = ["404", "print"].map(std::ffi::OsStr::new);
        page.components().count() == 2 && !page.file_stem().is_some_and(|stem| own.contains(&stem))
    });
    assert!(pages.len() > 2, "the site has no chapters: {pages:?}");
    pages
}

/// The server, on a thread of this process.
struct Served {
    port: u16,
    end: Option<(oneshot::Sender<()>, JoinHandle<()>)>,
}

impl Served {
    fn start(supervisor: Supervisor, listings: impl FnOnce(Programs) -> Arc<dyn Listings>) -> Self {
        let programs = Programs::new(root(), supervisor.clone(), catalogue());
        let site = Arc::new(Site::building());
        site.publish(html::built(), 1);
        let parts = Parts {
            listings: listings(programs),
            site,
            supervisor,
            clients: Clients::OwnPages,
        };
        let server = Server::bind(0, parts).expect("a free port");
        let port = server.port();
        let (sender, receiver) = oneshot::channel();
        let thread = thread::spawn(move || {
            let until = async { drop(receiver.await) };
            server.run(until).expect("the server runs");
        });
        Self {
            port,
            end: Some((sender, thread)),
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.end.take() {
            let _ = sender.send(());
            // Its panic is on the screen; a second one would end all tests.
            let _ = thread.join();
        }
    }
}

/// The programs of the book, but for one.
struct Replaced {
    programs: Programs,
    listing: &'static str,
    script: PathBuf,
}

impl Listings for Replaced {
    fn listed(&self) -> Vec<Listed> {
        self.programs.listed()
    }

    fn find(&self, id: &str) -> Option<Listed> {
        self.programs.find(id)
    }

    fn ensure(
        &self,
        id: &str,
        stop: &Stop,
        on_note: &mut dyn FnMut(Note),
    ) -> Result<PathBuf, BuildError> {
        if id == self.listing {
            return Ok(self.script.clone());
        }
        self.programs.ensure(id, stop, on_note)
    }

    fn source(
        &self,
        id: &str,
        stop: &Stop,
        on_note: &mut dyn FnMut(Note),
    ) -> Result<Source, BuildError> {
        self.programs.source(id, stop, on_note)
    }

    fn turn(&self, stop: &Stop, on_note: &mut dyn FnMut(Note)) -> Result<Turn<'_>, BuildError> {
        self.programs.turn(stop, on_note)
    }
}
