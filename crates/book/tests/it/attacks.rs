//! Hostile programs, sent to the real server as edits.

use crate::real::{
    Real, attack, attack_one_of, descendants, end, find, is_gone, scratch_folders, text,
};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

/// Kept in step with `runner/src/spec.rs`.
const OUTPUT_BYTES: usize = 256 * 1024;

/// Runs a program to its end.
fn check_end(real: &Real, source: &str, why: &str, code: impl Into<Value>) -> Vec<Value> {
    let events = real.edit(source).events();
    let end = end(&events);
    assert_eq!(
        (&end["why"], &end["code"]),
        (&why.into(), &code.into()),
        "{events:?}"
    );
    events
}

/// Has a program refused, with these words.
fn check_refused(real: &Real, source: &str, words: &str) {
    let events = check_end(real, source, "build-failed", Value::Null);
    let said = text(&events, "diag");
    assert!(said.contains(words), "{events:?}");
    assert!(!events.iter().any(|event| event["k"] == "start"));
}

/// What a program can see of its surroundings, one `name=value` a line.
fn inside() -> &'static str {
    static SAID: OnceLock<String> = OnceLock::new();
    SAID.get_or_init(|| {
        let mut said = String::new();
        attack(|real| said = text(&check_end(real, INSIDE, "exit", 0), "out"));
        said
    })
}

const INSIDE: &str = r#"
use std::fs::{read_dir, read_to_string};
fn main() {
    for line in read_to_string("/proc/self/limits").unwrap().lines().skip(1) {
        let words: Vec<&str> = line.split("  ").map(str::trim).filter(|w| !w.is_empty()).collect();
        println!("limit {}={} {}", words[0], words[1], words[2]);
    }
    for (name, value) in std::env::vars() {
        println!("variable {name}={value}");
    }
    // One of them is the folder itself, which is being read.
    let mut open: Vec<_> = read_dir("/proc/self/fd").unwrap().map(|e| e.unwrap().path()).collect();
    open.retain(|path| std::fs::read_link(path).is_ok());
    open.retain(|path| !std::fs::read_link(path).unwrap().starts_with("/proc"));
    open.sort();
    println!("open={}", open.iter().map(|p| p.file_name().unwrap().to_str().unwrap())
        .collect::<Vec<_>>().join(" "));
    println!("input={:?}", std::io::read_to_string(std::io::stdin()).unwrap());
    println!("folder={}", std::env::current_dir().unwrap().display());
    println!("user={}", unsafe { libc::geteuid() });
    println!("groups={}", unsafe { libc::getgroups(0, std::ptr::null_mut()) });
    println!("first_to_go={}", read_to_string("/proc/self/oom_score_adj").unwrap().trim());
    let status = read_to_string("/proc/self/status").unwrap();
    let rights = status.lines().find_map(|l| l.strip_prefix("NoNewPrivs:")).unwrap();
    println!("no_new_rights={}", rights.trim());
}
"#;

fn seen(name: &str) -> &'static str {
    let mut lines = inside().lines().filter_map(|line| line.split_once('='));
    let found = lines.find(|(found, _)| *found == name);
    found
        .unwrap_or_else(|| panic!("no `{name}` in {}", inside()))
        .1
}

fn limit(name: &str) -> u64 {
    let (soft, hard) = seen(&format!("limit {name}")).split_once(' ').expect("two");
    assert_eq!(soft, hard, "{name} could be raised again");
    soft.parse().expect("a number")
}

#[test]
fn a_program_has_limits_that_it_cannot_raise() {
    assert_eq!(limit("Max file size"), 64 << 20);
    assert_eq!(limit("Max core file size"), 0);
    assert_eq!(limit("Max data size"), 2 << 30);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    // Ten seconds on each core, and a little more: the wall clock comes first.
    assert_eq!(limit("Max cpu time"), 11 * cores as u64);
    let tasks = fs::read_to_string("/proc/sys/kernel/pid_max").expect("a number");
    assert!(limit("Max processes") < 1_024 + tasks.trim().parse::<u64>().expect("a number"));
}

