//! Prose: glossary, spacing, punctuation and the words that the book does without.
//!
//! Linted are the pages outside of code, the claims of listings, the concepts and the glossary.

use crate::concepts;
use crate::sources::{self, Page, none, read, says};
use directives::{Language, Problem};
use mdbook_concepts::{Concepts, Glossary};
use mdbook_markdown::pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};
use regex::Regex;
use std::path::Path;
use std::sync::LazyLock;

/// Stands for a piece of inline code.
const CODE: char = '\u{E000}';

/// A run of text that a reader reads in one go: a paragraph, a heading, a table cell, a claim.
///
/// Marks of Markdown and tags of HTML are gone, inline code is one [`CODE`], line breaks are `\n`.
#[derive(Debug, Default)]
struct Block {
    text: String,
    /// At which byte of the text which line of the file begins to count.
    lines: Vec<(usize, usize)>,
    /// What stands in single asterisks or underscores.
    emphasised: Vec<std::ops::Range<usize>>,
}

impl Block {
    fn push(&mut self, text: &str, line: usize) {
        self.lines.push((self.text.len(), line));
        self.text.push_str(text);
    }

    fn line(&self, at: usize) -> usize {
        self.lines
            .iter()
            .take_while(|(start, _)| *start <= at)
            .last()
            .map_or(0, |(_, line)| *line)
    }

    /// Text in which backquotes mark code and nothing else is marked, as in a claim.
    fn plain(text: &str, line: usize) -> Self {
        let mut block = Self::default();
        for (number, part) in text.split('`').enumerate() {
            match number % 2 {
                0 => block.push(part, line),
                _ => block.push(&CODE.to_string(), line),
            }
        }
        block
    }

    /// The text with everything inside of quotation marks blanked, byte by byte.
    fn unquoted(&self) -> String {
        static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern("“[^”]*”|\"[^\"]*\""));
        let blank = |found: &regex::Captures<'_>| " ".repeat(found[0].len());
        QUOTED.replace_all(&self.text, blank).into_owned()
    }

    /// Some characters around a byte, as the reader of a message finds them in the file.
    fn around(&self, at: usize) -> String {
        let before: Vec<char> = self.text[..at].chars().rev().take(8).collect();
        let after = self.text[at..].chars().take(10);
        let shown = before.into_iter().rev().chain(after).map(|c| match c {
            CODE => "`…`".to_owned(),
            '\n' => " ".to_owned(),
            c => c.to_string(),
        });
        shown.collect::<String>().trim().to_owned()
    }
}

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a valid pattern")
}

/// What is left of HTML for a reader: text, and [`CODE`] for `<code>` elements.
#[derive(Default)]
struct Html {
    in_code: bool,
    in_comment: bool,
}

impl Html {
    /// Feeds a piece of HTML to the block; a block element ends it.
    fn push(&mut self, html: &str, line: usize, block: &mut Block, done: &mut Vec<Block>) {
        const INLINE: [&str; 8] = ["a", "b", "code", "i", "span", "sub", "sup", "kbd"];
        let mut rest = html;
        while !rest.is_empty() {
            if self.in_comment {
                let Some(end) = rest.find("-->") else { return };
                rest = &rest[end + 3..];
                self.in_comment = false;
            } else if rest.starts_with("<!--") {
                self.in_comment = true;
            } else if let Some(tag) = rest.strip_prefix('<') {
                let end = tag.find('>').unwrap_or(tag.len());
                let closing = tag.starts_with('/');
                let name = tag
                    .trim_start_matches('/')
                    .split(|c: char| !c.is_ascii_alphanumeric());
                let name = name.into_iter().next().unwrap_or_default();
                if name == "code" {
                    self.in_code = !closing;
                    if !closing {
                        block.push(&CODE.to_string(), line);
                    }
                } else if !INLINE.contains(&name) {
                    done.push(std::mem::take(block));
                }
                rest = tag.get(end + 1..).unwrap_or_default();
            } else {
                let end = rest.find('<').unwrap_or(rest.len());
                if !self.in_code {
                    block.push(&rest[..end], line);
                }
                rest = &rest[end..];
            }
        }
    }
}

