//! The one page on which the browser draws diagrams, and its answer.

use super::{ID, cache, chromium, fence::Fence};
use anyhow::{Context, Result, bail, ensure};
use directives::Language;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;
use std::time::Duration;

/// The page: `{{wanted}}` are the diagrams, `{{id}}` is what they call themselves.
pub const TEMPLATE: &str = include_str!("sheet.html");

/// What the page loads of the theme: fonts, sizes, and the script that draws.
pub const THEME: [&str; 3] = [
    "theme/css/1-palette.css",
    "theme/css/4-diagram.css",
    "theme/js/3-diagram.js",
];

/// Chromium's own start on a machine that is busy, and time for each diagram on top.
const START: Duration = Duration::from_secs(60);
const EACH: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Wanted<'a> {
    lang: &'static str,
    source: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    has_han: bool,
    drawings: Vec<Drawing>,
    failure: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Drawing {
    Svg(String),
    Error(String),
}

/// Draws diagrams: for each, in order, its SVG or what mermaid says against it.
///
/// # Errors
///
/// mermaid's script or a file of the theme is not found; Chromium fails or takes too long; there is
/// a Chinese diagram, and no font for it.
pub fn draw(root: &Path, browser: &Path, fences: &[&Fence]) -> Result<Vec<Result<String, String>>> {
    let parent = root.join(cache::FOLDER);
    fs::create_dir_all(&parent).context("target/diagrams/ cannot be made")?;
    let folder = tempfile::Builder::new()
        .prefix("sheet-")
        .tempdir_in(&parent)
        .context("target/diagrams/ cannot be written")?;
    let copy = |file: &Path| {
        let name = file.file_name().unwrap_or_default();
        fs::copy(file, folder.path().join(name))
            .with_context(|| format!("{} cannot be copied", file.display()))
    };
    copy(&mdbook_bilingual::mermaid_script(root)?)?;
    for file in THEME {
        copy(&root.join(file))?;
    }
    let page = folder.path().join("sheet.html");
    fs::write(&page, sheet(fences)?).context("the page of diagrams cannot be written")?;

    let limit = START + EACH * u32::try_from(fences.len())?;
    let html = chromium::dump(browser, &page, folder.path(), limit)?;
    let answer = read(&html)?;
    if let Some(failure) = answer.failure {
        bail!("the page of diagrams failed: {failure}");
    }
    if !answer.has_han {
        bail!(
            "Chromium has no Chinese font, so the labels of Chinese diagrams cannot be measured\n  \
             hint: install one, on Debian: apt-get install fonts-noto-cjk"
        );
    }
    ensure!(
        answer.drawings.len() == fences.len(),
        "the browser drew {} diagrams of {}",
        answer.drawings.len(),
        fences.len()
    );
    let drawings = answer.drawings.into_iter();
    Ok(drawings
        .map(|drawing| match drawing {
            Drawing::Svg(svg) => Ok(svg),
            Drawing::Error(said) => Err(said),
        })
        .collect())
}

fn sheet(fences: &[&Fence]) -> Result<String> {
    let wanted: Vec<Wanted<'_>> = fences
        .iter()
        .map(|fence| Wanted {
            lang: match fence.language {
                Language::English => "en",
                Language::Chinese => "zh-CN",
            },
            source: &fence.source,
        })
        .collect();
    // `</script>` in a label must not end the script.
    let wanted = serde_json::to_string(&wanted)?.replace('<', "\\u003c");
    Ok(TEMPLATE
        .replace("{{id}}", ID)
        .replace("{{wanted}}", &wanted))
}

