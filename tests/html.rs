//! The two sites as a browser gets them.

use crate::sources::{self, catalogue, none, root, says};
use directives::{Language, Problem};
use lol_html::html_content::Element as Tag;
use lol_html::{RewriteStrSettings, doc_text, element, rewrite_str};
use mdbook_listings::{Catalogue, Kind};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::OnceLock;

/// One element of a page.
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    line: usize,
    in_main: bool,
}

impl Element {
    fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }
}

/// The figure of a listing, and what stands in it.
#[derive(Default)]
struct Figure {
    listing: String,
    line: usize,
    has_output: bool,
    has_python: bool,
}

/// What is read of a page.
#[derive(Default)]
struct Html {
    /// Relative to the site: `en/threads.html`.
    path: PathBuf,
    elements: Vec<Element>,
    figures: Vec<Figure>,
    /// Text outside of code, scripts and styles.
    text: String,
    /// The source of each diagram that is drawn in the browser.
    diagrams: Vec<String>,
    /// How many open elements there are whose text is code, by name.
    in_code: usize,
    in_main: usize,
    in_diagram: usize,
}

impl Html {
    fn parse(path: impl Into<PathBuf>, html: &str) -> Self {
        let page = Rc::new(RefCell::new(Self {
            path: path.into(),
            ..Self::default()
        }));
        let settings = RewriteStrSettings::new()
            .append_element_content_handler(element!("*", |tag| {
                page.borrow_mut().open(tag, html);
                let name = tag.tag_name();
                let (is_diagram, is_code) = (is_diagram(tag), is_code(tag));
                let page = Rc::clone(&page);
                if let Some(handlers) = tag.end_tag_handlers() {
                    handlers.push(Box::new(move |_| {
                        page.borrow_mut().close(&name, is_diagram, is_code);
                        Ok(())
                    }));
                }
                Ok(())
            }))
            .append_document_content_handler(doc_text!(|text| {
                let mut page = page.borrow_mut();
                if page.in_diagram > 0 {
                    page.diagrams
                        .last_mut()
                        .expect("one is open")
                        .push_str(text.as_str());
                } else if page.in_code == 0 {
                    page.text.push_str(text.as_str());
                }
                Ok(())
            }));
        rewrite_str(html, settings).expect("a built page is HTML");
        page.take()
    }

    fn open(&mut self, tag: &Tag<'_, '_>, html: &str) {
        let attributes: BTreeMap<String, String> = tag
            .attributes()
            .iter()
            .map(|attribute| (attribute.name(), plain(&attribute.value())))
            .collect();
        let name = tag.tag_name();
        let line = html[..tag.source_location().bytes().start]
            .matches('\n')
            .count()
            + 1;
        self.in_main += usize::from(name == "main");
        self.in_code += usize::from(is_code(tag));
        if is_diagram(tag) {
            self.in_diagram += 1;
            self.diagrams.push(String::new());
        }
        if let Some(listing) = attributes.get("data-listing") {
            self.figures.push(Figure {
                listing: listing.clone(),
                line,
                ..Figure::default()
            });
        }
        if let Some(figure) = self.figures.last_mut() {
            figure.has_output |= name == "samp";
            figure.has_python |= attributes
                .get("data-tab")
                .is_some_and(|tab| tab == "Python");
        }
        self.elements.push(Element {
            name,
            attributes,
            line,
            in_main: self.in_main > 0,
        });
    }

    fn close(&mut self, name: &str, is_diagram: bool, is_code: bool) {
        self.in_main -= usize::from(name == "main");
        self.in_code -= usize::from(is_code);
        self.in_diagram -= usize::from(is_diagram);
    }

    fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements
            .iter()
            .filter(move |element| element.name == name)
    }

    /// The content of a `<meta>` of this name or property.
    fn meta(&self, name: &str) -> Option<&str> {
        let is_it =
            |meta: &&Element| [meta.get("name"), meta.get("property")].contains(&Some(name));
        self.named("meta").find(is_it)?.get("content")
    }

    fn ids(&self) -> impl Iterator<Item = (&str, usize)> {
        self.elements
            .iter()
            .filter_map(|element| Some((element.get("id")?, element.line)))
    }

    fn problem(&self, line: usize, message: impl Into<String>) -> Problem {
        Problem::new(Path::new("book").join(&self.path), line, message)
    }

    /// Where to look for what is wrong in it: its Markdown, or that of all pages.
    fn source(&self) -> String {
        let source = Path::new("src").join(self.path.with_extension("md"));
        match root().join(&source).is_file() {
            true => source.display().to_string(),
            false => "the page in src/ that it comes from".to_owned(),
        }
    }

    /// Where its relative addresses begin, as a folder of the site.
    fn base(&self) -> PathBuf {
        match self.named("base").find_map(|base| base.get("href")) {
            Some(base) => PathBuf::from(base.trim_matches('/')),
            None => self.path.parent().unwrap_or(Path::new("")).to_path_buf(),
        }
    }
}

/// A diagram that mermaid's script draws.
fn is_diagram(tag: &Tag<'_, '_>) -> bool {
    let class = tag.get_attribute("class").unwrap_or_default();
    tag.tag_name() == "pre" && class.split_whitespace().any(|class| class == "mermaid")
}

/// Elements whose text is no prose.
/// A time line quotes what the program printed.
fn is_code(tag: &Tag<'_, '_>) -> bool {
    let name = tag.tag_name();
    let is_time_line = name == "svg"
        && tag
            .get_attribute("class")
            .is_some_and(|it| it == "timeline");
    let names = ["code", "pre", "samp", "kbd", "script", "style"];
    is_time_line || names.contains(&name.as_str())
}

/// Text without the entities that mdBook writes.
fn plain(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
}

/// Whether an address leads to another host.
fn is_foreign(address: &str) -> bool {
    address.starts_with("//")
        || address.split_once(':').is_some_and(|(scheme, _)| {
            scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '+')
                && scheme != "data"
        })
}

/// A built site: its pages, and the names of all of its files.
struct Site {
    pages: Vec<Html>,
    files: BTreeSet<PathBuf>,
}

impl Site {
    fn read(folder: &Path) -> Self {
        let files = files(folder);
        let is_html = |file: &&PathBuf| {
            file.extension()
                .is_some_and(|extension| extension == "html")
        };
        let read = |file: &PathBuf| {
            Html::parse(
                file,
                &fs::read_to_string(folder.join(file)).expect("a page is UTF-8"),
            )
        };
        Self {
            pages: files.iter().filter(is_html).map(read).collect(),
            files,
        }
    }

    #[cfg(test)]
    fn of(pages: &[(&str, &str)]) -> Self {
        let pages: Vec<_> = pages
            .iter()
            .map(|(path, html)| Html::parse(*path, html))
            .collect();
        Self {
            files: pages.iter().map(|page| page.path.clone()).collect(),
            pages,
        }
    }

    /// What is wrong with the target of a link of a page.
    fn dead(&self, page: &Html, address: &str) -> Option<String> {
        let (target, anchor) = address.split_once('#').unwrap_or((address, ""));
        let target = target.split('?').next().unwrap_or_default();
        let target = match target {
            "" => page.path.clone(),
            target => {
                let from = if target.starts_with('/') {
                    PathBuf::new()
                } else {
                    page.base()
                };
                let Some(path) = normal(&from.join(target.trim_start_matches('/'))) else {
                    return Some("leads out of the site".to_owned());
                };
                if target.ends_with('/') || path == Path::new("") {
                    path.join("index.html")
                } else {
                    path
                }
            }
        };
        if !self.files.contains(&target) {
            return Some(format!("there is no file {}", target.display()));
        }
        let there = self.pages.iter().find(|other| other.path == target)?;
        let found = anchor.is_empty() || there.ids().any(|(id, _)| id == anchor);
        (!found).then(|| format!("{} has no id `{anchor}`", target.display()))
    }
}

/// A path without `.` and `..`; `None` when it leads above its start.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in path.iter() {
        match part.to_str()? {
            "." => {}
            ".." => {
                if !out.pop() {
                    return None;
                }
            }
            part => out.push(part),
        }
    }
    Some(out)
}