/// The prose of a page.
fn blocks(page: &Page) -> Vec<Block> {
    let directives = page.directives();
    // Directives become words of the same length, so that they are no prose and lines stay true.
    let fillers: Vec<String> = directives
        .iter()
        .map(|d| "x".repeat(d.range.len()))
        .collect();
    let ranges = directives.iter().map(|directive| directive.range.clone());
    let masked = directives::splice(&page.text, ranges.zip(fillers.iter().map(String::as_str)));

    let mut done = Vec::new();
    let mut block = Block::default();
    let mut html = Html::default();
    let mut in_code = false;
    let mut emphasis = None;
    for (event, range) in directives::events(&masked) {
        let line = page.line(range.start);
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Emphasis) => emphasis = Some(block.text.len()),
            Event::End(TagEnd::Emphasis) => {
                let start = emphasis.take().unwrap_or_default();
                block.emphasised.push(start..block.text.len());
            }
            Event::Start(
                Tag::Strong | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. },
            )
            | Event::End(TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image) => {
            }
            Event::Start(_) | Event::End(_) => done.push(std::mem::take(&mut block)),
            Event::Text(text) if !in_code && !html.in_code => block.push(&text, line),
            Event::Code(_) => block.push(&CODE.to_string(), line),
            Event::Html(text) | Event::InlineHtml(text) => {
                html.push(&text, line, &mut block, &mut done);
            }
            Event::SoftBreak | Event::HardBreak => block.push("\n", line),
            _ => {}
        }
    }
    done.push(block);
    let claims = directives.iter().filter_map(|directive| {
        let (_, claim) = sources::listing_of(directive)?;
        Some(Block::plain(claim, directive.line))
    });
    done.extend(claims);
    done.retain(|block| !block.text.trim().is_empty());
    done
}

fn is_han(c: char) -> bool {
    matches!(c, '〇' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{20000}'..='\u{323AF}')
}

/// Spacing and punctuation where there is Chinese.
///
/// In an English sentence a Chinese word stands among English punctuation.
fn check_spacing(path: &Path, language: Language, block: &Block) -> Vec<Problem> {
    const FULL: &str = "，。：；？！（）、《》「」…—";
    const QUOTES: &str = "“”‘’";
    const HALF: &str = ",.:;?!";
    let word = |c: char| c.is_ascii_alphanumeric() || c == CODE;
    let mut problems = Vec::new();
    let chars: Vec<(usize, char)> = block.text.char_indices().collect();
    for (number, &(at, a)) in chars.iter().enumerate() {
        let Some(&(next, b)) = chars.get(number + 1) else {
            break;
        };
        let c = chars.get(number + 2).map_or(' ', |(_, c)| *c);
        let before = number.checked_sub(1).map_or(' ', |number| chars[number].1);
        let mut wrong = |message: &str, hint: &str| {
            let message = format!("{message}: {}", block.around(next));
            problems.push(Problem::new(path, block.line(at), message).hint(hint));
        };
        if (is_han(a) && word(b)) || (word(a) && is_han(b)) {
            wrong(
                "no space between Chinese and Latin",
                "put one space between them",
            );
        }
        if is_han(a) && b == ' ' && is_han(c) {
            wrong("a space between Chinese characters", "take it out");
        }
        let quote = QUOTES.contains(a) && b == ' ' && (is_han(before) || is_han(c));
        let quote = quote || (a == ' ' && QUOTES.contains(b) && (is_han(before) || is_han(c)));
        if (FULL.contains(a) && b == ' ') || (a == ' ' && FULL.contains(b)) || quote {
            wrong(
                "a space beside full-width punctuation",
                "take it out; where bold ends, write the punctuation after the `**`",
            );
        }
        let after_han = is_han(a) && (HALF.contains(b) || "()".contains(b));
        let then_han = is_han(b) || (b == ' ' && is_han(c));
        let before_han = (HALF.contains(a) || a == ')') && then_han || a == '(' && is_han(b);
        if language == Language::Chinese && (after_han || before_han) {
            wrong(
                "half-width punctuation beside Chinese",
                "write ，。：；？！（）in a Chinese sentence",
            );
        }
        if (is_han(a) && "\"'".contains(b)) || ("\"'".contains(a) && is_han(b)) {
            wrong("straight quotation marks beside Chinese", "write “ and ”");
        }
    }
    problems
}

/// Chinese phrases that say nothing, and what to write.
const STRUCK_IN_CHINESE: [(&str, &str); 8] = [
    (
        r"进行了?(\p{Han})",
        "use the verb itself: 加锁, not 进行加锁",
    ),
    (r"让我们(来看|看看)", "say it"),
    (r"值得注意的是", "say it"),
    (r"需要指出的是", "say it"),
    (r"众所周知", "say it"),
    (
        r"一个[^\s\pP的是]{1,8}的[^\s\pP的是]{1,8}的",
        "break up the chain of 的",
    ),
    (
        r"(?:^|[\s\pP])(?:每)?当[^\pP]{1,30}的时候",
        "write …时, without 当",
    ),
    (
        r"被(?:获取|释放|创建|持有|执行|使用|得到|加锁|解锁|打印)",
        "say who does it, or leave 被 out: 拿到锁, not 锁被获取",
    ),
];

/// What may follow 进行 when it is no verb's crutch: 进行中, 进行到一半.
const AFTER_GOING_ON: &str = "中时到下得着完的之";

/// Terms and phrases of a Chinese block.
fn check_chinese(path: &Path, block: &Block, glossary: &Glossary) -> Vec<Problem> {
    static STRUCK: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        STRUCK_IN_CHINESE
            .iter()
            .map(|(words, hint)| (pattern(words), *hint))
            .collect()
    });
    let mut problems = check_spacing(path, Language::Chinese, block);
    let text = block.unquoted();
    let at = |at: usize, message: String| Problem::new(path, block.line(at), message);
    for term in &glossary.terms {
        for avoided in &term.avoid {
            for (found, _) in text.match_indices(avoided.as_str()) {
                problems.push(
                    at(
                        found,
                        format!("the book does not say {avoided}: {}", block.around(found)),
                    )
                    .hint(format!(
                        "write {} (src/glossary.tsv: {})",
                        term.chinese, term.english
                    )),
                );
            }
        }
    }
    for (words, hint) in STRUCK.iter() {
        for found in words.captures_iter(&text) {
            let fine = found
                .get(1)
                .is_some_and(|next| AFTER_GOING_ON.contains(next.as_str()));
            let found = found.get(0).expect("the whole match");
            if !fine {
                problems.push(
                    at(
                        found.start(),
                        format!("words to strike: {}", found.as_str().trim()),
                    )
                    .hint(*hint),
                );
            }
        }
    }
    if let Some(found) = block.text.find('\n') {
        problems.push(
            at(found, "a line break inside a Chinese paragraph".to_owned()).hint(
                "write the paragraph in one line: a break becomes a space between characters",
            ),
        );
    }
    for range in &block.emphasised {
        let words = &block.text[range.clone()];
        if words.chars().any(is_han) {
            problems.push(
                at(range.start, format!("Chinese in italics: {words}"))
                    .hint("write `**…**`: Chinese has no italics"),
            );
        }
    }
    problems
}