#[test]
fn a_program_gets_nothing_of_the_servers_environment() {
    let mut names: Vec<&str> = inside()
        .lines()
        .filter_map(|line| line.strip_prefix("variable ")?.split_once('='))
        .map(|(name, _)| name)
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["HOME", "LANG", "LC_ALL", "PATH", "TMPDIR"]);
}

#[test]
fn a_program_lives_in_a_folder_of_its_own_that_is_gone_afterwards() {
    let folder = seen("folder");
    assert!(folder.contains("/book-run-"), "{folder}");
    assert_eq!(seen("variable HOME"), folder);
    assert_eq!(seen("variable TMPDIR"), folder);
    assert!(!Path::new(folder).parent().expect("a folder").exists());
}

#[test]
fn a_program_inherits_no_descriptor_but_its_streams() {
    assert_eq!(seen("open"), "0 1 2");
    assert_eq!(seen("input"), "\"\"");
}

#[test]
fn a_program_is_never_root_and_never_becomes_it() {
    assert_ne!(seen("user"), "0");
    assert_eq!(seen("no_new_rights"), "1");
    // SAFETY: geteuid only reads, and cannot fail.
    if unsafe { libc::geteuid() } == 0 {
        assert_eq!(seen("groups"), "0");
    }
}

#[test]
fn a_program_is_the_first_to_go_when_memory_runs_out() {
    assert_eq!(seen("first_to_go"), "1000");
}

#[test]
fn a_fork_bomb_is_bounded_and_nothing_of_it_is_left() {
    attack(|real| {
        let (stream, run, limit) = real.edit_until_it_speaks(
            r#"fn main() {
                let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
                unsafe { libc::getrlimit(libc::RLIMIT_NPROC, &mut limit) };
                println!("{}", limit.rlim_cur);
                loop { unsafe { libc::fork() }; }
            }"#,
        );
        let limit: usize = limit.parse().expect("a number");
        let mut most = 0;
        let start = Instant::now();
        // Until it is full, or has run for long enough.
        while most < 900 && start.elapsed() < Duration::from_secs(3) {
            most = most.max(descendants(real.process()).len());
        }
        assert!(most > 20, "no bomb: {most}");
        assert!(most <= limit + 2, "{most} of {limit}");
        real.stop(&run);
        let events = stream.events();
        assert_eq!(end(&events)["why"], "stopped");
        assert!(end(&events)["leftovers"].as_u64() > Some(20), "{events:?}");
    });
}

#[test]
fn a_fork_bomb_that_leaves_every_session_is_cleared_however_slow_it_makes_us() {
    attack(|real| {
        let (stream, run, _) = real.edit_until_it_speaks(
            r#"fn main() {
                // Each session gets as much of the processor as all that the server has: with more of
                // them, the machine would stand still for the length of this test.
                let few = libc::rlimit { rlim_cur: 300, rlim_max: 300 };
                unsafe { libc::setrlimit(libc::RLIMIT_NPROC, &few) };
                println!("begin");
                loop { unsafe { if libc::fork() == 0 { libc::setsid(); } } }
            }"#,
        );
        thread::sleep(Duration::from_millis(500));
        real.stop(&run);
        let events = stream.events();
        assert_eq!(end(&events)["why"], "stopped");
        assert!(end(&events)["leftovers"].as_u64() > Some(20), "{events:?}");
    });
}

#[test]
fn processes_that_flee_from_session_to_session_are_caught() {
    attack(|real| {
        let source = r#"fn main() {
            for _ in 0..10 {
                if unsafe { libc::fork() } == 0 {
                    // The parent ends at once: each lives too short to be looked up and killed at leisure.
                    loop { unsafe { libc::setsid(); if libc::fork() > 0 { libc::_exit(0) } } }
                }
            }
            std::thread::sleep(std::time::Duration::from_millis(300));
        }"#;
        let events = check_end(real, source, "exit", 0);
        assert!(end(&events)["leftovers"].as_u64() >= Some(10), "{events:?}");
    });
}

