//! Two threads that each listen before they speak deadlock on channels, without any lock.

use std::process;
use std::sync::mpsc::{self, RecvTimeoutError, TryRecvError};
use std::thread::Builder;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_millis(300);

fn main() {
    let (to_ben, from_ada) = mpsc::channel();
    let (to_ada, from_ben) = mpsc::channel();
    let (report, reports) = mpsc::channel();
    let ends = [("ada", from_ben, to_ben), ("ben", from_ada, to_ada)];
    let talkers = ends.map(|(name, ear, mouth)| {
        let report = report.clone();
        let talk = move || {
            let before = ear.try_recv(); // (1)
            report.send((name, before)).expect("main has gone");
            let heard = ear.recv().expect("the other has gone"); // (2)
            mouth.send(name).expect("the other has gone"); // (3)
            println!("{name} heard {heard}");
        };
        let builder = Builder::new().name(name.into());
        builder.spawn(talk).expect("no thread to be had")
    });
    drop(report);

    let mut before: Vec<_> = reports.iter().take(2).collect();
    before.sort_by_key(|(name, _)| *name);
    let empty = Err(TryRecvError::Empty);
    assert_eq!(before, [("ada", empty), ("ben", empty)]); // (4)
    println!("ada listens: the channel is open and empty");
    println!("ben listens: the channel is open and empty");

    let watch = move || {
        if reports.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            println!("watchdog: ada waits for ben, ben waits for ada");
            process::exit(0);
        }
    };
    let watchdog = Builder::new().name("watchdog".into());
    watchdog.spawn(watch).expect("no thread to be had");
    for talker in talkers {
        talker.join().expect("worker panicked");
    }
    unreachable!("somebody spoke first");
}
