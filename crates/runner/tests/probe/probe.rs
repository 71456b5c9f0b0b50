//! Two roles in one small binary: `supervise` is what `book __run` is, the others are programs that
//! behave as no listing should. Each says what it does by its name.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::thread::sleep;
use std::time::Duration;
use std::{env, fs, io, process, thread};

/// Longer than any test waits.
const FOR_EVER: Duration = Duration::from_secs(120);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["supervise"] => return runner::supervise(),
        ["self-test"] => match runner::self_test(&mut myself("supervise")) {
            Ok(()) => println!("works"),
            Err(reason) => println!("fails: {reason}"),
        },
        ["client", ref rest @ ..] => client_killed_at_first_output(rest),
        ["exit", code] => return ExitCode::from(code.parse::<u8>().expect("a code")),
        ["abort"] => process::abort(),
        ["spin"] => loop {
            std::hint::spin_loop();
        },
        ["say-then-hang", text] => {
            print!("{text}");
            io::stdout().flush().expect("stdout is open");
            sleep(FOR_EVER);
        }
        ["many-lines", count] => {
            for line in 0..count.parse::<u32>().expect("a count") {
                println!("line {line}");
            }
        }
        ["ticking-lines", count] => {
            for line in 0..count.parse::<u32>().expect("a count") {
                println!("line {line}");
                sleep(Duration::from_millis(1));
            }
        }
        ["threads", count] => println!("{}", threads(count.parse().expect("a count"))),
        ["flood"] => {
            let block = [b'x'; 1 << 20];
            while io::stdout().write_all(&block).is_ok() {}
        }
        ["bytes", count] => print!("{}", "y".repeat(count.parse().expect("a count"))),
        ["invalid-utf8"] => io::stdout()
            .write_all(b"a\xff\x1b[31mb\xe2\x80\xaec\n")
            .expect("open"),
        ["environment"] => {
            for (name, value) in env::vars() {
                println!("{name}={value}");
            }
        }
        ["write-home"] => {
            fs::write("kept", "x").expect("the scratch folder can be written");
            println!("{}", env::current_dir().expect("a folder").display());
        }
        ["orphan"] => println!("{}", orphan()),
        ["orphan-then-hang"] => {
            println!("{} {}", process::id(), orphan());
            sleep(FOR_EVER);
        }
        ["parent-of-orphan"] => println!("{}", start_in_own_session("sleep")),
        ["sleep"] => sleep(FOR_EVER),
        ["without-ptrace", ref rest @ ..] => return without_ptrace(rest),
        ["big-file"] => {
            let mut file = fs::File::create("big").expect("a file");
            while file.write_all(&[0; 1 << 20]).is_ok() {}
        }
        ["big-memory"] => println!("{}", vec![1_u8; 4 << 30].len()),
        ["user"] => println!("{}", nix::unistd::Uid::effective()),
        ["find-myself"] => println!("{}", myself("exit").arg("7").status().expect("it starts")),
        _ => panic!("no role is called {words:?}"),
    }
    ExitCode::SUCCESS
}

fn myself(role: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("a path"));
    command.arg(role);
    command
}

/// Starts threads, all alive at once, until there are this many or one cannot be started.
fn threads(wanted: usize) -> usize {
    (0..wanted)
        .take_while(|_| {
            thread::Builder::new()
                .stack_size(1 << 14)
                .spawn(|| sleep(FOR_EVER))
                .is_ok()
        })
        .count()
}

/// Leaves a grandchild behind, in a session of its own, that holds no pipe; its process number.
fn orphan() -> u32 {
    let output = myself("parent-of-orphan").output().expect("it starts");
    String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .expect("a number")
}

fn start_in_own_session(role: &str) -> u32 {
    let mut command = myself(role);
    command
        .stdout(process::Stdio::null())
        .stderr(process::Stdio::null());
    // SAFETY: setsid is async-signal-safe.
    unsafe { command.pre_exec(|| nix::unistd::setsid().map(drop).map_err(Into::into)) };
    command.spawn().expect("it starts").id()
}

/// A client that dies without a word, as with `kill -9`, while its program runs.
fn client_killed_at_first_output(program: &[&str]) {
    let spec = runner::Spec::listing(env::current_exe().expect("a path"));
    let spec = spec.args(program.iter().copied());
    let mut on_event = |event: runner::Event| {
        if let runner::What::Out { text, .. } = event.what {
            print!("{text}");
            io::stdout().flush().expect("stdout is open");
            nix::sys::signal::raise(nix::sys::signal::Signal::SIGKILL).expect("we are gone");
        }
    };
    let stop = runner::Stop::new();
    runner::run_with(&mut myself("supervise"), &spec, &stop, &mut on_event).expect("a run");
}

/// Becomes another role of this program, in which and below which `ptrace` fails, as in a container.
#[cfg(target_os = "linux")]
fn without_ptrace(role: &[&str]) -> ExitCode {
    let instruction = |code: u32, jt, jf, k| libc::sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    };
    let filter = [
        instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        instruction(
            libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K,
            0,
            1,
            libc::SYS_ptrace as u32,
        ),
        instruction(
            libc::BPF_RET | libc::BPF_K,
            0,
            0,
            libc::SECCOMP_RET_ERRNO | libc::EPERM as u32,
        ),
        instruction(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let described = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_ptr().cast_mut(),
    };
    nix::sys::prctl::set_no_new_privs().expect("always allowed");
    let mode = libc::SECCOMP_MODE_FILTER;
    // SAFETY: the kernel copies the filter that the struct describes.
    let result = unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const described) };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
    let mut command = Command::new(env::current_exe().expect("a path"));
    panic!("{}", command.args(role).exec());
}

#[cfg(not(target_os = "linux"))]
fn without_ptrace(_: &[&str]) -> ExitCode {
    panic!("this system has no such filters");
}
