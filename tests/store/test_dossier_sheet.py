"""What comes with a dossier by one question is, row by row, what each table says by a question of its own."""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Boolean, Date, Integer, LargeBinary, insert, select

from tests.letter_world import DEPARTMENT, DESK, add_catalogue, add_dossiers, dossier
from tests.store.odd_rows import TEXTS
from tracker.store import (
    alert_lists,
    calendar_changes,
    calendar_moves,
    differing,
    dossier_sheet,
    letter_moves,
    letter_past,
    letter_rows,
    notes,
    signed_file_store,
)
from tracker.store.alert_acts import AckLine, AssignmentLine
from tracker.store.alert_standing import DOSSIER
from tracker.store.dossier_queries import find_dossier
from tracker.store.gathered import Together
from tracker.store.models import (
    Alert,
    AlertAck,
    AlertRun,
    AlertTold,
    Assignment,
    Batch,
    CalendarJournal,
    DossierNote,
    DueSeen,
    Event,
    Finding,
    Instant,
    Letter,
    LetterNotice,
    LetterStep,
    Obligation,
    OutboxMessage,
    ProgressEvent,
    RawBlock,
    Source,
    Suspension,
    SuspensionRevision,
    Telling,
    User,
)
from tracker.store.session import Session, Store
from tracker.types import VN, DueSeenRow, EventRow, SuspensionKind
from tracker.types import Suspension as Pause

DOSSIERS, FULL = 8, range(1, 7)  # two have nothing beside them
EPOCH = datetime(2026, 1, 1, tzinfo=VN)
KNOWN = EPOCH + timedelta(days=40)
KINDS = [kind.value for kind in SuspensionKind if kind is not SuspensionKind.NONE]


