//! What a drawing says, in the language of the page.
//!
//! Chinese is put together with a space between Han and Latin wherever a name may stand;
//! [`without_gaps`] takes it out again where the name turns out to be Han, as in `线程 2`.

use crate::layout::{Kind, Lane, Layout, Name};
use crate::text::{columns_of, duration, shorten};
use directives::{Language, escape_html};
use runner::{On, State, Why};
use std::collections::BTreeMap;

/// The most threads whose deadlock the summary tells one by one.
const TOLD: usize = 4;
/// The least part of its life that a thread waits before the summary mentions it.
const WORTH_TELLING: f64 = 0.1;
/// A thread of this name only watches over the others: that it waits is no news.
const WATCHDOG: &str = "watchdog";

/// A summary or a sentence as HTML: what stands between backticks becomes code.
pub fn html(text: &str) -> String {
    let mut out = String::new();
    for (index, part) in text.split('`').enumerate() {
        match index % 2 {
            0 => out.push_str(&escape_html(part)),
            _ => {
                out.push_str("<code translate=\"no\">");
                out.push_str(&escape_html(part));
                out.push_str("</code>");
            }
        }
    }
    out
}

/// A deadlock in short sentences: that there is one, then one for each thread that waits.
///
/// Empty when the run had none. That a thread holds a lock is likely and never certain, and the
/// sentence says so; what a join waits for is certain.
pub fn deadlock(layout: &Layout, language: Language) -> Vec<String> {
    let Some(head) = verdict(layout, language) else {
        return Vec::new();
    };
    let stop = language.text(".", "。");
    let waits = layout.deadlock.iter().map(|wait| {
        let sentence = waits_for(layout, language, wait, true);
        capital(&format!("{sentence}{stop}"))
    });
    std::iter::once(format!("{head}{stop}"))
        .chain(waits)
        .collect()
}

fn verdict(layout: &Layout, language: Language) -> Option<String> {
    Some(match (layout.deadlock.len(), language) {
        (0, _) => return None,
        (1, Language::English) => "Deadlock: one thread can never go on".to_owned(),
        (count, Language::English) => format!("Deadlock: {count} threads can never go on"),
        (count, Language::Chinese) => format!("死锁：有 {count} 个线程再也走不下去了"),
    })
}

/// `copy` waits for lock A, which `fax` very likely holds: a part of a sentence.
fn waits_for(layout: &Layout, language: Language, wait: &runner::Wait, with_place: bool) -> String {
    let who = thread(layout, language, wait.tid, Some(&wait.name));
    let place = match (&wait.place, language) {
        (Some(place), Language::English) if with_place => {
            format!(" (`{}`)", crate::text::clean(place))
        }
        (Some(place), Language::Chinese) if with_place => {
            format!("（`{}`）", crate::text::clean(place))
        }
        _ => String::new(),
    };
    let holder = |held_by: &Option<i32>, en_it: &str, zh_it: &str| match (*held_by, language) {
        (None, _) => String::new(),
        (Some(tid), Language::English) if tid == wait.tid => {
            format!(", {en_it} it very likely holds itself")
        }
        (Some(tid), Language::Chinese) if tid == wait.tid => {
            format!("，{zh_it}很可能就在它自己手里")
        }
        (Some(tid), Language::English) => {
            let other = thread(layout, language, tid, None);
            format!(", {en_it} {other} very likely holds")
        }
        (Some(tid), Language::Chinese) => {
            let other = thread(layout, language, tid, None);
            format!("，{zh_it}很可能在 {other} 手里")
        }
    };
    // A process has the number of its first thread.
    let child = |of: &Option<i32>| {
        let lane = layout.lanes.iter().rfind(|lane| Some(lane.tid) == *of)?;
        Some(process(lane.process, language))
    };
    let said = match (&wait.on, language) {
        (On::Mutex { lock, held_by }, Language::English) => {
            let holder = holder(held_by, "which", "");
            format!("{who} waits for lock {lock}{place}{holder}")
        }
        (On::Mutex { lock, held_by }, Language::Chinese) => {
            let holder = holder(held_by, "", "这把锁");
            format!("{who} 在等锁 {lock}{place}{holder}")
        }
        (On::Futex { lock, held_by }, Language::English) => {
            let holder = holder(held_by, "which", "");
            format!("{who} waits to be woken at futex {lock}{place}{holder}")
        }
        (On::Futex { lock, held_by }, Language::Chinese) => {
            let holder = holder(held_by, "", "这个 futex ");
            format!("{who} 在 futex {lock} 上等唤醒{place}{holder}")
        }
        (On::Join { of }, Language::English) => {
            let other = thread(layout, language, *of, None);
            format!("{who} waits for {other} to end{place}")
        }
        (On::Join { of }, Language::Chinese) => {
            let other = thread(layout, language, *of, None);
            format!("{who} 在等 {other} 结束{place}")
        }
        (On::Pipe { reading: true }, Language::English) => {
            format!("{who} waits for bytes from a pipe{place} that only these threads could write")
        }
        (On::Pipe { reading: true }, Language::Chinese) => {
            format!("{who} 在等管道里来数据{place}，而能写这个管道的只有这些线程")
        }
        (On::Pipe { reading: false }, Language::English) => {
            format!("{who} waits for room in a pipe{place} that only these threads could read")
        }
        (On::Pipe { reading: false }, Language::Chinese) => {
            format!("{who} 在等管道腾出空间{place}，而能读这个管道的只有这些线程")
        }
        (On::Child { of }, Language::English) => match child(of) {
            Some(child) => format!("{who} waits for {child} to end{place}"),
            None => format!("{who} waits for a child process to end{place}"),
        },
        (On::Child { of }, Language::Chinese) => match child(of) {
            Some(child) => format!("{who} 在等{child} 结束{place}"),
            None => format!("{who} 在等子进程结束{place}"),
        },
    };
    without_gaps(&said, language)
}

