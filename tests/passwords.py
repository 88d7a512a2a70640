"""Passwords of made-up accounts, hashed as cheaply as argon2 can.

A hash carries its own cost and the program checks it at that; what a log-in costs is a matter of the hashes that the
program makes itself, which the tests of accounts and keys look at.
"""

from argon2 import PasswordHasher

_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def cheap_hash(password: str) -> str:
    """An argon2id hash that is checked in less than a millisecond."""
    return _CHEAP.hash(password)
