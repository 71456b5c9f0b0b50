//! An mdBook renderer that turns one book in two languages into two complete sites.
//!
//! The book's pages lie under `en/` and `zh/`. The output is
//!
//! ```text
//! <dest>/en/...        the English site, made by mdBook's own HTML renderer
//! <dest>/zh/...        the Chinese site, with its own numbers, sidebar, print page and 404
//! <dest>/index.html    both languages, a link to each
//! <dest>/404.html      the same for an address that does not exist
//! <dest>/sitemap.xml   every page with its twin (with `site-url` only)
//! <dest>/assets/       scripts that pages load when they need them: the editor; mermaid's, when a
//!                      page holds a diagram that is not drawn yet
//! ```
//!
//! The way of a render: [`split`] cuts the book in two, [`site`] lets mdBook render each half,
//! [`survey`] reads the pages, [`html_pass`] rewrites them with what both surveys know.

mod addresses;
mod chrome_zh;
mod excerpt;
mod files;
mod head;
mod html_config;
mod html_pass;
mod language;
mod late_scripts;
mod mermaid_script;
mod root_page;
mod script_pass;
mod settings;
mod site;
mod sitemap;
mod split;
mod survey;

pub use language::{Both, Language};
pub use mermaid_script::locate as mermaid_script;
pub use settings::{Edition, Settings};

use addresses::Addresses;
use anyhow::{Context, Result};
use mdbook_renderer::{RenderContext, Renderer};

/// The renderer `bilingual`, set up under `[output.bilingual]` (see [`Settings`]).
///
/// It relies on nothing but what [`RenderContext`] serialises, so it works in process and as a
/// command that reads the context from its standard input.
#[derive(Debug, Default, Clone)]
pub struct Bilingual {
    /// Where these pages can run their listings: written into them, so never for publication.
    pub api: Option<Api>,
}

/// A server that runs listings for pages which somebody else serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Api {
    /// The address below which `api/run` is, with a slash at its end.
    pub address: String,
    /// What the server wants to be shown.
    pub token: String,
}

impl Renderer for Bilingual {
    fn name(&self) -> &str {
        "bilingual"
    }

    /// Renders both sites and the files above them.
    ///
    /// # Errors
    ///
    /// When a setting is unknown, missing or wrong; when a chapter lies outside the two languages;
    /// when mdBook's renderer fails; when a file cannot be read or written; when a page holds a
    /// diagram and mermaid's script is not to be found.
    fn render(&self, ctx: &RenderContext) -> Result<()> {
        let settings = Settings::from_config(&ctx.config)?;
        let books = split::split(&ctx.book, &settings)?;
        let addresses = Addresses::new(&settings, &ctx.config)?;

        let sites = Both::in_parallel(|language| {
            let book = books.get(language).clone();
            site::render(ctx, &settings, &addresses, language, book)
                .with_context(|| format!("rendering the site `{}`", language.code()))
        })?;
        let editor = late_scripts::copy(&ctx.root, &ctx.destination)?;
        Both::in_parallel(|language| {
            site::finish(
                &sites,
                &settings,
                &addresses,
                self.api.as_ref(),
                &editor,
                language,
            )
            .with_context(|| format!("finishing the pages of the site `{}`", language.code()))
        })?;

        root_page::write(&ctx.destination, &settings, &addresses)?;
        sitemap::write(&ctx.destination, &sites, &settings, &addresses)?;
        let has_diagram = Language::ALL
            .into_iter()
            .any(|language| sites.get(language).pages().any(|(_, s)| s.has_diagram));
        mermaid_script::copy(&ctx.root, &ctx.destination, has_diagram)
    }
}