#[test]
fn an_orphan_in_a_session_of_its_own_ends_with_its_run() {
    attack(|real| {
        let source = r#"fn main() {
            if unsafe { libc::fork() } == 0 {
                unsafe { libc::setsid() };
                if unsafe { libc::fork() } > 0 { std::process::exit(0); }
                println!("{}", std::process::id());
                // Deaf to every signal that can be ignored, and without a stream that could tell.
                for signal in 1..32 { unsafe { libc::signal(signal, libc::SIG_IGN) }; }
                for stream in 0..3 { unsafe { libc::close(stream) }; }
                loop { std::thread::park(); }
            }
            std::thread::sleep(std::time::Duration::from_millis(300));
        }"#;
        let events = check_end(real, source, "exit", 0);
        // The orphan, and the one between the two, which was never waited for.
        assert_eq!(end(&events)["leftovers"], 2, "{events:?}");
        let orphan = text(&events, "out").trim().parse().expect("a number");
        assert!(is_gone(orphan), "{orphan} lives");
    });
}

#[test]
fn one_process_gets_no_more_than_2_gib() {
    attack(|real| {
        let source = r#"fn main() {
            // Not touched: what counts is what it may have.
            let mut blocks: Vec<Vec<u8>> = Vec::new();
            loop {
                let mut block = Vec::new();
                if block.try_reserve_exact(128 << 20).is_err() { break; }
                blocks.push(block);
            }
            println!("{}", blocks.len());
            drop(blocks);
            let _too_much = vec![1_u8; 3 << 30];
        }"#;
        // The allocator aborts.
        let events = check_end(real, source, "signal", 6);
        let blocks: u32 = text(&events, "out").trim().parse().expect("a number");
        assert!((8..=16).contains(&blocks), "{blocks} times 128 MiB");
    });
}

#[test]
fn the_memory_of_many_processes_is_free_again() {
    attack(|real| {
        let (stream, run, _) = real.edit_until_it_speaks(
            r#"use std::io::Write;
            fn main() {
                for _ in 0..16 {
                    if unsafe { libc::fork() } == 0 {
                        unsafe { libc::setsid() };
                        let block = vec![1_u8; 96 << 20];
                        loop { std::thread::park(); std::hint::black_box(&block); }
                    }
                }
                println!("begin");
                std::io::stdout().flush().unwrap();
                loop { std::thread::park(); }
            }"#,
        );
        let hogs = || {
            let found = descendants(real.process());
            found.into_iter().filter(|found| found.name == "eof")
        };
        real.wait_for("full of memory", || {
            let kib = hogs().filter_map(|hog| {
                let statm = fs::read_to_string(format!("/proc/{}/statm", hog.id)).ok()?;
                statm.split(' ').nth(1)?.parse::<u64>().ok()
            });
            kib.sum::<u64>() * 4 > 16 * 96 * 1024
        });
        let hogs: Vec<u32> = hogs().map(|hog| hog.id).collect();
        assert_eq!(hogs.len(), 17);
        for hog in &hogs {
            let score = fs::read_to_string(format!("/proc/{hog}/oom_score_adj"));
            assert_eq!(score.expect("it lives").trim(), "1000");
        }
        real.stop(&run);
        assert_eq!(end(&stream.events())["leftovers"], 16);
        assert!(hogs.into_iter().all(is_gone));
    });
}

#[test]
fn a_gigabyte_of_output_is_cut_at_the_cap() {
    attack(|real| {
        let source = r#"use std::io::Write;
        fn main() {
            let block = vec![b'x'; 1 << 20];
            for _ in 0..1024 { std::io::stdout().write_all(&block).unwrap(); }
        }"#;
        let events = check_end(real, source, "output-limit", Value::Null);
        assert_eq!(text(&events, "out").len(), OUTPUT_BYTES);
    });
}