/// All files below a folder, relative to it.
pub fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).expect("a folder of the site can be read") {
            let path = entry.expect("an entry of the site can be read").path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.insert(
                    path.strip_prefix(folder)
                        .expect("it lies below")
                        .to_path_buf(),
                );
            }
        }
    }
    found
}

/// Links, scripts, images and nodes of diagrams that lead nowhere.
fn check_links(site: &Site) -> Vec<Problem> {
    let mut problems = Vec::new();
    for page in &site.pages {
        let hint = format!(
            "mend the link in {}; a heading's id is what stands in `{{#...}}`",
            page.source()
        );
        for element in page
            .elements
            .iter()
            .filter(|element| element.name != "base")
        {
            for address in ["href", "src"].iter().filter_map(|name| element.get(name)) {
                if !is_foreign(address)
                    && !address.starts_with("data:")
                    && let Some(reason) = site.dead(page, address)
                {
                    let message = format!("dead link `{address}`: {reason}");
                    problems.push(page.problem(element.line, message).hint(hint.as_str()));
                }
            }
        }
        for address in page
            .diagrams
            .iter()
            .flat_map(|diagram| diagram_links(diagram))
        {
            if !is_foreign(&address)
                && let Some(reason) = site.dead(page, &address)
            {
                let message = format!("dead link `{address}` in a diagram: {reason}");
                problems.push(page.problem(0, message).hint(
                    "mend the `click` line, or the concept's `chapter` in src/concepts.toml",
                ));
            }
        }
    }
    problems
}

/// The targets of `click node href "target"` and of `%% box node href target`.
fn diagram_links(diagram: &str) -> Vec<String> {
    let links = diagram.lines().filter_map(|line| {
        let line = plain(line.trim());
        let is_link = line.starts_with("click ") || line.starts_with("%% box ");
        let target = line
            .split_once(" href ")?
            .1
            .split_whitespace()
            .next()?
            .trim_matches('"')
            .to_owned();
        is_link.then_some(target)
    });
    links.collect()
}

/// Ids that stand twice on a page: a link finds the first only.
fn check_ids(site: &Site) -> Vec<Problem> {
    let mut problems = Vec::new();
    for page in &site.pages {
        let mut seen = BTreeSet::new();
        for (id, line) in page.ids() {
            if !seen.insert(id) {
                problems.push(
                    page.problem(line, format!("the id `{id}` stands twice"))
                        .hint("give the second heading or listing of the page another id"),
                );
            }
        }
    }
    problems
}

/// Files that a page asks of another host before the reader clicks.
fn check_hosts(site: &Site) -> Vec<Problem> {
    let mut problems = Vec::new();
    for page in &site.pages {
        for element in &page.elements {
            // `canonical` and `alternate` name an address, and nothing is fetched.
            let fetched = match element.name.as_str() {
                "a" => None,
                "link" => match element.get("rel") {
                    Some("canonical" | "alternate") => None,
                    _ => element.get("href"),
                },
                _ => element.get("src"),
            };
            if let Some(address) = fetched.filter(|address| is_foreign(address)) {
                problems.push(
                    page.problem(element.line, format!("asks another host for {address}"))
                        .hint("serve the file from the book, or make it a link"),
                );
            }
        }
    }
    problems
}

/// Markdown that came out as text.
fn check_text(site: &Site) -> Vec<Problem> {
    let mut problems = Vec::new();
    for page in &site.pages {
        let described = page.meta("description").unwrap_or_default();
        for line in page.text.lines().chain([described]) {
            if line.contains('*') {
                problems.push(
                    page.problem(0, format!("a stray asterisk: {}", line.trim())).hint(
                        "bold does not begin or end beside punctuation: put the punctuation outside, \
                         or a space around bold code",
                    ),
                );
            }
            if line.contains("{{#") {
                problems.push(
                    page.problem(0, format!("a directive in the text: {}", line.trim()))
                        .hint("a directive stands alone on its line, outside of code and HTML"),
                );
            }
        }
    }
    problems
}

