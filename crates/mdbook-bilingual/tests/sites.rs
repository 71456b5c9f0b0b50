//! The two sites of a tiny book, made through a `RenderContext` that went through JSON, as the
//! command gets it.

mod fixture;

use fixture::{BOOK, Fixture, attributes, text_outside_main};
use std::collections::BTreeSet;

/// The page in which the other tests look; rendered once for all of them.
fn page(path: &str) -> String {
    fixture::shared().read(path)
}

fn assert_has(page: &str, part: &str) {
    assert!(page.contains(part), "`{part}` is missing in:\n{page}");
}

fn assert_lacks(page: &str, part: &str) {
    assert!(!page.contains(part), "`{part}` is in:\n{page}");
}

#[test]
fn a_chinese_page_says_that_it_is_chinese() {
    assert_has(&page("zh/threads.html"), "<html lang=\"zh-CN\"");
}

#[test]
fn an_english_page_says_that_it_is_english() {
    assert_has(&page("en/threads.html"), "<html lang=\"en\"");
}

#[test]
fn a_sidebar_lists_its_own_language_only() {
    let toc = page("zh/toc.html");
    assert_has(&toc, "线程");
    assert_lacks(&toc, "Threads");
}

#[test]
fn a_part_title_goes_to_the_language_of_the_next_chapter() {
    assert_has(&page("zh/toc.html"), "第一部分");
    assert_lacks(&page("en/toc.html"), "第一部分");
}

#[test]
fn numbers_restart_in_each_language() {
    for (code, name) in [("en", "Threads"), ("zh", "线程")] {
        assert_has(
            &page(&format!("{code}/toc.html")),
            &format!("<strong aria-hidden=\"true\">1.</strong> {name}"),
        );
    }
}

#[test]
fn front_and_back_pages_have_no_number() {
    let toc = page("en/toc.html");
    assert_has(&toc, "target=\"_parent\">The Map<");
    assert_has(&toc, "target=\"_parent\">Glossary<");
}

#[test]
fn the_title_of_a_page_is_its_heading_and_the_book() {
    assert_has(
        &page("zh/threads.html"),
        "<title>线程（thread）：同时运行 - 并发之书</title>",
    );
    assert_has(
        &page("en/threads.html"),
        "<title>Threads &amp; spawn - A Concurrent Book</title>",
    );
}

#[test]
fn the_menu_links_to_the_same_page_in_the_other_language() {
    assert_has(
        &page("en/threads.html"),
        "<a class=\"language-switch\" data-language-switch=\"zh\" \
         href=\"../zh/threads.html\" lang=\"zh-CN\" hreflang=\"zh-Hans\"",
    );
    assert_has(
        &page("zh/threads.html"),
        "<a class=\"language-switch\" data-language-switch=\"en\" \
         href=\"../en/threads.html\" lang=\"en\" hreflang=\"en\"",
    );
}

#[test]
fn a_heading_links_to_the_same_heading_in_the_other_language() {
    assert_has(
        &page("en/threads.html"),
        "<a class=\"heading-switch\" href=\"../zh/threads.html#joining\" lang=\"zh-CN\"",
    );
}

#[test]
fn a_heading_that_the_twin_lacks_gets_no_link() {
    assert_lacks(&page("en/threads.html"), "../zh/threads.html#english-only");
}

#[test]
fn the_print_page_has_no_heading_links() {
    assert_lacks(&page("en/print.html"), "heading-switch");
}

#[test]
fn the_print_page_links_to_the_print_page_of_the_other_language() {
    assert_has(&page("en/print.html"), "href=\"../zh/print.html\"");
}

#[test]
fn a_page_names_its_twin_itself_and_a_default_for_search_engines() {
    let page = page("zh/threads.html");
    for (hreflang, code) in [("en", "en"), ("zh-Hans", "zh"), ("x-default", "en")] {
        assert_has(
            &page,
            &format!(
                "<link rel=\"alternate\" hreflang=\"{hreflang}\" \
                 href=\"https://example.org/book/{code}/threads.html\">"
            ),
        );
    }
}

#[test]
fn the_default_of_the_first_page_is_the_root_page() {
    assert_has(
        &page("zh/index.html"),
        "hreflang=\"x-default\" href=\"https://example.org/book/\">",
    );
}

