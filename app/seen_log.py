"""Who looked at dossiers and who took them out, from the log: filters, totals by person and day, what stands out, entries.

It tells what was done, never why. Only people of the reader's own units are told of; programs without a unit only to who
looks at the whole province. Knows no request.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.context import AppContext
from app.log_page import actor_asked
from app.seen_kinds import OTHER_IDS, SeenKind, actions_of, kind_of
from app.typed_dates import day_asked
from app.typed_numbers import row_asked
from tracker.measures.unusual import UnusualDay, unusual_days
from tracker.store import account_lists, dossier_queries, seen_entries
from tracker.store.account_lists import AccountFilter, ListedAccount
from tracker.store.audit import Logged
from tracker.store.seen_entries import DailyCount, DossierTrace, SeenWanted
from tracker.store.session import Session
from tracker.unusual_data import load_unusual

DAYS_SHOWN, DAYS_OF_DOSSIER, MOST_DAYS = 7, 90, 366
MOST_CODE = 60
MEASURES: Mapping[str, SeenKind] = {
    "opened": SeenKind.OPENED,
    "revealed": SeenKind.REVEALED,
    "exported": SeenKind.EXPORTED,
}
MEASURE_WORDS: Mapping[str, str] = {
    "opened": "lần mở hồ sơ",
    "revealed": "lần hiện người nộp",
    "exported": "lần xuất, tải về",
}


@dataclass(frozen=True, slots=True)
class SeenFilters:
    """What is asked, as typed; `faults` tells what of the address could not be used."""

    actor: str
    unit_id: int | None
    code: str
    kind: SeenKind | None
    first: date
    last: date
    faults: tuple[str, ...]

    def as_address(self) -> dict[str, str]:
        """The parts of the address that narrow the page."""
        given = {"nguoi": self.actor, "don-vi": self.unit_id or "", "ma": self.code, "loai": self.kind or ""}
        days = {"tu": f"{self.first:%d/%m/%Y}", "den": f"{self.last:%d/%m/%Y}"}
        return {**{key: str(value) for key, value in given.items() if value}, **days}

    def as_logged(self) -> dict[str, str]:
        """The same for the log, without the code: what was typed might be anything, the subject names the dossier."""
        return {key: value for key, value in self.as_address().items() if key != "ma"}


@dataclass(frozen=True, slots=True)
class Reach:
    """The units whose people and dossiers the reader may be told of (None = all), and those asked for among them."""

    own: frozenset[int] | None
    asked: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Watched:
    """Who is asked about: the accounts in sight by login, and which logins the filters leave (None = everybody)."""

    people: Mapping[str, ListedAccount]
    actors: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class PersonTotal:
    """What one person did in the span: times by kind, and on how many days."""

    actor: str
    person: ListedAccount | None
    counts: Mapping[SeenKind, int]
    days: int

    @property
    def all(self) -> int:
        """All of them together."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class DayTotal:
    """What all those asked about did on a day."""

    day: date
    people: int
    counts: Mapping[SeenKind, int]


@dataclass(frozen=True, slots=True)
class SeenLine:
    """One entry with its kind and the person; `code`: the dossier's code where the subject is one that may be named."""

    entry: Logged
    kind: SeenKind
    person: ListedAccount | None
    code: str
    dossiers: int | None


@dataclass(frozen=True, slots=True)
class SeenPage:
    """Everything the page shows. `trace` None though a code was asked for: there is no such dossier in sight."""

    filters: SeenFilters
    trace: DossierTrace | None
    totals: tuple[PersonTotal, ...]
    days: tuple[DayTotal, ...]
    unusual: tuple[UnusualDay, ...]
    lines: tuple[SeenLine, ...]
    more: bool

    @property
    def is_unknown_code(self) -> bool:
        """Was a code asked for that no dossier in sight has?"""
        return bool(self.filters.code) and self.trace is None


