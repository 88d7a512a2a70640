"""Where the lateness of some months comes from: questions that the table of causes answers (`store.cause_summary`).

The counting is done by `pipeline.cause_counting`; the report of an exact period reads the dossiers themselves.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from tracker.store import catalogue, cause_summary
from tracker.store.cause_summary import GroupSums
from tracker.store.remembered import Mark, Remembered
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

# Answers that a process gave, each some thousand lines at most.
ANSWERS = Remembered(20)
UNKNOWN_UNIT, UNKNOWN_PROCEDURE = "Chưa rõ đơn vị", "Chưa rõ thủ tục"
Part = tuple[str, str, int, CauseSums]
MonthPart = tuple[int, str, str, int, CauseSums]


def causes(store: Store, question: CauseQuestion) -> CauseAnswer:
    """All that is known of the causes of lateness in some months."""
    with store.read() as session:
        return causes_in(session, question)


def causes_in(session: Session, question: CauseQuestion) -> CauseAnswer:
    """The same by an open session: five questions to the database, one where this process knows the answer already."""
    stands = cause_summary.standing(session)
    answer: CauseAnswer | None = ANSWERS.get(Mark(question, stands))
    if answer is None:
        answer = _asked(session, question, is_behind=stands.is_behind(question.first, question.last))
        ANSWERS.keep(Mark(question, stands), answer)
    return answer


def _asked(session: Session, question: CauseQuestion, *, is_behind: bool) -> CauseAnswer:
    groups = list(cause_summary.by_group(session, question))
    told = CauseParts(
        parts=list(cause_summary.by_part(session, question)),
        elsewhere=list(cause_summary.elsewhere(session, question)),
        months=list(cause_summary.by_month(session, question)),
        groups=groups,
    )
    return answer_of(question, told, names_of(session, groups), is_behind=is_behind)


def late_count(store: Store, question: CauseQuestion) -> int:
    """How many late dossiers the months hold, as far as they were counted."""
    with store.read() as session:
        return cause_summary.late_count(session, question)


# ---------------------------------------------------------------- from sums


@dataclass(frozen=True, slots=True)
class CauseParts:
    """Sums of dossiers by what an answer is made from: (part, name, unit of the holder), month, unit and procedure."""

    parts: Sequence[Part]
    elsewhere: Sequence[Part]
    months: Sequence[MonthPart]
    groups: Sequence[GroupSums]


@dataclass(frozen=True, slots=True)
class GroupNames:
    """How people read units and procedures."""

    units: Mapping[int, str]
    procedures: Mapping[int, str]


def names_of(session: Session, groups: Iterable[GroupSums]) -> GroupNames:
    """The names of the units and procedures of some groups."""
    procedures = cause_summary.procedure_names(session, {row.procedure_id for row in groups})
    return GroupNames(catalogue.unit_names(session), procedures)


def answer_of(
    question: CauseQuestion, told: CauseParts, names: GroupNames, *, is_behind: bool
) -> CauseAnswer:
    """The answer from sums, wherever these come from. Pure."""
    parts, groups = told.parts, told.groups
    whys = {name: sums for part, name, _, sums in parts if part == UNDIVIDED}
    return CauseAnswer(
        question=question,
        is_behind=is_behind,
        total=_of(parts, TOTAL),
        known=_of(parts, KNOWN),
        between=_of(parts, BETWEEN),
        unmeasured=_of(parts, UNMEASURED).late,
        undivided={why: whys[why.value] for why in Undivided if why.value in whys},
        holders=_holders(parts),
        elsewhere=_holders(told.elsewhere),
        worst=_worst(told.months),
        pauses=_named(parts, PAUSE),
        reasons=_named(parts, REASON),
        flows=_named(parts, FLOW),
        months=tuple(
            GroupLine(key, _month_name(key), sums, part) for key, sums, part in _sums(groups, "month")
        ),
        units=_lines(_sums(groups, "unit_id"), names.units, UNKNOWN_UNIT),
        procedures=_lines(_sums(groups, "procedure_id"), names.procedures, UNKNOWN_PROCEDURE),
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


def _worst(months: Iterable[MonthPart]) -> tuple[HolderMonth, ...]:
    """The departments and months with most lateness."""
    found = [
        HolderMonth(month, holder_line(part, name, holder_id, sums))
        for month, part, name, holder_id, sums in months
        if sums.overrun
    ]
    return tuple(sorted(found, key=lambda each: (*_largest(each.line), each.month)))


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


def _lines(
    found: Iterable[tuple[int, CauseSums, int]], names: Mapping[int, str], unknown: str
) -> tuple[GroupLine, ...]:
    """The lines of groups, by lateness."""
    lines = [GroupLine(key, names.get(key, unknown), sums, divided) for key, sums, divided in found]
    return tuple(sorted(lines, key=lambda line: (-line.sums.overrun, -line.sums.late, line.name)))


def _unit_months(groups: Iterable[GroupSums]) -> dict[tuple[int, int], CauseSums]:
    found: dict[tuple[int, int], CauseSums] = {}
    for row in groups:
        key = (row.unit_id, row.month)
        found[key] = found.get(key, NOTHING).plus(row.sums)
    return found


def _month_name(month: int) -> str:
    return f"{month % 100:02d}/{month // 100}"
