"""The page of evidence packs: its form, and what rows and keys say in words. Knows no request."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from app import presenters
from app.pack_keys import public_pem
from app.packs import LONGEST_TITLE, PackAsked
from app.presenters import sentence
from app.sources_page import bytes_word
from app.typed_dates import day_asked
from app.typed_numbers import row_asked
from tracker.errors import UsageError
from tracker.measures.log_chain import Seal, read_seal_lines
from tracker.measures.pack_format import BASES, grouped
from tracker.store.pack_store import KeyRow, PackRow
from tracker.types import Basis

__all__ = ["BASES", "bytes_word", "grouped"]

CHECKER = Path(__file__).parents[1] / "scripts" / "verify_pack.py"
LONGEST_LINES = 20_000


@dataclass(frozen=True, slots=True)
class PackForm:
    """The form as it is shown; `asked` is None where it cannot be used, `faults` say why."""

    start: date
    end: date
    unit_id: int | None = None
    basis: Basis = Basis.SOURCE
    title: str = ""
    asked: PackAsked | None = None
    faults: tuple[str, ...] = ()


def empty_form(today: date) -> PackForm:
    """The month before."""
    end = today.replace(day=1) - timedelta(days=1)
    return PackForm(end.replace(day=1), end)


def with_fault(form: PackForm, fault: str) -> PackForm:
    """The form with something to be told above it."""
    return replace(form, faults=(sentence(fault),))


def read_form(given: Mapping[str, str], now: datetime, *, names: bool) -> PackForm:
    """The form as somebody filled it in."""
    faults: list[str] = []
    usual = empty_form(now.date())
    start = day_asked(given, "tu", "Từ ngày", faults)
    end = day_asked(given, "den", "Đến ngày", faults)
    if (start is None or end is None) and not faults:
        faults.append("Hãy ghi cả từ ngày và đến ngày.")
    if start and end and start > end:
        faults.append("Đến ngày đứng trước Từ ngày.")
    if start and start > now.date():
        faults.append("Kỳ này chưa bắt đầu.")
    basis = given.get("can-cu", "")
    form = PackForm(
        start or usual.start,
        end or usual.end,
        row_asked(given, "don-vi"),
        Basis(basis) if basis in set(Basis) else Basis.SOURCE,
        " ".join(given.get("ten", "").split())[:LONGEST_TITLE],
        faults=tuple(faults),
    )
    if faults:
        return form
    asked = PackAsked(form.start, form.end, now, form.title, form.basis, form.unit_id, names=names)
    return replace(form, asked=asked)


def seal_lines(given: Mapping[str, str]) -> tuple[Seal, ...]:
    """Seal lines that were typed beside a pack.

    Raises:
        UsageError: one was copied wrongly, or what was typed is none.
    """
    text = given.get("dong", "")[:LONGEST_LINES]
    found = read_seal_lines(text)
    if text.strip() and not found:
        raise UsageError("không có dòng niêm phong nào (DUNGHEN-NK …) trong ô đã dán")
    return found


# ---------------------------------------------------------------- in words


def period(row: PackRow) -> str:
    """Of which days a pack is."""
    asked = row.new.question
    days = (date.fromisoformat(asked["from"]), date.fromisoformat(asked["to"]))
    return " – ".join(presenters.day(day) for day in days)


def of_what(row: PackRow) -> str:
    """Units and basis of a pack."""
    asked = row.new.question
    return f"{asked['unit'] or 'toàn tỉnh'}, {BASES.get(asked['basis'], asked['basis'])}"


def counted(row: PackRow) -> str:
    """How much is in a pack."""
    counts = row.new.counts
    parts = (("dossiers", "hồ sơ"), ("proofs", "phiếu"), ("letters", "thư"))
    return ", ".join(f"{presenters.number(counts.get(key, 0))} {word}" for key, word in parts)


def key_state(key: KeyRow) -> str:
    """Is a key in use?"""
    since = presenters.moment(key.made_at)
    if key.retired_at is None:
        return f"đang dùng, từ {since}"
    return f"thôi dùng từ {presenters.moment(key.retired_at)}"


def pem(key: KeyRow) -> str:
    """The public key as others keep it."""
    return public_pem(bytes.fromhex(key.public_key)).decode()


def checker_file() -> Path | None:
    """The stand-alone checker, where the program came with it."""
    return CHECKER if CHECKER.is_file() else None


@lru_cache(maxsize=1)
def checker() -> str:
    """Its SHA-256; empty where there is none."""
    path = checker_file()
    return hashlib.sha256(path.read_bytes()).hexdigest() if path else ""
