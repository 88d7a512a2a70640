"""Second factors, their recovery codes, and who an account is at the identity provider. Knows hashes and sealed text only.

What may be used once is taken in one statement that says whether it was still there: of two at once, one gets it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, Update, delete, func, insert, select, update
from sqlalchemy.orm import Session

from tracker.errors import UsageError
from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import RecoveryCode, User


def set_factor(session: Session, account_id: int, sealed: str, *, step: int, now: datetime) -> bool:
    """Give an account without a second factor this one, whose code of `step` was just shown; False: it has one by now."""
    statement = update(User).where(User.id == account_id, User.second_factor == "")
    return _changed(
        session,
        statement.values(second_factor=sealed, second_factor_since=now, second_factor_step=step),
    )


def clear_factor(session: Session, account_id: int) -> None:
    """Take the second factor away, and its recovery codes with it. The step stays: no old code becomes good again."""
    session.execute(
        update(User).where(User.id == account_id).values(second_factor="", second_factor_since=None)
    )
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


def take_step(session: Session, account_id: int, *, before: int, step: int) -> bool:
    """Note that the code of `step` was used; False: since `before` was read another one was, or it is not newer.

    Steps are intervals of 30 seconds since 1970 (RFC 6238).
    """
    statement = update(User).where(
        User.id == account_id, User.second_factor_step == before, User.second_factor_step < step
    )
    return _changed(session, statement.values(second_factor_step=step))


def replace_codes(session: Session, account_id: int, hashes: Sequence[str], now: datetime) -> None:
    """New recovery codes instead of all earlier ones."""
    hold(session, Lock.ACCOUNTS)
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    first = next_id(session, RecoveryCode.id)
    rows = [
        {"id": first + place, "account_id": account_id, "code_hash": each, "made_at": now, "used_at": None}
        for place, each in enumerate(hashes)
    ]
    session.execute(insert(RecoveryCode), rows)


def take_code(session: Session, account_id: int, code_hash: str, now: datetime) -> bool:
    """Use up a recovery code; False: the account has none like it, or it was used."""
    statement = update(RecoveryCode).where(
        RecoveryCode.account_id == account_id,
        RecoveryCode.code_hash == code_hash,
        RecoveryCode.used_at.is_(None),
    )
    return _changed(session, statement.values(used_at=now))


def codes_left(session: Session, account_id: int) -> int:
    """How many recovery codes of the account are unused."""
    unused = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return int(session.scalar(unused) or 0)


def forget_demo_codes(session: Session) -> None:
    """Remove the recovery codes of demonstration accounts, before the accounts go."""
    demo = select(User.id).where(User.is_demo)
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id.in_(demo)))


# ---------------------------------------------------------------- single sign-on


def find_subject(session: Session, subject: str) -> int | None:
    """The account that is this one at the identity provider ("issuer subject"); None: none is."""
    return session.scalar(select(User.id).where(User.sso_subject == subject)) if subject else None


def set_subject(session: Session, account_id: int, subject: str) -> None:
    """Who the account is at the identity provider; empty: nobody.

    Raises:
        UsageError: another account is that one already.
    """
    hold(session, Lock.ACCOUNTS)
    other = find_subject(session, subject)
    if other is not None and other != account_id:
        raise UsageError("tài khoản bên ngoài này đã gắn với một tài khoản khác")
    session.execute(update(User).where(User.id == account_id).values(sso_subject=subject))


def _changed(session: Session, statement: Update) -> bool:
    return cast("CursorResult[Any]", session.execute(statement)).rowcount == 1
