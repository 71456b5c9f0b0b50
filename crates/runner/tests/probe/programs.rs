//! Programs to be traced; each does what its name says.

use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};
use std::sync::{Arc, Barrier, Condvar, Mutex, RwLock, mpsc};
use std::thread::{self, Builder, JoinHandle, sleep};
use std::time::{Duration, Instant};
use std::{env, fs, process};

/// A wait that is seen as one.
const MOMENT: Duration = Duration::from_millis(20);
/// Far longer than the verdict on a deadlock takes.
const WHILE: Duration = Duration::from_millis(400);

/// Runs the program that the arguments name.
pub fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["exit", code] => return ExitCode::from(code.parse::<u8>().expect("a code")),
        ["mutex"] => mutex(),
        ["join"] => {
            let worker = named("worker", || until_asleep("runner-traced"));
            worker.join().expect("worker panicked");
        }
        ["condvar"] => condvar(),
        ["channel"] => channel(),
        ["last-words"] => last_words(),
        ["barrier"] => barrier(),
        ["park"] => park(),
        ["pipe"] => pipe(),
        ["socket-pair"] => socket_pair(),
        ["spawn"] => println!("{}", myself(&["exit", "7"]).status().expect("it starts")),
        ["exec-in-thread"] => exec_in_thread(),
        ["real-time-signal"] => real_time_signal(),
        ["stop-and-go"] => stop_and_go(),
        ["stopped-in-its-sleep"] => stopped_in_its_sleep(),
        ["threads", count] => threads(count.parse().expect("a count")),
        ["daemon"] => daemon(),
        ["hang"] => sleep(Duration::from_secs(120)),
        ["yields"] => (0..200_000).for_each(|_| thread::yield_now()),
        ["naps", count] => {
            for _ in 0..count.parse::<u32>().expect("a count") {
                sleep(Duration::from_micros(60));
            }
        }
        ["ping-pong", count] => ping_pong(count.parse().expect("a count")),
        ["writers"] => writers(),
        ["read-file"] => assert!(!fs::read("/proc/self/exe").expect("readable").is_empty()),
        ["ready-pipe", count] => {
            let (mut reader, mut writer) = io::pipe().expect("no pipe to be had");
            for _ in 0..count.parse::<u32>().expect("a count") {
                writer.write_all(b"x").expect("writable");
                reader.read_exact(&mut [0]).expect("readable");
            }
        }
        ["looks"] => looks(),
        ["compute", milliseconds] => compute(milliseconds.parse().expect("a number")),
        ["sleepers"] => sleepers(),
        ["echo-between-processes", count] => {
            echo_between_processes(count.parse().expect("a count"));
        }
        ["echo"] => echo(),

        ["two-locks"] => two_locks(None),
        ["two-locks-beside", what] => two_locks(Some(what)),
        ["philosophers", right, meals] => {
            philosophers(right == "right", meals.parse().expect("a count"));
        }
        ["lock-twice"] => lock_twice(),
        ["both-listen"] => both_listen(),
        ["read-then-write"] => read_then_write(),
        ["own-write-end"] => own_write_end(),
        ["parent-and-child"] => parent_and_child(),
        ["children-that-hang"] => children_that_hang(),
        ["full-pipe"] => {
            let (_reader, mut writer) = io::pipe().expect("no pipe to be had");
            writer.write_all(&[0; 1 << 20]).expect("it is open");
        }
        ["both-read-sockets"] => both_read_sockets(),
        ["shared-futex", ends] => shared_futex(ends == "woken"),
        ["nobody-unparks"] => thread::park(),
        ["two-locks-in-a-child"] => {
            let mut child = myself(&["two-locks"]).spawn().expect("it starts");
            sleep(5 * WHILE);
            child.kill().expect("it is there");
            child.wait().expect("it is there");
        }
        ["wait-with-timeout"] => wait_with_timeout(),
        ["socket-with-timeout"] => socket_with_timeout(),
        ["alarm"] => alarm(),
        ["signal-from-a-child"] => signal_from_a_child(),
        ["read-from", port] => read_from(port.parse().expect("a port")),
        // Both ends: nobody else holds one, but anybody can open one.
        ["open-both-ends", path] => {
            let mut options = fs::File::options();
            let mut fifo = options
                .read(true)
                .write(true)
                .open(path)
                .expect("it is there");
            let mut word = [0; 4];
            fifo.read_exact(&mut word).expect("it can be read");
            println!("{}", String::from_utf8_lossy(&word));
        }
        ["open", path] => {
            let mut text = String::new();
            let mut file = fs::File::open(path).expect("it can be opened");
            file.read_to_string(&mut text).expect("it can be read");
            print!("{text}");
        }
        _ => panic!("no role is called {words:?}"),
    }
    ExitCode::SUCCESS
}

