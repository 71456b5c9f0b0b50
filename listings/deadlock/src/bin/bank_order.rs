//! Transfers that lock the account of the lower number first all finish, and the total stays.

use std::sync::{Barrier, Mutex};
use std::thread::{self, Builder};

const ACCOUNTS: usize = 4;
const TELLERS: usize = 4;
const TRANSFERS: usize = 1_000; // per teller
const OPENING: i64 = 10_000; // euros in each account

fn main() {
    let bank: [Mutex<i64>; ACCOUNTS] = std::array::from_fn(|_| Mutex::new(OPENING));
    transfer(&bank, 2, 2, 500); // (1)
    assert_eq!(*bank[2].lock().unwrap(), OPENING);
    println!("account 2 to account 2: nothing moves, nothing hangs");

    let all_ready = Barrier::new(TELLERS);
    thread::scope(|scope| {
        for teller in 0..TELLERS {
            let (bank, all_ready) = (&bank, &all_ready);
            let work = move || {
                all_ready.wait();
                for step in 0..TRANSFERS {
                    let from = step % ACCOUNTS;
                    let to = (step / ACCOUNTS + teller) % ACCOUNTS; // (2)
                    transfer(bank, from, to, 1 + from as i64);
                }
            };
            let builder = Builder::new().name(format!("teller-{teller}"));
            let started = builder.spawn_scoped(scope, work);
            started.expect("no thread to be had");
        }
    });

    let balances = bank.map(|account| account.into_inner().unwrap());
    println!("{} transfers: {balances:?}", TELLERS * TRANSFERS);
    assert_eq!(balances, [11_500, 10_500, 9_500, 8_500]);
    let total: i64 = balances.iter().sum();
    println!("total: {total}, as before");
    assert_eq!(total, OPENING * ACCOUNTS as i64);
}

fn transfer(bank: &[Mutex<i64>], from: usize, to: usize, euros: i64) {
    if from == to {
        return; // (3)
    }
    let low = bank[from.min(to)].lock().unwrap(); // (4)
    thread::yield_now();
    let high = bank[from.max(to)].lock().unwrap();
    let (mut source, mut target) = if from < to { (low, high) } else { (high, low) };
    *source -= euros;
    *target += euros;
}