#[test]
fn a_page_names_its_own_address_as_canonical() {
    assert_has(
        &page("zh/threads.html"),
        "<link rel=\"canonical\" href=\"https://example.org/book/zh/threads.html\">",
    );
}

#[test]
fn without_a_site_url_the_links_between_languages_are_relative() {
    let book = Fixture::new(&BOOK.replace("site-url", "#"));
    book.render().expect("the book renders");
    let page = book.read("en/threads.html");
    assert_has(&page, "hreflang=\"zh-Hans\" href=\"../zh/threads.html\"");
}

#[test]
fn a_page_of_one_language_leads_to_the_first_page_of_the_other() {
    assert_has(
        &page("en/only-english.html"),
        "data-language-switch=\"zh\" href=\"../zh/index.html\"",
    );
}

#[test]
fn a_page_of_one_language_has_no_alternate() {
    assert_lacks(&page("en/only-english.html"), "rel=\"alternate\"");
}

#[test]
fn the_description_is_the_first_paragraph_cut_between_words() {
    let page = page("en/threads.html");
    let descriptions = attributes(&page, "meta[name='description']", "content");
    let [description] = &descriptions[..] else {
        panic!("one description is wanted: {descriptions:?}");
    };
    assert!(description.starts_with("A thread runs &amp; runs."));
    assert!(description.ends_with("again…"), "{description}");
}

#[test]
fn the_open_graph_names_title_language_and_address() {
    let page = page("zh/threads.html");
    for (property, content) in [
        ("title", "线程（thread）：同时运行"),
        ("description", "线程同时运行。"),
        ("type", "article"),
        ("locale", "zh_CN"),
        ("locale:alternate", "en_US"),
        ("site_name", "并发之书"),
        ("url", "https://example.org/book/zh/threads.html"),
    ] {
        let part = format!("<meta property=\"og:{property}\" content=\"{content}\">");
        assert_has(&page, &part);
    }
}

#[test]
fn no_word_of_the_english_chrome_is_left_on_a_chinese_page() {
    // Keys and the book's own words are the same in both; the switch names the other language.
    let same = BTreeSet::from(["Esc", "English", "A Concurrent Book"]);
    for file in ["threads.html", "print.html", "404.html"] {
        let english = text_outside_main(&page(&format!("en/{file}")));
        let chinese = text_outside_main(&page(&format!("zh/{file}")));
        assert!(english.len() > 15, "the test sees the chrome: {english:?}");
        let left: Vec<_> = english
            .iter()
            .filter(|text| text.chars().any(|c| c.is_ascii_alphabetic()))
            .filter(|text| !same.contains(text.as_str()) && chinese.contains(*text))
            .collect();
        assert!(left.is_empty(), "zh/{file} says in English: {left:?}");
    }
}

#[test]
fn a_call_out_has_a_chinese_title() {
    let page = page("zh/threads.html");
    assert_has(&page, "</svg>注意</p>");
    assert_lacks(&page, "Note");
}

#[test]
fn the_button_for_hidden_lines_is_chinese_and_still_keeps_its_state() {
    let script = fixture::shared().script("zh", "book");
    assert_lacks(&script, "Show hidden lines");
    assert_eq!(script.matches("'显示隐藏行'").count(), 2);
    assert_eq!(script.matches("'收起隐藏行'").count(), 2);
}

#[test]
fn the_sidebar_toggle_is_a_button() {
    assert_has(
        &page("en/threads.html"),
        "<button id=\"mdbook-sidebar-toggle\" class=\"icon-button\"",
    );
}

#[test]
fn a_click_on_the_sidebar_button_ticks_the_box_behind_it() {
    assert_has(
        &page("en/threads.html"),
        "document.getElementById('mdbook-sidebar-toggle-anchor').click();",
    );
}

#[test]
fn the_sidebar_opens_without_a_script() {
    assert_has(
        &page("zh/threads.html"),
        "<noscript><label class=\"icon-button\" for=\"mdbook-sidebar-toggle-anchor\" title=\"目录\">",
    );
}

#[test]
fn the_menu_is_a_landmark() {
    assert_has(&page("en/threads.html"), "<header id=\"mdbook-menu-bar\"");
}

#[test]
fn the_button_for_hidden_lines_is_named_after_itself_not_its_icon() {
    for language in ["en", "zh"] {
        let script = fixture::shared().script(language, "book");
        assert_lacks(&script, "e.target.title");
        assert_has(&script, "setAttribute('aria-label', this.title)");
    }
}