/// What stands in the bar of a thread that waits for ever.
pub fn stuck_label(layout: &Layout, language: Language, on: &On) -> String {
    const COLUMNS: usize = 12;
    let bare = |tid: i32| {
        let name = thread(layout, language, tid, None).replace('`', "");
        shorten(&name, COLUMNS)
    };
    let said = match (on, language) {
        (On::Mutex { lock, .. }, Language::English) => format!("waits for lock {lock}"),
        (On::Mutex { lock, .. }, Language::Chinese) => format!("在等锁 {lock}"),
        (On::Futex { lock, .. }, Language::English) => format!("waits at futex {lock}"),
        (On::Futex { lock, .. }, Language::Chinese) => format!("等在 futex {lock} 上"),
        (On::Join { of }, Language::English) => format!("waits for {}", bare(*of)),
        (On::Join { of }, Language::Chinese) => format!("在等 {} 结束", bare(*of)),
        (On::Pipe { reading }, Language::English) => match reading {
            true => "waits for bytes".to_owned(),
            false => "waits for room".to_owned(),
        },
        (On::Pipe { reading }, Language::Chinese) => match reading {
            true => "在等数据".to_owned(),
            false => "在等空间".to_owned(),
        },
        (On::Child { .. }, Language::English) => "waits for a child".to_owned(),
        (On::Child { .. }, Language::Chinese) => "在等子进程".to_owned(),
    };
    without_gaps(&said, language)
}

/// What a lane is called beside its bar, and whether that is a name and no word of ours.
pub fn label(lane: &Lane, language: Language, columns: usize) -> (String, bool) {
    match &lane.name {
        Name::Main => ("main".to_owned(), true),
        Name::Own(name) => (shorten(name, columns), true),
        Name::Shared(name, count) => {
            let count = format!(" {count}");
            let name = shorten(name, columns.saturating_sub(columns_of(&count)));
            (name + &count, true)
        }
        Name::Nth(place) => match language {
            Language::English => (format!("thread {place}"), false),
            Language::Chinese => (format!("线程 {place}"), false),
        },
    }
}

/// The thread in a sentence: `` `main` ``, `thread 2`, `` `main` of process 2 ``.
fn lane_name(layout: &Layout, language: Language, index: usize) -> String {
    const COLUMNS: usize = 32;
    let lane = &layout.lanes[index];
    let (name, is_name) = label(lane, language, COLUMNS);
    let quoted = match is_name {
        true => format!("`{name}`"),
        false => name,
    };
    let is_alone = |index: usize| {
        let threads = layout.lanes.iter().filter(|other| other.process == index);
        layout.processes.len() > 1 && threads.count() == 1
    };
    if lane.name == Name::Main && is_alone(lane.process) {
        return process(lane.process, language);
    }
    let is_double = |other: &&Lane| {
        other.process != lane.process
            && other.name == lane.name
            && !(other.name == Name::Main && is_alone(other.process))
    };
    if layout.lanes.iter().find(is_double).is_none() {
        return quoted;
    }
    let process = process(lane.process, language);
    match language {
        Language::English => format!("{quoted} of {process}"),
        Language::Chinese => without_gaps(&format!("{process} 的 {quoted}"), language),
    }
}

