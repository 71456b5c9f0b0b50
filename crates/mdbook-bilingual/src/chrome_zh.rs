//! The words of mdBook's own pages, in Chinese. They are in its template and cannot be configured;
//! a test compares the two sites and fails when one is left in English.

/// Values of `title`, `aria-label` and `placeholder`.
pub const ATTRIBUTES: &[(&str, &str)] = &[
    ("Table of contents", "目录"),
    ("Toggle Table of Contents", "显示或隐藏目录"),
    ("Change theme", "切换主题"),
    ("Themes", "主题"),
    ("Print this book", "打印全书"),
    ("Git repository", "源代码仓库"),
    ("Suggest an edit", "编辑本页"),
    ("Page navigation", "翻页"),
    ("Previous chapter", "上一章"),
    ("Next chapter", "下一章"),
    ("Keyboard shortcuts", "快捷键"),
];

/// The content of elements, by selector.
pub const CONTENTS: &[(&str, &str)] = &[
    ("#mdbook-theme-default_theme", "跟随系统"),
    ("#mdbook-theme-light", "浅色"),
    ("#mdbook-theme-rust", "铁锈"),
    ("#mdbook-theme-coal", "炭黑"),
    ("#mdbook-theme-navy", "藏青"),
    ("#mdbook-theme-ayu", "暗夜"),
    (".mdbook-help-title", "快捷键"),
    (
        "#mdbook-help-popup > div",
        "<p>按 <kbd>←</kbd> 或 <kbd>→</kbd> 翻到上一章或下一章</p>\
         <p>按 <kbd>?</kbd> 显示这份帮助</p>\
         <p>按 <kbd>Esc</kbd> 关闭这份帮助</p>",
    ),
];

/// Titles of call-outs such as `> [!NOTE]`.
pub const ADMONITIONS: &[(&str, &str)] = &[
    ("Note", "注意"),
    ("Tip", "提示"),
    ("Important", "重要"),
    ("Warning", "警告"),
    ("Caution", "当心"),
];

/// Strings in `book.js`. The button compares its title with them, so that every occurrence has to
/// change, and they must stay different from each other.
pub const SCRIPT: &[(&str, &str)] = &[
    ("Show hidden lines", "显示隐藏行"),
    ("Hide lines", "收起隐藏行"),
];

/// The Chinese for a string of a table, if it has one.
pub fn translate(table: &[(&str, &'static str)], english: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(key, _)| *key == english)
        .map(|(_, chinese)| *chinese)
}