/// What search engines, link previews and screen readers rely on.
fn check_head(site: &Site, chapters: &BTreeSet<&str>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for page in &site.pages {
        let Some(language) = Language::of_page(&page.path) else {
            continue;
        };
        let tag = match language {
            Language::English => "en",
            Language::Chinese => "zh-CN",
        };
        let mut wrong = |message: String| {
            let hint = "the renderer writes this: see crates/mdbook-bilingual";
            problems.push(page.problem(0, message).hint(hint));
        };
        if !page.named("html").any(|html| html.get("lang") == Some(tag)) {
            wrong(format!("its `lang` is not `{tag}`"));
        }
        let slug = page.path.file_stem().unwrap_or_default().to_string_lossy();
        if !chapters.contains(slug.as_ref()) {
            continue;
        }
        let headings = page.named("h1").filter(|heading| heading.in_main).count();
        if headings != 1 {
            wrong(format!(
                "{headings} headings of level 1: a page has one, `# Title {{#id}}`"
            ));
        }
        let link = |rel: &str, hreflang: Option<&str>| {
            let mut links = page.named("link");
            links.any(|link| link.get("rel") == Some(rel) && link.get("hreflang") == hreflang)
        };
        if !link("canonical", None) {
            wrong("no canonical address".to_owned());
        }
        for hreflang in ["en", "zh-Hans", "x-default"] {
            if !link("alternate", Some(hreflang)) {
                wrong(format!("no alternate address for `{hreflang}`"));
            }
        }
        for name in ["description", "og:title", "og:description", "og:type"] {
            if page.meta(name).is_none_or(str::is_empty) {
                wrong(format!("no `{name}`"));
            }
        }
    }
    problems
}

/// Figures that lack what their listing has.
fn check_figures(site: &Site, catalogue: &Catalogue) -> Vec<Problem> {
    let mut problems = Vec::new();
    for page in &site.pages {
        for figure in &page.figures {
            let mut wrong = |message: String| {
                let hint = "the figure is made in crates/mdbook-listings/src/figure.rs";
                problems.push(page.problem(figure.line, message).hint(hint));
            };
            let id = &figure.listing;
            let Some(listing) = catalogue.get(id) else {
                wrong(format!("a figure of the unknown listing `{id}`"));
                continue;
            };
            // Parts of a library do not run by themselves.
            if !figure.has_output && listing.kind != Kind::Library {
                wrong(format!("the figure of `{id}` shows no recorded output"));
            }
            if figure.has_python != listing.python.is_some() {
                wrong(format!(
                    "the figure of `{id}` shows its Python twin: {}",
                    figure.has_python
                ));
            }
        }
    }
    problems
}

/// Pages that one site has and the other has not.
fn check_same_pages(site: &Site) -> Vec<Problem> {
    let of = |language: Language| -> BTreeSet<&Path> {
        let paths = site.pages.iter().map(|page| page.path.as_path());
        paths
            .filter_map(|path| path.strip_prefix(language.folder()).ok())
            .collect()
    };
    let mut problems = Vec::new();
    for language in Language::BOTH {
        for path in of(language).difference(&of(language.other())) {
            let message = format!(
                "the site has no {}/{}",
                language.other().folder(),
                path.display()
            );
            problems.push(Problem::new(
                Path::new("book").join(language.folder()).join(path),
                0,
                message,
            ));
        }
    }
    problems
}

/// What only a served page may hold.
fn check_published(file: &Path, text: &str) -> Vec<Problem> {
    // A script may look for the token; only a page can hold it.
    let token = file
        .extension()
        .is_some_and(|extension| extension == "html");
    let token = token.then_some("name=\"book-token\"");
    let forbidden = ["127.0.0.1", "localhost:"].into_iter().chain(token);
    let found = forbidden.filter(|word| text.contains(word));
    found
        .map(|word| {
            Problem::new(
                Path::new("book").join(file),
                0,
                format!("a published file holds `{word}`"),
            )
            .hint("only `cargo book serve` may add it, to what it sends")
        })
        .collect()
}

