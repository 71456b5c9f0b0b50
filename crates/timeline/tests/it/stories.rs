//! The stories that time lines are there for.

use crate::run::{Run, mutex};
use State::{Lock, Poll, Read, Run as Running, Sleep, Wait};
use runner::{Event, On, State, Why};
use std::ops::Range;

/// Two threads add under one lock; main joins both.
pub fn one_lock() -> Vec<Event> {
    let mut run = Run::of("two_adders");
    run.at(460)
        .thread(101, "two_adders")
        .at(470)
        .step(101, name("adder-1"));
    run.at(540)
        .thread(102, "two_adders")
        .at(552)
        .step(102, name("adder-2"));
    run.at(580).state(100, Lock);
    run.at(600).state(102, Lock);
    for (t, from, to) in [
        (860, 101, 102),
        (1220, 102, 101),
        (1540, 101, 102),
        (1900, 102, 101),
    ] {
        run.at(t).wake(from, to).at(t + 8).state(to, Running);
        if t < 1900 {
            run.at(t + 30).state(from, Lock);
        }
    }
    run.at(2010).exit(102).at(2200).joined(101, 100);
    run.at(2260).out(100, "the counter is 4\n");
    run.done(2330)
}

/// A name that a thread gives itself.
fn name(name: &str) -> runner::Step {
    runner::Step::Name {
        name: name.to_owned(),
    }
}

/// A bounded channel: the producer is faster, and waits for room.
pub fn producer_consumer() -> Vec<Event> {
    let mut run = Run::of("bounded");
    run.at(450)
        .thread(101, "producer")
        .at(520)
        .thread(102, "consumer");
    run.at(540).state(100, Lock);
    run.at(560).state(102, Lock);
    for item in 0..6 {
        let t = 700 + item * 420;
        run.at(t).wake(101, 102).at(t + 8).state(102, Running);
        run.at(t + 60).state(101, Lock);
        run.at(t + 240).out(102, &format!("item {item} eaten\n"));
        run.at(t + 290)
            .wake(102, 101)
            .at(t + 296)
            .state(101, Running);
        run.at(t + 320).state(102, Lock);
    }
    run.at(3260)
        .wake(101, 102)
        .exit(101)
        .at(3400)
        .state(102, Running);
    run.at(3480).joined(102, 100);
    run.at(3520)
        .out(100, "six items, and never more than one in the channel\n");
    run.done(3600)
}

/// Three workers, five jobs of one length: three at once, then two.
pub fn pool_of_three() -> Vec<Event> {
    let mut run = Run::of("pool");
    for worker in 0..3 {
        run.at(450 + worker * 50)
            .thread(101 + worker as i32, &format!("worker-{}", worker + 1));
        run.at(470 + worker * 50).state(101 + worker as i32, Lock);
    }
    for job in 0..3 {
        let worker = 101 + job as i32;
        run.at(640 + job * 40)
            .wake(100, worker)
            .at(646 + job * 40)
            .state(worker, Sleep);
    }
    run.at(780).state(100, Lock);
    for job in 0..3 {
        let worker = 101 + job as i32;
        let t = 100_650 + job * 40;
        run.at(t)
            .state(worker, Running)
            .at(t + 12)
            .out(worker, &format!("job {} done\n", job + 1));
        run.at(t + 30)
            .state(worker, if job < 2 { Sleep } else { Lock });
    }
    for job in 3..5 {
        let worker = 98 + job as i32;
        let t = 200_700 + job * 40;
        run.at(t)
            .state(worker, Running)
            .at(t + 12)
            .out(worker, &format!("job {} done\n", job + 1));
        run.at(t + 30).state(worker, Lock);
    }
    run.at(201_000).wake(102, 100).state(100, Running);
    for worker in 101..104 {
        let t = 201_000 + (worker as u64 - 100) * 60;
        run.at(t)
            .wake(100, worker)
            .state(worker, Running)
            .at(t + 10)
            .state(100, Lock);
        run.at(t + 30).joined(worker, 100);
    }
    run.at(201_300).out(100, "five jobs took the time of two\n");
    run.done(201_400)
}

/// A child counts the words that its parent writes into a pipe.
pub fn fork_and_pipe() -> Vec<Event> {
    let mut run = Run::of("word_count");
    run.at(900).spawn(201, Some(100), 201, "word_count");
    run.at(950).step(
        201,
        runner::Step::Exec {
            name: "wc".to_owned(),
        },
    );
    run.at(1100).state(201, Read);
    for line in 0..4 {
        let t = 1300 + line * 350;
        run.at(t)
            .data(100, 201)
            .at(t + 6)
            .state(201, Running)
            .at(t + 110)
            .state(201, Read);
        if line < 3 {
            run.at(t + 40)
                .state(100, Sleep)
                .at(t + 330)
                .state(100, Running);
        }
    }
    run.at(2500).state(100, Wait);
    run.at(2540)
        .state(201, Running)
        .at(2610)
        .out(201, "      12\n")
        .at(2700)
        .exit(201);
    run.at(2720)
        .state(100, Running)
        .at(2790)
        .out(100, "the child is done\n");
    run.done(2850)
}

