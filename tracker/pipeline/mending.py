"""Rejected rows fed back: as they were, or as somebody mended them. They pass through the same ingest as everything else.

What is taken in is marked in the transaction of its batch. What is refused again stays open, once: the row of the new batch
is kept as what was tried. A row does not undo what its source told later: of a dossier that a later load told of, it fills
only what nobody has told yet.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tracker.errors import UsageError, WorkFailed
from tracker.ingest.columns import told_columns
from tracker.ingest.readers.mended import CODE, MendedRow, MendedTable
from tracker.ingest.readers.payloads import Payload
from tracker.ingest.readers.portal_json import EVENT_MARK
from tracker.pipeline.ingesting import IngestPlan, ingest
from tracker.store import batches, rejections, told_since
from tracker.store.session import Session, Store
from tracker.store.told_since import Asked
from tracker.text import normal_code
from tracker.types.rejections import KeptRejection, RejectionState, ReplayReport

OUTDATED = "Nguồn đã báo lại hồ sơ này ở lần nạp sau; dòng này không có gì thêm."
AGAIN = "Là lần nạp lại của dòng số {number}, dòng ấy vẫn còn mở."
OVERTAKEN = "Vừa có lần nạp khác xen vào; chưa nạp lại dòng nào, hãy thử lại."
DECIDED = (
    "Có dòng vừa được người khác sửa hoặc để sang một bên; chưa nạp lại dòng nào, hãy xem lại danh sách."
)
Progress = Callable[[str], None]
InSameStep = Callable[[Session, ReplayReport], None]


class Mending(NamedTuple):
    """A rejected row, and the cells that somebody has changed: our field -> new cell."""

    rejection: KeptRejection
    changes: Mapping[str, str]

    def as_row(self) -> MendedRow:
        """The row to be read again."""
        return MendedRow(self.rejection.rejection_id, {**self.rejection.told, **self.changes})


@dataclass
class _Sorted:
    """What becomes of the rows before anything is read: tables and payloads to be read, rows left aside."""

    rows: list[MendedRow] = field(default_factory=list)
    events: list[MendedRow] = field(default_factory=list)
    outdated: list[int] = field(default_factory=list)
    unmendable: int = 0
    newest_batch: int = 0

    @property
    def numbers(self) -> list[int]:
        """The numbers of all rows that are read."""
        return [row.number for row in (*self.rows, *self.events)]


def replay(
    store: Store,
    calendar_key: str,
    plan: IngestPlan,
    mendings: Sequence[Mending],
    progress: Progress,
    *,
    in_same_step: InSameStep | None = None,
) -> ReplayReport:
    """Feed rejected rows of one source back; `plan` says when, by whom and by which configuration.

    Raises:
        UsageError: a row is no longer open, or they are of several sources.
        WorkFailed: another load came between; nothing was changed.
    """
    _check(mendings, plan.source)
    with store.read() as session:
        chosen = _sorted(session, plan.source, mendings)
    if not chosen.numbers:
        return _without_reading(store, plan, mendings, chosen, in_same_step)
    told: list[ReplayReport] = []

    def settle(session: Session) -> None:
        told.append(_settle(session, plan, mendings, chosen))
        if in_same_step is not None:
            in_same_step(session, told[0])

    own = replace(
        plan, paths=(), origin="replay", mended=_tables(mendings, chosen), payloads=_payloads(chosen)
    )
    ingest(store, calendar_key, own, progress, in_same_step=settle)
    return told[0]


def _check(mendings: Sequence[Mending], source: str) -> None:
    for one in mendings:
        kept = one.rejection
        if kept.state is not RejectionState.OPEN:
            raise UsageError(
                f"dòng số {kept.rejection_id} không còn mở: đã được nạp lại hoặc để sang một bên"
            )
        if kept.source != source:
            raise UsageError(f"dòng số {kept.rejection_id} là của nguồn {kept.source}, không phải {source}")


# ---------------------------------------------------------------- before reading


def _sorted(session: Session, source: str, mendings: Sequence[Mending]) -> _Sorted:
    out = _Sorted(newest_batch=batches.newest_id(session))
    usable = [one for one in mendings if one.rejection.fields]
    out.unmendable = len(mendings) - len(usable)
    dossiers = [one for one in usable if not _is_event(one.rejection)]
    out.events = [one.as_row() for one in usable if _is_event(one.rejection)]
    rows = [one.as_row() for one in dossiers]
    asked = [
        Asked(row.number, normal_code(row.told.get(CODE, "")), one.rejection.batch_id)
        for row, one in zip(rows, dossiers, strict=True)
    ]
    since = told_since.told_since(session, source, asked)
    for row in rows:
        later = since.get(row.number)
        own = row if later is None else _only_untold(row, told_columns(later))
        if own is None:
            out.outdated.append(row.number)
        else:
            out.rows.append(own)
    return out


def _is_event(kept: KeptRejection) -> bool:
    return EVENT_MARK in kept.fields


def _only_untold(row: MendedRow, told: frozenset[str]) -> MendedRow | None:
    """The row with what nobody has told of its dossier; None where that is nothing."""
    free = {
        name: cell for name, cell in row.told.items() if name not in told and name != CODE and cell.strip()
    }
    free = {name: cell for name, cell in free.items() if name not in ("code_alias", "summary")}
    return row._replace(told={CODE: row.told[CODE], **free}) if free else None


def _tables(mendings: Sequence[Mending], chosen: _Sorted) -> tuple[MendedTable, ...]:
    return (MendedTable(_name(mendings), chosen.rows),) if chosen.rows else ()


def _payloads(chosen: _Sorted) -> tuple[Payload, ...]:
    """Progress events go the way of the portal's elements, numbered by their rejections."""
    if not chosen.events:
        return ()
    told = MendedTable("", chosen.events)
    elements = [dict(row.told) for row in chosen.events]
    return (Payload("su-kien-nap-lai", elements, told.sha256, [row.number for row in chosen.events]),)


