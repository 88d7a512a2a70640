"""The log in the database: it only grows, is sealed by day, and whatever is done to its tables behind our back is found."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests import databases
from tracker.errors import UsageError
from tracker.measures.log_chain import chained, read_seal_lines
from tracker.store import audit
from tracker.store.audit import Act, ActFilter, append_acts
from tracker.store.session import Session, Store
from tracker.types import VN

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=VN)
TODAY = NOW.date()


def write(store: Store, count: int, at: datetime = NOW, actor: str = "desk") -> None:
    with store.transaction() as session:
        append_acts(
            session, [Act(at, actor, "dossier", f"dossier:{n}", {"page": n}) for n in range(1, count + 1)]
        )


def seal(store: Store, day: date = TODAY, now: datetime = NOW) -> audit.SealRow:
    with store.transaction() as session:
        return audit.seal(session, day, now)


def broken(store: Store, *lines: str) -> list[tuple[str, int | None]]:
    outside = [found for line in lines for found in read_seal_lines(line)]
    with store.read() as session:
        return [(each.code, each.entry_id) for each in audit.verify(session, outside).broken]


def behind_our_back(store: Store, change: Callable[[Session], None]) -> None:
    """As somebody with all rights on the database would: without the triggers."""
    with store.transaction() as session:
        if databases.chosen().name == databases.POSTGRESQL:
            session.execute(text("SET LOCAL session_replication_role = replica"))
            change(session)
            return
        triggers = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        for name, _ in triggers:
            session.execute(text(f"DROP TRIGGER {name}"))
        change(session)
        for _, sql in triggers:
            session.execute(text(sql))


def run(*statements: str) -> Callable[[Session], None]:
    def change(session: Session) -> None:
        for statement in statements:
            session.execute(text(statement))

    return change


# ---------------------------------------------------------------- it only grows


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal"])
@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM {}", "UPDATE {} SET chain = ''", "TRUNCATE {}", "REPLACE INTO {} SELECT * FROM {}"],
)
def test_the_database_itself_refuses_to_change_the_log(store: Store, table: str, statement: str):
    write(store, 2)
    seal(store)
    with pytest.raises(DBAPIError), store.transaction() as session:  # SQLite knows no TRUNCATE at all
        session.execute(text(statement.format(table, table)))
    assert broken(store) == []


def test_entries_are_numbered_and_chained_and_read_newest_first(store: Store):
    write(store, 3)
    write(store, 1, NOW + timedelta(days=1), "head")
    with store.read() as session:
        found = audit.find_acts(session, ActFilter())
        assert audit.verify(session).checked == 4
    assert [each.entry_id for each in found] == [4, 3, 2, 1]
    assert found[0].act == Act(NOW + timedelta(days=1), "head", "dossier", "dossier:1", {"page": 1})


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ActFilter(actor="head"), [4]),
        (ActFilter(actor="hea"), []),
        (ActFilter(subject="dossier:1"), [4, 1]),
        (ActFilter(subject="dossier:_"), []),
        (ActFilter(action="login"), []),
        (ActFilter(first=TODAY + timedelta(days=1)), [4]),
        (ActFilter(last=TODAY), [3, 2, 1]),
        (ActFilter(actor="desk", subject="dossier:3", first=TODAY, last=TODAY), [3]),
    ],
)
def test_entries_are_found_by_person_act_subject_and_day(
    store: Store, wanted: ActFilter, expected: list[int]
):
    write(store, 3)
    write(store, 1, NOW + timedelta(days=1), "head")
    with store.read() as session:
        assert [each.entry_id for each in audit.find_acts(session, wanted)] == expected
        assert [each.entry_id for each in audit.find_acts(session, wanted, before=3, limit=1)] == [
            each for each in expected if each < 3
        ][:1]


def test_texts_that_no_database_can_hold_are_chained_as_they_are_kept(store: Store):
    with store.transaction() as session:
        append_acts(session, [Act(NOW, "a\0b", "x", "\ud800", {"c": "\0\ud800ệ"})])
    assert broken(store) == []


# ---------------------------------------------------------------- seals


def test_a_day_is_sealed_once(store: Store):
    write(store, 2)
    first = seal(store)
    write(store, 2)
    again = seal(store)
    assert (first.is_new, again.is_new) == (True, False)
    assert (again.seal, again.line) == (first.seal, first.line)
    assert read_seal_lines(first.line) == (first.seal,)


def test_an_empty_log_can_be_sealed(store: Store):
    assert seal(store).seal.entry_id == 0
    write(store, 1)
    assert broken(store) == []


def test_a_day_that_has_not_come_cannot_be_sealed(store: Store):
    with pytest.raises(UsageError, match="chưa đến"):
        seal(store, TODAY + timedelta(days=1))


def test_a_missed_day_is_sealed_with_its_own_last_entry(store: Store):
    for days in (-2, -1, 0):
        write(store, 2, NOW + timedelta(days=days))
    assert seal(store, TODAY - timedelta(days=1)).seal.entry_id == 4
    assert seal(store, TODAY - timedelta(days=2)).seal.entry_id == 2
    assert seal(store, TODAY).seal.entry_id == 6
    assert broken(store) == []


def test_a_missed_day_never_goes_back_behind_an_earlier_seal_nor_past_a_later_one(store: Store):
    write(store, 4, NOW + timedelta(hours=1))
    first = seal(store, TODAY, NOW + timedelta(hours=2))
    write(store, 2, NOW - timedelta(hours=30))  # a clock that was put back
    assert (
        seal(store, TODAY - timedelta(days=1), NOW + timedelta(hours=3)).seal.entry_id <= first.seal.entry_id
    )
    assert broken(store) == []


def test_entries_of_a_clock_that_was_ahead_stay_behind_the_seal_that_covers_them(store: Store):
    write(store, 3, NOW + timedelta(days=5))
    assert seal(store).seal.entry_id == 3
    assert seal(store, TODAY + timedelta(days=1), NOW + timedelta(days=2)).seal.entry_id == 3
    assert broken(store) == []


# ---------------------------------------------------------------- what is found


TAMPERED = {
    "a changed detail": (run("UPDATE audit_entry SET detail = '{}' WHERE id = 3"), [("entry_changed", 3)]),
    "a changed moment": (run("UPDATE audit_entry SET at = at + 1 WHERE id = 1"), [("entry_changed", 1)]),
    "a removed middle row": (run("DELETE FROM audit_entry WHERE id = 3"), [("entry_missing", 3)]),
    "a removed tail": (run("DELETE FROM audit_entry WHERE id > 4"), [("seal_unfounded", 6)]),
    "an inserted row": (
        run(
            "UPDATE audit_entry SET id = -id - 1 WHERE id > 3", "UPDATE audit_entry SET id = -id WHERE id < 0",
            "INSERT INTO audit_entry (id, at, actor, action, subject, detail, chain)"
            " SELECT 4, at, actor, action, subject, detail, chain FROM audit_entry WHERE id = 3",
        ),
        [("entry_changed", 4), ("entry_changed", 5), ("seal_unfounded", 6)],
    ),
    "a seal that is gone": (run("DELETE FROM audit_seal WHERE entry_id = 3"), [("seal_missing", None)]),
    "a seal that says something else": (
        run("UPDATE audit_seal SET entry_id = 5 WHERE entry_id = 6"), [("seal_unfounded", 5), ("seal_changed", 5)]
    ),
    "a seal's printed line": (run("UPDATE audit_seal SET line = 'x' WHERE entry_id = 6"), [("seal_changed", 6)]),
}  # fmt: skip


@pytest.fixture
def three_days(store: Store) -> list[str]:
    """Six entries of three days, two each but the second (one), each day sealed; the lines."""
    lines = []
    for days, count in ((-2, 2), (-1, 1), (0, 3)):
        moment = NOW + timedelta(days=days)
        write(store, count, moment)
        lines.append(seal(store, moment.date(), moment).line)
    return lines


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_done_behind_our_back_is_found(store: Store, three_days: list[str], name: str):
    assert broken(store, *three_days) == []
    change, expected = TAMPERED[name]
    behind_our_back(store, change)
    found = broken(store)
    assert [each for each in found if each in expected] == expected


@pytest.mark.sqlite_only("PostgreSQL holds no bytes in a column of texts")
@pytest.mark.parametrize("column", ["actor", "action", "subject", "detail", "chain"])
def test_bytes_in_the_place_of_a_text_are_found_and_blind_nobody(store: Store, column: str):
    write(store, 3)
    behind_our_back(store, run(f"UPDATE audit_entry SET {column} = x'ff' WHERE id = 2"))
    assert ("entry_changed", 2) in broken(store)


@pytest.mark.parametrize("spoilt", ["no JSON", "[1]", ""])
def test_a_detail_that_somebody_spoilt_is_shown_as_it_is(store: Store, spoilt: str):
    write(store, 2)
    behind_our_back(store, run(f"UPDATE audit_entry SET detail = '{spoilt}' WHERE id = 1"))
    with store.read() as session:
        assert [dict(act.detail) for act in audit.recent_acts(session)] == [{"page": 2}, {"?": spoilt}]


def rewritten(session: Session) -> None:
    """Every entry of somebody made somebody else's, all chains and seals computed anew."""
    chain = "0" * 64
    rows = session.execute(
        text("SELECT id, at, actor, action, subject, detail FROM audit_entry ORDER BY id")
    ).all()
    for row in rows:
        body = (row[0], row[1], "nobody", *row[3:])
        chain = chained(chain, body)
        values = {"id": row[0], "chain": chain}
        session.execute(
            text("UPDATE audit_entry SET actor = 'nobody', chain = :chain WHERE id = :id"), values
        )
    for row in session.execute(text("SELECT day, entry_id FROM audit_seal")).all():
        head = session.execute(
            text("SELECT chain FROM audit_entry WHERE id = :id"), {"id": row[1]}
        ).scalar_one()
        day = row[0] if isinstance(row[0], date) else date.fromisoformat(row[0])
        line = audit.seal_line(audit.Seal(day, row[1], head))
        values = {"chain": head, "line": line, "day": row[0]}
        session.execute(text("UPDATE audit_seal SET chain = :chain, line = :line WHERE day = :day"), values)