#[test]
fn a_page_has_one_first_level_heading() {
    assert_eq!(page("en/threads.html").matches("<h1").count(), 1);
}

#[test]
fn a_skip_link_leads_to_the_content() {
    let page = page("zh/threads.html");
    assert_has(&page, "<a class=\"skip-link\" href=\"#main\">跳到正文</a>");
    assert_has(&page, "<main id=\"main\" tabindex=\"-1\">");
}

#[test]
fn the_frame_of_the_sidebar_has_a_title() {
    assert_has(
        &page("zh/threads.html"),
        "<iframe class=\"sidebar-iframe-outer\" src=\"toc.html\" title=\"目录\">",
    );
    assert_has(&page("zh/toc.html"), "<title>目录</title>");
}

#[test]
fn code_on_a_chinese_page_is_english_and_not_translated() {
    let page = page("zh/threads.html");
    assert_has(&page, "<code lang=\"en\" translate=\"no\">lock</code>");
    assert_has(
        &page,
        "<code class=\"language-rust\" lang=\"en\" translate=\"no\">",
    );
}

#[test]
fn code_on_an_english_page_is_not_translated() {
    assert_has(
        &page("en/threads.html"),
        "<code translate=\"no\">join</code>",
    );
}

#[test]
fn a_link_out_of_the_book_does_not_hand_over_the_page() {
    assert_has(
        &page("en/threads.html"),
        "<a href=\"https://www.rust-lang.org\" rel=\"noopener\">",
    );
}

#[test]
fn the_text_for_unknown_addresses_comes_from_the_book() {
    let page = page("en/404.html");
    assert_has(&page, "<h1 id=\"nothing-here\">");
    assert_has(&page, "<title>Nothing Here - A Concurrent Book</title>");
}

#[test]
fn a_missing_text_for_unknown_addresses_is_replaced_in_its_language() {
    let page = page("zh/404.html");
    assert_has(&page, "<title>找不到页面 - 并发之书</title>");
    assert_lacks(&page, "Document not found");
}

#[test]
fn a_page_for_unknown_addresses_is_not_indexed_and_finds_its_files() {
    let page = page("zh/404.html");
    assert_has(&page, "<meta name=\"robots\" content=\"noindex\">");
    assert_has(&page, "<base href=\"/book/zh/\">");
}

#[test]
fn an_edit_link_names_the_file_of_the_language() {
    assert_has(
        &page("zh/threads.html"),
        "href=\"https://example.org/edit/src/zh/threads.md\"",
    );
}

#[test]
fn no_code_block_asks_the_playground() {
    let page = page("zh/threads.html");
    assert_has(&page, "language-rust");
    assert_lacks(&page, "playground");
}

#[test]
fn there_is_no_box_for_a_search_that_finds_nothing() {
    assert_lacks(&page("en/threads.html"), "mdbook-search");
}

#[test]
fn straight_quotes_become_curly_in_english_only() {
    assert_has(&page("en/glossary.html"), "“word”");
    assert_has(&page("zh/glossary.html"), "\"word\"");
}

#[test]
fn the_files_of_the_theme_are_linked() {
    let page = page("en/threads.html");
    let css = attributes(&page, "link[rel='stylesheet']", "href");
    assert!(css.iter().any(|href| href.starts_with("theme/css/book-")));
    let js = attributes(&page, "script[src]", "src");
    assert!(js.iter().any(|src| src.starts_with("theme/js/run-")));
}

#[test]
fn a_stylesheet_that_replaces_one_of_mdbook_is_linked_once() {
    let book = Fixture::new(BOOK);
    book.write("theme/css/print.css", "p { color: black }");
    book.render().expect("the book renders");
    assert_lacks(&book.read("en/threads.html"), "theme/css/print");
}

#[test]
fn an_empty_fonts_css_drops_the_stock_fonts_and_their_link() {
    let page = page("en/threads.html");
    assert_lacks(&page, "fonts/");
    assert!(!fixture::shared().path("en/fonts").exists());
}

#[test]
fn the_site_map_lists_each_page_with_its_twin() {
    let map = page("sitemap.xml");
    assert_has(
        &map,
        "<loc>https://example.org/book/zh/threads.html</loc>\n\
         <xhtml:link rel=\"alternate\" hreflang=\"en\" \
         href=\"https://example.org/book/en/threads.html\"/>",
    );
    assert_has(&map, "<loc>https://example.org/book/</loc>");
    assert_lacks(&map, "print.html");
}

