"""Drafting by the thousand: gather from the store, decide letter by letter, write files, enter the register.

Files come first, the register's rows after them in one short transaction: a killed run leaves files that nothing
points to, and its repetition writes the same names again. Constant memory but for the rows of the register.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from letters.case import (
    LetterPolicy,
    Names,
    broken_due,
    facts_of,
    judge,
    letter_kind,
    propose_new_due,
)
from letters.compiled import render
from letters.content import Lacking, LetterFacts, Missing, missing_in, write
from letters.obligations import Duty, Obligation
from letters.register import LetterFolder, file_name, new_short_codes, shelf
from letters.reissue import LackingLetter, LetterScope, put_back
from tracker.store.letter_candidates import LIVE, SIGNED, Candidate, late_candidates, load_catalogue
from tracker.store.letter_store import (
    DraftRow,
    OwedRow,
    dossiers_lettered_since,
    insert_drafts,
    last_letter_id,
    letter_states,
    lock_register,
    open_obligations,
)
from tracker.store.session import Session, Store


@dataclass(frozen=True, slots=True)
class DraftReport:
    """What a run wrote; `to_check` dossiers are late on one basis only and wait for a person."""

    written: int
    files: int
    lacking: tuple[LackingLetter, ...]
    to_check: int
    forms: tuple[str, ...]


InSameStep = Callable[[Session, DraftReport], None]


@dataclass(frozen=True, slots=True)
class DueLetter:
    """An obligation without a signed letter."""

    dossier_id: int
    facts: LetterFacts
    obligation: Obligation
    missing: tuple[Missing, ...]
    letter: str | None


@dataclass(frozen=True, slots=True)
class DueReport:
    """The obligations open at a moment."""

    owed: tuple[DueLetter, ...]
    to_check: int


@dataclass(slots=True)
class _Run:
    """What one run gathers on its way; the rows wait for the register's transaction."""

    policy: LetterPolicy
    scope: LetterScope
    names: Names
    after_letter: int
    rows: list[DraftRow] = field(default_factory=list)
    owed: list[OwedRow] = field(default_factory=list)
    lacking: list[LackingLetter] = field(default_factory=list)
    to_check: int = 0


# ---------------------------------------------------------------- lists


def due(store: Store, scope: LetterScope, policy: LetterPolicy) -> DueReport:
    """Obligations open at as-of that have no signed letter, by unit and due date."""
    listed: list[DueLetter] = []
    with store.read() as session:
        names = Names(load_catalogue(session))
        run = _Run(policy, scope, names, 0)
        units = _resolving_units(names, scope)
        for chunk in late_candidates(session, as_of_epoch=scope.epoch, unit_ids=units, having=SIGNED):
            owed = list(_owed(chunk, run))
            states = letter_states(session, [found.dossier_id for found, _ in owed])
            listed += [_due_letter(found, duty, run, states) for found, duty in owed]
    listed.sort(key=_place_in_list)
    return DueReport(tuple(listed), run.to_check)


def _place_in_list(line: DueLetter) -> tuple[str, date, int]:
    issuer = line.facts.issuer.name if line.facts.issuer else ""
    return issuer, line.facts.due_on or date.min, line.dossier_id


def _due_letter(found: Candidate, duty: Obligation, run: _Run, states: dict[int, str]) -> DueLetter:
    new_due = propose_new_due(run.policy, run.scope.day, found)
    facts = facts_of(found, run.names, day=run.scope.day, new_due=new_due, short_code="")
    return DueLetter(found.dossier_id, facts, duty, missing_in(facts), states.get(found.dossier_id))


def _resolving_units(names: Names, scope: LetterScope) -> frozenset[int] | None:
    return None if scope.unit_ids is None else names.resolving_units(scope.unit_ids, scope.day)


def _owed(chunk: list[Candidate], run: _Run) -> Iterator[tuple[Candidate, Obligation]]:
    """Those of a chunk that are owed a letter of the kind asked for; the others are counted."""
    for found in chunk:
        if run.scope.kind is not None and letter_kind(found) is not run.scope.kind:
            continue
        duty = judge(found, run.scope.epoch)
        if duty.duty is Duty.OWED:
            yield found, duty
        run.to_check += duty.duty is Duty.TO_CHECK


