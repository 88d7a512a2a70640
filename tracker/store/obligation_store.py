"""The ledger of obligations: read dossier by dossier, changed with a step each. How far it was kept: `ledger_marks`."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.orm import Session

from tracker.store import ledger_marks
from tracker.store.models import Obligation, ObligationStep
from tracker.store.upkeep import look_after

SLICE = 10_000


class KeptRow(NamedTuple):
    """An obligation with its newest live letter; instants in UTC epoch seconds."""

    dossier_id: int
    state: str
    reason: str
    kind: str
    due_at: int | None
    unit_id: int | None
    judged_at: int
    steps: int
    decided_by: str
    late_reason: str
    fault_unit_id: int | None
    signed: int  # letters of it that were signed
    letter_id: int | None
    letter_state: str | None
    letter_kind: str | None
    letter_due_at: int | None
    letter_new_due_at: int | None
    letter_as_of: int | None
    promise: str


# The newest live letter of a dossier has the highest seq; a void one left the way. The dossiers are named twice, since
# neither database takes them into the groups by itself.
_KEPT = """
SELECT o.dossier_id, o.state, o.reason, o.kind, o.due_at, o.unit_id, o.judged_at, o.steps, o.decided_by, o.late_reason,
 o.fault_unit_id, COALESCE(n.signed, 0), l.id, l.state, l.kind, l.due_at, l.new_due_at, l.as_of, COALESCE(l.promise, '')
FROM obligation o
LEFT JOIN (SELECT dossier_id, MAX(seq) AS seq,
  SUM(CASE WHEN state IN ('signed', 'numbered', 'delivered') THEN 1 ELSE 0 END) AS signed
  FROM letter WHERE dossier_id IN ({numbers}) AND COALESCE(state, '') <> 'void' GROUP BY dossier_id) n
  ON n.dossier_id = o.dossier_id