def read_filters(address: Mapping[str, str], today: date) -> SeenFilters:
    """From the query string; a span of more than a year is cut, and said so."""
    faults: list[str] = []
    code = address.get("ma", "").strip()[:MOST_CODE]
    last = day_asked(address, "den", "Đến ngày", faults) or today
    usual = DAYS_OF_DOSSIER if code else DAYS_SHOWN
    first = day_asked(address, "tu", "Từ ngày", faults) or last - timedelta(days=usual - 1)
    if first > last:
        faults.append("Từ ngày phải trước hoặc bằng đến ngày; đã đổi chỗ hai ngày.")
        first, last = last, first
    if (last - first).days >= MOST_DAYS:
        first = last - timedelta(days=MOST_DAYS - 1)
        faults.append(f"Mỗi lần xem nhiều nhất {MOST_DAYS} ngày; đã lấy {MOST_DAYS} ngày cuối.")
    kind, actor = address.get("loai", ""), actor_asked(address, faults)
    return SeenFilters(
        actor, row_asked(address, "don-vi"), code, SeenKind(kind) if kind in set(SeenKind) else None, first, last, tuple(faults),
    )  # fmt: skip


def watched(session: Session, filters: SeenFilters, reach: Reach, now: datetime) -> Watched:
    """Whom the reader may be told of, and whom the filters leave."""
    known = {
        each.login: each for each in account_lists.listed(session, AccountFilter(unit_ids=reach.own), now)
    }
    actors = None
    if reach.asked is not None:
        actors = frozenset(login for login, each in known.items() if each.unit_id in reach.asked)
    if filters.actor:
        is_told = actors is None or filters.actor in actors
        actors = frozenset({filters.actor}) if is_told else frozenset()
    return Watched(known, actors)


def wanted_of(filters: SeenFilters, who: Watched, trace: DossierTrace | None) -> SeenWanted:
    """The entries that the page and the file show."""
    listing = (
        actions_of(SeenKind.LISTED) | actions_of(SeenKind.OPENED) | actions_of(SeenKind.API)
    ) - OTHER_IDS
    return SeenWanted(actions_of(filters.kind), filters.first, filters.last, who.actors, trace, listing)


def trace_asked(session: Session, filters: SeenFilters, scope: frozenset[int] | None) -> DossierTrace | None:
    """The dossier of the code that was typed; None for a code of another unit and for none at all."""
    if not filters.code:
        return None
    found = dossier_queries.find_dossier(session, filters.code, unit_ids=scope, known=None)
    return seen_entries.trace_of(session, found.dossier_id, found.code) if found else None


def seen_page(
    context: AppContext,
    filters: SeenFilters,
    reach: Reach,
    *,
    now: datetime,
    before: int | None,
    limit: int,
) -> SeenPage:
    """The page: of one dossier its entries alone, otherwise totals and what stands out as well."""
    with context.store.read() as session:
        who, trace = watched(session, filters, reach, now), trace_asked(session, filters, reach.own)
        wanted = wanted_of(filters, who, trace)
        is_asked = not filters.code or trace is not None
        found = list(seen_entries.seen(session, wanted, limit=limit + 1, before=before)) if is_asked else []
        counted = [] if filters.code else _counted(session, wanted)
        codes = codes_of(session, found[:limit], reach.own)
    shown = [each for each in counted if each.day >= filters.first]
    lines = tuple(seen_line(entry, who, codes) for entry in found[:limit])
    return SeenPage(
        filters, trace, person_totals(shown, who), day_totals(shown), tuple(_unusual(counted, filters)), lines,
        len(found) > limit,
    )  # fmt: skip


def _counted(session: Session, wanted: SeenWanted) -> list[DailyCount]:
    """Counts of the span and of the days before it that tell what is usual."""
    back = max((rule.days_before for rule in load_unusual()), default=0)
    since = wanted.first - timedelta(days=back)
    return seen_entries.daily_counts(
        session, SeenWanted(wanted.actions, since, wanted.last, wanted.actors, None, wanted.listing)
    )


