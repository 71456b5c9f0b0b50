//! Where the pages are, seen from each other and from outside.

use crate::settings::Settings;
use anyhow::Result;
use mdbook_core::config::Config;

/// Addresses within the output. A target is a path below the output folder: `zh/threads.html`.
pub struct Addresses {
    /// The published folder, ending in a slash.
    site_url: Option<String>,
    /// The path of that folder on its server, with a slash on both ends.
    base_path: String,
}

impl Addresses {
    /// `mdbook serve` puts its own `output.html.site-url` into the config, which then wins for
    /// the one thing that depends on the server at hand: the links of a 404 page.
    pub fn new(settings: &Settings, config: &Config) -> Result<Addresses> {
        let served: Option<String> = config.get("output.html.site-url")?;
        let mut base_path = match (served, &settings.site_url) {
            (Some(served), _) => served,
            (None, Some(site_url)) => path_of(site_url).to_string(),
            (None, None) => "/".to_string(),
        };
        if !base_path.ends_with('/') {
            base_path.push('/');
        }
        Ok(Addresses {
            site_url: settings.site_url.clone(),
            base_path,
        })
    }

    /// From one page to another, for links that readers follow: works from `file://` too.
    pub fn relative(from: &str, target: &str) -> String {
        "../".repeat(from.matches('/').count()) + target
    }

    /// The one address of a page for search engines, when it is known where the site will be.
    pub fn published(&self, target: &str) -> Option<String> {
        let site_url = self.site_url.as_ref()?;
        let target = match target.strip_suffix("index.html") {
            Some(folder) if folder.is_empty() || folder.ends_with('/') => folder,
            _ => target,
        };
        Some(format!("{site_url}{target}"))
    }

    /// The published address, or a relative one while there is none.
    pub fn published_or_relative(&self, from: &str, target: &str) -> String {
        self.published(target)
            .unwrap_or_else(|| Addresses::relative(from, target))
    }

    /// For pages that are shown at any depth of the site.
    pub fn at_root(&self, target: &str) -> String {
        format!("{}{target}", self.base_path)
    }
}

/// The path of an absolute URL: `/book/` of `https://example.org/book/`.
fn path_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    url[host..]
        .find('/')
        .map_or("/", |path| &url[host + path..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_climbs_out_of_each_folder_of_its_page() {
        assert_eq!(
            Addresses::relative("en/a/b.html", "zh/a/b.html"),
            "../../zh/a/b.html"
        );
    }

    #[test]
    fn the_path_of_a_url_follows_its_host() {
        assert_eq!(path_of("https://example.org/book/"), "/book/");
        assert_eq!(path_of("https://example.org"), "/");
    }

    #[test]
    fn a_published_index_is_named_by_its_folder_alone() {
        let addresses = Addresses {
            site_url: Some("https://example.org/".into()),
            base_path: "/".into(),
        };
        let published = |target| addresses.published(target).expect("a site URL is set");
        assert_eq!(published("en/index.html"), "https://example.org/en/");
        assert_eq!(
            published("en/my-index.html"),
            "https://example.org/en/my-index.html"
        );
    }
}