/// A process by its place: `process 2`.
pub fn process(index: usize, language: Language) -> String {
    format!("{} {}", language.text("process", "进程"), index + 1)
}

fn thread(layout: &Layout, language: Language, tid: i32, name: Option<&str>) -> String {
    // The kernel may use a number again; who is alive bears it last.
    if let Some(index) = layout.lanes.iter().rposition(|lane| lane.tid == tid) {
        return lane_name(layout, language, index);
    }
    match name {
        Some(name) => format!("`{}`", crate::text::clean(name)),
        None => format!("{} {tid}", language.text("thread", "线程")),
    }
}

/// The title of the drawing.
pub fn title(layout: &Layout, language: Language) -> String {
    let program = layout
        .processes
        .first()
        .map(|process| process.program.as_str())
        .filter(|program| !program.is_empty());
    match (program, language) {
        (Some(program), Language::English) => format!("Time line of {program}"),
        (Some(program), Language::Chinese) => format!("{program} 的时间线"),
        (None, Language::English) => "Time line".to_owned(),
        (None, Language::Chinese) => "时间线".to_owned(),
    }
}

/// The story in one to three sentences.
pub fn summary(layout: &Layout, language: Language) -> String {
    if layout.lanes.is_empty() {
        return language
            .text("No thread was seen.", "没有看到任何线程。")
            .to_owned();
    }
    let mut sentences = vec![counts(layout, language)];
    sentences.push(match layout.deadlock.is_empty() {
        false => deadlock_in_short(layout, language),
        true => longest_wait(layout, language),
    });
    sentences.extend(stopped(layout, language));
    let space = language.text(" ", "");
    sentences.join(space)
}

fn counts(layout: &Layout, language: Language) -> String {
    let (threads, processes) = (layout.lanes.len(), layout.processes.len());
    let time = duration(layout.total);
    match (language, threads, processes) {
        (Language::English, 1, _) => format!("Over {time}, one thread ran."),
        (Language::English, _, 1) => format!("Over {time}, {threads} threads ran in one process."),
        (Language::English, ..) => {
            format!("Over {time}, {threads} threads ran in {processes} processes.")
        }
        (Language::Chinese, 1, _) => format!("历时 {time}，只有 1 个线程。"),
        (Language::Chinese, ..) => {
            format!("历时 {time}，共 {processes} 个进程、{threads} 个线程。")
        }
    }
}

fn deadlock_in_short(layout: &Layout, language: Language) -> String {
    let told: Vec<_> = layout
        .deadlock
        .iter()
        .take(TOLD)
        .map(|wait| waits_for(layout, language, wait, false))
        .collect();
    let more = layout.deadlock.len() - told.len();
    let told = told.join(language.text("; ", "；"));
    match (language, more) {
        (Language::English, 0) => format!("Deadlock: {told}."),
        (Language::English, _) => format!("Deadlock: {told}; and {more} more."),
        (Language::Chinese, 0) => format!("死锁：{told}。"),
        (Language::Chinese, _) => format!("死锁：{told}；另外还有 {more} 个线程也在等。"),
    }
}

/// What a thread waited for, as far as the events tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    Ended,
    Woken,
    Unknown(State),
}

/// How long a lane waited for each cause, and whom it waited for.
fn waits(layout: &Layout, lane: usize) -> BTreeMap<Cause, (u64, Vec<usize>)> {
    // The waker and the woken come back from the kernel in either order.
    let slack = layout.total / 100;
    let wakes: Vec<_> = layout
        .edges
        .iter()
        .filter(|edge| edge.to == lane && matches!(edge.kind, Kind::End | Kind::Wake))
        .collect();
    let mut waits: BTreeMap<Cause, (u64, Vec<usize>)> = BTreeMap::new();
    for segment in &layout.lanes[lane].segments {
        if segment.state == State::Run {
            continue;
        }
        // They are in order of time: the nearest is one of the two around the end.
        let after = wakes.partition_point(|edge| edge.at <= segment.to);
        let ends_it = wakes[after.saturating_sub(1)..]
            .iter()
            .take(2)
            .filter(|edge| edge.at > segment.from && edge.at <= segment.to + slack)
            .min_by_key(|edge| edge.at.abs_diff(segment.to));
        let by_a_thread = segment.state == State::Lock;
        let cause = match ends_it.filter(|_| by_a_thread).map(|edge| edge.kind) {
            Some(Kind::End) => Cause::Ended,
            Some(_) => Cause::Woken,
            None => Cause::Unknown(segment.state),
        };
        let (time, others) = waits.entry(cause).or_default();
        *time += segment.to - segment.from;
        if let Some(other) = ends_it.map(|edge| edge.from)
            && !others.contains(&other)
        {
            others.push(other);
        }
    }
    waits
}

