"""Which letters or dossiers somebody means: by the codes on paper, or all that stand at a step."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.store.models import Dossier, Letter, Obligation

SLICE = 10_000


def by_codes(session: Session, codes: Sequence[str]) -> tuple[list[int], list[str]]:
    """The letters of short codes or dossier codes (of these the newest that is not void), and codes that mean none."""
    found: dict[str, int] = {}
    for start in range(0, len(codes), SLICE):
        asked = [code.strip() for code in codes[start : start + SLICE]]
        short = select(Letter.short_code, Letter.id).where(
            Letter.short_code.in_([code.upper() for code in asked])
        )
        found.update({code: number for code, number in session.execute(short)})
        of_dossier = (
            select(Dossier.code, Letter.id)
            .join(Letter, Letter.dossier_id == Dossier.id)
            .where(Dossier.code.in_(asked), Letter.state != "void")
            .order_by(Letter.seq)
        )
        found.update({code: number for code, number in session.execute(of_dossier)})
    pairs = [(code, found.get(code.strip(), found.get(code.strip().upper()))) for code in codes]
    return [number for _, number in pairs if number is not None], [
        code for code, number in pairs if number is None
    ]


def in_states(
    session: Session,
    states: Sequence[str],
    *,
    unit_ids: frozenset[int] | None = None,
    kind: str | None = None,
) -> list[int]:
    """All letters in these states, oldest first."""
    query = select(Letter.id).where(Letter.state.in_(states)).order_by(Letter.id)
    if unit_ids is not None:
        query = query.where(Letter.unit_id.in_(unit_ids))
    if kind is not None:
        query = query.where(Letter.kind == kind)
    return list(session.scalars(query))


def dossiers_by_codes(session: Session, codes: Sequence[str]) -> tuple[list[int], list[str]]:
    """The dossiers of these codes, and codes that mean none."""
    found: dict[str, int] = {}
    for start in range(0, len(codes), SLICE):
        query = select(Dossier.code, Dossier.id).where(Dossier.code.in_(codes[start : start + SLICE]))
        found.update({code: number for code, number in session.execute(query)})
    return [found[code] for code in codes if code in found], [code for code in codes if code not in found]


def held(session: Session, state: str, *, unit_ids: frozenset[int] | None = None) -> list[int]:
    """The dossiers whose obligation is in this state."""
    query = select(Obligation.dossier_id).where(Obligation.state == state).order_by(Obligation.dossier_id)
    if unit_ids is not None:
        query = query.where(Obligation.unit_id.in_(unit_ids))
    return list(session.scalars(query))