fn myself(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::current_exe().expect("a path"));
    command.args(arguments);
    command
}

/// Waits until the other thread of this name waits.
fn until_asleep(name: &str) {
    let threads = || {
        fs::read_dir("/proc/self/task")
            .expect("it is there")
            .flatten()
    };
    while !threads().any(|thread| sleeps(&thread.path(), name)) {
        sleep(MOMENT / 10);
    }
}

/// Whether the thread or process of this folder has this name and waits.
fn sleeps(folder: &Path, name: &str) -> bool {
    let read = |file| fs::read_to_string(folder.join(file)).unwrap_or_default();
    let stat = read("stat");
    let state = stat.rsplit_once(')').map(|(_, rest)| rest);
    read("comm").trim_end() == name && state.is_some_and(|state| state.starts_with(" S"))
}

fn named<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let builder = Builder::new().name(name.to_owned());
    builder.spawn(work).expect("no thread to be had")
}

fn mutex() {
    let lock = Arc::new(Mutex::new(0));
    let held = lock.lock().unwrap();
    let worker = {
        let lock = Arc::clone(&lock);
        named("worker", move || *lock.lock().unwrap() += 1)
    };
    until_asleep("worker");
    sleep(MOMENT);
    drop(held);
    worker.join().expect("worker panicked");
    assert_eq!(*lock.lock().unwrap(), 1);
}

fn condvar() {
    let shared = Arc::new((Mutex::new(false), Condvar::new()));
    let consumer = {
        let shared = Arc::clone(&shared);
        named("consumer", move || {
            let (ready, changed) = &*shared;
            let ready = ready.lock().unwrap();
            drop(changed.wait_while(ready, |ready| !*ready).unwrap());
        })
    };
    until_asleep("consumer");
    *shared.0.lock().unwrap() = true;
    shared.1.notify_all();
    consumer.join().expect("consumer panicked");
}

fn channel() {
    let (sender, receiver) = mpsc::channel();
    let consumer = named("consumer", move || receiver.iter().sum::<u32>());
    for number in 1..=3 {
        until_asleep("consumer");
        sender.send(number).expect("consumer has gone");
    }
    drop(sender);
    assert_eq!(consumer.join().expect("consumer panicked"), 6);
}

/// A thread that is gone before the one that it woke has had its turn.
fn last_words() {
    let (sender, receiver) = mpsc::channel();
    let consumer = named("consumer", move || receiver.recv());
    until_asleep("consumer");
    let speaker = named("speaker", move || sender.send(1));
    consumer.join().expect("consumer panicked").expect("a word");
    speaker.join().expect("speaker panicked").expect("heard");
}

fn barrier() {
    let all = Arc::new(Barrier::new(3));
    let early = ["early-1", "early-2"].map(|name| {
        let all = Arc::clone(&all);
        named(name, move || all.wait().is_leader())
    });
    until_asleep("early-1");
    until_asleep("early-2");
    all.wait();
    for thread in early {
        thread.join().expect("a thread panicked");
    }
}

fn park() {
    let sleeper = named("sleeper", thread::park);
    until_asleep("sleeper");
    sleeper.thread().unpark();
    sleeper.join().expect("sleeper panicked");
}

fn pipe() {
    let mut cat = Command::new("cat");
    let mut cat = cat
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut into = cat.stdin.take().expect("a pipe");
    let mut out = cat.stdout.take().expect("a pipe");
    let folder = PathBuf::from(format!("/proc/{}", cat.id()));
    while !sleeps(&folder, "cat") {
        sleep(MOMENT / 10);
    }
    into.write_all(b"through\n").expect("it is open");
    drop(into);
    let mut text = String::new();
    out.read_to_string(&mut text).expect("it is text");
    print!("{text}");
    cat.wait().expect("it is there");
}