/// One thread, three tasks: it sleeps in epoll and works in between.
pub fn async_one_lane() -> Vec<Event> {
    let mut run = Run::of("three_tasks");
    run.at(700).state(100, Poll);
    for (nth, t) in [10_000, 20_000, 30_000].into_iter().enumerate() {
        run.at(t)
            .state(100, Running)
            .at(t + 90)
            .out(100, &format!("task {} done\n", nth + 1));
        run.at(t + 700).state(100, Poll);
    }
    run.at(40_000).state(100, Running);
    run.done(41_000)
}

/// Each of two threads holds what the other waits for.
pub fn deadlock() -> Vec<Event> {
    let mut run = Run::of("two_locks");
    run.at(480).thread(101, "copy").at(560).thread(102, "fax");
    run.at(590).state(100, Lock);
    run.at(610).state(101, Lock);
    run.at(700).wake(102, 101).at(706).state(101, Running);
    run.at(760)
        .wake(101, 100)
        .at(768)
        .state(100, Running)
        .at(810)
        .state(101, Lock);
    run.at(840).state(102, Lock);
    run.at(900)
        .out(100, "copy holds the scanner, waits for the printer\n");
    run.at(930)
        .out(100, "fax holds the printer, waits for the scanner\n");
    run.at(960).thread(103, "watchdog").at(985).state(103, Lock);
    run.at(1000).state(100, Lock);
    run.at(101_100).deadlock(&[
        (100, "two_locks", On::Join { of: 101 }),
        (101, "copy", mutex("A", 102)),
        (102, "fax", mutex("B", 101)),
    ]);
    for tid in [101, 102, 103, 100] {
        run.at(101_400).killed(tid, 9);
    }
    run.at(101_900).end(Why::Deadlock, None)
}

/// Five philosophers, each with the fork on the left.
pub fn philosophers() -> Vec<Event> {
    let mut run = Run::of("philosophers");
    let names = ["Plato", "Laozi", "Hypatia", "Kant", "Hegel"];
    for (nth, name) in names.into_iter().enumerate() {
        let (tid, t) = (101 + nth as i32, 450 + nth as u64 * 70);
        run.at(t).thread(tid, name).at(t + 60).state(tid, Lock);
    }
    run.at(820).state(100, Lock);
    for (nth, name) in names.into_iter().enumerate() {
        let (tid, t) = (101 + nth as i32, 900 + nth as u64 * 60);
        run.at(t).wake(105, tid).state(tid, Running);
        run.at(t + 20)
            .out(tid, &format!("{name} takes the left fork\n"));
        run.at(t + 120).state(tid, Lock);
    }
    let locks = ["A", "B", "C", "D", "E"];
    let mut waits = vec![(100, "philosophers", On::Join { of: 101 })];
    for nth in 0..5 {
        let next = 101 + (nth as i32 + 1) % 5;
        waits.push((101 + nth as i32, names[nth], mutex(locks[nth], next)));
    }
    run.at(101_500).deadlock(&waits).end(Why::Deadlock, None)
}

/// One thread locks what it holds already.
pub fn relock() -> Vec<Event> {
    let mut run = Run::of("relock");
    run.at(600)
        .out(100, "locked once\n")
        .at(700)
        .state(100, Lock);
    run.at(100_900)
        .deadlock(&[(100, "relock", mutex("A", 100))]);
    run.at(101_000).end(Why::Deadlock, None)
}

/// More threads than a drawing has room for.
pub fn forty_threads() -> Vec<Event> {
    let mut run = Run::of("forty");
    for nth in 0..40 {
        let (tid, t) = (101 + nth as i32, 450 + nth * 45);
        run.at(t).thread(tid, &format!("worker-{}", nth + 1));
        run.at(t + 150 + nth * 13 % 70)
            .state(tid, [Lock, Read, Sleep][nth as usize % 3]);
    }
    run.at(2300).state(100, Lock);
    for nth in 0..40 {
        let (tid, t) = (101 + nth as i32, 2500 + nth * 37 % 900);
        run.at(t).state(tid, Running);
        run.at(t + 200).joined(tid, 100).state(100, Lock);
    }
    run.at(3620).state(100, Running);
    run.done(3700)
}