/// The folder of a site that is built once for all tests, or why there is none.
fn build() -> Result<&'static Path, &'static str> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        // Always the same folder: nothing is left behind that the next run does not replace.
        // One for each run of the tests, so that two at once do not meet; what earlier runs left
        // goes now, since nothing runs at the end of one.
        let sites = root().join("target/sites-of-the-tests");
        for old in fs::read_dir(&sites).into_iter().flatten().flatten() {
            if !Path::new("/proc").join(old.file_name()).exists() {
                let _ = fs::remove_dir_all(old.path());
            }
        }
        let folder = sites.join(std::process::id().to_string());
        let built = fs::create_dir_all(&sites)
            .map_err(Into::into)
            .and_then(|()| book::site::build(root(), &folder));
        built.map(|()| folder).map_err(|error| format!("{error:#}"))
    });
    built.as_deref().map_err(String::as_str)
}

/// The folder of the built site.
pub fn built() -> &'static Path {
    build().unwrap_or_else(|_| panic!("there is no site; see why in html::the_site_can_be_built"))
}

fn site() -> &'static Site {
    static SITE: OnceLock<Site> = OnceLock::new();
    SITE.get_or_init(|| Site::read(built()))
}

#[test]
fn the_site_can_be_built() {
    if let Err(error) = build() {
        panic!("{error}");
    }
}

#[test]
fn no_link_is_dead() {
    none(check_links(site()));
}

#[test]
fn ids_are_unique_on_each_page() {
    none(check_ids(site()));
}

#[test]
fn no_page_asks_another_host_for_anything() {
    none(check_hosts(site()));
}

#[test]
fn no_markdown_is_left_in_the_text() {
    none(check_text(site()));
}

#[test]
fn every_page_has_its_language_heading_and_description() {
    let chapters = sources::pages().iter().filter(|page| page.is_chapter());
    none(check_head(
        site(),
        &chapters.map(|page| page.slug.as_str()).collect(),
    ));
}

#[test]
fn every_figure_shows_output_and_twin() {
    let site = site();
    let figures: usize = site.pages.iter().map(|page| page.figures.len()).sum();
    assert!(figures > 0, "the site shows no listing at all");
    none(check_figures(site, catalogue()));
}

#[test]
fn both_sites_have_the_same_pages() {
    none(check_same_pages(site()));
}

