"""Findings kept up with what a look found: new ones added, those that are found no more marked gone, none ever deleted.

What persons said of a finding stays with it, and so does its evidence once anybody has said anything.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from tracker.measures.integrity import Sign
from tracker.store.ids import next_id
from tracker.store.models import Finding, FindingLook
from tracker.types.findings import FindingKind, FindingState, evidence_text

SLICE = 5_000
ONLY_ROW = 1
Place = tuple[int, str, str]
"""Dossier, kind and key."""
LookedAt = Mapping[int, frozenset[str] | None]


@dataclass(frozen=True, slots=True)
class Look:
    """Up to which batch, by which rules and when the store was last looked through."""

    looked_at: datetime
    batch_id: int
    rules: str


class KeptFinding(NamedTuple):
    """A finding as it is kept."""

    finding_id: int
    is_gone: bool
    state: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What a look changed."""

    new: int
    back: int
    gone: int
    standing: int


def last_look(session: Session) -> Look | None:
    """The last look; None: there was none."""
    row = session.get(FindingLook, ONLY_ROW)
    return None if row is None else Look(row.looked_at, row.batch_id, row.rules)


def put_look(session: Session, look: Look) -> None:
    """Write down that everything up to here was looked at."""
    session.execute(delete(FindingLook))
    row = {"id": ONLY_ROW, "looked_at": look.looked_at, "batch_id": look.batch_id, "rules": look.rules}
    session.execute(insert(FindingLook), [row])


def dossiers_with_findings(session: Session, *kinds: FindingKind) -> list[int]:
    """The dossiers of which anything stands; of these kinds, where any are named."""
    query = select(Finding.dossier_id).where(Finding.gone_at.is_(None)).distinct()
    if kinds:
        query = query.where(Finding.kind.in_([kind.value for kind in kinds]))
    return list(session.scalars(query))


def keep(
    session: Session,
    signs: Sequence[Sign],
    now: datetime,
    *,
    looked_at: LookedAt | None,
    of_all: Collection[FindingKind],
) -> Kept:
    """Bring the findings in line with the signs.

    `looked_at`: the dossiers whose histories were read, and which keys of theirs were decided (None = all of them; as a
    whole None = every dossier); `of_all`: kinds that were looked for in all dossiers whatever was read. What was not looked
    for stays as it is.
    """
    found = {(sign.dossier_id, sign.kind.value, sign.key): sign for sign in signs}
    kept = dict(_kept(session, looked_at, of_all))
    new = [sign for place, sign in found.items() if place not in kept]
    _insert(session, new, now)
    back = [kept[place].finding_id for place in found if place in kept and kept[place].is_gone]
    gone = [one.finding_id for place, one in kept.items() if place not in found and not one.is_gone]
    _set_gone(session, back, None)
    _set_gone(session, gone, now)
    _refresh(session, found, kept)
    return Kept(len(new), len(back), len(gone), len(found))


def _kept(
    session: Session, looked_at: LookedAt | None, of_all: Collection[FindingKind]
) -> Iterator[tuple[Place, KeptFinding]]:
    columns = (
        Finding.dossier_id, Finding.kind, Finding.key, Finding.id, Finding.gone_at, Finding.state, Finding.evidence,
    )  # fmt: skip
    everywhere = [kind.value for kind in of_all]
    queries: list[Any] = []
    if looked_at is None:
        queries.append(select(*columns))
    else:
        queries.append(select(*columns).where(Finding.kind.in_(everywhere)))
        ids = sorted(looked_at)
        queries += [
            select(*columns).where(
                Finding.dossier_id.in_(ids[start : start + SLICE]), Finding.kind.not_in(everywhere)
            )
            for start in range(0, len(ids), SLICE)
        ]
    for query in queries:
        for dossier, kind, key, number, gone_at, state, evidence in session.execute(query):
            decided = None if looked_at is None else looked_at.get(dossier)
            if decided is not None and key not in decided and kind not in everywhere:
                continue
            yield (dossier, kind, key), KeptFinding(number, gone_at is not None, state, evidence)


def _insert(session: Session, signs: Sequence[Sign], now: datetime) -> None:
    first = next_id(session, Finding.id)
    rows = [
        {
            "id": number, "dossier_id": sign.dossier_id, "unit_id": sign.unit_id, "kind": sign.kind.value,
            "key": sign.key, "at": sign.at, "evidence": evidence_text(sign.evidence), "found_at": now, "gone_at": None,
            "state": FindingState.OPEN.value,
        }
        for number, sign in enumerate(signs, first)
    ]  # fmt: skip
    for start in range(0, len(rows), SLICE):
        session.execute(insert(Finding), rows[start : start + SLICE])


def _set_gone(session: Session, ids: Sequence[int], at: datetime | None) -> None:
    for start in range(0, len(ids), SLICE):
        session.execute(
            update(Finding)
            .where(Finding.id.in_(ids[start : start + SLICE]))
            .values(gone_at=at)
            .execution_options(synchronize_session=False)
        )


def _refresh(session: Session, found: Mapping[Place, Sign], kept: Mapping[Place, KeptFinding]) -> None:
    """Evidence that says more by now, of findings of which nobody has said anything."""
    for place, sign in found.items():
        one = kept.get(place)
        if one is None or one.state != FindingState.OPEN.value:
            continue
        text = evidence_text(sign.evidence)
        if text != one.evidence:
            session.execute(
                update(Finding)
                .where(Finding.id == one.finding_id, Finding.state == FindingState.OPEN.value)
                .values(evidence=text, at=sign.at)
                .execution_options(synchronize_session=False)
            )
