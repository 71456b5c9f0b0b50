//! A pipe keeps the order of bytes, not where a write ended: a length before each message does.

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use std::io::{self, ErrorKind, Read, Write};
use std::iter;

const MESSAGES: usize = 100;
const BYTES_MORE: usize = 7; // by so much is each message longer than the one before

fn main() {
    let stream: Vec<u8> = (0..MESSAGES).flat_map(|n| frame(&message(n))).collect();
    for piece in [stream.len(), 1_000, 3] {
        let received = send_and_receive(&stream, piece).expect("a message is torn");
        assert_eq!(received.len(), MESSAGES);
        assert!((0..MESSAGES).all(|n| received[n] == message(n))); // (1)
        println!("written in pieces of {piece} bytes: {MESSAGES} messages");
    }
    let cut = &stream[..stream.len() - 1];
    let error = send_and_receive(cut, cut.len()).expect_err("the loss went unseen");
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof); // (2)
    println!("one byte short: {}", error.kind());
}

fn message(n: usize) -> Vec<u8> {
    vec![n as u8; n * BYTES_MORE]
}

fn frame(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("message too long");
    [&length.to_le_bytes(), message].concat() // (3)
}

/// The next message, or `None` at an end that no message straddles.
fn read_message(reader: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; size_of::<u32>()];
    if reader.read(&mut length[..1])? == 0 {
        return Ok(None); // (4)
    }
    reader.read_exact(&mut length[1..])?;
    let mut message = vec![0; u32::from_le_bytes(length) as usize];
    reader.read_exact(&mut message)?; // (5)
    Ok(Some(message))
}

fn send_and_receive(stream: &[u8], piece: usize) -> io::Result<Vec<Vec<u8>>> {
    let (mut reader, mut writer) = io::pipe()?;
    // SAFETY: this process has one thread, so the child inherits no lock that another one holds.
    let ForkResult::Parent { child } = unsafe { fork() }? else {
        drop(reader);
        let mut pieces = stream.chunks(piece);
        let sent = pieces.try_for_each(|piece| writer.write_all(piece));
        // SAFETY: `_exit` takes any status and ends this process at once.
        unsafe { libc::_exit(i32::from(sent.is_err())) }
    };
    drop(writer);
    let received = iter::from_fn(|| read_message(&mut reader).transpose()).collect();
    assert_eq!(waitpid(child, None)?, WaitStatus::Exited(child, 0));
    received
}
