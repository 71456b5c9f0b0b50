//! Must not compile (E0277): `Rc` counts its owners with a plain `+= 1`, so it stays in its thread.

use std::rc::Rc;
use std::thread;

fn main() {
    let name = Rc::new(String::from("shared"));
    let for_thread = Rc::clone(&name); // (1)
    let owner = thread::spawn(move || Rc::strong_count(&for_thread)); // (2)
    println!("{}", owner.join().expect("worker panicked"));
}