#[test]
fn the_root_page_links_to_both_languages_without_a_script() {
    let page = page("index.html");
    let links = attributes(&page, "body a", "href");
    assert_eq!(links, ["en/index.html", "zh/index.html"]);
}

#[test]
fn the_root_page_leads_nobody_away() {
    let page = page("index.html");
    for way in [
        "http-equiv",
        "location.replace",
        "location.href",
        "location =",
    ] {
        assert_lacks(&page, way);
    }
}

#[test]
fn the_root_page_for_unknown_addresses_works_at_any_depth() {
    let links = attributes(&page("404.html"), "body a", "href");
    assert_eq!(links, ["/book/en/index.html", "/book/zh/index.html"]);
}

#[test]
fn a_page_with_a_diagram_names_the_script_that_draws_it() {
    assert_has(
        &page("en/threads.html"),
        "<body data-mermaid=\"../assets/mermaid.min.js\">",
    );
}

#[test]
fn a_page_without_a_diagram_names_no_script() {
    assert_lacks(&page("en/index.html"), "data-mermaid");
}

#[test]
fn the_script_of_diagrams_is_copied_once() {
    assert_eq!(page("assets/mermaid.min.js"), "drawn by a test");
}

#[test]
fn a_book_without_diagrams_gets_no_script() {
    let mut book = Fixture::new(BOOK);
    book.replace_in_pages("<pre class=\"mermaid\">graph TD</pre>", "");
    book.render().expect("the book renders");
    assert!(!book.path("assets/mermaid.min.js").exists());
}

#[test]
fn a_diagram_without_its_script_is_refused_with_a_hint() {
    let book = Fixture::new(BOOK);
    std::fs::remove_file(book.root().join("target/mermaid-path")).expect("the fixture wrote it");
    let message = book.error();
    assert_has(&message, "mermaid");
    assert_has(&message, "hint: ");
}

#[test]
fn an_unknown_setting_is_refused_with_its_name() {
    let book = Fixture::new(&BOOK.replace("repository", "repositry"));
    assert_has(&book.error(), "`repositry`");
}

#[test]
fn a_chapter_outside_the_two_languages_is_refused_with_its_name() {
    let mut book = Fixture::new(BOOK);
    book.add_chapter("Livre", "fr/livre.md");
    let message = book.error();
    assert_has(&message, "`Livre`");
    assert_has(&message, "fr/livre.md");
}

#[test]
fn an_unnumbered_page_that_does_not_exist_is_refused_with_its_name() {
    let book = Fixture::new(&BOOK.replace("\"glossary\"", "\"glosary\""));
    assert_has(&book.error(), "`glosary`");
}

#[test]
fn mdbook_serve_reloads_pages_of_both_languages() {
    let mut book = Fixture::new(BOOK);
    book.set("output.html.live-reload-endpoint", "__reload_here");
    book.set("output.html.site-url", "/");
    book.render().expect("the book renders");
    assert_has(&book.read("zh/threads.html"), "__reload_here");
    assert_has(&book.read("zh/404.html"), "<base href=\"/zh/\">");
}

#[test]
fn the_same_book_gives_the_same_bytes() {
    let again = Fixture::new(BOOK);
    again.render().expect("the book renders");
    assert_eq!(again.all_files(), fixture::shared().all_files());
}

#[test]
fn a_second_render_leaves_nothing_of_the_first_behind() {
    let mut book = Fixture::new(BOOK);
    book.render().expect("the book renders");
    std::fs::write(book.path("kept.txt"), "not ours").expect("the output can be written");
    book.remove_chapter("only-english.md");
    book.render().expect("the book renders again");
    assert!(!book.path("en/only-english.html").exists());
    assert!(book.path("kept.txt").exists());
}

#[test]
fn a_site_map_goes_when_the_site_url_does() {
    let mut book = Fixture::new(BOOK);
    book.render().expect("the book renders");
    book.replace_config(&BOOK.replace("site-url", "#"));
    book.render().expect("the book renders again");
    assert!(!book.path("sitemap.xml").exists());
}

#[test]
fn github_pages_serves_the_output_as_it_is() {
    assert_eq!(page(".nojekyll"), "");
}