#[test]
fn the_published_files_hold_no_token_and_no_local_address() {
    let folder = built();
    let text = |file: &PathBuf| fs::read_to_string(folder.join(file)).unwrap_or_default();
    // mermaid's own script is not ours.
    let ours = files(folder)
        .into_iter()
        .filter(|file| !file.starts_with("assets"));
    none(
        ours.flat_map(|file| check_published(&file, &text(&file)))
            .collect(),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn en(body: &str) -> Site {
        Site::of(&[("en/a.html", body), ("en/b.html", "<h1 id=\"top\">B</h1>")])
    }

    #[test]
    fn living_links_are_accepted() {
        none(check_links(&en(
            "<a href=\"b.html\"></a><a href=\"b.html#top\"></a><a href=\"../en/b.html?x\"></a>\
             <p id=\"here\"><a href=\"#here\"></a><a href=\"https://example.org/x\"></a></p>\
             <pre class=\"mermaid\">click c href &quot;b.html#top&quot;\n%% box d href b.html</pre>",
        )));
        let page = "<base href=\"/en/\"><a href=\"a.html\"></a>";
        none(check_links(&Site::of(&[
            ("404.html", page),
            ("en/a.html", ""),
        ])));
    }

    #[test]
    fn dead_links_and_anchors_are_named_with_their_line() {
        says(
            check_links(&en("\n<a href=\"c.html\"></a>")),
            "book/en/a.html:2: dead link `c.html`: there is no file en/c.html",
        );
        says(
            check_links(&en("<a href=\"b.html#end\"></a>")),
            "en/b.html has no id `end`",
        );
        says(
            check_links(&en("<a href=\"#end\"></a>")),
            "en/a.html has no id `end`",
        );
        says(
            check_links(&en("<script src=\"x.js\"></script>")),
            "there is no file en/x.js",
        );
        says(
            check_links(&en("<a href=\"../../a.html\"></a>")),
            "leads out of the site",
        );
    }

    #[test]
    fn dead_nodes_of_diagrams_are_named() {
        let diagram = |line: &str| en(&format!("<pre class=\"mermaid\">\n{line}\n</pre>"));
        for line in [
            "click c href &quot;b.html#x&quot;",
            "%% box c href b.html#x",
        ] {
            says(
                check_links(&diagram(line)),
                "dead link `b.html#x` in a diagram: en/b.html has no id",
            );
        }
    }

    #[test]
    fn an_id_that_stands_twice_is_named() {
        says(
            check_ids(&en("<p id=\"x\">\n<p id=\"x\">")),
            "book/en/a.html:2: the id `x` stands twice",
        );
    }

    #[test]
    fn requests_to_other_hosts_are_named() {
        for body in [
            "<script src=\"https://example.org/x.js\"></script>",
            "<link rel=\"stylesheet\" href=\"//example.org/x.css\">",
            "<img src=\"http://example.org/x.png\">",
        ] {
            says(check_hosts(&en(body)), "asks another host for");
        }
        none(check_hosts(&en(
            "<a href=\"https://a.org\"></a><link rel=\"canonical\" href=\"https://a.org\">",
        )));
    }

    #[test]
    fn markdown_in_the_text_is_named() {
        says(
            check_text(&en("<p>它**没有错。**下一句</p>")),
            "a stray asterisk: 它**没有错。**下一句",
        );
        says(
            check_text(&en("<p>{{#here}}</p>")),
            "a directive in the text",
        );
        none(check_text(&en(
            "<pre><code>a * b {{#here}}</code></pre><p>a</p><script>a * b</script>",
        )));
    }

    #[test]
    fn a_page_without_language_heading_or_addresses_is_named() {
        let check = |body: &str| check_head(&en(body), &BTreeSet::from(["a"]));
        says(check("<html lang=\"zh-CN\">"), "its `lang` is not `en`");
        says(
            check("<main><h1>A</h1><h1>B</h1></main>"),
            "2 headings of level 1",
        );
        says(check(""), "no canonical address");
        says(
            check("<link rel=\"alternate\" hreflang=\"en\">"),
            "no alternate address for `zh-Hans`",
        );
        says(
            check("<meta name=\"description\" content=\"\">"),
            "no `description`",
        );
    }

    #[test]
    fn a_figure_without_output_or_twin_is_named() {
        let folder = tempfile::tempdir().expect("a temp folder");
        let root = folder.path().join("listings/t");
        for (path, text) in [
            ("Cargo.toml", ""),
            ("src/bin/one.rs", ""),
            ("python/one.py", ""),
        ] {
            fs::create_dir_all(root.join(path).parent().expect("a folder")).expect("folders");
            fs::write(root.join(path), text).expect("a file");
        }
        let catalogue = Catalogue::load(folder.path()).expect("it loads");
        let check = |inside: &str| {
            check_figures(
                &en(&format!("<figure data-listing=\"t/one\">{inside}</figure>")),
                &catalogue,
            )
        };
        none(check(
            "<details data-tab=\"Python\"></details><samp></samp>",
        ));
        says(
            check("<samp></samp>"),
            "the figure of `t/one` shows its Python twin: false",
        );
        says(
            check("<details data-tab=\"Python\"></details>"),
            "`t/one` shows no recorded output",
        );
    }

    #[test]
    fn a_page_of_one_language_only_is_named() {
        let site = Site::of(&[("en/a.html", ""), ("zh/a.html", ""), ("zh/b.html", "")]);
        says(
            check_same_pages(&site),
            "book/zh/b.html: the site has no en/b.html",
        );
    }

    #[test]
    fn a_token_in_a_published_file_is_named() {
        let text = "<meta name=\"book-token\" content=\"1\">";
        says(
            check_published(Path::new("en/a.html"), text),
            "book/en/a.html: a published file holds",
        );
    }
}
