//! A `Builder` sets a thread's name and stack size, and its `spawn` can fail without a panic.

use std::hint::black_box;
use std::thread::{self, Builder};

const STACK_MIB: usize = 16;
const TOO_BIG_BYTES: usize = 1 << 60; // more than any address space holds
const FRAME_BYTES: usize = 64 * 1024;
const FRAMES: usize = 64; // 4 MiB in all: more than the default stack of 2 MiB

fn main() {
    let own_name = || thread::current().name().map(str::to_owned); // (1)
    for name in ["reader", "writer"] {
        let named = Builder::new().name(name.into());
        let worker = named.spawn(own_name).expect("no thread to be had");
        let seen_inside = worker.join().expect("worker panicked");
        assert_eq!(seen_inside.as_deref(), Some(name));
        println!("{name} knows its name");
    }

    let unnamed = thread::spawn(own_name);
    assert_eq!(unnamed.join().expect("worker panicked"), None); // (2)

    let deep = Builder::new().name("deep".into());
    let deep = deep.stack_size(STACK_MIB << 20); // (3)
    let worker = deep.spawn(|| descend(FRAMES)).expect("no thread to be had");
    assert_eq!(worker.join().expect("worker panicked"), FRAMES);
    println!("deep had a stack of {STACK_MIB} MiB");

    let giant = Builder::new().name("giant".into());
    let refused = giant.stack_size(TOO_BIG_BYTES).spawn(|| ());
    assert!(refused.is_err()); // (4)
    println!("giant was refused, and main goes on");
}

fn descend(frames: usize) -> usize {
    let frame = [1_u8; FRAME_BYTES];
    let below = if frames > 1 { descend(frames - 1) } else { 0 };
    below + usize::from(black_box(&frame)[0])
}
