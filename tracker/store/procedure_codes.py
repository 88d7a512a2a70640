"""The procedures of the catalogue by their codes, read once a process: for filters that name one by its code."""

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.store.models import Procedure
from tracker.store.session import kept


class CodedProcedure(NamedTuple):
    """A procedure as a filter names it."""

    procedure_id: int
    code: str
    name: str


def by_code(session: Session) -> Mapping[str, CodedProcedure]:
    """All procedures that have a code, by it."""
    query = select(Procedure.id, Procedure.code, Procedure.name).where(Procedure.code != "")
    return kept(
        session,
        "procedures by code",
        lambda: {code: CodedProcedure(number, code, name) for number, code, name in session.execute(query)},
    )


def codes(session: Session) -> Mapping[int, str]:
    """The code of each of them, by its number."""
    return kept(
        session,
        "codes of procedures",
        lambda: {each.procedure_id: each.code for each in by_code(session).values()},
    )