/// The wait that the summary tells.
struct Told {
    /// Whether it is of a kind that says something, and the part of its thread's life.
    rank: (bool, f64),
    index: usize,
    cause: Cause,
    others: Vec<usize>,
}

/// The wait that took the largest part of a thread's life.
///
/// That one waits for the threads that it made says least, so it is told only of a run in which
/// nobody waited for anything else.
fn longest_wait(layout: &Layout, language: Language) -> String {
    let mut best: Option<Told> = None;
    for (index, lane) in layout.lanes.iter().enumerate() {
        let life = lane.end - lane.start;
        if life == 0 || matches!(&lane.name, Name::Own(name) if name == WATCHDOG) {
            continue;
        }
        for (cause, (time, others)) in waits(layout, index) {
            let share = time as f64 / life as f64;
            let is_news = !matches!(cause, Cause::Ended | Cause::Unknown(State::Wait));
            let rank = (is_news, share);
            let is_better = best.as_ref().is_none_or(|other| rank > other.rank);
            if share >= WORTH_TELLING && is_better {
                best = Some(Told {
                    rank,
                    index,
                    cause,
                    others,
                });
            }
        }
    }
    let Some(Told {
        rank: (_, share),
        index,
        cause,
        others,
    }) = best
    else {
        return match layout.lanes.len() {
            1 => language.text("It hardly waited.", "它几乎没有等待。"),
            _ => language.text("No thread waited for long.", "没有哪个线程久等。"),
        }
        .to_owned();
    };
    let who = lane_name(layout, language, index);
    // All of it would leave no time in which it came to wait.
    let percent = (share * 100.0).round().min(99.0);
    let other = match others[..] {
        [other] => Some(lane_name(layout, language, other)),
        _ => None,
    };
    let sentence = match language {
        Language::English => {
            let waited = format!("{who} waited {percent} % of its life");
            match (cause, other) {
                (Cause::Ended, Some(other)) => format!("{waited} for {other} to end."),
                (Cause::Ended, None) => format!("{waited} for others to end."),
                (Cause::Woken, Some(other)) => format!("{waited} until {other} woke it."),
                (Cause::Woken, None) => format!("{waited} until others woke it."),
                (Cause::Unknown(State::Sleep), _) => {
                    format!("{who} slept for {percent} % of its life.")
                }
                (Cause::Unknown(State::Read), _) => format!("{waited} to read or to write."),
                (Cause::Unknown(State::Wait), Some(other)) => {
                    format!("{waited} for {other} to end.")
                }
                (Cause::Unknown(State::Wait), None) => {
                    format!("{waited} for child processes to end.")
                }
                (Cause::Unknown(State::Poll), _) => format!("{waited} for events, in `poll`."),
                (Cause::Unknown(State::Lock | State::Run), _) => {
                    format!("{waited} for a lock, a join or a channel.")
                }
            }
        }
        Language::Chinese => {
            let waited = format!("{who} 有 {percent}% 的时间");
            match (cause, other) {
                (Cause::Ended, Some(other)) => format!("{waited}在等 {other} 结束。"),
                (Cause::Ended, None) => format!("{waited}在等别的线程结束。"),
                (Cause::Woken, Some(other)) => format!("{waited}在等 {other} 唤醒它。"),
                (Cause::Woken, None) => format!("{waited}在等别的线程唤醒它。"),
                (Cause::Unknown(State::Sleep), _) => format!("{waited}在睡眠。"),
                (Cause::Unknown(State::Read), _) => format!("{waited}在等读写。"),
                (Cause::Unknown(State::Wait), Some(other)) => {
                    format!("{waited}在等 {other} 结束。")
                }
                (Cause::Unknown(State::Wait), None) => format!("{waited}在等子进程结束。"),
                (Cause::Unknown(State::Poll), _) => format!("{waited}在 `poll` 里等事件。"),
                (Cause::Unknown(State::Lock | State::Run), _) => {
                    format!("{waited}在等锁、等 join 或等通道。")
                }
            }
        }
    };
    capital(&without_gaps(&sentence, language))
}

