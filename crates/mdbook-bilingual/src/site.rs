//! One of the two sites: rendered by mdBook, then read, then rewritten.

use crate::Api;
use crate::addresses::Addresses;
use crate::files;
use crate::html_config::html_config;
use crate::html_pass::{self, Page, PageKind};
use crate::language::{Both, Language};
use crate::script_pass;
use crate::settings::Settings;
use crate::survey::{Survey, survey};
use anyhow::{Context, Result};
use mdbook_core::book::Book;
use mdbook_html::HtmlHandlebars;
use mdbook_renderer::{RenderContext, Renderer};
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// A site as mdBook left it, with what its pages say.
pub struct Site {
    folder: PathBuf,
    /// The chapters' pages in reading order, relative to the folder.
    chapters: Vec<String>,
    /// Every page that mdBook made, by its path: its HTML and its survey.
    pages: BTreeMap<String, (String, Survey)>,
    /// Whether the book brings its own text for addresses that do not exist.
    has_own_404: bool,
}

impl Site {
    /// The chapters' pages in reading order.
    pub fn chapters(&self) -> impl Iterator<Item = &str> {
        self.chapters.iter().map(String::as_str)
    }

    /// Every page that mdBook made.
    pub fn pages(&self) -> impl Iterator<Item = (&str, &Survey)> {
        self.pages
            .iter()
            .map(|(path, (_, survey))| (path.as_str(), survey))
    }

    /// The survey of a chapter, if the site has it.
    pub fn chapter(&self, path: &str) -> Option<&Survey> {
        self.kind(path)
            .is_some_and(|kind| kind == PageKind::Chapter)
            .then(|| self.pages.get(path).map(|(_, survey)| survey))?
    }

    /// What a page is; `None` for HTML that the book's source brought along.
    fn kind(&self, path: &str) -> Option<PageKind> {
        match path {
            "print.html" => Some(PageKind::Print),
            "404.html" => Some(PageKind::NotFound),
            "toc.html" => Some(PageKind::Contents),
            // mdBook writes the first chapter a second time under this name.
            "index.html" => Some(PageKind::Chapter),
            _ => self
                .chapters()
                .any(|chapter| chapter == path)
                .then_some(PageKind::Chapter),
        }
    }

    /// The page under whose address search engines should list this one.
    fn canonical<'a>(&'a self, path: &'a str) -> &'a str {
        let doubles_first = path == "index.html" && !self.chapters().any(|c| c == path);
        match self.chapters.first() {
            Some(first) if doubles_first => first,
            _ => path,
        }
    }
}

/// Lets mdBook render one language into its folder, which it empties first, and reads the pages.
pub fn render(
    ctx: &RenderContext,
    settings: &Settings,
    addresses: &Addresses,
    language: Language,
    book: Book,
) -> Result<Site> {
    let edition = settings.language.get(language);
    let folder = ctx.destination.join(language.code());
    let chapters = book
        .chapters()
        .filter_map(|chapter| chapter.path.as_ref())
        .map(|path| {
            let html = path.with_extension("html");
            let parts: Vec<_> = html.iter().map(|part| part.to_string_lossy()).collect();
            parts.join("/")
        })
        .collect();

    let mut config = ctx.config.clone();
    config.book.src = ctx.config.book.src.join(language.code());
    config.book.title = Some(edition.title.clone());
    config.book.description = Some(edition.description.clone());
    config.book.language = Some(edition.tag.clone());
    let html = html_config(&ctx.root, &ctx.config, settings, addresses, language)?;
    config.set("output.html", html)?;

    let has_own_404 = ctx.root.join(&config.book.src).join("404.md").is_file();
    let inner = RenderContext::new(&ctx.root, book, config, &folder);
    HtmlHandlebars::new().render(&inner)?;

    let mut site = Site {
        folder,
        chapters,
        pages: BTreeMap::new(),
        has_own_404,
    };
    for path in files::html_below(&site.folder)? {
        if site.kind(&path).is_some() {
            let file = site.folder.join(&path);
            let html = fs::read_to_string(&file)
                .with_context(|| format!("failed to read `{}`", file.display()))?;
            let survey = survey(&html).with_context(|| format!("reading `{}`", file.display()))?;
            site.pages.insert(path, (html, survey));
        }
    }
    Ok(site)
}

/// Rewrites every page of one site, knowing the other.
pub fn finish(
    sites: &Both<Site>,
    settings: &Settings,
    addresses: &Addresses,
    api: Option<&Api>,
    editor: &Option<String>,
    language: Language,
) -> Result<()> {
    let site = sites.get(language);
    let twin_site = sites.get(language.other());
    let has_stock_fonts = site.folder.join("fonts").join("fonts.css").is_file();
    for (path, (html, survey)) in &site.pages {
        let Some(kind) = site.kind(path) else {
            continue;
        };
        let page = Page {
            language,
            kind,
            path,
            canonical: site.canonical(path),
            survey,
            twin: twin_site.chapter(path),
            settings,
            addresses,
            api,
            editor: editor.as_deref(),
            lacks_fonts_css: !has_stock_fonts,
            has_own_404: site.has_own_404,
        };
        let file = site.folder.join(path);
        let finished = html_pass::rewrite(html, &page)
            .with_context(|| format!("rewriting `{}`", file.display()))?;
        mdbook_core::utils::fs::write(&file, finished)?;
    }
    script_pass::finish(&site.folder, language)
}
