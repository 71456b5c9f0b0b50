//! What a reader does with a page: change its language, choose a tab, read it without scripts.

use super::served::{Reader, chapters, problem};
use crate::sources::none;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The page of the other language: `zh/threads.html` of `en/threads.html`.
fn twin(page: &Path) -> PathBuf {
    let other = if page.starts_with("en") { "zh" } else { "en" };
    Path::new(other).join(page.file_name().expect("a page has a name"))
}

#[test]
fn the_language_links_lead_to_the_same_place() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    let mut headings = 0;
    for page in chapters() {
        let twin = twin(&page);
        let on_twin = format!("location.pathname === '/{}'", twin.display());
        // From the top of the page: to the page.
        reader.open_page(&page);
        reader.click("a[data-language-switch]");
        reader.wait(&format!("{on_twin} && location.hash === ''"));

        // From a heading: to that heading, by the link of the menu and by the heading's own.
        reader.open_page(&page);
        let ids = reader.eval(
            "[...document.querySelectorAll('main h2[id]')].filter(h2 =>
                h2.querySelector('.heading-switch')).map(h2 => h2.id)",
        );
        let second = ids.as_array().and_then(|ids| ids.get(1));
        let Some(id) = second.and_then(Value::as_str) else {
            continue;
        };
        headings += 1;
        let arrived = format!(
            "{on_twin} && (h2 => h2?.id === '{id}' && h2.getBoundingClientRect().top > -5 &&
                h2.getBoundingClientRect().top < innerHeight)(document.querySelector('h2:target'))"
        );
        reader.eval(&format!(
            "document.getElementById('{id}').scrollIntoView({{ behavior: 'instant' }})"
        ));
        reader.wait(&format!(
            "document.querySelector('a[data-language-switch]').hash === '#{id}'"
        ));
        // The menu hides while one scrolls down, so not with the mouse.
        reader.eval("document.querySelector('a[data-language-switch]').click()");
        reader.wait(&arrived);
        reader.open_page(&page);
        reader.click(&format!("#{id} .heading-switch"));
        reader.wait(&arrived);
    }
    assert!(headings > 0, "no page with two headings was seen");
}

#[test]
fn the_headings_of_both_languages_lead_to_each_other() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    let mut problems = Vec::new();
    for page in chapters() {
        let links = "[...document.querySelectorAll('main h2')].map(h2 => [h2.id,
            h2.querySelector('.heading-switch')?.getAttribute('href') ?? ''])";
        reader.open_page(&twin(&page));
        let theirs = reader.eval(links);
        reader.open_page(&page);
        let ours = reader.eval(links);
        let (ours, theirs) = (ours.as_array().unwrap(), theirs.as_array().unwrap());
        if ours.len() != theirs.len() {
            problems.push(problem(
                &page,
                "the other language has more or less headings",
            ));
        }
        for (our, their) in ours.iter().zip(theirs) {
            // Headings that only one language can have, such as initials, have no link.
            let (link, their) = (our[1].as_str().unwrap(), their[0].as_str().unwrap());
            let expected = format!("../{}#{their}", twin(&page).display());
            if !link.is_empty() && link != expected {
                problems.push(problem(
                    &page,
                    format!("`{link}` beside a heading, not `{expected}`"),
                ));
            }
        }
    }
    none(problems);
}

/// Figures of two panes in which not exactly one is shown: of the tab at this place.
const SHOWN: &str = "(() => {
    const figures = [...document.querySelectorAll('figure.listing')];
    return figures.flatMap(figure => {
        const panes = [...figure.querySelectorAll('.listing-code')];
        const tabs = [...figure.querySelectorAll('[role=tab]')];
        if (panes.length < 2) return tabs.length ? [`${figure.id}: tabs of one pane`] : [];
        if (tabs.map(tab => tab.textContent).join() !== 'Rust,Python') return [`${figure.id}: no tabs`];
        const shown = panes.map(pane => pane.querySelector('pre').offsetHeight > 0);
        const chosen = tabs.map(tab => tab.getAttribute('aria-selected') === 'true');
        const right = shown.every((is, at) => is === (at === AT)) && chosen.every((is, at) => is === (at === AT));
        return right ? [] : [`${figure.id}: shown ${shown}, chosen ${chosen}`];
    });
})()";

