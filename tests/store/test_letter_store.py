"""Which dossiers the store offers for a letter, and the register's bulk paths and lists."""

import random
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from letters.case import judge
from letters.obligations import Duty, LateOn, late_on, obligation_for
from tests.letter_world import (
    AS_OF,
    BRANCH,
    DEPARTMENT,
    OLD_BRANCH,
    PROVINCE,
    add_catalogue,
    add_dossiers,
    at,
    dossier,
    ended,
    suspend,
)
from tracker.calendar_data import load_calendar
from tracker.store import letter_candidates, letter_store
from tracker.store.letter_candidates import Candidate, late_candidates, load_catalogue
from tracker.store.letter_store import DraftRow
from tracker.store.models import Letter
from tracker.store.session import Store
from tracker.timekeeping.lateness import classify
from tracker.types import VN, Basis, Facts, SourceStatus, Suspension, SuspensionKind

NOW = datetime(2023, 1, 2, 9, tzinfo=VN)


@pytest.fixture
def world(store: Store) -> Store:
    """A store with an invented catalogue."""
    add_catalogue(store)
    return store


def candidates(store: Store, as_of: datetime = AS_OF, **more: Any) -> dict[int, Candidate]:
    with store.read() as session:
        chunks = late_candidates(session, as_of_epoch=int(as_of.timestamp()), **more)
        found = [candidate for chunk in chunks for candidate in chunk]
    assert len(found) == len({candidate.dossier_id for candidate in found}), "a dossier came twice"
    return {candidate.dossier_id: candidate for candidate in found}


def row(dossier_id: int, seq: int = 1, code: str = "AAAA") -> DraftRow:
    return DraftRow(
        dossier_id, seq, "overdue", "phieu-2018", BRANCH, 1_672_592_399, None, None, "lý do", code, "x.docx"
    )


def enter(store: Store, *rows: DraftRow) -> None:
    with store.transaction() as session:
        letter_store.lock_register(session)
        letter_store.insert_drafts(session, rows, now=NOW, actor="operator")


@pytest.mark.parametrize(
    ("made", "is_candidate"),
    [
        (ended(1, at(16)), True),
        (ended(1, at(15, hour=23)), False),
        (ended(1, at(16), "refused"), True),
        (ended(1, at(16), "withdrawn"), False),
        (ended(1, at(16), source_due_at=None), True),
        (ended(1, at(16), source_due_at=at(20)), True),
        (ended(1, at(16), source_due_at=at(20), documented_due_at=None, promised_at=at(20)), False),
        (dossier(1), True),
        (dossier(1, source_due_at=AS_OF, documented_due_at=AS_OF, promised_at=AS_OF), False),
        (dossier(1, source_due_at=None, promised_at=None), True),
        (dossier(1, received_at=None), False),
        (dossier(1, received_at=AS_OF + timedelta(days=1)), False),
        (dossier(1, status="filed"), False),
        (dossier(1, status="deleted"), False),
        (ended(1, at(2, month=2, year=2023)), True),
    ],
)
def test_a_candidate_is_late_on_some_basis_at_as_of(
    world: Store, made: dict[str, Any], is_candidate: bool
) -> None:
    add_dossiers(world, made)
    assert bool(candidates(world)) == is_candidate


def test_what_ended_after_as_of_was_open_then(world: Store) -> None:
    add_dossiers(world, ended(1, at(2, month=2, year=2023)))
    assert candidates(world)[1].ended_at is None


def test_a_suspension_counts_while_it_stands(world: Store) -> None:
    add_dossiers(world, *(dossier(number) for number in (1, 2, 3, 4)))
    suspend(world, 1, at(10), None)
    suspend(world, 2, at(10), at(20, month=12))
    suspend(world, 3, at(20), None)
    suspend(world, 4, at(10), None, kind="none")
    found = candidates(world)
    duties = {number: judge(candidate, int(AS_OF.timestamp())).duty for number, candidate in found.items()}
    assert duties == {1: Duty.NONE, 2: Duty.OWED, 3: Duty.OWED, 4: Duty.OWED}


def test_a_letter_that_is_not_void_takes_the_dossier_out(world: Store) -> None:
    add_dossiers(world, dossier(1), dossier(2))
    enter(world, row(1))
    assert list(candidates(world)) == [2]
    assert set(candidates(world, having=letter_candidates.SIGNED)) == {1, 2}
    with world.transaction() as session:
        session.execute(text("UPDATE letter SET state = 'void'"))
    assert candidates(world)[1].letters == 1


def test_units_bound_the_candidates(world: Store) -> None:
    add_dossiers(world, dossier(1), dossier(2, resolving_unit_id=DEPARTMENT))
    assert list(candidates(world, unit_ids=frozenset({DEPARTMENT}))) == [2]


def random_row(number: int, rng: random.Random) -> dict[str, Any]:
    def moment(share: float = 0.8) -> datetime | None:
        return at(1, hour=8) + timedelta(hours=rng.randrange(24 * 30)) if rng.random() < share else None

    more: dict[str, Any] = {f"{basis}_at": moment() for basis in ("promised", "source_due", "documented_due")}
    more["received_at"] = moment(0.9)
    if rng.random() < 0.5:
        return ended(number, at(1) + timedelta(hours=rng.randrange(24 * 40)), **more)
    return dossier(
        number, **more, status=rng.choice(["processing", "accepted", "stopped", "filed", "awaiting_fee"])
    )


