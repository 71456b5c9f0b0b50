//! `sitemap.xml`: every page of both sites, with its twin.

use crate::addresses::Addresses;
use crate::files;
use crate::language::{Both, Language};
use crate::settings::Settings;
use crate::site::Site;
use anyhow::Result;
use mdbook_core::utils::escape_html_attribute as escape;
use std::path::Path;

/// Writes the site map, or removes an old one when the site's address is not known.
pub fn write(
    dest: &Path,
    sites: &Both<Site>,
    settings: &Settings,
    addresses: &Addresses,
) -> Result<()> {
    let path = dest.join("sitemap.xml");
    let Some(root) = addresses.published("index.html") else {
        return files::remove_stale(&path);
    };
    let mut urls = entry(&root, "");
    for language in Language::ALL {
        for page in sites.get(language).chapters() {
            let target = |l: Language| addresses.published(&format!("{}/{page}", l.code()));
            let mut alternates = String::new();
            if sites.get(language.other()).chapter(page).is_some() {
                for other in Language::ALL {
                    alternates += &format!(
                        "<xhtml:link rel=\"alternate\" hreflang=\"{}\" href=\"{}\"/>\n",
                        escape(&settings.language.get(other).hreflang),
                        escape(&target(other).unwrap_or_default()),
                    );
                }
            }
            urls += &entry(&target(language).unwrap_or_default(), &alternates);
        }
    }
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:xhtml=\"http://www.w3.org/1999/xhtml\">\n{urls}</urlset>\n"
    );
    files::write_if_changed(&path, xml.as_bytes())
}

fn entry(location: &str, alternates: &str) -> String {
    format!(
        "<url>\n<loc>{}</loc>\n{alternates}</url>\n",
        escape(location)
    )
}
