"""Catalogue files into the store: each row told from the others, what cannot be used named, the rest in one transaction.

Which dossiers have to be looked at again is said by the scope; `tracker.pipeline.recomputing` does that.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tracker.ingest.catalogue_changes import Outcome, RowVerdict
from tracker.ingest.catalogue_files import (
    PROCEDURE_COLUMNS,
    UNIT_COLUMNS,
    ReadProcedures,
    ReadUnits,
)
from tracker.pipeline.catalogue_procedures import Procedures
from tracker.pipeline.catalogue_units import Units
from tracker.store import catalogue_edits as edits
from tracker.store import catalogue_moves
from tracker.store.audit import Act, append_acts
from tracker.store.catalogue_moves import Scope
from tracker.store.locks import Lock, hold
from tracker.store.session import Session, Store
from tracker.store.turns import turn
from tracker.types.catalogue import CatalogueFault, CatalogueReport

__all__ = ["Imported", "Importing", "RowVerdict", "import_procedures", "import_units"]


@dataclass(frozen=True, slots=True)
class Importing:
    """Which file is imported, by whom and when; a dry run writes nothing."""

    path: Path
    sha256: str
    actor: str
    now: datetime
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to, and which dossiers have to be looked at again."""

    report: CatalogueReport
    scope: Scope = field(default_factory=Scope)


def import_procedures(store: Store, read: ReadProcedures, how: Importing) -> Imported:
    """Take the rows of a file in: procedures, their limits, extras and other codes."""
    with _writing(store, how) as session:
        plan = Procedures(edits.kept_procedures(session), edits.kept_extras(session))
        outcomes = plan.take(read.rows)
        faults = [*read.faults, *_faults(how.path, outcomes, PROCEDURE_COLUMNS)]
        report = _report(read.read, outcomes, faults, closed=plan.closed, notes=plan.notes())
        if how.dry_run:
            return Imported(report)
        ids = edits.put_procedures(session, plan.entries)
        for code, limits in plan.limits.items():
            edits.put_limits(session, ids[code], limits)
        for extra in plan.extras:
            edits.put_extra(session, extra)
        names = edits.named_alone(session, plan.names)
        aliases = {alias: ids[code] for alias, code in plan.aliases.items()}
        edits.put_procedure_aliases(session, names | aliases)
        told = frozenset(ids[code] for code in plan.told)
        scope = Scope(
            procedures=told,
            fields=edits.field_ids(session, plan.fields_with_extras),
            old_procedures=catalogue_moves.old_procedures(session, told),
        )
        append_acts(session, [_act(how, "procedures_import", report)])
    return Imported(report, scope)


def import_units(store: Store, read: ReadUnits, how: Importing) -> Imported:
    """Take the rows of a file in: units, their parents, successors and other names."""
    with _writing(store, how) as session:
        plan = Units(edits.kept_units(session), edits.unit_aliases(session))
        outcomes = plan.take(read.rows)
        faults = [*read.faults, *_faults(how.path, outcomes, UNIT_COLUMNS)]
        report = _report(read.read, outcomes, faults)
        if how.dry_run:
            return Imported(report)
        ids = edits.put_units(session, plan.entries)
        edits.put_unit_aliases(session, {alias: ids[code] for alias, code in plan.aliases.items()})
        told = frozenset(ids[code] for code in plan.told)
        old = catalogue_moves.old_units(session, told)
        edits.close_moved(session, catalogue_moves.moved_units(session), old)
        # Only where limits depend on the commune does a unit's own row say anything about due dates.
        scope = Scope(units=told if edits.has_extras(session) else frozenset(), old_units=old)
        append_acts(session, [_act(how, "units_import", report)])
    return Imported(report, scope)


@contextmanager
def _writing(store: Store, how: Importing) -> Iterator[Session]:
    """The session of an import: of its turn among ingests, or one that reads alone."""
    if how.dry_run:
        with store.read() as session:
            yield session
        return
    with turn(store, Lock.INGEST) as mine:
        mine.begin_writing()
        hold(mine.session, Lock.ACCOUNTS)
        yield mine.session


def _faults(
    path: Path, outcomes: Sequence[Outcome], columns: Mapping[str, Sequence[str]]
) -> list[CatalogueFault]:
    return [
        CatalogueFault(str(path), each.row, columns[each.column][0], each.value, each.message)
        for each in outcomes
        if each.verdict is RowVerdict.REJECTED
    ]


def _report(
    read: int,
    outcomes: Sequence[Outcome],
    faults: Sequence[CatalogueFault],
    *,
    closed: int = 0,
    notes: Sequence[str] = (),
) -> CatalogueReport:
    def count(verdict: RowVerdict) -> int:
        return sum(each.verdict is verdict for each in outcomes)

    new, changed, unchanged = map(count, (RowVerdict.NEW, RowVerdict.CHANGED, RowVerdict.UNCHANGED))
    return CatalogueReport(
        read=read,
        new=new,
        changed=changed,
        unchanged=unchanged,
        rejected=read - new - changed - unchanged,
        closed=closed,
        faults=tuple(sorted(faults, key=lambda fault: fault.row)),
        notes=tuple(notes),
    )


def _act(how: Importing, action: str, report: CatalogueReport) -> Act:
    names = ("read", "new", "changed", "unchanged", "rejected", "closed")
    detail = {name: getattr(report, name) for name in names}
    return Act(how.now, how.actor, action, "catalogue", {**detail, "sha256": how.sha256})