def test_a_log_rewritten_whole_is_shown_by_one_line_kept_outside(store: Store, three_days: list[str]):
    behind_our_back(store, rewritten)
    assert broken(store) == []
    assert broken(store, three_days[1]) == [("line_unfounded", 3), ("line_unsealed", 3)]


def test_a_tail_cut_with_its_seals_is_shown_by_a_line_kept_outside(store: Store, three_days: list[str]):
    behind_our_back(
        store, run("DELETE FROM audit_entry WHERE id > 3", "DELETE FROM audit_seal WHERE entry_id > 3")
    )
    assert broken(store) == []
    assert broken(store, *three_days) == [("line_unfounded", 6), ("line_unsealed", 6)]


def test_a_log_that_was_cut_can_still_be_sealed_and_written_and_stays_found_out(
    store: Store, three_days: list[str]
):
    behind_our_back(store, run("DELETE FROM audit_entry WHERE id > 4"))
    tomorrow = NOW + timedelta(days=1)
    seal(store, tomorrow.date(), tomorrow)
    write(store, 1, tomorrow)
    assert ("seal_unfounded", 6) in broken(store)


def test_a_check_reads_all_entries_of_a_long_log_and_says_how_far_it_is(
    store: Store, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(audit, "AT_A_TIME", 7)
    monkeypatch.setattr(audit, "TELL_EVERY", 20)
    write(store, 50)
    told: list[int] = []
    with store.read() as session:
        assert audit.verify(session, told=told.append).checked == 50
    assert told == [20, 40]