LEFT JOIN letter l ON l.dossier_id = n.dossier_id AND l.seq = n.seq
WHERE o.dossier_id IN ({numbers})
"""


def kept_rows(session: Session, dossier_ids: Sequence[int]) -> dict[int, KeptRow]:
    """These dossiers of the ledger; those that are not in it are left out."""
    rows: dict[int, KeptRow] = {}
    for start in range(0, len(dossier_ids), SLICE):
        numbers = ", ".join(str(int(number)) for number in dossier_ids[start : start + SLICE])
        found = session.execute(text(_KEPT.format(numbers=numbers)))
        rows.update({row[0]: KeptRow._make(row) for row in found})
    return rows


def whole_ledger(session: Session) -> dict[int, KeptRow]:
    """All of it by dossier: for stores of tests and checks, since it is held in memory at once."""
    return kept_rows(session, list(session.scalars(select(Obligation.dossier_id))))


def dossiers_in(
    session: Session, states: Collection[str], dossier_ids: Sequence[int] | None = None
) -> Iterator[int]:
    """The dossiers whose obligation is in one of these states; those among `dossier_ids` only (None = all)."""
    query = select(Obligation.dossier_id)
    if dossier_ids is None:
        found = session.scalars(
            query.where(Obligation.state.in_(states)), execution_options={"yield_per": SLICE}
        )
        yield from found
        return
    for start in range(0, len(dossier_ids), SLICE):
        among = Obligation.dossier_id.in_(dossier_ids[start : start + SLICE])
        # A bare state would tempt the database to search by it, through everything that is owed.
        yield from session.scalars(query.where(among, func.coalesce(Obligation.state, "").in_(states)))


def open_dossiers_in(session: Session, states: Collection[str]) -> Iterator[int]:
    """Of those the ones whose dossier has no end."""
    # In this order: few dossiers are open.
    query = text(
        "SELECT o.dossier_id FROM dossier d CROSS JOIN obligation o WHERE d.ended_at IS NULL"
        " AND o.dossier_id = d.id AND COALESCE(o.state, '') IN :states"
    ).bindparams(bindparam("states", expanding=True))
    return iter(session.scalars(query, {"states": sorted(states)}))


def dossiers_awaiting(session: Session, states: Collection[str], having: Collection[str]) -> Iterator[int]:
    """The dossiers with an obligation in one of these states and without a letter in one of the states `having`."""
    query = text(
        "SELECT o.dossier_id FROM obligation o WHERE o.state IN :states AND NOT EXISTS (SELECT 1 FROM letter l"
        # A bare l.state would tempt SQLite to search by state, through every draft there is, for each dossier.
        " WHERE l.dossier_id = o.dossier_id AND COALESCE(l.state, '') IN :having AND l.promise <> 'renewed')"
    ).bindparams(bindparam("states", expanding=True), bindparam("having", expanding=True))
    return iter(session.scalars(query, {"states": sorted(states), "having": sorted(having)}))


def are_at_fault(session: Session, unit_ids: Collection[int]) -> bool:
    """Is one of these units at fault for a dossier, so that it drafts in place of the resolving one?"""
    query = select(Obligation.dossier_id).where(Obligation.fault_unit_id.in_(unit_ids)).limit(1)
    return session.execute(query).first() is not None


class LedgerChange(NamedTuple):
    """An obligation as it is to be; `steps` is how many it had when this was decided (0 = there was none)."""

    dossier_id: int
    state: str
    reason: str
    kind: str
    due_at: int | None
    unit_id: int | None
    steps: int
    has_step: bool  # False: only what it says of the letter that is owed has changed


@dataclass(frozen=True, slots=True)
class Moment:
    """For which moment, when and by whom the ledger is changed; `as_of` in UTC epoch seconds."""

    as_of: int
    now: datetime
    actor: str


def unchanged_since(session: Session, changes: Sequence[LedgerChange]) -> list[LedgerChange]:
    """Those of the changes whose obligation stands as it did when they were decided. Call `lock_register` before."""
    steps: dict[int, int] = {}
    for start in range(0, len(changes), SLICE):
        numbers = ", ".join(str(change.dossier_id) for change in changes[start : start + SLICE])
        found = session.execute(
            text(f"SELECT dossier_id, steps FROM obligation WHERE dossier_id IN ({numbers})")
        )
        steps.update({number: count for number, count in found})
    return [change for change in changes if steps.get(change.dossier_id, 0) == change.steps]


def write_changes(session: Session, changes: Sequence[LedgerChange], moment: Moment, note: str = "") -> None:
    """Write obligations and a step for each; of changes decided on what no longer stands see `unchanged_since`."""
    opened = [change for change in changes if change.steps == 0]
    moved = [change for change in changes if change.steps > 0]
    _driver(
        session,
        "INSERT INTO obligation (dossier_id, opened_at, state, reason, kind, due_at, unit_id, judged_at, steps)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)",
        [
            (c.dossier_id, moment.as_of, c.state, c.reason, c.kind, c.due_at, c.unit_id, moment.as_of)
            for c in opened
        ],
    )
    _driver(
        session,
        # The rules decide now: whose decision stood before is told by the steps.
        "UPDATE obligation SET state = ?, reason = ?, kind = ?, due_at = ?, unit_id = ?, judged_at = ?, steps = ?,"
        " decided_by = '', note = '' WHERE dossier_id = ?",
        [
            (c.state, c.reason, c.kind, c.due_at, c.unit_id, moment.as_of, c.steps + 1, c.dossier_id)
            for c in moved
            if c.has_step
        ],
    )
    _driver(
        session,
        "UPDATE obligation SET kind = ?, due_at = ?, unit_id = ?, judged_at = ? WHERE dossier_id = ?",
        [(c.kind, c.due_at, c.unit_id, moment.as_of, c.dossier_id) for c in moved if not c.has_step],
    )
    at = int(moment.now.timestamp())
    _driver(
        session,
        "INSERT INTO obligation_step (dossier_id, seq, state, reason, as_of, at, actor, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (c.dossier_id, c.steps + 1, c.state, c.reason, moment.as_of, at, moment.actor, note)
            for c in changes
            if c.has_step
        ],
    )
    look_after(session, len(opened), Obligation.__tablename__, ObligationStep.__tablename__)


def _driver(session: Session, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    # The raw driver: three times the speed of Core's dictionaries (benchmarks, loading).
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.paramstyle != "qmark":
        statement = statement.replace("?", "%s")
    connection.exec_driver_sql(statement, list(rows))


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides about one obligation; `values` are further columns that are set with it."""

    row: KeptRow
    state: str
    reason: str
    note: str
    values: Mapping[str, Any]


