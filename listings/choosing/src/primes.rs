//! The synchronous core: it computes, waits for nothing, and does not know who calls it.

/// Counts the primes below `limit`.
pub fn primes_below(limit: u32) -> usize {
    (2..limit).filter(|n| is_prime(*n)).count()
}

fn is_prime(n: u32) -> bool {
    (2..=n.isqrt()).all(|d| !n.is_multiple_of(d))
}