def _name(mendings: Sequence[Mending]) -> str:
    """What the batch is called: of which batches these rows are."""
    numbers = sorted({one.rejection.batch_id for one in mendings})
    told = ", ".join(map(str, numbers[:5])) + ("…" if len(numbers) > 5 else "")
    return f"Dòng nạp lại của lô {told}"


# ---------------------------------------------------------------- in the step of the batch


def _settle(session: Session, plan: IngestPlan, mendings: Sequence[Mending], chosen: _Sorted) -> ReplayReport:
    batch_id, counts = batches.newest(session)
    if batches.between(session, chosen.newest_batch, batch_id):
        raise WorkFailed(OVERTAKEN)
    again = rejections.refused_in(session, batch_id)
    refused = {number for _, number in again}
    taken = [number for number in chosen.numbers if number not in refused]
    done = rejections.take_in(session, taken, batch_id) + _close_outdated(session, plan, chosen)
    if done != len(taken) + len(chosen.outdated) or rejections.open_among(session, refused) != len(refused):
        raise UsageError(DECIDED)
    for new, number in again:
        rejections.close(session, [new], by=plan.actor, reason=AGAIN.format(number=number), at=plan.now)
    return _report(mendings, chosen, batch_id, counts, len(taken))


def _close_outdated(session: Session, plan: IngestPlan, chosen: _Sorted) -> int:
    return rejections.close(session, chosen.outdated, by=plan.actor, reason=OUTDATED, at=plan.now)


def _without_reading(
    store: Store,
    plan: IngestPlan,
    mendings: Sequence[Mending],
    chosen: _Sorted,
    in_same_step: InSameStep | None,
) -> ReplayReport:
    """Nothing is left to be read: no batch comes of it."""
    report = _report(mendings, chosen, None, {}, 0)
    with store.transaction() as session:
        if _close_outdated(session, plan, chosen) != len(chosen.outdated):
            raise UsageError(DECIDED)
        if in_same_step is not None:
            in_same_step(session, report)
    return report


def _report(
    mendings: Sequence[Mending], chosen: _Sorted, batch_id: int | None, counts: Mapping[str, int], taken: int
) -> ReplayReport:
    names = ("read", "new", "changed", "unchanged", "stale", "rejected")
    figures = {name: int(counts.get(name, 0)) for name in names}
    return ReplayReport(
        batch=batch_id, asked=len(mendings), **figures, taken_in=taken, outdated=len(chosen.outdated),
        unmendable=chosen.unmendable,
    )  # fmt: skip