fn socket_pair() {
    let (mut here, mut there) = UnixStream::pair().expect("no sockets to be had");
    let reader = named("reader", move || {
        let mut word = [0; 4];
        there.read_exact(&mut word).expect("it is open");
        word
    });
    until_asleep("reader");
    here.write_all(b"word").expect("it is open");
    assert_eq!(&reader.join().expect("reader panicked"), b"word");
}

fn exec_in_thread() {
    let bystander = named("bystander", || sleep(Duration::from_secs(120)));
    let thread = named("changer", || {
        until_asleep("bystander");
        myself(&["exit", "4"]).exec()
    });
    let error = thread.join();
    let _ = bystander.join();
    unreachable!("exec failed: {error:?}");
}

fn real_time_signal() {
    extern "C" fn on_signal(_: libc::c_int) {
        let word = b"signal\n";
        // SAFETY: write is async-signal-safe, and the buffer is a constant.
        unsafe { libc::write(1, word.as_ptr().cast(), word.len()) };
    }
    let signal = libc::SIGRTMIN() + 3;
    // SAFETY: the handler makes one async-signal-safe call.
    unsafe {
        let handler = on_signal as extern "C" fn(libc::c_int);
        libc::signal(signal, handler as libc::sighandler_t);
        libc::raise(signal);
    }
    let sleeper = named("sleeper", move || {
        // SAFETY: the number of this thread.
        let this = unsafe { libc::pthread_self() };
        let waker = named("waker", move || {
            until_asleep("sleeper");
            // SAFETY: the other thread lives until it has joined this one.
            unsafe { libc::pthread_kill(this, signal) };
        });
        let start = Instant::now();
        // Interrupted by the signal and continued by the kernel or by std.
        sleep(10 * MOMENT);
        assert!(start.elapsed() >= 10 * MOMENT);
        waker.join().expect("waker panicked");
    });
    sleeper.join().expect("sleeper panicked");
}

fn stop_and_go() {
    use nix::sys::signal::{Signal, kill};
    use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
    let mut child = Command::new("sh")
        .args(["-c", "kill -STOP $$; exit 5"])
        .spawn()
        .expect("it starts");
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("a number"));
    let stopped = waitpid(pid, Some(WaitPidFlag::WUNTRACED));
    assert_eq!(stopped, Ok(WaitStatus::Stopped(pid, Signal::SIGSTOP)));
    sleep(MOMENT);
    assert_eq!(child.try_wait().expect("it is there"), None);
    kill(pid, Signal::SIGCONT).expect("it is there");
    assert_eq!(child.wait().expect("it is there").code(), Some(5));
    println!("stopped, continued, exited");
}

fn stopped_in_its_sleep() {
    use nix::sys::signal::{Signal, kill};
    use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
    let mut child = Command::new("sleep").arg("0.3").spawn().expect("it starts");
    let folder = PathBuf::from(format!("/proc/{}", child.id()));
    while !sleeps(&folder, "sleep") {
        sleep(MOMENT / 10);
    }
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).expect("a number"));
    kill(pid, Signal::SIGSTOP).expect("it is there");
    let stopped = waitpid(pid, Some(WaitPidFlag::WUNTRACED));
    assert_eq!(stopped, Ok(WaitStatus::Stopped(pid, Signal::SIGSTOP)));
    kill(pid, Signal::SIGCONT).expect("it is there");
    assert!(child.wait().expect("it is there").success());
}

fn threads(count: usize) {
    let all = Arc::new(Barrier::new(count + 1));
    let threads: Vec<_> = (0..count)
        .map(|number| {
            let all = Arc::clone(&all);
            let builder = Builder::new()
                .name(format!("thread-{number}"))
                .stack_size(1 << 16);
            builder
                .spawn(move || all.wait().is_leader())
                .expect("no thread to be had")
        })
        .collect();
    all.wait();
    for thread in threads {
        thread.join().expect("a thread panicked");
    }
    println!("{count}");
}

