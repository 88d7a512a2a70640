"""What is typed about keys of systems that push: a new key, and the reason for changing one. Pure; faults in words by field."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from app.key_acts import KeyWanted, checked_login, checked_source
from app.presenters import sentence
from app.reveal import NO_PERSONAL_DATA, holds_long_number
from tracker.errors import UsageError

SOME, ALL = "chon", "tat-ca"
LONGEST, LONGEST_REASON, SHORTEST_REASON = 50, 200, 10


class Typed(Protocol):
    """A form as it was sent: names with one or several values."""

    def get(self, name: str, default: str = "", /) -> str:
        """The first value of a name."""

    def getlist(self, name: str, /) -> list[str]:
        """All values of a name."""


@dataclass(frozen=True, slots=True)
class NewKeyForm:
    """The form of a new key as it stands on the page; `source` "" = a new one, named by `new_source`, if any."""

    login: str = ""
    source: str = ""
    new_source: str = ""
    reach: str = SOME
    units: frozenset[str] = frozenset()
    faults: Mapping[str, str] = field(default_factory=dict)

    def with_fault(self, name: str, fault: str) -> "NewKeyForm":
        """The same with what was found wrong later."""
        return replace(self, faults={**self.faults, name: fault})

    def wanted(self) -> KeyWanted:
        """What it asks for, once it has no faults."""
        units = tuple(sorted(self.units)) if self.reach == SOME else ()
        return KeyWanted(self.source or self.new_source, self.login, units, reaches_all=self.reach == ALL)


def read_new_key(typed: Typed, sources: Collection[str], units: Collection[str]) -> NewKeyForm:
    """The form as it was sent, with what is wrong; `sources` and `units` are what may be chosen."""
    faults: dict[str, str] = {}
    login, source = typed.get("ten", "")[:LONGEST].strip().lower(), typed.get("nguon", "")
    new_source, reach = typed.get("nguon-moi", "")[:LONGEST].strip(), typed.get("pham-vi", "")
    chosen = frozenset(typed.getlist("don-vi"))
    try:
        checked_login(login)
    except UsageError as error:
        faults["login"] = sentence(error) if login else "Hãy đặt tên khóa."
    if fault := _source_fault(source, new_source, sources):
        faults["source"] = fault
    if fault := _reach_fault(reach, chosen, units):
        faults["units"] = fault
    return NewKeyForm(login, source, new_source, reach, chosen & frozenset(units), faults)


def _source_fault(source: str, new_source: str, sources: Collection[str]) -> str:
    if source:
        if source not in sources:
            return "Hãy chọn một nguồn trong danh sách."
        return "Đã chọn nguồn có sẵn thì để trống ô tên nguồn mới." if new_source else ""
    if not new_source:
        return "Hãy chọn nguồn có sẵn, hoặc đặt tên nguồn mới."
    if new_source in sources:
        return f"Đã có nguồn “{new_source}”; hãy chọn trong danh sách."
    try:
        checked_source(new_source)
    except UsageError as error:
        return sentence(error)
    return ""


def _reach_fault(reach: str, chosen: frozenset[str], units: Collection[str]) -> str:
    if reach not in (SOME, ALL):
        return "Hãy chọn phạm vi của khóa."
    if reach == ALL:
        return (
            "Đã chọn “Mọi đơn vị” thì bỏ hết dấu ở các đơn vị; hoặc chọn lại “Chỉ những đơn vị được đánh dấu”."
            if chosen
            else ""
        )
    if chosen - frozenset(units):
        return "Có đơn vị không còn trong danh mục; hãy xem lại các đơn vị được đánh dấu."
    return (
        "" if chosen else "Hãy đánh dấu ít nhất một đơn vị. Khóa không có đơn vị nào thì không ghi được gì."
    )


def reason_fault(reason: str) -> str:
    """Why a reason will not do, in words; empty if it will. It stands in the log, so it holds nobody's number."""
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        return f"Hãy ghi lý do, ít nhất {SHORTEST_REASON} ký tự."
    if len(reason) > LONGEST_REASON:
        return f"Lý do dài quá {LONGEST_REASON} ký tự."
    return NO_PERSONAL_DATA if holds_long_number(reason) else ""