class Maker:
    """Rows with anything in the columns that are not given."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def moment(self) -> datetime:
        """One of few, so that several rows have the same."""
        return EPOCH + timedelta(days=self.chance.randrange(80), hours=self.chance.choice((0, 7)))

    def row(self, model: Any, **given: Any) -> dict[str, Any]:
        """A row of a table; text that quotes, breaks lines and is of any alphabet."""
        return {c.name: given[c.name] if c.name in given else self._value(c) for c in model.__table__.columns}

    def _value(self, column: Any) -> Any:
        if column.nullable and (column.foreign_keys or self.chance.random() < 0.3):
            return None
        kind = column.type
        if isinstance(kind, Instant):
            return self.moment()
        if isinstance(kind, LargeBinary):
            return b""
        if isinstance(kind, Boolean):
            return self.chance.random() < 0.5
        if isinstance(kind, Date):
            return date(2026, 1, 1) + timedelta(self.chance.randrange(400))
        return self.chance.randrange(2**31) if isinstance(kind, Integer) else self.chance.choice(TEXTS)


def _fill(store: Store, maker: Maker) -> None:
    """People, sources, and for most dossiers up to four rows of every table."""
    chance = maker.chance
    add_catalogue(store)
    rows = [dossier(n, code=f"T.{n}", applicant_name=chance.choice(TEXTS)) for n in range(1, DOSSIERS + 1)]
    add_dossiers(store, *rows)
    with store.transaction() as session:
        sources = [{"id": n, "key": f"nguon-{n}", "name": "", "priority": n} for n in (901, 902, 903)]
        session.execute(insert(Source), sources)
        batches = [
            maker.row(Batch, id=900 + n, source_id=901, ingested_at=EPOCH + timedelta(days=20 * n)) for n in range(4)
        ]  # fmt: skip
        session.execute(insert(Batch), batches)
        people = [
            maker.row(
                User, id=900 + n, login=f"nguoi-{n}", full_name=name, unit_id=None, sso_subject=f"x {n}"
            )
            for n, name in enumerate(("Đặng An", "An", "An", "Ẩn 😀", ""))
        ]
        session.execute(insert(User), people)
        messages = [maker.row(OutboxMessage, id=900 + n, key=f"k{n}") for n in range(6)]
        session.execute(insert(OutboxMessage), messages)
        session.execute(insert(AlertRun), [maker.row(AlertRun, id=900 + n) for n in range(3)])
        numbers = iter(range(1_000, 10**6))
        for of in FULL:
            for model, found in _beside(maker, of, numbers).items():
                if found:
                    session.execute(insert(model), found)


def _beside(maker: Maker, of: int, numbers: Any) -> dict[Any, list[dict[str, Any]]]:
    chance = maker.chance
    people, several = (900, 901, 902, 903, 904), lambda most=4: range(1, chance.randrange(most + 1) + 1)
    letters = [
        maker.row(
            Letter, id=next(numbers), dossier_id=of, seq=n, short_code=f"{of}-{n}", unit_id=chance.choice((None, DESK))
        )
        for n in several()
    ]  # fmt: skip
    steps = [
        maker.row(
            LetterStep, letter_id=letter["id"], seq=n, step=chance.choice(("drafted", calendar_moves.MARK)), note=str(n)
        )
        for letter in letters
        for n in several(3)
    ]  # fmt: skip
    alerts = [
        maker.row(
            Alert, id=next(numbers), subject_kind=DOSSIER, subject_id=of, version=n, run_id=chance.choice((900, 901, 902)),
            rank=chance.randrange(3),
        )
        for n in several(5)
    ]  # fmt: skip
    told = [
        maker.row(
            AlertTold, alert_id=alert["id"], account_id=account, instead_of=chance.choice((None, *people)),
            in_app_id=chance.choice((None, 900, 901)), mail_id=chance.choice((None, 902, 903)),
        )
        for alert in alerts
        for account in chance.sample(people, chance.randrange(4))
    ]  # fmt: skip
    tellings = [
        maker.row(Telling, dossier_id=of, source_id=source, disagrees=chance.choice(("", "status_text")))
        for source in (901, 902, 903)
    ]
    return {
        Obligation: [maker.row(Obligation, dossier_id=of, unit_id=chance.choice((None, DEPARTMENT)))],
        Letter: letters,
        LetterStep: steps,
        LetterNotice: [
            maker.row(LetterNotice, id=next(numbers), letter_id=letter["id"]) for letter in letters for _ in several(2)
        ],
        Alert: alerts,
        AlertTold: told,
        AlertAck: [
            maker.row(AlertAck, id=next(numbers), dossier_id=of, by_account=chance.choice((*people, 1))) for _ in several()
        ],
        Assignment: [
            maker.row(Assignment, id=next(numbers), dossier_id=of, account_id=chance.choice((None, *people)))
            for _ in several()
        ],
        DossierNote: [
            maker.row(
                DossierNote, id=next(numbers), dossier_id=of, account_id=chance.choice(people),
                withdrawn_by=chance.choice(("", "nguoi-1", "ai đó")),
            )
            for _ in several()
        ],
        CalendarJournal: [maker.row(CalendarJournal, change_id=n, dossier_id=of) for n in several()],
        Telling: tellings,
        Suspension: [maker.row(Suspension, dossier_id=of, seq=n, kind=chance.choice(KINDS)) for n in several()],
        SuspensionRevision: [
            maker.row(
                SuspensionRevision, dossier_id=of, seq=10 + n, kind=chance.choice(KINDS), known_from=EPOCH,
                known_until=EPOCH + timedelta(days=chance.choice((10, 60))),
            )
            for n in several()
        ],
        DueSeen: [maker.row(DueSeen, dossier_id=of, seq=n) for n in several()],
        Event: [maker.row(Event, dossier_id=of, seq=n, batch_id=900 + chance.randrange(4)) for n in several()],
        ProgressEvent: [maker.row(ProgressEvent, dossier_id=of, seq=n) for n in several()],
        Finding: [maker.row(Finding, id=next(numbers), dossier_id=of, key=str(n)) for n in several()],
    }  # fmt: skip


@pytest.fixture(params=(1, 2, 3))
def filled(store: Store, request: pytest.FixtureRequest) -> Store:
    """Dossiers with a little of everything beside them."""
    _fill(store, Maker(request.param))
    return store


def test_what_stands_beside_a_dossier_is_what_each_table_says(filled: Store):
    seen = dict.fromkeys(dossier_sheet.DossierSheet._fields, 0)
    with filled.read() as session:
        other = differing.differing(session)
        names = {person.id: person.full_name for person in session.scalars(select(User))}
        for of in range(1, DOSSIERS + 1):
            sheet = dossier_sheet.sheet_of(session, of)
            letters = letter_rows.letters_of(session, of)
            claims = alert_lists.ladder_of(session, DOSSIER, of)
            assert sheet.duty == next(iter(letter_rows.duties_by_id(session, [of], None)), None)
            assert sheet.letters == letters
            assert sheet.overtaken == calendar_moves.marked_letters(
                session, [row.letter_id for row in letters]
            )
            assert sheet.journal == calendar_changes.journal_of_dossier(session, of)
            assert sheet.differing == [row for row in other if row.dossier_id == of]
            assert sheet.claims == claims
            assert sheet.told == alert_lists.told_of(session, [claim.alert_id for claim in claims])
            assert sheet.acks == [
                AckLine(word.promised_on, names.get(word.by_account, ""), word.at, word.note)
                for word in _newest_first(session, AlertAck, of)
            ]
            assert sheet.assignments == [
                AssignmentLine(
                    names.get(work.account_id or 0, ""), names.get(work.by_account, ""), work.at, work.note
                )
                for work in _newest_first(session, Assignment, of)
            ]
            assert sheet.notes == notes.notes_of(session, of)
            assert sheet.findings == [
                (row.id, row.unit_id, row.state)
                for row in reversed(_newest_first(session, Finding, of))
                if row.gone_at is None
            ]
            for name, found in sheet._asdict().items():
                seen[name] += bool(found)
    assert all(seen.values()), seen


def test_what_happened_to_a_letter_is_what_each_table_says(filled: Store):
    with filled.read() as session:
        letters = list(session.scalars(select(Letter.id)))
        for of in letters:
            past = letter_past.past_of(session, of)
            assert past.steps == letter_moves.steps_of(session, [of]).get(of, [])
            assert list(past.notices) == letter_moves.notices_of(session, [of])
            assert past.has_signed_file is (of in signed_file_store.signed_hashes(session, [of]))
            assert past.overtaken == calendar_moves.marked_letters(session, [of]).get(of)
    assert len(letters) > 3


def _newest_first(session: Session, model: Any, of: int) -> list[Any]:
    return list(session.scalars(select(model).where(model.dossier_id == of).order_by(model.id.desc())))


@pytest.mark.parametrize("known", [None, KNOWN], ids=["now", "as it was known"])
def test_what_was_seen_of_a_dossier_is_what_each_table_says(filled: Store, known: datetime | None):
    with filled.read() as session:
        for of in range(1, DOSSIERS + 1):
            row = find_dossier(session, f"T.{of}", unit_ids=None, known=known)
            assert row is not None
            assert row.suspensions == _suspensions(session, of, known)
            assert row.dues_seen == _dues(session, of, known)
            assert row.events == _events(session, of, known)


def _rows(session: Session, model: Any, of: int, keep: Callable[[Any], bool]) -> list[Any]:
    found = session.scalars(select(model).where(model.dossier_id == of).order_by(model.seq))
    return [row for row in found if keep(row)]


def _suspensions(session: Session, of: int, known: datetime | None) -> tuple[Pause, ...]:
    found = _rows(session, Suspension, of, lambda row: known is None or row.known_from <= known)
    if known is not None:
        found += _rows(session, SuspensionRevision, of, lambda row: row.known_from <= known < row.known_until)
    ordered = sorted(found, key=lambda row: row.seq)
    return tuple(Pause(row.start_at, row.end_at, SuspensionKind(row.kind)) for row in ordered)


def _dues(session: Session, of: int, known: datetime | None) -> tuple[DueSeenRow, ...]:
    found = _rows(session, DueSeen, of, lambda row: known is None or row.seen_at <= known)
    return tuple(DueSeenRow(row.kind, row.due_at, row.seen_at, row.batch_id) for row in found)


def _events(session: Session, of: int, known: datetime | None) -> tuple[EventRow, ...]:
    loaded = {batch.id: batch.ingested_at for batch in session.scalars(select(Batch))}
    seen = _rows(session, Event, of, lambda row: known is None or loaded[row.batch_id] <= known)
    steps = _rows(session, ProgressEvent, of, lambda row: known is None or row.known_from <= known)
    told = [(row.at, 0, row.seq, EventRow(row.at, row.kind, row.text)) for row in seen]
    told += [
        (row.at, 1, row.seq, EventRow(row.at, f"step_{row.status}", row.text, row.department, *_span(row)))
        for row in steps
    ]
    return tuple(event for *_, event in sorted(told, key=lambda one: one[:3]))


def _span(row: ProgressEvent) -> tuple[datetime | None, datetime | None]:
    return row.step_begun_at, row.step_due_at


def test_bytes_are_not_gathered(store: Store):
    with pytest.raises(AssertionError):
        Together(store.engine.dialect.name, {"raw": select(RawBlock.body).select_from(RawBlock)})
