//! A pipe holds so many bytes and no more: then a `write` waits, or is refused if it must not wait.

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use std::io::{self, ErrorKind, Read, Write};

fn main() {
    let (mut reader, mut writer) = io::pipe().expect("no pipe to be had");
    let capacity = fcntl(&writer, FcntlArg::F_GETPIPE_SZ).expect("cannot ask"); // (1)
    let capacity = usize::try_from(capacity).expect("less than nothing");
    println!("≈ this pipe holds {capacity} bytes");

    let no_wait = FcntlArg::F_SETFL(OFlag::O_NONBLOCK);
    fcntl(&writer, no_wait).expect("cannot set"); // (2)
    let too_much = vec![b'x'; 2 * capacity];
    let taken = writer.write(&too_much).expect("cannot write");
    assert_eq!(taken, capacity); // (3)
    println!("offered twice as many, it took exactly so many");

    let refused = writer.write(b"y").expect_err("a full pipe took a byte");
    assert_eq!(refused.kind(), ErrorKind::WouldBlock); // (4)
    println!("one more byte was refused: the pipe is full");

    let mut drained = vec![0; capacity];
    reader.read_exact(&mut drained).expect("cannot read");
    assert_eq!(drained, too_much[..capacity]);
    let taken = writer.write(&too_much[capacity..]).expect("cannot write");
    assert_eq!(taken, too_much.len() - capacity); // (5)
    println!("the reader emptied it, and the rest went in");
}