fn daemon() {
    let mut command = myself(&["hang"]);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // SAFETY: fork, setsid and _exit are async-signal-safe. The first child ends at once, so that the
    // second one has no parent but the supervisor.
    unsafe {
        command.pre_exec(|| {
            nix::unistd::setsid()?;
            match nix::unistd::fork()? {
                nix::unistd::ForkResult::Parent { .. } => libc::_exit(0),
                nix::unistd::ForkResult::Child => Ok(()),
            }
        });
    }
    command
        .spawn()
        .expect("it starts")
        .wait()
        .expect("it is there");
    println!("started");
}

fn ping_pong(count: u32) {
    let turn = Arc::new((Mutex::new(0), Condvar::new()));
    let play = |parity: u32, turn: Arc<(Mutex<u32>, Condvar)>| {
        move || {
            let (number, changed) = &*turn;
            for _ in 0..count {
                let number = number.lock().unwrap();
                let mut number = changed.wait_while(number, |n| *n % 2 != parity).unwrap();
                *number += 1;
                changed.notify_one();
            }
        }
    };
    let ping = named("ping", play(0, Arc::clone(&turn)));
    let pong = named("pong", play(1, Arc::clone(&turn)));
    ping.join().expect("ping panicked");
    pong.join().expect("pong panicked");
    println!("{}", *turn.0.lock().unwrap());
}

fn writers() {
    let threads = ["ada", "ben"].map(|name| {
        named(name, move || {
            for line in 0..50 {
                if line % 2 == 0 {
                    println!("{name} {line}");
                } else {
                    eprintln!("{name} {line}");
                }
            }
        })
    });
    threads
        .into_iter()
        .for_each(|thread| thread.join().expect("a thread panicked"));
    // Without the lock of std's stdout.
    let together = Arc::new(Barrier::new(2));
    let threads = ["gil", "hal"].map(|name| {
        let together = Arc::clone(&together);
        named(name, move || {
            for line in 0..100 {
                together.wait();
                let line = format!("{name} {line}\n");
                nix::unistd::write(io::stdout(), line.as_bytes()).expect("it is open");
            }
        })
    });
    threads
        .into_iter()
        .for_each(|thread| thread.join().expect("a thread panicked"));
    let mut children = ["eve", "fay"].map(|name| {
        let script = format!("for i in 1 2 3 4 5 6 7 8 9; do echo {name} $i; done");
        Command::new("sh")
            .args(["-c", &script])
            .spawn()
            .expect("it starts")
    });
    for child in &mut children {
        child.wait().expect("it is there");
    }
}

/// Calls that look and do not wait.
fn looks() {
    let mut child = myself(&["exit", "0"]).spawn().expect("it starts");
    while child.try_wait().expect("it is there").is_none() {
        thread::yield_now();
    }
    for _ in 0..2_000 {
        // SAFETY: no descriptors, no waiting.
        unsafe { libc::poll(std::ptr::null_mut(), 0, 0) };
    }
}

fn compute(milliseconds: u64) {
    let start = Instant::now();
    let mut x = 1_u64;
    while start.elapsed() < Duration::from_millis(milliseconds) {
        x = (0..10_000).fold(x, |x, y| x.rotate_left(5) ^ y);
    }
    println!("{}", x != 0);
}

fn sleepers() {
    let threads = [1, 2, 3, 4].map(|number| {
        named(&format!("sleeper-{number}"), move || {
            for _ in 0..5 {
                sleep(Duration::from_millis(5 * number));
            }
        })
    });
    threads
        .into_iter()
        .for_each(|thread| thread.join().expect("a thread panicked"));
}

fn echo() {
    let mut byte = [0];
    while io::stdin().read(&mut byte).expect("readable") == 1 {
        io::stdout()
            .write_all(&byte)
            .and_then(|()| io::stdout().flush())
            .expect("writable");
    }
}

fn echo_between_processes(count: u32) {
    let mut child = myself(&["echo"]);
    let mut child = child
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut into = child.stdin.take().expect("a pipe");
    let mut out = child.stdout.take().expect("a pipe");
    let mut byte = [0];
    for _ in 0..count {
        into.write_all(b"x").expect("writable");
        out.read_exact(&mut byte).expect("readable");
    }
    drop(into);
    child.wait().expect("it is there");
    println!("{count}");
}