def person_totals(counted: Iterable[DailyCount], who: Watched) -> tuple[PersonTotal, ...]:
    """By person, those who saw most first."""
    counts: dict[str, Counter[SeenKind]] = {}
    days: dict[str, set[date]] = {}
    for each in counted:
        if kind := kind_of(each.action):
            counts.setdefault(each.actor, Counter())[kind] += each.times
            days.setdefault(each.actor, set()).add(each.day)
    totals = [
        PersonTotal(actor, who.people.get(actor), found, len(days[actor])) for actor, found in counts.items()
    ]
    return tuple(sorted(totals, key=lambda total: (-total.all, total.actor)))


def day_totals(counted: Iterable[DailyCount]) -> tuple[DayTotal, ...]:
    """By day, the newest first."""
    counts: dict[date, Counter[SeenKind]] = {}
    people: dict[date, set[str]] = {}
    for each in counted:
        if kind := kind_of(each.action):
            counts.setdefault(each.day, Counter())[kind] += each.times
            people.setdefault(each.day, set()).add(each.actor)
    return tuple(DayTotal(day, len(people[day]), counts[day]) for day in sorted(counts, reverse=True))


def _unusual(counted: Iterable[DailyCount], filters: SeenFilters) -> list[UnusualDay]:
    """What stands out, the newest first. Programs that only pass data on have no usual day and are left out."""
    by_kind: dict[tuple[str, SeenKind], Counter[date]] = {}
    for each in counted:
        if kind := kind_of(each.action):
            by_kind.setdefault((each.actor, kind), Counter())[each.day] += each.times
    found = [
        day
        for rule in load_unusual()
        for (actor, kind), days in by_kind.items()
        if kind is MEASURES[rule.measure] and not actor.startswith("key:")
        for day in unusual_days(actor, days, rule, first=filters.first, last=filters.last)
    ]
    return sorted(found, key=lambda day: (day.day, day.actor), reverse=True)


def codes_of(session: Session, found: Sequence[Logged], scope: frozenset[int] | None) -> Mapping[int, str]:
    """The codes of the dossiers that entries are about, as far as the reader may know them."""
    ids = {number for entry in found if (number := _dossier_id(entry)) is not None}
    return seen_entries.codes_of(session, ids, scope)


def _dossier_id(entry: Logged) -> int | None:
    kind, _, number = entry.act.subject.partition(":")
    return int(number) if kind == "dossier" and number.isdigit() else None


def seen_line(entry: Logged, who: Watched, codes: Mapping[int, str]) -> SeenLine:
    """One entry as the page and the file show it."""
    kind, number = kind_of(entry.act.action), _dossier_id(entry)
    assert kind is not None  # only such acts were asked for
    return SeenLine(
        entry, kind, who.people.get(entry.act.actor), codes.get(number, "") if number is not None else "", how_many(entry)
    )  # fmt: skip


def how_many(entry: Logged) -> int | None:
    """How many rows a list showed or a file held; None where the entry does not say."""
    detail = entry.act.detail
    ids, rows = detail.get("ids"), detail.get("rows")
    return len(ids) if isinstance(ids, list) else rows if isinstance(rows, int) else None


def detail_shown(line: SeenLine) -> Mapping[str, object]:
    """What the page tells of an entry's details: filters, not the numbers of rows, whose count stands beside the act."""
    return {key: value for key, value in line.entry.act.detail.items() if key not in ("ids", "rows")}


def unusual_words(day: UnusualDay) -> str:
    """What stands out, as a sentence that accuses nobody."""
    beside = (
        f"; ngày thường của người này khoảng {day.usual}"
        if day.usual is not None
        else "; người này chưa có đủ ngày để biết thế nào là thường"
    )
    return f"{day.day:%d/%m/%Y}: {day.actor} có {day.count} {MEASURE_WORDS[day.measure]}{beside}."
