"""Totals that sources report of themselves, append-only: each report keeps its number, older ones stay to be looked at.

A report of one unit alone keeps that unit with its form ("e@12"); nobody outside sees that spelling.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import exists, func, insert, select
from sqlalchemy.orm import Session

from tracker.store.ids import next_id
from tracker.store.locks import Lock, hold
from tracker.store.models import Batch, ReportedTotal, Source
from tracker.types.reconciling import ReportedFigure, ReportEntry, ReportPlace
from tracker.types.reported import RowKind

OF_UNIT = "@"


class NewFigure(NamedTuple):
    """One figure as it is to be kept."""

    kind: RowKind
    name: str
    unit_id: int | None
    measure: str
    value: int
    row: int


def add_report(
    session: Session,
    place: ReportPlace,
    figures: Sequence[NewFigure],
    *,
    file: str,
    entered_by: str,
    at: datetime,
) -> int:
    """Keep a report; its number. `file` is empty where the figures were typed in.

    A figure that stands twice in one report is a fault of the caller: the names of rows have to differ.
    """
    hold(session, Lock.REGISTER)
    report, number = next_id(session, ReportedTotal.report_id), next_id(session, ReportedTotal.id)
    shared = {
        "report_id": report,
        "source_id": source_ids(session)[place.source],
        "form": _form(place),
        "period_from": place.start,
        "period_to": place.end,
        "file": file,
        "entered_by": entered_by,
        "entered_at": at,
    }
    rows: list[dict[str, Any]] = [
        {
            **shared,
            "id": number + position,
            "row_kind": one.kind,
            "row_name": one.name,
            "unit_id": one.unit_id,
            "measure": one.measure,
            "value": one.value,
            "row_no": one.row,
        }
        for position, one in enumerate(figures)
    ]
    session.execute(insert(ReportedTotal), rows)
    return report


def source_ids(session: Session) -> Mapping[str, int]:
    """The sources by key, in the order of their coming."""
    return {key: number for key, number in session.execute(select(Source.key, Source.id).order_by(Source.id))}


def loaded_sources(session: Session) -> Mapping[str, int]:
    """The sources of which anything was ever loaded, in the order of their coming."""
    query = select(Source.key, Source.id).where(exists().where(Batch.source_id == Source.id))
    return {key: number for key, number in session.execute(query.order_by(Source.id))}


def reports(session: Session, source: str | None = None) -> list[ReportEntry]:
    """All reports (of one source), the newest first."""
    query = (
        select(
            ReportedTotal.report_id,
            Source.key,
            ReportedTotal.form,
            ReportedTotal.period_from,
            ReportedTotal.period_to,
            ReportedTotal.file,
            ReportedTotal.entered_by,
            ReportedTotal.entered_at,
            func.count(),
        )
        .join(Source, Source.id == ReportedTotal.source_id)
        .group_by(
            ReportedTotal.report_id,
            Source.key,
            ReportedTotal.form,
            ReportedTotal.period_from,
            ReportedTotal.period_to,
            ReportedTotal.file,
            ReportedTotal.entered_by,
            ReportedTotal.entered_at,
        )
        .order_by(ReportedTotal.report_id.desc())
    )
    if source is not None:
        query = query.where(Source.key == source)
    counted = _rows_of_reports(session)
    return [
        ReportEntry(number, _place(key, form, start, end), file, counted[number], figures, by, at)
        for number, key, form, start, end, file, by, at, figures in session.execute(query)
    ]


def _rows_of_reports(session: Session) -> Mapping[int, int]:
    lines = (
        select(ReportedTotal.report_id, ReportedTotal.row_kind, ReportedTotal.row_name).distinct().subquery()
    )
    query = select(lines.c.report_id, func.count()).group_by(lines.c.report_id)
    return {number: count for number, count in session.execute(query)}


def figures(session: Session, place: ReportPlace) -> list[ReportedFigure]:
    """Every figure that was ever reported for a place, in the order of its coming."""
    columns = (
        ReportedTotal.row_kind,
        ReportedTotal.row_name,
        ReportedTotal.unit_id,
        ReportedTotal.measure,
        ReportedTotal.value,
        ReportedTotal.row_no,
        ReportedTotal.report_id,
        ReportedTotal.file,
    )
    query = (
        select(*columns)
        .join(Source, Source.id == ReportedTotal.source_id)
        .where(
            Source.key == place.source,
            ReportedTotal.form == _form(place),
            ReportedTotal.period_from == place.start,
            ReportedTotal.period_to == place.end,
        )
        .order_by(ReportedTotal.report_id, ReportedTotal.id)
    )
    return list(map(ReportedFigure._make, session.execute(query)))


def places(entries: Iterable[ReportEntry]) -> list[ReportPlace]:
    """The places that are reported on, each once: the latest period first, then in the order given."""
    found = list(dict.fromkeys(entry.place for entry in entries))
    return sorted(found, key=lambda place: (place.end, place.start), reverse=True)


def _form(place: ReportPlace) -> str:
    return place.form if place.unit_id is None else f"{place.form}{OF_UNIT}{place.unit_id}"


def _place(source: str, form: str, start: date, end: date) -> ReportPlace:
    key, _, unit = form.partition(OF_UNIT)
    return ReportPlace(source, key, start, end, int(unit) if unit else None)