/// Words of an English block.
fn check_english(path: &Path, block: &Block) -> Vec<Problem> {
    static STRUCK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(let['’]s|simply|just|obviously|note that|powerful|dives?|leverag\w+|under the hood|robust)\b",
        )
    });
    // The mutex of POSIX that survives its owner.
    const TERMS: [&str; 1] = ["robust mutex"];
    let mut problems = check_spacing(path, Language::English, block);
    let text = block.unquoted();
    for found in STRUCK.find_iter(&text) {
        let rest = text[found.start()..].to_lowercase();
        if !TERMS.iter().any(|term| rest.starts_with(term)) {
            let message = format!("a word to strike: `{}`", found.as_str());
            problems.push(
                Problem::new(path, block.line(found.start()), message)
                    .hint("leave it out, or say what you mean"),
            );
        }
    }
    if let Some(found) = block.text.find("  ") {
        let message = format!("two spaces: {}", block.around(found));
        problems.push(Problem::new(path, block.line(found), message).hint("write one"));
    }
    problems
}

fn check_block(
    path: &Path,
    language: Language,
    block: &Block,
    glossary: &Glossary,
) -> Vec<Problem> {
    let mut problems = match language {
        Language::English => check_english(path, block),
        Language::Chinese => check_chinese(path, block, glossary),
    };
    if let Some(found) = block.text.find('*') {
        let message = format!("a stray asterisk: {}", block.around(found));
        problems.push(Problem::new(path, block.line(found), message).hint(
            "bold does not begin or end beside punctuation: put the punctuation outside, or a space \
             around bold code",
        ));
    }
    problems
}

