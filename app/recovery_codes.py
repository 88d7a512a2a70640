"""Recovery codes: ten that each stand in once for a lost telephone; told once, kept as keyed hashes."""

import re
import secrets

from app.accounts import PASSWORD_LETTERS
from app.factor_key import FactorKey

HOW_MANY = 10
LETTERS, GROUP = 10, 5  # 31^10: 49 bits, guessed at five tries a quarter of an hour


def new_codes() -> list[str]:
    """Ten codes as they are written down: two groups of five letters and digits that cannot be mistaken."""
    return [_code() for _ in range(HOW_MANY)]


def as_kept(key: FactorKey, account_id: int, code: str) -> str | None:
    """The hash of a code, however it was typed; None for what cannot be one."""
    plain = re.sub(r"[\s-]", "", code.lower())
    if len(plain) != LETTERS or not set(plain) <= set(PASSWORD_LETTERS):
        return None
    return key.code_hash(plain, account_id)


def _code() -> str:
    letters = "".join(secrets.choice(PASSWORD_LETTERS) for _ in range(LETTERS))
    return f"{letters[:GROUP]}-{letters[GROUP:]}"
