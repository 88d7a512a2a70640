"""What the pages of findings show: the list with its counts, one with everything that speaks for or against it. Knows no request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app import finding_words
from app.access import Role
from app.context import AppContext
from app.finding_filters import ALL, GONE, FindingFilters
from app.finding_forms import FindingAct, fault_of, offered
from app.finding_words import Pair
from app.presenters import Chip
from tracker.integrity_data import load_integrity
from tracker.measures.integrity_rules import rule_text, rules_on
from tracker.pipeline.answers import dossier
from tracker.store import catalogue, finding_lists, finding_said, letter_rows
from tracker.store.finding_lists import StandingFinding
from tracker.store.letter_rows import ListedLetter
from tracker.store.session import Session
from tracker.types import VN, DossierAnswer
from tracker.types.finding_lists import (
    FindingCount,
    FindingRow,
    FindingSaid,
    FindingSpot,
    FindingToSettle,
)
from tracker.types.findings import STATE_WORDS, FindingKind, FindingState

PAGE = 50


@dataclass(frozen=True, slots=True)
class FindingReader:
    """Whose page it is: role, login, the units that it may see (None = all)."""

    role: Role
    login: str
    unit_ids: frozenset[int] | None

    def sees(self, unit_id: int | None) -> bool:
        """May it open dossiers of this unit?"""
        return self.unit_ids is None or unit_id in self.unit_ids


# ---------------------------------------------------------------- the list


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding of the list; `pair`: its evidence on one line; `has_page`: the dossier's page opens."""

    row: FindingRow
    kind: str
    pair: Pair
    chip: Chip
    has_page: bool


@dataclass(frozen=True, slots=True)
class FindingTab:
    """A choice with how many there are; `key` stands in the address (None: the usual one)."""

    key: str | None
    word: str
    count: int
    is_here: bool


@dataclass(frozen=True, slots=True)
class FindingList:
    """A page of the list with both rows of choices, and what may be said of its findings."""

    lines: tuple[FindingLine, ...]
    after: FindingSpot | None
    states: tuple[FindingTab, ...]
    kinds: tuple[FindingTab, ...]
    total: int
    asked: str
    acts: tuple[FindingAct, ...]


def listed(
    session: Session,
    chosen: FindingFilters,
    unit_ids: frozenset[int] | None,
    reader: FindingReader,
    *,
    after: FindingSpot | None,
) -> FindingList:
    """A page of the findings of these units, after a place in the list."""
    asked = chosen.question(unit_ids)
    found = finding_lists.find_page(session, asked, after=after, limit=PAGE + 1)
    counts = finding_lists.finding_counts(session, asked)
    lines = tuple(line_of(row, reader) for row in found[:PAGE])
    acts = [] if chosen.is_gone else offered(reader.role, chosen.state)
    unit = catalogue.units(session).get(chosen.unit_id) if chosen.unit_id is not None else None
    return FindingList(
        lines,
        lines[-1].row.spot if len(found) > PAGE else None,
        _states(counts, chosen),
        _kinds(counts, chosen),
        sum(each.count for each in counts if _fits(each, chosen)),
        finding_words.asked_words(chosen, unit.name if unit else ""),
        tuple(acts),
    )


def line_of(row: FindingRow, reader: FindingReader) -> FindingLine:
    """A finding as a list shows it."""
    return FindingLine(
        row,
        finding_words.kind_words(row.kind),
        finding_words.pair_words(row.evidence),
        finding_words.state_chip(row),
        bool(row.code) and reader.sees(row.now_unit_id),
    )


def _at_step(each: FindingCount, chosen: FindingFilters) -> bool:
    if each.is_gone != chosen.is_gone:
        return False
    return chosen.state is None or each.state is chosen.state


def _fits(each: FindingCount, chosen: FindingFilters) -> bool:
    return _at_step(each, chosen) and chosen.kind in (None, each.kind)


def _states(counts: Sequence[FindingCount], chosen: FindingFilters) -> tuple[FindingTab, ...]:
    """Each state with how many of the chosen kind stand there."""
    keys = [
        ("", STATE_WORDS[FindingState.OPEN]),
        *((s.value, STATE_WORDS[s]) for s in list(FindingState)[1:]),
    ]
    keys += [(ALL, finding_words.EVERY), (GONE, finding_words.GONE_WORD)]
    tabs = []
    for key, word in keys:
        there = chosen.at(key)
        count = sum(each.count for each in counts if _fits(each, there))
        tabs.append(FindingTab(key or None, word, count, key == chosen.step))
    return tuple(tabs)


def _kinds(counts: Sequence[FindingCount], chosen: FindingFilters) -> tuple[FindingTab, ...]:
    """Each kind with how many of it stand at the chosen step, those that there are; the chosen one always."""
    found = dict.fromkeys(FindingKind, 0)
    for each in counts:
        if _at_step(each, chosen):
            found[each.kind] += each.count
    return tuple(
        FindingTab(kind.value, finding_words.kind_words(kind), count, kind is chosen.kind)
        for kind, count in found.items()
        if count or kind is chosen.kind
    )


