//! A value cleans up when its block is left, whichever way: this is how a lock is released.

use std::sync::Mutex;

fn main() {
    let till = Mutex::new(100);
    for price in [60, 60] {
        let _bell = Bell; // (1)
        let mut money = till.lock().unwrap(); // (2)
        assert!(till.try_lock().is_err());
        if *money < price {
            break; // (3)
        }
        *money -= price;
        println!("paid {price}");
    } // (4)
    assert_eq!(*till.try_lock().unwrap(), 40);
    println!("the lock is free again");
}

struct Bell;

impl Drop for Bell {
    fn drop(&mut self) {
        println!("the bell rings"); // (5)
    }
}