/// All of a page.
fn check_page(page: &Page, glossary: &Glossary) -> Vec<Problem> {
    let blocks = blocks(page);
    let mut problems: Vec<Problem> = blocks
        .iter()
        .flat_map(|block| check_block(&page.path, page.language, block, glossary))
        .collect();
    for (event, range) in page.events() {
        let Event::Start(Tag::CodeBlock(kind)) = event else {
            continue;
        };
        let message = match kind {
            CodeBlockKind::Indented => "an indented code block",
            CodeBlockKind::Fenced(info) if info.trim().is_empty() => "a fence without a language",
            CodeBlockKind::Fenced(_) => continue,
        };
        problems.push(
            page.problem(page.line(range.start), message).hint(
                "write ```rust, ```text, ...: mdBook takes a block without a language for Rust",
            ),
        );
    }
    problems
}

/// Names and sentences of the concepts.
fn check_concepts(text: &str, concepts: &Concepts, glossary: &Glossary) -> Vec<Problem> {
    let english = concepts
        .all
        .iter()
        .flat_map(|concept| [&concept.en, &concept.en_says]);
    let relations = concepts.relations.iter();
    let english = english.chain(relations.flat_map(|relation| [&relation.en, &relation.en_says]));
    let english = english.chain(
        concepts
            .combinations
            .iter()
            .flat_map(|cell| [&cell.unit_en, &cell.en]),
    );
    let chinese = concepts
        .all
        .iter()
        .flat_map(|concept| [&concept.zh, &concept.zh_says]);
    let relations = concepts.relations.iter();
    let chinese = chinese.chain(relations.flat_map(|relation| [&relation.zh, &relation.zh_says]));
    let chinese = chinese.chain(
        concepts
            .combinations
            .iter()
            .flat_map(|cell| [&cell.unit_zh, &cell.zh]),
    );
    let english = english.map(|words| (words, Language::English));
    let chinese = chinese.map(|words| (words, Language::Chinese));
    let path = Path::new("src/concepts.toml");
    english
        .chain(chinese)
        .flat_map(|(words, language)| {
            let at = text.find(&format!("\"{words}\"")).unwrap_or_default();
            let line = text[..at].matches('\n').count() + 1;
            check_block(path, language, &Block::plain(words, line), glossary)
        })
        .collect()
}

/// Spacing of the Chinese terms.
fn check_glossary(glossary: &Glossary) -> Vec<Problem> {
    let path = Path::new("src/glossary.tsv");
    let lines = glossary.terms.iter().zip(2..);
    lines
        .flat_map(|(term, line)| {
            check_spacing(path, Language::Chinese, &Block::plain(&term.chinese, line))
        })
        .collect()
}

fn glossary() -> Glossary {
    let path = "src/glossary.tsv";
    Glossary::parse(Path::new(path), &read(path))
        .unwrap_or_else(|problems| panic!("\n{}", Problem::report(&problems)))
}

#[test]
fn the_prose_of_the_pages_keeps_to_glossary_and_style() {
    let glossary = glossary();
    none(
        sources::pages()
            .iter()
            .flat_map(|page| check_page(page, &glossary))
            .collect(),
    );
}

