"""Where the lateness of some months comes from: questions that the table of causes answers (`store.cause_summary`).

The counting is done by `pipeline.cause_counting`; the report of an exact period reads the dossiers themselves.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from tracker.store import catalogue, cause_summary
from tracker.store.cause_summary import GroupSums
from tracker.store.session import Session, Store
from tracker.types.causes import (
    BETWEEN,
    FLOW,
    KNOWN,
    NOTHING,
    PAUSE,
    REASON,
    STEP,
    TOTAL,
    UNDIVIDED,
    UNMEASURED,
    CauseAnswer,
    CauseQuestion,
    CauseSums,
    GroupLine,
    HolderLine,
    HolderMonth,
    NamedLine,
    StepKind,
    Undivided,
)

UNKNOWN_UNIT, UNKNOWN_PROCEDURE = "Chưa rõ đơn vị", "Chưa rõ thủ tục"
WORST = 50
Part = tuple[str, str, int, CauseSums]


def causes(store: Store, question: CauseQuestion) -> CauseAnswer:
    """All that is known of the causes of lateness in some months."""
    with store.read() as session:
        return causes_in(session, question)


def causes_in(session: Session, question: CauseQuestion) -> CauseAnswer:
    """The same by an open session: at most six questions to the database (the units come from the process's memory)."""
    parts = list(cause_summary.by_part(session, question))
    groups = list(cause_summary.by_group(session, question))
    plain = {(part, name): sums for part, name, _, sums in parts}
    return CauseAnswer(
        question=question,
        is_behind=cause_summary.is_behind(session, question.first, question.last),
        total=_of(parts, TOTAL),
        known=_of(parts, KNOWN),
        between=_of(parts, BETWEEN),
        unmeasured=_of(parts, UNMEASURED).late,
        undivided={why: sums for why in Undivided if (sums := plain.get((UNDIVIDED, why.value)))},
        holders=_holders(parts),
        elsewhere=_holders(cause_summary.elsewhere(session, question)),
        worst=_worst(session, question),
        pauses=_named(parts, PAUSE),
        reasons=_named(parts, REASON),
        flows=_named(parts, FLOW),
        months=tuple(
            GroupLine(key, _month_name(key), sums, part) for key, sums, part in _sums(groups, "month")
        ),
        units=_unit_lines(session, groups),
        procedures=_procedure_lines(session, groups),
        unit_months=_unit_months(groups),
    )


def _of(parts: Iterable[Part], wanted: str) -> CauseSums:
    return next((sums for part, _, _, sums in parts if part == wanted), NOTHING)


# ---------------------------------------------------------------- departments


def holder_line(part: str, name: str, holder_id: int, sums: CauseSums) -> HolderLine:
    """A row of a step as a line."""
    return HolderLine(StepKind(part.removeprefix(STEP)), name, holder_id or None, sums)


def _holders(parts: Iterable[Part]) -> tuple[HolderLine, ...]:
    lines = [holder_line(*part) for part in parts if part[0].startswith(STEP)]
    return tuple(sorted(lines, key=_largest))


def _largest(line: HolderLine) -> tuple[int, int, str, str]:
    return -line.sums.overrun, -line.sums.late_held, line.name, line.kind


def _worst(session: Session, question: CauseQuestion) -> tuple[HolderMonth, ...]:
    """The departments and months with most lateness."""
    found = [
        HolderMonth(month, holder_line(part, name, holder_id, sums))
        for month, part, name, holder_id, sums in cause_summary.by_month(session, question)
        if sums.overrun
    ]
    return tuple(sorted(found, key=lambda each: (*_largest(each.line), each.month))[:WORST])


def _named(parts: Iterable[Part], wanted: str) -> tuple[NamedLine, ...]:
    """Lines of a part; of "pause:<kind>" under the name of the kind."""
    found = [
        NamedLine(part.removeprefix(PAUSE) if wanted == PAUSE else name, sums)
        for part, name, _, sums in parts
        if (part.startswith(PAUSE) if wanted == PAUSE else part == wanted)
    ]
    return tuple(sorted(found, key=lambda line: (-line.sums.late, -line.sums.late_held, line.name)))


# ---------------------------------------------------------------- groups


def _sums(groups: Iterable[GroupSums], key: str) -> Iterator[tuple[int, CauseSums, int]]:
    """(key, all late dossiers, minutes that fall to steps), in order of the key."""
    by_key = attrgetter(key)
    for value, rows in groupby(sorted(groups, key=by_key), by_key):
        together, divided = NOTHING, 0
        for row in rows:
            together, divided = together.plus(row.sums), divided + row.divided
        yield value, together, divided


def _by_lateness(lines: Iterable[GroupLine]) -> tuple[GroupLine, ...]:
    return tuple(sorted(lines, key=lambda line: (-line.sums.overrun, -line.sums.late, line.name)))


def _unit_lines(session: Session, groups: Iterable[GroupSums]) -> tuple[GroupLine, ...]:
    names = catalogue.unit_names(session)
    return _by_lateness(
        GroupLine(key, names.get(key, UNKNOWN_UNIT), sums, divided)
        for key, sums, divided in _sums(groups, "unit_id")
    )


def _procedure_lines(session: Session, groups: Iterable[GroupSums]) -> tuple[GroupLine, ...]:
    found = list(_sums(groups, "procedure_id"))
    names = cause_summary.procedure_names(session, (key for key, _, _ in found))
    return _by_lateness(
        GroupLine(key, names.get(key, UNKNOWN_PROCEDURE), sums, divided) for key, sums, divided in found
    )


def _unit_months(groups: Iterable[GroupSums]) -> dict[tuple[int, int], CauseSums]:
    found: dict[tuple[int, int], CauseSums] = {}
    for row in groups:
        key = (row.unit_id, row.month)
        found[key] = found.get(key, NOTHING).plus(row.sums)
    return found


def _month_name(month: int) -> str:
    return f"{month % 100:02d}/{month // 100}"