@dataclass(frozen=True, slots=True)
class Signs:
    """The findings of a dossier on its own page: how many stand, how many wait for an explanation, where they are read."""

    count: int
    waiting: int
    first: int


def signs_of(findings: Sequence[StandingFinding], unit_ids: frozenset[int] | None) -> Signs | None:
    """Those of these units (None = all); None where there is none."""
    own = [each for each in findings if unit_ids is None or each.unit_id in unit_ids]
    waiting = [each.finding_id for each in own if each.state == FindingState.OPEN]
    return Signs(len(own), len(waiting), (waiting or [own[0].finding_id])[0]) if own else None


# ---------------------------------------------------------------- several at once


@dataclass(frozen=True, slots=True)
class Picked:
    """What was picked for an act in numbers: by kind, by dossier, how many it is for, and why not for the others."""

    count: int
    dossiers: int
    kinds: tuple[tuple[str, int], ...]
    fitting: int
    left: tuple[tuple[str, int], ...]
    code: str


def picked(found: Sequence[FindingToSettle], act: FindingAct, reader: FindingReader) -> Picked:
    """The same in numbers, for the page that asks once more."""
    kinds, left = dict[str, int](), dict[str, int]()
    for each in found:
        word = finding_words.kind_words(each.kind)
        kinds[word] = kinds.get(word, 0) + 1
        if fault := fault_of(act, each, reader.login):
            left[fault] = left.get(fault, 0) + 1
    codes = {each.code for each in found}
    return Picked(
        len(found),
        len(codes),
        tuple(kinds.items()),
        len(found) - sum(left.values()),
        tuple(left.items()),
        found[0].code if len(found) == 1 else "",
    )


# ---------------------------------------------------------------- one finding


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the evidence: what it says, since when it was told, by which load; `load`: its name for who may not open it."""

    title: str
    words: str
    told: str
    batch_id: int | None
    source: str


@dataclass(frozen=True, slots=True)
class SaidLine:
    """One thing that was said."""

    chip: Chip
    said: FindingSaid


@dataclass(frozen=True, slots=True)
class FindingSheet:
    """One finding as its page shows it. `answer`: its dossier, None where the reader may not open it."""

    line: FindingLine
    before: Side
    after: Side
    rule: str
    explained_by: str
    facts: tuple[tuple[str, str], ...]
    also: tuple[str, ...]
    answer: DossierAnswer | None
    letters: Sequence[ListedLetter]
    others: tuple[FindingLine, ...]
    said: tuple[SaidLine, ...]
    acts: tuple[FindingAct, ...]
    is_own: bool

    @property
    def seq(self) -> int:
        """The number of the latest step; 0: nobody said anything."""
        return self.said[0].said.seq if self.said else 0


def sheet_of(
    context: AppContext, finding_id: int, reader: FindingReader, now: datetime
) -> FindingSheet | None:
    """Everything about one finding; None where there is none that the reader may see."""
    with context.store.read() as session:
        row = finding_lists.find_finding(session, finding_id, reader.unit_ids)
        if row is None:
            return None
        others = finding_lists.findings_of_dossier(session, row.dossier_id, reader.unit_ids)
        said = finding_said.said_of(session, finding_id)
        letters = letter_rows.letters_of(session, row.dossier_id)
        sources = _sources(session, row)
    line, answer = line_of(row, reader), None
    if line.has_page:
        answer = dossier(context.store, context.calendars, row.code, as_of=now, unit_ids=reader.unit_ids)
    explained = {each.by for each in said if each.state is FindingState.EXPLAINED}
    return FindingSheet(
        line,
        _side("Trước", row, sources, is_before=True),
        _side("Sau", row, sources, is_before=False),
        rule_text(row.kind, rules_on(load_integrity(), row.found_at.astimezone(VN).date())),
        finding_words.explained_by(row.kind),
        tuple(finding_words.facts(row.evidence)),
        tuple(finding_words.kind_words(kind) for kind in row.evidence.also),
        answer,
        letters,
        tuple(line_of(each, reader) for each in others if each.finding_id != finding_id),
        tuple(SaidLine(finding_words.SAID[each.state], each) for each in said),
        () if row.gone_at else tuple(offered(reader.role, row.state)),
        reader.login in explained,
    )


def _side(title: str, row: FindingRow, sources: Mapping[int, str], *, is_before: bool) -> Side:
    side = row.evidence.before if is_before else row.evidence.after
    return Side(
        title,
        finding_words.side_words(side),
        finding_words.load_words(side),
        side.batch_id,
        sources.get(side.batch_id or 0, ""),
    )


def _sources(session: Session, row: FindingRow) -> Mapping[int, str]:
    """From which source the loads of the evidence came."""
    numbers = {side.batch_id for side in (row.evidence.before, row.evidence.after) if side.batch_id}
    return finding_lists.load_sources(session, numbers)
