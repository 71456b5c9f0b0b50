//! On one core, threads and tasks let waits overlap; they compute no more than one thread does.

use choosing::{Way, computing_at_a_time, pin_to_one_core, waiting_at_a_time};

const ONE: f64 = 1.1; // at a time, with slack for the clocks
const SEVERAL: f64 = 1.5; // at a time

fn main() {
    let threads = computing_at_a_time(Way::Threads); // (1)
    let tasks = computing_at_a_time(Way::Tasks);
    assert!(tasks < ONE); // (2)
    println!("≈ computing at a time on all cores: 4 threads {threads:.1}, 4 tasks {tasks:.1}");

    pin_to_one_core(); // (3)
    for way in [Way::InTurn, Way::Threads, Way::Tasks] {
        let waiting = waiting_at_a_time(way); // (4)
        let computing = computing_at_a_time(way);
        let overlap = waiting > SEVERAL;
        assert_eq!(overlap, way != Way::InTurn); // (5)
        assert!(computing < ONE); // (6)
        let waits = if overlap { "overlap" } else { "add up" };
        println!("{way:9} on one core: waits {waits}, one computes at a time");
        println!("≈ at a time: waiting {waiting:.1}, computing {computing:.1}");
    }
}
