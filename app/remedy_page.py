"""What the pages of faults and measures show: lists by where a measure stands, choices of a form, tellings in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app.key_page import UnitGroup
from app.letter_settings_forms import UnitsAllowed
from app.letter_settings_page import unit_options
from app.presenters import Chip
from app.remedy_forms import STATES, RemedyChoices, RemedyFilters
from tracker.store import catalogue
from tracker.store.session import Session
from tracker.types.remedies import Remedy, RemedyState

WHOLE_PROVINCE, EVERY_FIELD, NOT_KNOWN_YET = "Toàn tỉnh", "Mọi lĩnh vực", "chưa xác định"
CHIPS: Mapping[RemedyState, Chip] = {
    RemedyState.OPEN: Chip("dot", "Đang thực hiện", "plain"),
    RemedyState.OVERDUE: Chip("triangle", "Quá thời hạn", "late"),
    RemedyState.DONE: Chip("tick", "Đã xong", "kept"),
    RemedyState.DROPPED: Chip("dash", "Đã bỏ", "plain"),
}
TABS: Mapping[str, str] = {
    "tat-ca": "Tất cả",
    "qua-han": "Quá thời hạn",
    "dang-lam": "Đang thực hiện",
    "xong": "Đã xong",
    "bo": "Đã bỏ",
}
# What is not finished comes first, the most urgent of it before the rest.
ORDER = (RemedyState.OVERDUE, RemedyState.OPEN, RemedyState.DONE, RemedyState.DROPPED)


@dataclass(frozen=True, slots=True)
class RemedyLine:
    """A remedy of the list with where it stands today."""

    remedy: Remedy
    state: RemedyState

    @property
    def chip(self) -> Chip:
        """Its state as it is shown."""
        return CHIPS[self.state]


@dataclass(frozen=True, slots=True)
class RemedyTab:
    """A choice of states with how many there are."""

    key: str
    word: str
    count: int


@dataclass(frozen=True, slots=True)
class RemedyList:
    """The list with its tabs, and the years that there are."""

    lines: tuple[RemedyLine, ...]
    tabs: tuple[RemedyTab, ...]
    years: tuple[int, ...]


def listed(found: Iterable[Remedy], chosen: RemedyFilters, day: date) -> RemedyList:
    """The remedies that were chosen, in order of urgency: overdue, open by deadline, then what has ended."""
    rows = list(found)
    lines = [RemedyLine(each, each.told.state_on(day)) for each in rows if chosen.fits(each)]
    tabs = [
        RemedyTab(key, word, sum(STATES[key] in (None, line.state) for line in lines))
        for key, word in TABS.items()
    ]
    wanted = STATES[chosen.state]
    shown = sorted((line for line in lines if wanted in (None, line.state)), key=_urgency)
    years = tuple(sorted({each.told.year for each in rows}, reverse=True))
    return RemedyList(tuple(shown), tuple(tabs), years)


def _urgency(line: RemedyLine) -> tuple[int, date, int]:
    return ORDER.index(line.state), line.remedy.told.due_on or date.max, -line.remedy.remedy_id


@dataclass(frozen=True, slots=True)
class RemedyOptions:
    """What a form offers: units of today by kind, and all that may be named; fields by id."""

    groups: tuple[UnitGroup, ...]
    names: Mapping[str, str]
    choices: RemedyChoices

    def gone(self, code: str) -> str:
        """The name of a unit that may be named and is offered no more: it has ended."""
        return "" if any(group.is_among((code,)) for group in self.groups) else self.names.get(code, "")


def options(session: Session, scope: frozenset[int] | None, day: date) -> RemedyOptions:
    """The units of a scope, those that have ended too: figures of past years are theirs."""
    units = {key: unit for key, unit in catalogue.units(session).items() if scope is None or key in scope}
    allowed = UnitsAllowed({unit.code: key for key, unit in units.items()}, is_all_allowed=scope is None)
    names = {unit.code: unit.name for unit in units.values()}
    groups = unit_options(session, scope, day).groups
    return RemedyOptions(groups, names, RemedyChoices(allowed, catalogue.fields(session)))


@dataclass(frozen=True, slots=True)
class Telling:
    """One telling in the history: what it changed, in words."""

    remedy: Remedy
    words: tuple[str, ...]


def tellings(found: Sequence[Remedy]) -> list[Telling]:
    """Every telling, newest first, with what differs from the one before."""
    earlier = [*found[1:], None]
    return [Telling(each, _changes(each, before)) for each, before in zip(found, earlier, strict=True)]


def _changes(now: Remedy, before: Remedy | None) -> tuple[str, ...]:
    if before is None:
        return ("Ghi lần đầu",)
    told, was = now.told, before.told
    words = list[str]()
    if told.is_dropped and not was.is_dropped:
        words.append(f"Bỏ, vì: {told.note}")
    elif told.done_on is not None and was.done_on is None:
        words.append(f"Ghi đã xong ngày {told.done_on:%d/%m/%Y}" + (f": {told.note}" if told.note else ""))
    elif (was.is_dropped and not told.is_dropped) or (was.done_on is not None and told.done_on is None):
        words.append(f"Mở lại, vì: {told.note}")
    pairs = (
        ("Đơn vị", unit_word(before), unit_word(now)),
        ("Lĩnh vực", before.field or EVERY_FIELD, now.field or EVERY_FIELD),
        ("Năm", str(was.year), str(told.year)),
        ("Tồn tại", was.fault, told.fault),
        ("Nguyên nhân", was.cause, told.cause),
        ("Biện pháp", was.measure, told.measure),
        ("Thời hạn", day_word(was.due_on), day_word(told.due_on)),
    )
    words += [
        f"{name}: trước là “{old or NOT_KNOWN_YET}”, sửa thành “{new or NOT_KNOWN_YET}”"
        for name, old, new in pairs
        if old != new
    ]
    return tuple(words)


def unit_word(remedy: Remedy) -> str:
    """Who is responsible."""
    return remedy.unit or WHOLE_PROVINCE


def day_word(day: date | None) -> str:
    """A deadline, or that there is none yet."""
    return NOT_KNOWN_YET if day is None else f"{day:%d/%m/%Y}"