/// Why the lanes break off, where they do.
fn stopped(layout: &Layout, language: Language) -> Option<String> {
    let code = layout.code.unwrap_or_default();
    Some(match (layout.why?, language) {
        (Why::Timeout, Language::English) => "It was stopped at its time limit.".to_owned(),
        (Why::Timeout, Language::Chinese) => "到了时限，停止运行。".to_owned(),
        (Why::OutputLimit, Language::English) => {
            "It printed more than it may, and was stopped.".to_owned()
        }
        (Why::OutputLimit, Language::Chinese) => "输出太多，停止运行。".to_owned(),
        (Why::EventLimit, Language::English) => {
            "It did more than a time line can show, and was stopped.".to_owned()
        }
        (Why::EventLimit, Language::Chinese) => "事件多得时间线画不下，停止运行。".to_owned(),
        (Why::Stopped, Language::English) => "It was stopped by the reader.".to_owned(),
        (Why::Stopped, Language::Chinese) => "读者停止了运行。".to_owned(),
        (Why::Signal, Language::English) => format!("Signal {code} ended it."),
        (Why::Signal, Language::Chinese) => format!("信号 {code} 终止了它。"),
        (Why::Exit | Why::Deadlock | Why::BuildFailed | Why::StartFailed, _) => return None,
    })
}

/// What each of these lanes did, in shares of its life: the bars in words.
pub fn lane_shares(layout: &Layout, language: Language, lanes: &[usize]) -> String {
    let (separator, stop, colon) = match language {
        Language::English => (", ", ". ", ": "),
        Language::Chinese => ("，", "。", "："),
    };
    let mut out = String::new();
    for &index in lanes {
        let lane = &layout.lanes[index];
        let life = (lane.end - lane.start).max(1);
        let mut shares: BTreeMap<State, u64> = BTreeMap::new();
        for segment in &lane.segments {
            *shares.entry(segment.state).or_default() += segment.to - segment.from;
        }
        let shares: Vec<_> = shares
            .into_iter()
            .map(|(state, time)| (state, (time as f64 / life as f64 * 100.0).round()))
            .filter(|(_, percent)| *percent >= 1.0)
            .map(|(state, percent)| match language {
                Language::English => format!("{percent} % {}", state_in_prose(state, language)),
                Language::Chinese => format!("{}占 {percent}%", state_in_prose(state, language)),
            })
            .collect();
        if shares.is_empty() {
            continue;
        }
        let name = lane_name(layout, language, index).replace('`', "");
        out.push_str(&capital(&name));
        out.push_str(colon);
        out.push_str(&shares.join(separator));
        out.push_str(stop);
    }
    out.truncate(out.trim_end().len());
    out
}

fn state_in_prose(state: State, language: Language) -> &'static str {
    match state {
        State::Lock => language.text("waiting for a lock, join or channel", "等锁、join 或通道"),
        other => self::state(other, language),
    }
}

/// A state in the legend.
pub fn state(state: State, language: Language) -> &'static str {
    match state {
        State::Run => language.text("running", "运行"),
        State::Lock => language.text("waiting: lock, join, channel", "等待：锁、join、通道"),
        State::Sleep => language.text("sleeping", "睡眠"),
        State::Read => language.text("waiting to read or write", "等待读写"),
        State::Wait => language.text("waiting for a child", "等待子进程"),
        State::Poll => language.text("waiting in poll", "在 poll 里等待"),
    }
}

/// An edge in the legend.
pub fn kind(kind: Kind, language: Language) -> &'static str {
    match kind {
        Kind::Spawn => language.text("creates", "创建"),
        Kind::End => language.text("ends, and was waited for", "结束，有人在等它"),
        Kind::Data => language.text("its bytes are read", "写的数据被读走"),
        Kind::Wake => language.text("wakes", "唤醒"),
    }
}

/// The first letter of a sentence, where it is a letter of ours.
fn capital(sentence: &str) -> String {
    for (small, large) in [("thread ", "Thread "), ("process ", "Process ")] {
        if let Some(rest) = sentence.strip_prefix(small) {
            return format!("{large}{rest}");
        }
    }
    sentence.to_owned()
}

/// Chinese without the spaces that are left between two Han characters, names excepted.
fn without_gaps(sentence: &str, language: Language) -> String {
    if language == Language::English {
        return sentence.to_owned();
    }
    let is_han = |c: char| matches!(c, '\u{3000}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ff60}');
    let characters: Vec<char> = sentence.chars().collect();
    let mut in_name = false;
    let mut out = String::with_capacity(sentence.len());
    for (index, &c) in characters.iter().enumerate() {
        in_name ^= c == '`';
        let neighbour = |at: Option<usize>| at.and_then(|at| characters.get(at)).copied();
        let between = neighbour(index.checked_sub(1)).is_some_and(is_han)
            && neighbour(Some(index + 1)).is_some_and(is_han);
        if !(c == ' ' && between && !in_name) {
            out.push(c);
        }
    }
    out
}
