"""The histories of some thousand dossiers at a time, with when and by which load each thing was told."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, select, union_all
from sqlalchemy.orm import Session

from tracker.measures.integrity_history import (
    DueTold,
    EventTold,
    Held,
    History,
    LetterTold,
    PauseTold,
    StepTold,
    Telling,
    VersionTold,
)
from tracker.store.finding_witnesses import Changed, Witnesses
from tracker.store.models import (
    Batch,
    BatchSeen,
    Dossier,
    DossierRevision,
    DueSeen,
    Event,
    Letter,
    ProgressEvent,
    Suspension,
    SuspensionRevision,
)
from tracker.store.versions import number

Ids = NDArray[np.int64]
SLICE = 2_000
PAUSES_UNKNOWN = "PAUSES_UNKNOWN"
# A file is taken to be of the day of its load where it tells of receptions of the days before; of an older one, loaded
# later, only its latest reception says how old it is.
FRESH = 7 * 86_400
# What is pushed is told as it happens: a day before the push the old value still stood.
PROMPT, PROMPTLY = ("push", "pull"), 86_400
LIVE = ("approved", "signed", "numbered", "delivered")
ENDS = ("finished", "reopened")
_D: Any = Dossier.__table__
_R: Any = DossierRevision.__table__
_P: Any = ProgressEvent.__table__
Rows = Mapping[int, list[Any]]


class Load(NamedTuple):
    """A batch: its source, when it came, until when what it tells surely stood (UTC epoch seconds), was it pushed or pulled."""

    source_id: int
    at: int
    until: int
    is_prompt: bool


# A load of which nothing is kept: it says nothing of when.
NOT_KEPT = Load(0, 0, 0, False)


def histories(session: Session, ids: Ids) -> Iterator[History]:
    """The histories of these dossiers, in order; some thousand are held at a time."""
    loads: dict[int, Load] = {}
    witnesses = Witnesses(session, _changed(session, ids, loads))
    _learn(session, witnesses.batches(), loads)
    for part in _parts(ids):
        yield from _histories(session, part, loads, witnesses)


def _parts(ids: Ids) -> Iterator[list[int]]:
    for start in range(0, ids.size, SLICE):
        yield ids[start : start + SLICE].tolist()


# ---------------------------------------------------------------- loads


def _changed(session: Session, ids: Ids, loads: dict[int, Load]) -> Changed:
    """Every load that told something new of one of these dossiers; learns the loads on the way."""
    columns: list[NDArray[np.int64]] = [np.empty((0, 2), dtype=np.int64)]
    for part in _parts(ids):
        queries = [select(one.c.id, one.c.batch_id).where(one.c.id.in_(part)) for one in (_D, _R)]
        tables: tuple[Any, ...] = (DueSeen, Suspension, SuspensionRevision)
        queries += [select(one.dossier_id, one.batch_id).where(one.dossier_id.in_(part)) for one in tables]
        pairs = [tuple(row) for row in chain.from_iterable(session.execute(query) for query in queries)]
        columns.append(np.unique(np.array(pairs, dtype=np.int64).reshape(-1, 2), axis=0))
    pairs_of_all = np.concatenate(columns)
    _learn(session, np.unique(pairs_of_all[:, 1]).tolist(), loads)
    sources = np.array([loads[batch].source_id for batch in pairs_of_all[:, 1].tolist()], dtype=np.int64)
    return Changed(pairs_of_all[:, 0], pairs_of_all[:, 1], sources)


def _learn(session: Session, batch_ids: Iterable[int], loads: dict[int, Load]) -> None:
    wanted = [each for each in batch_ids if each not in loads]
    for start in range(0, len(wanted), SLICE):
        part = wanted[start : start + SLICE]
        query = _load_rows().where(Batch.id.in_(part))
        for batch, source, at, origin, received in session.execute(query):
            is_old = received is not None and at - received > FRESH
            loads[batch] = Load(source, at, received if is_old else at, origin in PROMPT)
    loads.update({batch: NOT_KEPT for batch in wanted if batch not in loads})


def _load_rows() -> Any:
    seen: Any = BatchSeen.__table__
    ingested, received = number(Batch.__table__.c.ingested_at), number(seen.c.last_received_at)
    columns = (Batch.id, Batch.source_id, ingested, Batch.origin, received)
    return select(*columns).outerjoin(BatchSeen, BatchSeen.batch_id == Batch.id)


def told_until(session: Session, batch_ids: Iterable[int]) -> dict[int, int]:
    """Until when what loads tell surely stood (UTC epoch seconds), by their numbers."""
    loads: dict[int, Load] = {}
    _learn(session, batch_ids, loads)
    return {batch: load.until for batch, load in loads.items()}


# ---------------------------------------------------------------- rows


class _Told(NamedTuple):
    """What the tables hold of some dossiers, by dossier."""

    versions: Rows
    dues: Rows
    pauses: Rows
    earlier_pauses: Rows
    steps: Rows
    events: Rows
    letters: Rows


def _told(session: Session, part: Sequence[int]) -> _Told:
    s: Any = Suspension.__table__
    e: Any = SuspensionRevision.__table__
    d: Any = DueSeen.__table__
    v: Any = Event.__table__
    m: Any = Letter.__table__
    pause = ("dossier_id", "kind", "start_at", "end_at", "known_from", "batch_id")
    return _Told(
        versions=_by_dossier(session, _versions(part)),
        dues=_by_dossier(session, _rows(d, part, ("dossier_id", "seq", "due_at", "seen_at", "batch_id"))),
        pauses=_by_dossier(session, _rows(s, part, pause)),
        earlier_pauses=_by_dossier(session, _rows(e, part, pause)),
        steps=_by_dossier(
            session, _rows(_P, part, ("dossier_id", "at", "status", "department", "known_from", "batch_id"))
        ),
        events=_by_dossier(
            session,
            _rows(v, part, ("dossier_id", "seq", "at", "kind", "batch_id")).where(v.c.kind.in_(ENDS)),
        ),
        letters=_by_dossier(
            session,
            _rows(m, part, ("dossier_id", "new_due_at", "as_of")).where(
                m.c.state.in_(LIVE), m.c.new_due_at.is_not(None)
            ),
        ),
    )


_INSTANTS = frozenset({"start_at", "end_at", "known_from", "due_at", "seen_at", "at", "new_due_at", "as_of"})


def _rows(table: Any, part: Sequence[int], names: Sequence[str]) -> Select[Any]:
    columns = [number(table.c[name]) if name in _INSTANTS else table.c[name] for name in names]
    return select(*columns).where(table.c.dossier_id.in_(part))


def _versions(part: Sequence[int]) -> Any:
    """All versions; the one that stands is the newest."""

    def of(table: Any) -> Select[Any]:
        c = table.c
        return select(
            c.id, number(c.known_from).label("known"), c.status, number(c.source_due_at), number(c.ended_at),
            c.end_kind, c.flags, c.source_id, c.batch_id, c.resolving_unit_id, c.receiving_unit_id,
            number(c.received_at), number(c.documented_due_at),
        ).where(c.id.in_(part))  # fmt: skip

    return union_all(of(_R), of(_D))


def _by_dossier(session: Session, query: Any) -> Rows:
    found: dict[int, list[Any]] = defaultdict(list)
    for row in session.execute(query):
        found[row[0]].append(tuple(row[1:]))
    return found


# ---------------------------------------------------------------- values


def _histories(
    session: Session, part: list[int], loads: dict[int, Load], witnesses: Witnesses
) -> Iterator[History]:
    told = _told(session, part)
    batches = {row[-1] for rows in (told.steps, told.events) for row in chain.from_iterable(rows.values())}
    _learn(session, sorted(batches), loads)
    for dossier_id in part:
        if told.versions.get(dossier_id):
            yield _Maker(dossier_id, told, loads, witnesses).history()


class _Maker:
    """Puts together the history of one dossier."""

    def __init__(self, dossier_id: int, told: _Told, loads: Mapping[int, Load], witnesses: Witnesses) -> None:
        self._id, self._told, self._loads, self._witnesses = dossier_id, told, loads, witnesses
        self._versions = sorted(told.versions[dossier_id], key=lambda row: row[0])
        self._first_batch: int = min(row[7] for row in self._versions)

    def history(self) -> History:
        """The values, in the order of their telling."""
        *_, resolving, receiving, received, documented = self._versions[-1]
        return History(
            dossier_id=self._id,
            unit_id=(receiving if resolving is None else resolving) or 0,
            received=received,
            documented=documented,
            dues=[self._due(row) for row in sorted(self._told.dues.get(self._id, ()))],
            versions=[self._version(row) for row in self._versions],
            pauses=self._pauses(),
            steps=[
                StepTold(at, status, department, Telling(known, batch))
                for at, status, department, known, batch in sorted(self._told.steps.get(self._id, ()))
            ],
            events=[
                EventTold(at, kind, self._telling(batch))
                for _, at, kind, batch in sorted(self._told.events.get(self._id, ()))
            ],
            letters=[LetterTold(*row) for row in self._told.letters.get(self._id, ())],
        )

    def _due(self, row: tuple[Any, ...]) -> DueTold:
        seq, due, seen_at, batch = row
        return DueTold(
            seq, due, self._loads[batch].source_id, Telling(seen_at, batch), self._held(batch, seen_at)
        )

    def _version(self, row: tuple[Any, ...]) -> VersionTold:
        known, status, due, ended, end_kind, flags, source, batch = row[:8]
        is_known = PAUSES_UNKNOWN not in flags
        first = Telling(known, batch)
        return VersionTold(status, due, ended, end_kind, is_known, source, first, self._held(batch, known))

    def _pauses(self) -> list[PauseTold]:
        """Each suspension with the first telling of one of its kind and beginning."""
        first: dict[tuple[str, int], tuple[int, int]] = {}
        present = self._told.pauses.get(self._id, ())
        for kind, start, _, known, batch in (*self._told.earlier_pauses.get(self._id, ()), *present):
            first[kind, start] = min(first.get((kind, start), (known, batch)), (known, batch))
        found = []
        for kind, start, end, _, _ in sorted(present, key=lambda row: row[1]):
            known, batch = first[kind, start]
            before = None if batch == self._first_batch else self._held(batch, known)
            found.append(PauseTold(kind, start, end, Telling(known, batch), before))
        return found

    def _telling(self, batch: int) -> Telling:
        return Telling(self._loads[batch].at, batch)

    def _held(self, batch: int, at: int) -> Held:
        """What is known of the time before a load: the last that told of the dossier, or the version before."""
        before = [row for row in self._versions if row[0] < at]
        last = Telling(before[-1][0], before[-1][7]) if before else None
        witness = self._witnesses.before(self._id, batch)
        if witness is not None and (last is None or witness.at > last.at):
            last = witness
        if last is None:
            return Held(min(at, self._versions[0][10] or at), None)
        until = self._loads[last.batch_id].until
        if self._loads[batch].is_prompt:
            until = max(until, at - PROMPTLY)
        return Held(until, last)