/// Nobody else.
pub fn one_thread() -> Vec<Event> {
    let mut run = Run::of("alone");
    run.at(900).out(100, "hello\n");
    run.done(1100)
}

/// It did not even start.
pub fn nothing() -> Vec<Event> {
    Run::default().at(300).end(Why::StartFailed, None)
}

/// A panic, an abort, and what it says.
pub fn abort() -> Vec<Event> {
    let mut run = Run::of("poisoned");
    run.at(500).thread(101, "worker").at(520).state(100, Lock);
    run.at(800).err(
        101,
        "thread 'worker' panicked at src/bin/poisoned.rs:12:9:\nno more\n",
    );
    run.at(1100).killed(101, 6).killed(100, 6);
    run.at(1300).end(Why::Signal, Some(6))
}

/// Names and output that would like to be markup.
pub fn hostile() -> Vec<Event> {
    let mut run = Run::of("</title><script>");
    run.at(500).thread(101, "<b>\"&'`\u{202e}x\u{7}");
    run.at(600).thread(102, "工作线程的名字很长很长很长");
    run.at(700).thread(103, &"\u{301}".repeat(3000));
    run.at(720).thread(104, "");
    run.at(900)
        .state(101, Sleep)
        .out(101, "]]> <img src=x onerror=alert(1)> &amp;\u{0}\n");
    run.at(1000).out(102, "输出一行中文，后面还有很长很长的一句话，长到放不下，必须截断才行，否则就会伸到图外面去了\n");
    run.at(1300).err(103, "\"quotes\" and 'more' ${x} {{y}}\n");
    run.at(1400).joined(101, 100).exit(102).exit(103);
    run.done(1500)
}

/// A parent and six children that work at the same time.
pub fn six_children() -> Vec<Event> {
    let mut run = Run::of("six_children");
    for nth in 0..6 {
        let t = 600 + nth * 150;
        run.at(t).spawn(
            201 + nth as i32,
            Some(100),
            201 + nth as i32,
            "six_children",
        );
    }
    run.at(1500).state(100, Wait);
    for nth in 0..6 {
        let (tid, t) = (201 + nth as i32, 2000 + nth * 200);
        run.at(t)
            .out(tid, &format!("child {nth} says {}\n", nth * nth))
            .at(t + 80)
            .exit(tid);
        run.at(t + 100)
            .state(100, Running)
            .at(t + 110)
            .state(100, Wait);
    }
    run.at(3300).state(100, Running);
    run.done(3400)
}

/// A runtime of many short steps: thousands of waits under a pixel.
pub fn storm() -> Vec<Event> {
    storm_of(15_000, 7, 33..127)
}

/// A storm of so many steps; its output is of these characters.
pub fn storm_of(steps: u64, mut seed: u64, characters: Range<u32>) -> Vec<Event> {
    let mut run = Run::of("storm");
    for nth in 0..40 {
        run.at(430 + nth * 5).thread(
            101 + nth as i32,
            &format!("tokio-rt-w{:05x}", nth * 7919 % 65536),
        );
    }
    // No library of random numbers for one story: a linear congruential generator does.

    let mut random = |below: u64| {
        seed = seed
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (seed >> 33) % below
    };
    for nth in 0..steps {
        let (tid, other) = (101 + random(40) as i32, 101 + random(40) as i32);
        let t = 700 + nth * 7 + random(6);
        match random(5) {
            0 => run.at(t).wake(tid, other),
            1 => run.at(t).data(tid, other),
            2 => {
                let character =
                    |n: u64| char::from_u32(characters.start + n as u32).expect("a character");
                let count = u64::from(characters.end - characters.start);
                let text: String = (0..60).map(|_| character(random(count))).collect();
                run.at(t).out(tid, &(text + "\n"))
            }
            _ => {
                let states = [Running, Lock, Sleep, Read, Poll, Wait];
                run.at(t).state(tid, states[random(6) as usize])
            }
        };
    }
    run.at(110_000).end(Why::EventLimit, None)
}

/// All of them, by name.
pub fn all() -> Vec<(&'static str, Vec<Event>)> {
    vec![
        ("two threads, one lock", one_lock()),
        ("producer and consumer", producer_consumer()),
        ("a pool of three", pool_of_three()),
        ("fork and pipe", fork_and_pipe()),
        ("six children", six_children()),
        ("one lane, three tasks", async_one_lane()),
        ("deadlock", deadlock()),
        ("philosophers", philosophers()),
        ("relock", relock()),
        ("forty threads", forty_threads()),
        ("one thread", one_thread()),
        ("nothing", nothing()),
        ("killed", abort()),
        ("hostile names", hostile()),
        ("a storm", storm()),
    ]
}