fn read(html: &str) -> Result<Answer> {
    let json = html
        .split_once("<pre id=\"answer\">")
        .and_then(|(_, after)| after.split_once("</pre>"))
        .map(|(json, _)| json)
        .context("the browser did not finish the page of diagrams")?;
    serde_json::from_str(json).context("the page of diagrams gave no valid answer")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn fence(language: Language, source: &str) -> Fence {
        Fence {
            path: PathBuf::from("src/en/a.md"),
            line: 1,
            language,
            slug: "a".to_owned(),
            source: source.to_owned(),
        }
    }

    #[test]
    fn an_answer_is_read_from_the_page() {
        let html = r#"<body><pre id="answer">{"hasHan":true,"drawings":[{"svg":"\u003csvg\u003e"},{"error":"no"}]}</pre>"#;
        let answer = read(html).expect("a good answer");
        assert!(matches!(&answer.drawings[0], Drawing::Svg(svg) if svg == "<svg>"));
        assert!(matches!(&answer.drawings[1], Drawing::Error(said) if said == "no"));
    }

    #[test]
    fn a_page_without_an_answer_is_an_error() {
        let error = read("<body></body>").err().expect("no answer");
        assert!(error.to_string().contains("did not finish"), "{error}");
    }

    #[test]
    fn a_label_cannot_end_the_script_that_holds_it() {
        let page = sheet(&[&fence(Language::English, "a[\"</script>\"]")]).expect("plain text");
        assert!(page.contains("\\u003c/script>"), "{page}");
    }

    /// Where a bar of a time line begins, how long it is, and how far down.
    fn bar(svg: &str) -> [f64; 3] {
        ["x", "width", "y"].map(|name| {
            let value = svg.split_once(&format!(" {name}=\"")).expect("a number").1;
            let value = value.split('"').next().unwrap_or_default();
            value.parse().expect("a number")
        })
    }

    /// One start of the browser, and all that its drawings must be.
    #[test]
    fn chromium_draws_what_the_pages_need() {
        let Some(browser) = chromium::find() else {
            return;
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let flow = "flowchart LR\n  accTitle: 标题\n  accDescr: 说明\n  a[\"甲乙丙丁\"]\n  \
                    click a href \"threads.html\"\n  subgraph s[\"盒子\"]\n  b[\"two words\"]\n  end\n  \
                    %% box s href index.html\n  a -->|\"到\"| b\n  class a here\n";
        let sequence = "sequenceDiagram\n  accTitle: t\n  accDescr: d\n  A->>B: load\n";
        let lanes = "gantt\n  accTitle: t\n  accDescr: d\n  dateFormat X\n  axisFormat %-S\n  \
                     tickInterval 1second\n  todayMarker off\n  section core 1\n  A : 0, 3s\n  \
                     wait : done, 3s\n  section core 2\n  B : 1, 3s\n";
        let broken = "flowchart LR\n  a --> --> b\n";
        let fences = [
            fence(Language::Chinese, flow),
            fence(Language::English, sequence),
            fence(Language::English, lanes),
            fence(Language::English, broken),
        ];
        let fences: Vec<&Fence> = fences.iter().collect();
        let drawings = draw(&root, &browser, &fences).expect("the browser works");

        let flow = drawings[0].as_ref().expect("a good diagram");
        for part in [
            "<title id=\"diagram-ID-title\">标题</title>",
            "<desc id=\"diagram-ID-desc\">说明</desc>",
            "role=\"group\"",
            "data-nodes=\"2\"",
            "href=\"threads.html\"",
            "<a href=\"index.html\"><text",
            "url(#diagram-ID-end-0)",
            "id=\"diagram-ID-end-0\"",
            ">two words</tspan>",
            "here\"",
        ] {
            assert!(flow.contains(part), "no {part} in {flow}");
        }
        for part in [
            "<style",
            "fill=",
            "stroke=",
            "style=\"fill",
            "foreignObject",
            "\n",
            "xlink",
        ] {
            assert!(!flow.contains(part), "{part} in {flow}");
        }
        let ids = flow.matches(" id=\"").count();
        assert_eq!(ids, flow.matches(" id=\"diagram-ID-").count(), "{flow}");

        let sequence = drawings[1].as_ref().expect("a good diagram");
        assert!(sequence.contains("role=\"img\""), "{sequence}");
        assert!(sequence.contains("data-nodes=\"2\""), "{sequence}");
        assert!(!sequence.contains("<symbol"), "{sequence}");

        let lanes = drawings[2].as_ref().expect("a good diagram");
        assert!(lanes.contains("class=\"drawing gantt\""), "{lanes}");
        assert!(lanes.contains("data-nodes=\"2\""), "{lanes}");
        assert!(lanes.contains(">wait</text>"), "{lanes}");
        // To scale: three seconds are a bar of one length, and the second lane begins a third later.
        let bars: Vec<[f64; 3]> = lanes
            .split("<rect class=\"task ")
            .skip(1)
            .map(bar)
            .collect();
        let [[begin, length, lane], [later, _, below], [wait, _, same]] = bars[..] else {
            panic!("three bars in {lanes}");
        };
        assert!(
            bars.iter()
                .all(|[_, other, _]| (other - length).abs() <= 1.0),
            "{bars:?}"
        );
        assert!((wait - begin - length).abs() <= 1.0, "{bars:?}");
        assert!((later - begin - length / 3.0).abs() <= 1.0, "{bars:?}");
        assert!(lane == same && lane < below, "{bars:?}");

        let said = drawings[3].as_ref().expect_err("a broken diagram");
        assert!(said.contains("Parse error on line 2"), "{said}");
    }
}