fn two_locks(beside: Option<&str>) {
    let locks = Arc::new((Mutex::new(0), Mutex::new(0), Barrier::new(2)));
    let first = {
        let locks = Arc::clone(&locks);
        named("first", move || {
            let _held = locks.0.lock().unwrap();
            locks.2.wait();
            *locks.1.lock().unwrap() += 1; // first waits here
        })
    };
    let second = {
        let locks = Arc::clone(&locks);
        named("second", move || {
            let _held = locks.1.lock().unwrap();
            locks.2.wait();
            *locks.0.lock().unwrap() += 1; // second waits here
        })
    };
    match beside {
        Some("sleeper") => drop(named("bystander", || sleep(WHILE))),
        Some("computation") => drop(named("bystander", || compute(400))),
        Some("watchdog") => drop(named("watchdog", || {
            sleep(5 * WHILE);
            println!("watchdog: it hangs");
            process::exit(0);
        })),
        Some("timed-wait") => {
            let (_keep, nothing) = mpsc::channel::<()>();
            assert!(nothing.recv_timeout(WHILE).is_err());
        }
        Some(what) => panic!("nothing is called {what}"),
        None => {}
    }
    first.join().expect("first panicked");
    second.join().expect("second panicked");
}

fn philosophers(is_right: bool, meals: u32) {
    let forks: Arc<[Mutex<u32>; 3]> = Arc::default();
    let all = Arc::new(Barrier::new(3));
    let threads = [0, 1, 2].map(|seat: usize| {
        let (forks, all) = (Arc::clone(&forks), Arc::clone(&all));
        let (left, right) = (seat, (seat + 1) % 3);
        named(&format!("philosopher-{seat}"), move || {
            let (first, second) = if is_right {
                (left.min(right), left.max(right))
            } else {
                (left, right)
            };
            for _ in 0..meals {
                let mut first = forks[first].lock().unwrap();
                if !is_right {
                    all.wait();
                }
                let mut second = forks[second].lock().unwrap();
                *first += 1;
                *second += 1;
            }
        })
    });
    threads
        .into_iter()
        .for_each(|thread| thread.join().expect("a philosopher panicked"));
    println!("all have eaten");
}

fn both_read_sockets() {
    let (here, there) = UnixStream::pair().expect("no sockets to be had");
    let readers = [("ada", here), ("ben", there)].map(|(name, mut stream)| {
        named(name, move || {
            stream.read_exact(&mut [0]).expect("it is open");
            stream.write_all(b"x").expect("it is open");
        })
    });
    readers
        .into_iter()
        .for_each(|reader| reader.join().expect("a thread panicked"));
}

/// A child waits on a futex in memory that it shares with its parent.
fn shared_futex(is_woken: bool) {
    let futex = |address: *mut libc::c_void, operation: libc::c_int, value: u32| {
        let none = std::ptr::null::<libc::timespec>();
        // SAFETY: the address is mapped for the life of the process.
        unsafe { libc::syscall(libc::SYS_futex, address, operation, value, none) }
    };
    let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
    // SAFETY: a mapping of its own, never written.
    let address = unsafe { libc::mmap(std::ptr::null_mut(), 4096, libc::PROT_READ, flags, -1, 0) };
    assert_ne!(address, libc::MAP_FAILED);
    // SAFETY: this process has one thread.
    match unsafe { nix::unistd::fork() }.expect("no process to be had") {
        nix::unistd::ForkResult::Child => {
            futex(address, libc::FUTEX_WAIT, 0);
            // SAFETY: ends this process at once.
            unsafe { libc::_exit(0) }
        }
        nix::unistd::ForkResult::Parent { child } => {
            // It returns how many it woke.
            while is_woken && futex(address, libc::FUTEX_WAKE, 1) == 0 {
                sleep(MOMENT);
            }
            nix::sys::wait::waitpid(child, None).expect("it is there");
        }
    }
}

fn lock_twice() {
    let lock = Mutex::new(1);
    let held = lock.lock().unwrap();
    add_one(&lock);
    println!("{held}");
}

fn add_one(lock: &Mutex<u32>) {
    *lock.lock().unwrap() += 1; // main waits here
}

