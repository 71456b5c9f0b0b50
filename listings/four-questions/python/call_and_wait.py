"""A synchronous call: while the callee works, the caller does nothing else."""

EXPECTED = [
    "caller: asks",
    "callee: begins",
    "callee: has counted",
    "caller: goes on, with 25 primes",
]


def main():
    lines = ["caller: asks"]
    primes = count_primes(100, lines)  # (1)
    lines.append(f"caller: goes on, with {primes} primes")  # (2)
    print("\n".join(lines))
    assert lines == EXPECTED


def count_primes(limit, lines):
    lines.append("callee: begins")
    primes = sum(all(n % d for d in range(2, n)) for n in range(2, limit))
    lines.append("callee: has counted")
    return primes


if __name__ == "__main__":
    main()