#[test]
fn output_that_would_rule_a_terminal_or_a_page_arrives_as_plain_text() {
    attack(|real| {
        let source = r##"use std::io::Write;
        fn main() {
            let mut out = std::io::stdout();
            out.write_all(b"\x1b[2J\x1b]0;title\x07a\xff\xc3(\0b\x08\n").unwrap();
            out.write_all("\u{202e}c\u{2066}d\u{200f}\u{9b}31me\n".as_bytes()).unwrap();
            out.write_all(b"</pre><script>alert(1)</script>\"\\\n").unwrap();
            out.write_all("\u{2028}\u{1F980}\n".as_bytes()).unwrap();
        }"##;
        // Every event was valid JSON, or it could not have been read.
        let out = text(&check_end(real, source, "exit", 0), "out");
        let expected =
            "a\u{fffd}\u{fffd}(b\ncde\n</pre><script>alert(1)</script>\"\\\n\u{2028}\u{1F980}\n";
        assert_eq!(out, expected);
    });
}

#[test]
fn the_compilers_quotations_are_plain_text_too() {
    attack(|real| {
        // The compiler itself makes escape characters and the like harmless, but not these two.
        let source = "fn main() { let x: u8 = \"\u{200f}\u{9b}31m</pre>\"; }";
        let events = check_end(real, source, "build-failed", Value::Null);
        let said = text(&events, "diag");
        assert!(
            said.contains("mismatched types") && said.contains("</pre>"),
            "{said}"
        );
        assert!(!said.contains(['\u{200f}', '\u{9b}']), "{said:?}");
    });
}

#[test]
fn a_file_cannot_grow_beyond_64_mib() {
    attack(|real| {
        let source = r#"use std::io::Write;
        fn main() {
            // It may choose an error instead of the signal, but not the size.
            unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
            let mut file = std::fs::File::create("big").unwrap();
            while file.write_all(&[0; 1 << 20]).is_ok() {}
            println!("{}", file.metadata().unwrap().len());
        }"#;
        let events = check_end(real, source, "exit", 0);
        assert_eq!(text(&events, "out"), format!("{}\n", 64 << 20));
    });
}

#[test]
fn a_nest_of_folders_deeper_than_any_path_is_wiped() {
    attack(|real| {
        let source = r#"use std::os::unix::fs::PermissionsExt;
        fn main() {
            println!("{}", std::env::var("HOME").unwrap());
            std::os::unix::fs::symlink("/usr", "link").unwrap();
            for level in 0..22_000 {
                std::fs::create_dir("nest").unwrap();
                if level % 1_000 == 999 {
                    std::fs::write("file", "x").unwrap();
                    // Shut behind us: for those that are not root.
                    std::env::set_current_dir("nest").unwrap();
                    std::fs::create_dir("nest").unwrap();
                    std::fs::set_permissions(".", PermissionsExt::from_mode(0o100)).unwrap();
                }
                std::env::set_current_dir("nest").unwrap();
            }
        }"#;
        let folder = text(&check_end(real, source, "exit", 0), "out");
        let folder = Path::new(folder.trim());
        assert!(folder.is_absolute() && !folder.exists());
        assert!(!folder.parent().expect("a folder").exists());
        assert!(Path::new("/usr/bin").exists());
    });
}

#[test]
fn macros_that_double_are_stopped_at_their_memory() {
    attack(|real| {
        let source = "macro_rules! double { ($($x:tt)*) => { double!{ $($x)* $($x)* $($x)* $($x)* } } }\n\
                      fn main() { double!{ a b c d } }";
        check_refused(real, source, "it may have needed more than 2 GiB");
    });
}

#[test]
fn types_that_double_are_refused() {
    attack(|real| {
        let source = "fn deeper<T>(x: T, depth: u32) { if depth > 0 { deeper((&x, &x), depth - 1) } }\n\
                      fn main() { deeper(1, 3) }";
        check_refused(real, source, "recursion limit");
    });
}

#[test]
fn a_giant_array_is_refused() {
    attack(|real| {
        let source =
            "static GIANT: [u8; 1 << 40] = [1; 1 << 40];\nfn main() { println!(\"{}\", GIANT[7]) }";
        check_refused(real, source, "more memory than available");
    });
}