fn both_listen() {
    let (to_ben, from_ada) = mpsc::channel::<()>();
    let (to_ada, from_ben) = mpsc::channel::<()>();
    let ends = [("ada", from_ben, to_ben), ("ben", from_ada, to_ada)];
    let talkers = ends.map(|(name, ear, mouth)| {
        named(name, move || {
            ear.recv().expect("the other has gone");
            mouth.send(()).expect("the other has gone");
        })
    });
    talkers
        .into_iter()
        .for_each(|talker| talker.join().expect("a thread panicked"));
}

fn read_then_write() {
    let lock = RwLock::new(1);
    let read = lock.read().unwrap();
    *lock.write().unwrap() += 1;
    println!("{read}");
}

fn own_write_end() {
    let (mut reader, writer) = io::pipe().expect("no pipe to be had");
    let mut text = String::new();
    reader.read_to_string(&mut text).expect("it is open");
    drop(writer);
}

/// The parent waits for its child, the child for the end of a pipe whose write end the parent holds.
fn parent_and_child() {
    let mut cat = Command::new("cat");
    let mut cat = cat.stdin(Stdio::piped()).spawn().expect("it starts");
    let into = cat.stdin.take();
    cat.wait().expect("it is there");
    drop(into);
}

/// Each child holds the write end that the other one reads from; the parent waits for both.
fn children_that_hang() {
    let (to_a, from_b) = (io::pipe().expect("a pipe"), io::pipe().expect("a pipe"));
    let children = [(to_a.0, from_b.1), (from_b.0, to_a.1)].map(|(reads, writes)| {
        let mut sh = Command::new("sh");
        let sh = sh
            .args(["-c", "read word; echo $word"])
            .stdin(reads)
            .stdout(writes);
        sh.spawn().expect("it starts")
    });
    for mut child in children {
        child.wait().expect("it is there");
    }
}

fn wait_with_timeout() {
    let pair = (Mutex::new(()), Condvar::new());
    let held = pair.0.lock().unwrap();
    let (_held, timeout) = pair.1.wait_timeout(held, WHILE).unwrap();
    assert!(timeout.timed_out());
}

fn socket_with_timeout() {
    let (mut here, _there) = UnixStream::pair().expect("no sockets to be had");
    here.set_read_timeout(Some(WHILE)).expect("a time-out");
    assert!(here.read(&mut [0]).is_err());
}

fn alarm() {
    extern "C" fn on_alarm(_: libc::c_int) {
        // SAFETY: ends this process at once.
        unsafe { libc::_exit(9) }
    }
    let time = libc::itimerval {
        it_interval: libc::timeval {
            tv_sec: 0,
            tv_usec: 0,
        },
        it_value: libc::timeval {
            tv_sec: 0,
            tv_usec: 400_000,
        },
    };
    // SAFETY: the handler makes one async-signal-safe call; the time is a local.
    unsafe {
        let handler = on_alarm as extern "C" fn(libc::c_int);
        libc::signal(libc::SIGALRM, handler as libc::sighandler_t);
        libc::setitimer(libc::ITIMER_REAL, &time, std::ptr::null_mut());
    }
    thread::park();
}

/// The only writer of a pipe is the handler of a signal that a child will send.
fn signal_from_a_child() {
    static WRITER: AtomicI32 = AtomicI32::new(-1);
    extern "C" fn on_signal(_: libc::c_int) {
        // SAFETY: write is async-signal-safe, and the buffer is a constant.
        unsafe { libc::write(WRITER.load(Relaxed), b"x".as_ptr().cast(), 1) };
    }
    let (mut reader, writer) = io::pipe().expect("no pipe to be had");
    WRITER.store(writer.as_raw_fd(), Relaxed);
    // SAFETY: the handler makes one async-signal-safe call.
    unsafe {
        let handler = on_signal as extern "C" fn(libc::c_int);
        libc::signal(libc::SIGUSR1, handler as libc::sighandler_t);
    }
    let script = format!("sleep 0.4; kill -USR1 {}", process::id());
    let mut child = Command::new("sh")
        .args(["-c", &script])
        .spawn()
        .expect("it starts");
    reader.read_exact(&mut [0]).expect("it is open");
    child.wait().expect("it is there");
}

fn read_from(port: u16) {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("somebody listens");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("it is text");
    print!("{text}");
}
