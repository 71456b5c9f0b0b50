//! Must not compile (E0004): the `match` says nothing of the second case.

enum Order {
    Buy(u32),
    Stop, // (1)
}

fn main() {
    for order in [Order::Buy(3), Order::Stop] {
        match order {
            Order::Buy(pieces) => println!("buy {pieces}"), // (2)
        }
    }
}