# ---------------------------------------------------------------- drafting


def draft(  # noqa: PLR0913 -- which, by what, into where, when and by whom
    store: Store,
    scope: LetterScope,
    policy: LetterPolicy,
    folder: LetterFolder,
    *,
    now: datetime,
    actor: str,
    in_same_step: InSameStep = lambda _session, _report: None,
) -> DraftReport:
    """Write a letter for each dossier that is owed one and has none.

    `in_same_step` writes into the transaction that enters them, last.
    """
    run = _write_files(store, scope, policy, folder)
    beaten = _enter(store, run, now=now, actor=actor, in_same_step=in_same_step)
    if beaten:
        put_back(store, beaten, policy, folder)
    return _report(run)


def _report(run: _Run) -> DraftReport:
    written = len(run.rows)
    forms = tuple(sorted({row.form for row in run.rows}))
    return DraftReport(written, written, tuple(run.lacking), run.to_check, forms)


def _write_files(store: Store, scope: LetterScope, policy: LetterPolicy, folder: LetterFolder) -> _Run:
    with store.read() as session:
        names = Names(load_catalogue(session))
        run = _Run(policy, scope, names, last_letter_id(session))
        units = _resolving_units(names, scope)
        for chunk in late_candidates(session, as_of_epoch=scope.epoch, unit_ids=units, having=LIVE):
            owed = list(_owed(chunk, run))
            for (found, duty), short_code in zip(owed, new_short_codes(len(owed)), strict=True):
                run.owed.append(OwedRow(found.dossier_id, duty.reason.value))
                _write_one(found, short_code, run, folder)
    return run


def _write_one(found: Candidate, short_code: str, run: _Run, folder: LetterFolder) -> None:
    new_due = propose_new_due(run.policy, run.scope.day, found)
    facts = facts_of(found, run.names, day=run.scope.day, new_due=new_due, short_code=short_code)
    form = run.policy.forms.on(facts.day)
    content = write(facts, run.policy.forms, form)
    if isinstance(content, Lacking) or facts.issuer is None:
        unit = run.names.unit(found.resolving_unit_id)
        missing = content.missing if isinstance(content, Lacking) else ()
        run.lacking.append(LackingLetter(found.code, unit, missing))
        return
    seq = found.letters + 1
    place = shelf(facts.issuer.code, facts.received_on), file_name(found.code, found.dossier_id, seq)
    folder.write(*place, render(content))
    run.rows.append(
        DraftRow(
            dossier_id=found.dossier_id,
            seq=seq,
            kind=facts.kind.value,
            form=form.key,
            unit_id=facts.issuer.unit_id,
            as_of=run.scope.epoch,
            due_at=broken_due(found)[0],
            new_due_at=new_due.at if new_due and facts.new_due_on else None,
            reason=found.late_reason,
            short_code=short_code,
            file=folder.recorded(*place),
        )
    )


def _enter(store: Store, run: _Run, *, now: datetime, actor: str, in_same_step: InSameStep) -> list[int]:
    """Enter the run's drafts; gives the dossiers that another process drafted meanwhile (its letter counts)."""
    with store.transaction() as session:
        beaten = _rows_entered(session, run, now=now, actor=actor) if run.owed else []
        in_same_step(session, _report(run))
    return beaten


def _rows_entered(session: Session, run: _Run, *, now: datetime, actor: str) -> list[int]:
    lock_register(session)
    meanwhile = dossiers_lettered_since(session, run.after_letter)
    beaten = [row.dossier_id for row in run.rows if row.dossier_id in meanwhile]
    if beaten:
        run.rows = [row for row in run.rows if row.dossier_id not in meanwhile]
    insert_drafts(session, run.rows, now=now, actor=actor)
    open_obligations(session, run.owed, opened_at=run.scope.epoch)
    return beaten
