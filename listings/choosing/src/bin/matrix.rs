//! One workload in six designs: who executes it and how it is called differ, the sum does not.

use choosing::Call::{Asynchronous, Synchronous};
use choosing::Unit::{OneThread, Processes, Threads};
use choosing::{SlowServer, carry_out, work_if_asked};

const PRIMES: usize = 2_903; // below 1000, 2000, ... 6000, added up

fn main() {
    if work_if_asked() {
        return; // (1)
    }
    let designs = [
        (OneThread, Synchronous, 1),
        (OneThread, Asynchronous, 6),
        (Threads, Synchronous, 3),
        (Threads, Asynchronous, 6),
        (Processes, Synchronous, 3),
        (Processes, Asynchronous, 6),
    ];
    for (unit, call, open) in designs {
        let server = SlowServer::start(open); // (2)
        let primes = carry_out(unit, call, server.address());
        assert_eq!(server.most_open(), open); // (3)
        assert_eq!(primes, PRIMES); // (4)
        println!("{unit:11} {call:12} {open} open at once, {primes} primes");
    }
}
