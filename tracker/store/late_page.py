"""A page of the open late list: which dossiers, and what a line shows of each, by one question made ready once."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, Subquery, any_, bindparam, func, select
from sqlalchemy.orm import Session

from tracker.store.gathered import Gathered
from tracker.store.late_queries import COLUMNS, Candidate, LateFilter, candidate, is_open_late, passed_before
from tracker.store.models import Dossier, Field, Letter, Procedure, Suspension, Unit
from tracker.store.models.base import Instant
from tracker.store.ready import Ready, as_moment
from tracker.store.remembered import Remembered
from tracker.store.versions import DUE_COLUMNS, either, is_accepted, number, open_branches
from tracker.types import Basis, LateRow, SuspensionKind
from tracker.types import Suspension as Pause

_D: Any = Dossier.__table__
_S: Any = Suspension.__table__
_ENDED = COLUMNS.index("ended_at")
# Lines as their rows made them.
LINES = Remembered(4_096, each=2_700)
_MOMENTS = tuple(at for at, name in enumerate(COLUMNS) if isinstance(_D.c[name].type, Instant))


@dataclass(slots=True, eq=False)
class Line:
    """A dossier of the page with the state of its newest letter that is not void; None: it has none.

    It remembers one row that was made of it, and under what that row holds.
    """

    candidate: Candidate
    letter: str | None
    _made: tuple[Hashable, LateRow] | None = None

    def row(self, under: Hashable) -> LateRow | None:
        """The row that was made of it under this; None: none was, or it was under something else."""
        made = self._made
        return made[1] if made is not None and made[0] == under else None

    def keep(self, under: Hashable, row: LateRow) -> None:
        """A row for whoever asks under the same."""
        self._made = under, row


def open_page(session: Session, chosen: LateFilter, *, begin: int, limit: int) -> list[Line]:
    """Open dossiers late on the basis, longest overdue first: `limit` of them after the first `begin`, by the index.

    As it is known now; `chosen.known` has to be None.
    """
    given: dict[str, Any] = {
        "moment": chosen.as_of, "passed": passed_before(chosen), "begin": begin, "shown": limit, "last": begin + limit,
    }  # fmt: skip
    if chosen.unit_ids is not None:
        given["unit_ids"] = sorted(chosen.unit_ids)
    if chosen.field is not None:
        given["field"] = chosen.field
    dialect = session.get_bind().dialect.name
    asked, pauses, letters = _page(
        dialect, chosen.basis, chosen.unit_ids is not None, chosen.field is not None
    )
    lines = []
    for found in asked.rows(session, given):
        # A line is made of its row alone, and of the basis on which it is asked for.
        key = tuple(found), chosen.basis, chosen.as_of if found[_ENDED] else None
        line: Line | None = LINES.get(key)
        if line is None:
            line = _line(found, pauses, letters, chosen)
            LINES.keep(key, line)
        lines.append(line)
    return lines


@cache
def _page(dialect: str, basis: Basis, of_units: bool, of_field: bool) -> tuple[Ready, Gathered, Gathered]:
    """What the lines of a page show, in order, their suspensions and their letters; how to read the two."""
    query, pauses, letters = _lines(dialect)
    begin, shown = _given(dialect, "begin", "shown")
    listed = _listed(dialect, basis, of_units, of_field)
    ids = select(listed.c.id).order_by(listed.c.due, listed.c.id).limit(shown).offset(begin)
    in_order = number(_D.c[DUE_COLUMNS[basis]]), _D.c.id
    return Ready(query.where(_is_among(dialect, ids)).order_by(*in_order)), pauses, letters


def _is_among(dialect: str, ids: Select[Any]) -> ColumnElement[bool]:
    """Is it one of these? PostgreSQL is told to work them out first, and then look each up by its id: it cannot know that so
    few come out of what it sorts.
    """
    key: ColumnElement[int] = _D.c.id
    if dialect == "postgresql":
        found: Any = func.array(ids.scalar_subquery(), type_=ARRAY(BigInteger))
        return key == any_(found)
    return key.in_(ids)


def _given(dialect: str, *names: str) -> list[Any]:
    """Whole numbers that are told when the page is asked for.

    PostgreSQL keeps a plan only where it reckons that one made anew for the very values would be no better. It thinks so of
    "ended after this moment", which nearly none ever did, and plans each page for longer than it then looks for its rows; so
    it is not let see the values.
    """
    given = [bindparam(name, type_=BigInteger) for name in names]
    return [select(each).scalar_subquery() for each in given] if dialect == "postgresql" else given


def _listed(dialect: str, basis: Basis, of_units: bool, of_field: bool) -> Subquery:
    """Rows of (due date, id): of each branch of what is open the first so many in order."""
    moment, passed, last = _given(dialect, "moment", "passed", "last")
    tests = [is_accepted(_D), is_open_late(_D, _S, basis, moment, passed)]
    if of_units:
        tests.append(_D.c.resolving_unit_id.in_(bindparam("unit_ids", expanding=True)))
    if of_field:
        name: Any = bindparam("field", type_=Field.name.type)
        tests.append(_D.c.field_id.in_(select(Field.id).where(Field.name == name)))
    due = _D.c[DUE_COLUMNS[basis]]
    branches = [
        select(number(due).label("due"), _D.c.id)
        .where(*still_open, *tests)
        .order_by(due, _D.c.id)
        .limit(last)
        for still_open in open_branches(_D, moment)
    ]
    return either(branches).subquery()


def _line(found: Sequence[Any], pauses: Gathered, letters: Gathered, chosen: LateFilter) -> Line:
    *told, paused, lettered = found
    for at in _MOMENTS:
        told[at] = as_moment(told[at])
    stops = tuple(
        Pause(start, end, SuspensionKind(kind))
        for _seq, start, end, kind in sorted(pauses.rows(paused), key=_first)
    )
    written = max(letters.rows(lettered), default=None, key=_first)
    return Line(candidate(_Row._make(told), stops, chosen), written[1] if written else None)


def _first(row: list[Any]) -> Any:
    return row[0]


_NAMES = ("procedure_name", "field_name", "unit_name")
_Row: Any = NamedTuple("_Row", [(name, Any) for name in (*COLUMNS, *_NAMES)])  # type: ignore[misc]


def _lines(dialect: str) -> tuple[Select[Any], Gathered, Gathered]:
    """What lines of dossiers show, in no order, their suspensions and their letters."""
    s, written = _S.c, Letter
    pauses = Gathered(
        dialect, select(s.seq, s.start_at, s.end_at, s.kind).select_from(_S).where(s.dossier_id == _D.c.id)
    )
    of_dossier: Any = select(written.seq, written.state).select_from(Letter)
    letters = Gathered(dialect, of_dossier.where(written.dossier_id == _D.c.id, written.state != "void"))
    query: Any = (
        select(
            *(_D.c[name] for name in COLUMNS),
            Procedure.name.label("procedure_name"), Field.name.label("field_name"), Unit.name.label("unit_name"),
            pauses.column.label("pauses"), letters.column.label("letters"),
        )
        .select_from(_D)
        .outerjoin(Procedure, Procedure.id == _D.c.procedure_id)
        .outerjoin(Field, Field.id == _D.c.field_id)
        .outerjoin(Unit, Unit.id == _D.c.resolving_unit_id)
    )  # fmt: skip
    return query, pauses, letters
