//! A socket pair is a pipe that goes both ways: requests go out and answers come back over one.

use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{ForkResult, fork};
use std::io::{self, BufRead, BufReader, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;

const REQUESTS: [&str; 3] = ["6 * 7", "2 + 3", "2 +"];
const ANSWERS: [&str; 3] = ["42", "5", "not understood"];

fn main() {
    let (client, server) = UnixStream::pair().expect("no socket pair to be had"); // (1)
    // SAFETY: this process has one thread, so the child inherits no lock that another one holds.
    let ForkResult::Parent { child } = unsafe { fork() }.expect("no process to be had") else {
        drop(client);
        let served = serve(&server);
        // SAFETY: `_exit` takes any status and ends this process at once.
        unsafe { libc::_exit(i32::from(served.is_err())) }
    };

    drop(server);
    let mut answers = BufReader::new(&client).lines();
    let mut next_answer = || answers.next().expect("no answer").expect("cannot read");
    for (request, expected) in REQUESTS.into_iter().zip(ANSWERS) {
        writeln!(&client, "{request}").expect("cannot write"); // (2)
        let answer = next_answer();
        println!("{request} -> {answer}");
        assert_eq!(answer, expected);
    }
    client.shutdown(Shutdown::Write).expect("cannot shut down"); // (3)
    let farewell = next_answer();
    println!("{farewell}");
    assert_eq!(farewell, format!("{} requests served", REQUESTS.len()));
    assert_eq!(waitpid(child, None), Ok(WaitStatus::Exited(child, 0)));
}

fn serve(mut stream: &UnixStream) -> io::Result<()> {
    let mut served = 0;
    for request in BufReader::new(stream).lines() {
        writeln!(stream, "{}", answer(&request?))?;
        served += 1;
    } // (4)
    writeln!(stream, "{served} requests served")
}

fn answer(request: &str) -> String {
    let [a, operator, b] = request.split(' ').collect::<Vec<_>>()[..] else {
        return "not understood".into();
    };
    match (a.parse::<i64>(), operator, b.parse::<i64>()) {
        (Ok(a), "+", Ok(b)) => (a + b).to_string(),
        (Ok(a), "*", Ok(b)) => (a * b).to_string(),
        _ => "not understood".into(),
    }
}