#[test]
fn an_executable_cannot_be_larger_than_a_file() {
    attack(|real| {
        let source = "static LARGE: [u8; 100 << 20] = [1; 100 << 20];\nfn main() { println!(\"{}\", LARGE[7]) }";
        check_refused(real, source, "larger than 64 MiB");
    });
}

/// A program that the compiler is never done with.
pub const ENDLESS: &str = "#![allow(long_running_const_eval)]\n\
    const NEVER: u64 = { let mut n = 0_u64; loop { n += 1; if n == u64::MAX { break n } } };\n\
    fn main() { println!(\"{NEVER}\") }\n";
/// A program that does nothing, for ever.
const HANGS: &str = "fn main() { println!(\"begin\"); loop { std::thread::park(); } }";

#[test]
fn a_compilation_and_a_loop_without_end_are_stopped_at_their_limits() {
    // On a server of its own: the others need not wait for half a minute.
    static OTHER: OnceLock<std::sync::Mutex<Real>> = OnceLock::new();
    attack_one_of(&OTHER, |real| {
        let spin = "fn main() { println!(\"begin\"); loop { std::hint::spin_loop(); } }";
        let (looping, _, _) = real.edit_until_it_speaks(spin);
        let (compiling, _) = real.edit_until_it_compiles(ENDLESS);
        let events = looping.events();
        assert_eq!(end(&events)["why"], "timeout", "{events:?}");
        let wall_ms = end(&events)["wall_ms"].as_u64().expect("a number");
        assert!((10_000..30_000).contains(&wall_ms), "{wall_ms}");
        let events = compiling.events();
        assert_eq!(end(&events)["why"], "build-failed");
        assert!(
            text(&events, "diag").contains("still at work after 30 s"),
            "{events:?}"
        );
        let wall_ms = end(&events)["wall_ms"].as_u64().expect("a number");
        assert!((30_000..60_000).contains(&wall_ms), "{wall_ms}");
        assert_eq!(real.compilers(), 0);
    });
}

#[test]
fn stop_ends_a_compilation() {
    attack(|real| {
        let (stream, run) = real.edit_until_it_compiles(ENDLESS);
        assert_eq!(real.stop(&run)["stopped"], true);
        assert_eq!(end(&stream.events())["why"], "stopped");
        assert_eq!(real.compilers(), 0);
    });
}

#[test]
fn stop_ends_a_run() {
    attack(|real| {
        let (stream, run, _) = real.edit_until_it_speaks(HANGS);
        assert_eq!(real.stop(&run)["stopped"], true);
        assert_eq!(end(&stream.events())["why"], "stopped");
        let left = descendants(real.process());
        assert!(left.iter().all(|found| found.name != "eof"), "{left:?}");
    });
}

#[test]
fn a_stream_that_is_closed_ends_its_compilation_and_its_run() {
    attack(|real| {
        let before = scratch_folders();
        let (compiling, _) = real.edit_until_it_compiles(ENDLESS);
        drop(compiling);
        // Speaks when the compiler is free again.
        let (running, _, _) = real.edit_until_it_speaks(HANGS);
        assert!(scratch_folders().difference(&before).count() > 0);
        let start = Instant::now();
        drop(running);
        // Its own limit would end it as well, but not so soon.
        real.wait_for("only the spare supervisor", || real.only_spare());
        assert!(
            start.elapsed() < Duration::from_secs(8),
            "its limit ended it"
        );
    });
}

#[test]
fn compilations_take_turns() {
    attack(|real| {
        let (first, run) = real.edit_until_it_compiles(ENDLESS);
        let mut second = real.edit("fn main() { println!(\"mine\") }");
        let waits = second.event().expect("a line");
        assert_eq!(waits["text"], "waiting for another compilation", "{waits}");
        assert_eq!(real.compilers(), 1);
        real.stop(&run);
        assert_eq!(end(&first.events())["why"], "stopped");
        let events = second.events();
        assert_eq!(find(&events, "build")["text"], "compiling the program");
        assert_eq!(text(&events, "out"), "mine\n");
    });
}
