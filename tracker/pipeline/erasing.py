"""Erasing the people of ended dossiers: what names them goes, figures, dates, register numbers and the log's chain stay.

plan      whose time is over by the office's rules, or what it has decided earlier; refused where a dossier is still open
loose     raw rows, rejected rows, waiting events and messages that tell of them, while the names are still known
dossiers  all rows of some hundred dossiers in one transaction, with its entry in the log
files     letters and kept files, by who calls; then the pages of the database

Each step is whole or not at all, and the names go last: one that was interrupted is run again and ends the same.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

from tracker.errors import UsageError
from tracker.ingest.raw_erasing import CODES, RawRow, Sought, rewritten, without_people
from tracker.measures.mentions import Mentions, people_of, without_tags
from tracker.store import audit
from tracker.store.audit import Act
from tracker.store.locks import Lock, hold
from tracker.store.privacy import emptying, loose, persons
from tracker.store.privacy.persons import Called
from tracker.store.session import Session, Store
from tracker.store.turns import turn
from tracker.text import normal_code

# So many dossiers share one look at everything loose, so many one transaction.
GROUP, STEP, BLOCKS = 100_000, 500, 20
EXAMPLES = 20
Told = Callable[[int, int | None, str], None]


@dataclass(frozen=True, slots=True)
class ErasePlan:
    """Whom to erase. `is_early`: the office has decided so before their time, so names and telephones count as well."""

    ids: tuple[int, ...]
    before: datetime | None  # what hangs on no dossier and came before goes as well; None: nothing does
    is_early: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What an act would find: dossiers whose time is over, how many still name somebody, some of their codes."""

    due: int
    named: int
    examples: tuple[str, ...]
    letters: int


@dataclass(slots=True)
class Erased:
    """What was changed: rows by table, dossiers that were gone through, the files of letters that wait to be removed."""

    dossiers: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    letter_files: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, table: str, count: int) -> None:
        """Some more rows."""
        if count:
            self.rows[table] = self.rows.get(table, 0) + count


def plan_by_rules(session: Session, rules: Sequence[tuple[date, int]], today: date) -> ErasePlan:
    """The dossiers whose years are over; without rules there are none."""
    spans = persons.spans_past(rules, today)
    before = max((until for _first, until in spans), default=None)
    return ErasePlan(tuple(persons.past(session, spans)), before, False)


def narrowed(session: Session, plan: ErasePlan, codes: Sequence[str], *, is_early: bool) -> ErasePlan:
    """Of a plan these dossiers alone; early: these, whether their time is over or not.

    Raises:
        UsageError: no such dossier, one that has not ended, or one whose time is not over.
    """
    ids: dict[int, str] = {}
    for code in codes:
        found = persons.dossiers_of(session, persons.Wanted(code=normal_code(code)), lambda _count: None)
        if not found:
            raise UsageError(f"không có hồ sơ nào mã {code}")
        ids.update((one.dossier_id, one.code) for one in found)
    open_ones = [code for number, code in ids.items() if number not in persons.ended(session, list(ids))]
    if open_ones:
        raise UsageError(f"hồ sơ {open_ones[0]} chưa kết thúc: không xóa được")
    due = set(plan.ids)
    if not is_early and (young := [code for number, code in ids.items() if number not in due]):
        raise UsageError(
            f"hồ sơ {young[0]} chưa hết thời hạn lưu theo [privacy] keep_years; nếu cơ quan đã quyết định xóa sớm, thêm "
            "--early và ghi số quyết định vào --reason"
        )
    return ErasePlan(tuple(sorted(ids)), None, is_early)


def mentions_of(session: Session, plan: ErasePlan) -> tuple[Mentions, Mentions]:
    """All the people of a plan, and what files are searched for; asked before anything is erased."""
    called = persons.called(session, plan.ids)
    everybody = Mentions(called.codes, *people_of(called.people))
    return everybody, _meant(plan, called, everybody)


def require_nameless(everybody: Mentions, reason: str) -> None:
    """The log keeps a reason for ever.

    Raises:
        UsageError: it names one of the people.
    """
    if everybody.in_text(reason):
        raise UsageError(
            "lý do nêu tên, số điện thoại hoặc mã của người bị xóa; nhật ký không xóa được: chỉ ghi số quyết định"
        )


def _meant(plan: ErasePlan, called: Called, everybody: Mentions) -> Mentions:
    """Texts of others are emptied by codes alone: people of one name are many. Early it is few, and decided by people."""
    return everybody if plan.is_early else Mentions(called.codes)


def preview(session: Session, plan: ErasePlan) -> Preview:
    """Counts and examples; changes nothing."""
    named = persons.still_named(session, plan.ids)
    letters = sum(len(emptying.letter_files(session, part)) for part in persons.sliced(plan.ids))
    return Preview(len(plan.ids), len(named), tuple(named[:EXAMPLES]), letters)


def erase(store: Store, plan: ErasePlan, act: Act, told: Told) -> Erased:
    """Carry a plan out; `act` is what the log says of each step, with the ids and counts of that step added.

    Raises:
        WorkFailed: a load or another's writing took too long; what was done stays, run it again.
    """
    done = Erased()
    groups = [plan.ids[start : start + GROUP] for start in range(0, len(plan.ids), GROUP)] or [()]
    for group in groups:
        with store.read() as session:
            called = persons.called(session, group)
        everybody = Mentions(called.codes, *people_of(called.people))
        _loose(store, plan, called, (_meant(plan, called, everybody), everybody), done, told)
        for start in range(0, len(group), STEP):
            told(start, len(group), "Xóa thông tin cá nhân của hồ sơ")
            _step(store, group[start : start + STEP], act, done)
        with store.transaction() as session:  # the months are marked, so that they are counted anew
            hold(session, Lock.CAUSES)
            done.add("cause_month", loose.forget_reasons(session, everybody.has_person))
    return done