#[test]
fn a_tab_shows_its_language_and_hides_the_other() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    let mut problems = Vec::new();
    for page in chapters() {
        reader.open_page(&page);
        problems.extend(reader.problems(&page, &SHOWN.replace("AT", "0")));
        let clicked = reader.eval(
            "[...document.querySelectorAll('[role=tab]:last-child')].map(tab => tab.click()).length",
        );
        problems.extend(reader.problems(&page, &SHOWN.replace("AT", "1")));
        let expected = reader.eval("document.querySelectorAll('details.listing-code').length");
        if clicked != expected {
            problems.push(problem(
                &page,
                format!("{clicked} Python tabs, {expected} twins"),
            ));
        }
    }
    none(problems);
}

#[test]
fn copy_takes_the_code_of_the_tab_that_is_shown() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    reader.open_page(Path::new("en/threads.html"));
    // The clipboard of a browser without a window cannot be read, so it is caught on its way there.
    let copied = reader.eval(
        "(() => {
            const copied = [];
            const writeText = async text => { copied.push(text); };
            Object.defineProperty(navigator, 'clipboard', { value: { writeText } });
            const figure = document.querySelector('#listing-tls');
            figure.querySelector('button.copy').click();
            figure.querySelector('[role=tab]:last-child').click();
            figure.querySelector('button.copy').click();
            return copied;
        })()",
    );
    let [rust, python] = [0, 1].map(|tab| copied[tab].as_str().unwrap_or_default().to_owned());
    assert!(
        rust.contains("thread_local! {") && rust.contains("// (1)"),
        "{rust}"
    );
    assert!(
        python.contains("import threading") && python.contains("# (1)"),
        "{python}"
    );
}

#[test]
fn the_arrow_key_moves_between_tabs_and_turns_the_page_elsewhere() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    let page = Path::new("en/threads.html");
    reader.open_page(page);
    reader.click("#listing-five_tasks [role=tab]");
    reader.events.clear();
    reader.press("ArrowRight");
    let focused = "[document.activeElement.textContent, document.activeElement.ariaSelected]";
    assert_eq!(reader.eval(focused), json!(["Python", "true"]));
    let python = "document.querySelector('#listing-five_tasks details pre').offsetHeight > 0";
    assert_eq!(reader.eval(python), true);
    let turns = |event: &Value| event["method"] == "Page.frameRequestedNavigation";
    assert!(!reader.events.iter().any(turns), "the page was turned");

    // The same key outside of the tabs turns it: what was looked for above can be seen.
    reader.eval("document.activeElement.blur()");
    reader.press("ArrowRight");
    reader.wait("location.pathname !== '/en/threads.html' && document.readyState === 'complete'");
    assert!(
        reader.events.iter().any(turns),
        "turning a page was not reported"
    );
}

/// Figures that lack, or do not show, what a reader without scripts needs.
const WITHOUT_SCRIPTS: &str = "(() => {
    const problems = [];
    const seen = element => element && element.offsetHeight > 0 && element.textContent.trim();
    for (const figure of document.querySelectorAll('figure.listing')) {
        const say = text => problems.push(`${figure.id}: ${text}`);
        if (!seen(figure.querySelector('.listing-code pre'))) say('no code');
        if (figure.querySelector('button')) say('a button that does nothing');
        const output = figure.querySelector('.listing-output');
        if (output && !seen(output.querySelector('samp'))) say('no output');
        const isPart = figure.id !== `listing-${figure.dataset.listing.split('/')[1]}`;
        if (!output && !isPart) say('no recorded output');
        const twin = figure.querySelector('details.listing-code');
        if (twin) {
            if (!seen(twin.querySelector('summary'))) say('nothing to open the twin with');
            if (twin.open) say('the twin is open');
            twin.open = true;
            if (!seen(twin.querySelector('pre'))) say('no twin');
        }
    }
    return problems;
})()";

#[test]
fn without_scripts_a_page_shows_code_twin_and_output() {
    let Some(mut reader) = Reader::start() else {
        return;
    };
    let off = json!({ "value": true });
    reader
        .call("Emulation.setScriptExecutionDisabled", off)
        .unwrap();
    let (mut problems, mut figures) = (Vec::new(), 0);
    for page in chapters() {
        reader.open_page(&page);
        problems.extend(reader.problems(&page, WITHOUT_SCRIPTS));
        figures += reader
            .eval("document.querySelectorAll('figure.listing').length")
            .as_u64()
            .unwrap();
    }
    none(problems);
    assert!(figures > 0, "no listing was seen");

    // The twin opens by a click.
    reader.open_page(Path::new("en/threads.html"));
    assert_eq!(reader.eval("typeof bookWords"), "undefined", "scripts ran");
    reader.click("#listing-five_tasks details summary");
    reader.wait("document.querySelector('#listing-five_tasks details pre').offsetHeight > 0");
}