def write_decisions(session: Session, decisions: Iterable[Decision], moment: Moment) -> None:
    """Write what a person decided, with a step each. Call `lock_register` and read the rows after it, before."""
    updates, steps = [], []
    for each in decisions:
        seq = each.row.steps + 1
        updates.append(
            {
                "dossier_id": each.row.dossier_id,
                "state": each.state,
                "reason": each.reason,
                "steps": seq,
                **each.values,
            }
        )
        steps.append(
            {
                "dossier_id": each.row.dossier_id,
                "seq": seq,
                "state": each.state,
                "reason": each.reason,
                "as_of": moment.as_of,
                "at": moment.now,
                "actor": moment.actor,
                "note": each.note,
            }
        )
    if updates:
        for row in updates:
            session.execute(
                update(Obligation).where(Obligation.dossier_id == row["dossier_id"]),
                {key: value for key, value in row.items() if key != "dossier_id"},
            )
        session.execute(insert(ObligationStep), steps)
        ledger_marks.mark(session, [row["dossier_id"] for row in updates])


class StepRow(NamedTuple):
    """One line of an obligation's history."""

    state: str
    reason: str
    as_of: datetime
    at: datetime
    actor: str
    note: str


def steps_of(session: Session, dossier_id: int) -> list[StepRow]:
    """The history of one obligation, oldest first."""
    s = ObligationStep
    query = select(s.state, s.reason, s.as_of, s.at, s.actor, s.note)
    return [StepRow(*row) for row in session.execute(query.where(s.dossier_id == dossier_id).order_by(s.seq))]


class EndFacts(NamedTuple):
    """Why a dossier is no longer among the late ones; instants in UTC epoch seconds."""

    dossier_id: int
    status: str
    ended_at: int | None
    end_kind: str | None
    suspended_since: int | None


def end_facts(session: Session, dossier_ids: Sequence[int]) -> dict[int, EndFacts]:
    """How these dossiers stand; a dossier that was joined to another one is left out."""
    found: dict[int, EndFacts] = {}
    for start in range(0, len(dossier_ids), SLICE):
        numbers = ", ".join(str(int(number)) for number in dossier_ids[start : start + SLICE])
        rows = session.execute(
            text(
                "SELECT id, status, ended_at, end_kind, COALESCE(suspended_from, (SELECT MIN(s.start_at) FROM suspension s"
                " WHERE s.dossier_id = dossier.id AND s.kind <> 'none' AND s.end_at IS NULL)) FROM dossier"
                f" WHERE id IN ({numbers})"
            )
        )
        found.update({row[0]: EndFacts._make(row) for row in rows})
    return found


def ledger_size(session: Session) -> int:
    """How many dossiers the ledger holds."""
    return session.scalar(select(func.count()).select_from(Obligation)) or 0


ESCALATED = "escalated"


def mark_escalated(session: Session, dossier_ids: Sequence[int], moment: Moment) -> None:
    """Note, with a step each, that no further date may be given to these: their superiors are told."""
    rows = kept_rows(session, dossier_ids)
    decisions = (
        Decision(row, row.state, row.reason, ESCALATED, {"escalated_at": moment.now}) for row in rows.values()
    )
    write_decisions(session, decisions, moment)


def units_of(session: Session, dossier_ids: Sequence[int]) -> list[int | None]:
    """The unit that owes each of these, in no order."""
    found: list[int | None] = []
    for start in range(0, len(dossier_ids), SLICE):
        chosen = Obligation.dossier_id.in_(dossier_ids[start : start + SLICE])
        found += session.scalars(select(Obligation.unit_id).where(chosen))
    return found
