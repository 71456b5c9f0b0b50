//! Two threads of three steps have 20 orders: 2 give the right sum, 18 lose an update.

use std::array::from_fn;

const STEPS: usize = 3; // of each thread: read, add, write
const TURNS: usize = 2 * STEPS;

#[derive(Default)]
struct Adder {
    steps_done: usize,
    own_copy: usize,
}

fn main() {
    let mut orders_with_total = [0; 3];
    for order in 0..1_usize << TURNS {
        let turns: [usize; TURNS] = from_fn(|turn| (order >> (TURNS - 1 - turn)) & 1);
        if turns.iter().sum::<usize>() != STEPS {
            continue; // (1)
        }
        let total = run(&turns);
        let names: String = turns.iter().map(|&turn| ["A", "B"][turn]).collect();
        println!("{names}: {total}");
        orders_with_total[total] += 1;
    }
    let [none, one, two] = orders_with_total;
    println!("{one} orders give 1, {two} give 2");
    assert_eq!([none, one, two], [0, 18, 2]); // (2)
}

fn run(turns: &[usize]) -> usize {
    let mut counter = 0;
    let mut adders = [Adder::default(), Adder::default()];
    for &turn in turns {
        let adder = &mut adders[turn];
        match adder.steps_done {
            0 => adder.own_copy = counter, // (3)
            1 => adder.own_copy += 1,
            _ => counter = adder.own_copy,
        }
        adder.steps_done += 1;
    }
    counter
}