#[test]
fn the_concepts_and_the_glossary_keep_to_the_same_rules() {
    let glossary = glossary();
    let mut problems = check_concepts(&read("src/concepts.toml"), &concepts::load(), &glossary);
    problems.extend(check_glossary(&glossary));
    none(problems);
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: &str = "english\tchinese\tnote\nmutex\t互斥锁\tavoid: 互斥量, 互斥体\n";

    fn problems(path: &str, text: &str) -> Vec<Problem> {
        let glossary = Glossary::parse(Path::new("glossary.tsv"), TERMS).expect("a good glossary");
        check_page(&Page::new(path, text), &glossary)
    }

    fn zh(text: &str, expected: &str) {
        says(
            problems("src/zh/p.md", &format!("# 甲 {{#a}}\n\n{text}\n")),
            &format!("p.md:3: {expected}"),
        );
    }

    fn en(text: &str, expected: &str) {
        says(
            problems("src/en/p.md", &format!("# A {{#a}}\n\n{text}\n")),
            &format!("p.md:3: {expected}"),
        );
    }

    #[test]
    fn good_chinese_is_accepted() {
        none(problems(
            "src/zh/p.md",
            "# 线程（thread）：创建 {#a}\n\n**互斥锁**（mutex）用 `lock` 加锁，有 3 个线程。“互斥量”是旧称……\n\n\
             - 一行 `a, b`；两边同时进行，正在进行中\n\n| 甲 | `T` |\n|--|--|\n| 2<sup>60</sup> 字节 | Rust 的 |\n\n\
             {{#listing a/b | 两个线程都读到 0，`join` 之后}}\n\n\
             <details><summary>为什么用 <code>'static</code>，不用 <code>T</code>？</summary>\n\n因为。\n\n</details>\n",
        ));
    }

    #[test]
    fn spaces_between_chinese_and_latin_are_required() {
        for text in [
            "使用Mutex 的",
            "有3 个",
            "用 `lock`加锁",
            "**互斥锁**mutex 是",
            "用[锁](a.md)lock",
        ] {
            zh(text, "no space between Chinese and Latin");
        }
        zh(
            "{{#listing a/b | 读到0}}",
            "no space between Chinese and Latin",
        );
        zh(
            "<details><summary>用<code>x</code> 做</summary></details>",
            "no space between",
        );
    }

    #[test]
    fn spaces_where_none_belong_are_named() {
        zh("加 锁", "a space between Chinese characters");
        zh("加锁， 解锁", "a space beside full-width punctuation");
        zh("加锁 （lock）", "a space beside full-width punctuation");
        zh("说 “started” 时", "a space beside full-width punctuation");
    }

    #[test]
    fn half_width_punctuation_in_chinese_is_named() {
        for text in [
            "加锁,解锁",
            "加锁.",
            "锁(lock)",
            "用 Mutex, 然后",
            "什么?",
            "锁: 一",
            "`a`, 然后",
        ] {
            zh(text, "half-width punctuation beside Chinese");
        }
        zh("所谓\"锁\"", "straight quotation marks beside Chinese");
    }

    #[test]
    fn avoided_terms_are_named_outside_of_code_and_quotation() {
        zh("这是互斥量。", "the book does not say 互斥量");
        zh(
            "{{#listing a/b | 用互斥体}}",
            "the book does not say 互斥体",
        );
        none(problems(
            "src/zh/p.md",
            "旧称“互斥量”，见 `互斥量`。\n\n```text\n互斥量\n```\n",
        ));
    }

    #[test]
    fn empty_phrases_in_chinese_are_named() {
        for text in [
            "进行加锁",
            "进行了计算",
            "让我们来看一个例子",
            "值得注意的是，",
            "需要指出的是，",
            "众所周知，",
            "一个线程的栈的大小",
            "当线程结束的时候",
            "好，每当它醒来的时候",
            "锁被获取后",
        ] {
            zh(text, "words to strike");
        }
    }

    #[test]
    fn a_chinese_paragraph_of_two_lines_is_named() {
        zh("第一行\n第二行", "a line break inside a Chinese paragraph");
    }

    #[test]
    fn italics_are_not_for_chinese() {
        zh("这是*重点*。", "Chinese in italics: 重点");
    }

    #[test]
    fn bold_that_does_not_bold_is_named() {
        zh("它**没有错。**下一句", "a stray asterisk");
        zh("**“值”**的意思", "a stray asterisk");
    }

    #[test]
    fn good_english_is_accepted() {
        none(problems(
            "src/en/p.md",
            "# A {#a}\n\nThe *join* of two threads, `let's`, “simply” quoted; adjust a robust mutex.\n\n\
             ```text\njust code\n```\n",
        ));
    }

    #[test]
    fn empty_words_in_english_are_named() {
        for text in [
            "Let's go",
            "It simply works",
            "just this",
            "Note that",
            "a robust design",
            "under the hood",
        ] {
            en(text, "a word to strike");
        }
        en("{{#listing a/b | It just works}}", "a word to strike");
    }

    #[test]
    fn two_spaces_are_named() {
        en("One.  Two.", "two spaces");
    }

    #[test]
    fn code_without_a_language_is_named() {
        en("```\nx\n```", "a fence without a language");
        en("    let x;", "an indented code block");
    }

    #[test]
    fn concepts_and_terms_are_linted_too() {
        let text = "[[concept]]\nid = \"a\"\nen = \"A\"\nzh = \"甲\"\nen_says = \"Just A.\"\n\
                    zh_says = \"这是A。\"\nchapter = \"a\"\n";
        let concepts = Concepts::parse(Path::new("c"), text).expect("good concepts");
        let problems = check_concepts(text, &concepts, &Glossary::default());
        says(
            problems.clone(),
            "src/concepts.toml:5: a word to strike: `Just`",
        );
        says(problems, "src/concepts.toml:6: no space between");
        let glossary = "english\tchinese\tnote\njoin\tjoin句柄\t\n";
        let glossary = Glossary::parse(Path::new("g"), glossary).expect("a good glossary");
        says(
            check_glossary(&glossary),
            "src/glossary.tsv:2: no space between",
        );
    }
}
