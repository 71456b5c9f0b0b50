"""Transfers that lock the account of the lower number first all finish, and the total stays."""

import os
import threading

ACCOUNTS = 4
TELLERS = 4
TRANSFERS = 1_000  # per teller
OPENING = 10_000  # euros in each account


class Account:
    def __init__(self):
        self.lock = threading.Lock()
        self.euros = OPENING


bank = [Account() for _ in range(ACCOUNTS)]
all_ready = threading.Barrier(TELLERS)


def main():
    transfer(2, 2, 500)  # (1)
    assert bank[2].euros == OPENING
    print("account 2 to account 2: nothing moves, nothing hangs")

    tellers = []
    for number in range(TELLERS):
        teller = threading.Thread(target=work, args=(number,), name=f"teller-{number}", daemon=True)
        teller.start()
        tellers.append(teller)
    for teller in tellers:
        teller.join()

    balances = [account.euros for account in bank]
    print(f"{TELLERS * TRANSFERS} transfers: {balances}")
    assert balances == [11_500, 10_500, 9_500, 8_500]
    total = sum(balances)
    print(f"total: {total}, as before")
    assert total == OPENING * ACCOUNTS


def work(teller):
    all_ready.wait()
    for step in range(TRANSFERS):
        source = step % ACCOUNTS
        target = (step // ACCOUNTS + teller) % ACCOUNTS  # (2)
        transfer(source, target, 1 + source)


def transfer(source, target, euros):
    if source == target:
        return  # (3)
    with bank[min(source, target)].lock:  # (4)
        os.sched_yield()
        with bank[max(source, target)].lock:
            bank[source].euros -= euros
            bank[target].euros += euros


if __name__ == "__main__":
    main()