def test_the_candidates_are_those_that_the_scalar_verdicts_call_late(world: Store) -> None:
    rng = random.Random(7)
    rows = [random_row(number, rng) for number in range(1, 601)]
    add_dossiers(world, *rows)
    pauses: dict[int, Suspension] = {}
    for number in range(1, 601, 7):
        start = at(1) + timedelta(days=rng.randrange(25))
        end = start + timedelta(days=rng.randrange(1, 20)) if rng.random() < 0.7 else None
        suspend(world, number, start, end)
        pauses[number] = Suspension(start, end, SuspensionKind.PAUSE)
    for as_of in (at(8, hour=12), at(20, hour=12), at(30, month=7)):
        found = candidates(world, as_of)
        got = {number: judge(candidate, int(as_of.timestamp())).duty for number, candidate in found.items()}
        owed = {number: duty for number, duty in got.items() if duty is not Duty.NONE}
        assert owed == {
            r["id"]: duty for r in rows if (duty := slow_duty(r, pauses.get(r["id"]), as_of)) is not Duty.NONE
        }


def slow_duty(made: dict[str, Any], pause: Suspension | None, as_of: datetime) -> Duty:
    """The same by three full verdicts."""
    due = {
        Basis.SOURCE: "source_due_at",
        Basis.DOCUMENTED: "documented_due_at",
        Basis.PROMISED: "promised_at",
    }
    verdicts = {
        basis: classify(
            Facts(
                received_at=made["received_at"],
                due_at=made[column],
                finished_at=made["finished_at"],
                status=SourceStatus(made["status"]),
                suspensions=(pause,) if pause else (),
            ),
            load_calendar(),
            as_of=as_of,
        )
        for basis, column in due.items()
    }
    late: LateOn = late_on(verdicts)
    without_date = [verdicts[basis].is_late if made[column] else None for basis, column in due.items()]
    assert (
        [late.source, late.documented, late.promised] == without_date
        or late.suspended
        or not any(without_date)
    )
    return obligation_for(LateOn(*without_date)).duty


def late_query() -> str:
    branch = letter_candidates._branch(*letter_candidates._kinds(letter_candidates._BRANCHES)[0], more="")
    return branch.replace(":having", "('x')")


@pytest.mark.sqlite_only("its query plan")
def test_the_late_list_of_letters_uses_the_partial_index(world: Store) -> None:
    with world.read() as session:
        plan = session.execute(text(f"EXPLAIN QUERY PLAN {late_query()}"), {"as_of": 1, "midnight": 1}).all()
    steps = " ".join(step[3] for step in plan)
    assert "ix_dossier_ended_late" in steps
    assert "ix_letter_state" not in steps, "each dossier would search through all drafts"


def test_ids_follow_each_other_and_every_draft_has_its_first_step(world: Store) -> None:
    add_dossiers(world, *(dossier(number) for number in (1, 2, 3)))
    enter(world, row(1, code="A"), row(2, code="B"))
    enter(world, row(3, code="C"))
    with world.read() as session:
        assert list(session.scalars(select(Letter.id).order_by(Letter.id))) == [1, 2, 3]
        steps = session.execute(text("SELECT letter_id, seq, step, actor FROM letter_step ORDER BY 1")).all()
        assert steps == [(number, 1, "drafted", "operator") for number in (1, 2, 3)]
        assert letter_store.dossiers_lettered_since(session, 2) == {3}


def test_the_register_is_listed_newest_first_and_page_by_page(world: Store) -> None:
    add_dossiers(world, *(dossier(number) for number in (1, 2, 3)))
    enter(world, *(row(number, code=f"C{number}") for number in (1, 2, 3)))
    with world.read() as session:
        first = letter_store.letter_list(session, limit=2)
        rest = letter_store.letter_list(session, limit=2, after=first[-1].letter_id)
        assert [line.dossier_id for line in (*first, *rest)] == [3, 2, 1]
        assert letter_store.letter_list(session, unit_ids=frozenset({PROVINCE})) == []
        assert letter_store.letter_list(session, state="signed") == []
        assert first[0].unit == "Chi nhánh Mẫu mới"
        assert letter_store.letters_for_dossier(session, 2)[0].code == "T.18-220601-0002"
        assert letter_store.letter_file(session, 1) == "x.docx"
        assert letter_store.letter_file(session, 99) is None
        assert letter_store.letter_states(session, [1, 9]) == {1: "drafted"}
        assert letter_store.letter_counts(session) == [("Chi nhánh Mẫu mới", "drafted", "overdue", 3)]


def test_a_successor_answers_from_the_day_after_its_predecessor_ended(world: Store) -> None:
    with world.read() as session:
        catalogue = load_catalogue(session)
    before, after = at(30, year=2025).date(), at(1, month=7, year=2025).date()
    in_charge = [catalogue.in_charge(OLD_BRANCH, day) for day in (before, after)]
    assert [unit.unit_id for unit in in_charge if unit] == [OLD_BRANCH, BRANCH]


def test_a_short_code_is_never_given_twice(world: Store) -> None:
    add_dossiers(world, dossier(1), dossier(2))
    with pytest.raises(Exception, match="short_code"), world.transaction() as session:
        session.execute(insert(Letter), [_letter(1), _letter(2)])


def _letter(number: int) -> dict[str, Any]:
    return {"id": number, "state": "drafted", **row(number)._asdict(), "as_of": AS_OF}
