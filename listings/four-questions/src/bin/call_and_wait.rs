//! A synchronous call: while the callee works, the caller does nothing else.

const EXPECTED: [&str; 4] = [
    "caller: asks",
    "callee: begins",
    "callee: has counted",
    "caller: goes on, with 25 primes",
];

fn main() {
    let mut lines = vec!["caller: asks".to_owned()];
    let primes = count_primes(100, &mut lines); // (1)
    lines.push(format!("caller: goes on, with {primes} primes")); // (2)
    println!("{}", lines.join("\n"));
    assert_eq!(lines, EXPECTED);
}

fn count_primes(limit: u32, lines: &mut Vec<String>) -> usize {
    lines.push("callee: begins".to_owned());
    let is_prime = |n: &u32| (2..*n).all(|d| !n.is_multiple_of(d));
    let primes = (2..limit).filter(is_prime).count();
    lines.push("callee: has counted".to_owned());
    primes
}