def _step(store: Store, ids: Sequence[int], act: Act, done: Erased) -> None:
    """Some dossiers, whole or not at all."""
    with _writing(store) as session:
        phones, names = people_of(persons.called(session, ids).people)
        changed = emptying.empty_dossiers(session, ids, Mentions(frozenset(), phones, names))
        done.letter_files += emptying.letter_files(session, ids)
        if changed:
            detail = {**act.detail, "ids": list(ids), "rows": changed}
            audit.append_acts(session, [Act(act.at, act.actor, act.action, act.subject, detail)])
    done.dossiers += len(ids)
    for table, count in changed.items():
        done.add(table, count)


@contextmanager
def _writing(store: Store) -> Iterator[Session]:
    """No load, no keeping of search keys and no writing of letters, messages or notes goes on meanwhile."""
    with turn(store, Lock.SEARCH), turn(store, Lock.INGEST) as work:
        work.begin_writing()
        for lock in (Lock.REGISTER, Lock.ALERTS, Lock.SAID_OF_ALERTS, Lock.OUTBOX, Lock.NOTES):
            hold(work.session, lock)
        yield work.session


# ---------------------------------------------------------------- what hangs on no dossier


def _loose(
    store: Store,
    plan: ErasePlan,
    called: Called,
    mentions: tuple[Mentions, Mentions],
    done: Erased,
    told: Told,
) -> None:
    with store.read() as session:
        waiting = persons.waiting_ids(session, called.codes, plan.before)
        codes = called.codes | loose.waiting_codes(session, waiting)
        blocks = loose.block_keys(session)
    meant, everybody = mentions
    for start in range(0, len(blocks), BLOCKS):
        told(start, len(blocks), "Viết lại các dòng gốc đã giữ")
        done.add(
            "raw_block",
            _blocks(store, blocks[start : start + BLOCKS], Sought(codes, called.places, everybody)),
        )
    with _writing(store) as session:
        told(0, None, "Xóa trong dòng bị từ chối, sự kiện chờ, thông báo")
        done.add("rejection", _rejections(session, plan, meant, everybody))
        done.add("waiting_event", loose.empty_waiting(session, waiting))
        done.add("code_alias", loose.empty_aliases(session, called.codes))
        named = [number for number, name in loose.file_names(session) if everybody.in_text(name)]
        done.add("kept_file", loose.empty_file_names(session, named))
        done.add("outbox_message", loose.empty_messages(session, _messages(session, plan, called, meant)))


def _blocks(
    store: Store,
    keys: Sequence[tuple[int, int]],
    sought: Sought,
) -> int:
    """Raw rows of some blocks; the rows that were emptied."""
    new: list[tuple[int, int, bytes]] = []
    changed = 0
    with turn(store, Lock.INGEST) as work:
        for batch_id, number in keys:

            def is_meant(row: RawRow, batch_id: int = batch_id) -> bool:
                return sought.has(row, batch_id)

            found = rewritten(
                loose.block(work.session, batch_id, number).body, is_meant, sought.people.has_person
            )
            if found is not None:
                new.append((batch_id, number, found[0]))
                changed += found[1]
        work.begin_writing()
        for batch_id, number, body in new:
            loose.put_block(work.session, batch_id, number, body)
    return changed


def _rejections(session: Session, plan: ErasePlan, meant: Mentions, everybody: Mentions) -> int:
    """Rejected rows of these dossiers, of nobody's dossier that name them, and those that came too long ago."""
    before, changed = _seconds(plan.before), 0
    for one in list(loose.rejected(session)):
        cells, fields = json.loads(one.cells or "[]"), json.loads(one.fields or "[]")
        codes = {
            normal_code(cell) for name, cell in zip(fields, cells, strict=False) if name in CODES and cell
        }
        is_meant = not meant.codes.isdisjoint(codes) or one.ingested_at < before
        if not (is_meant or (not codes and meant.has_person("\n".join(cells)))):
            continue
        kept = without_people(fields, cells, everybody.has_person)
        gone = [cell for cell, new in zip(cells, kept, strict=True) if cell and not new]
        if gone:
            values = {
                "cells": json.dumps(kept, ensure_ascii=False),
                "value": one.value,
                "message": one.message,
            }
            if any(cell in one.message or cell == one.value for cell in gone) or everybody.in_text(
                one.message
            ):
                values |= {"value": "", "message": "", "closed_reason": ""}
            loose.put_rejected(session, one.rejection_id, values)
            changed += 1
    return changed


def _messages(session: Session, plan: ErasePlan, called: Called, meant: Mentions) -> list[int]:
    """Messages about these dossiers or their letters, and those that were made too long ago."""
    letters = {f"{loose.OF_LETTER}{number}" for number in called.letters}
    before = _seconds(plan.before)
    return [
        one.message_id
        for one in loose.messages(session)
        if one.created_at < before or one.cause in letters or meant.in_text(without_tags(one.whole))
    ]


def _seconds(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp())
