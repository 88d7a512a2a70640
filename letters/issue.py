"""Drafting by the thousand: gather from the store, decide letter by letter, write files, enter the register.

The ledger is brought up to the moment first (`letters.keeping`): a letter is drafted only where it says "owed".
Files come next, the register's rows after them in one short transaction: a killed run leaves files that nothing
points to, and its repetition writes the same names again. Constant memory but for the rows of the register.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from letters.case import LetterCase, LetterPolicy, Names, due_for, facts_of
from letters.content import Lacking, LetterFacts, Missing, missing_in
from letters.duties import Duties, Owing
from letters.experience import Experience
from letters.keeping import keep_ledger
from letters.obligations import LetterKind
from letters.office import Office
from letters.register import LetterFolder, file_name, new_short_codes, shelf
from letters.reissue import LackingLetter, LetterScope, put_back
from tracker.store.letter_candidates import LIVE, SIGNED
from tracker.store.letter_store import (
    DraftRow,
    dossiers_lettered_since,
    insert_drafts,
    last_letter_id,
    letter_states,
    lock_register,
)
from tracker.store.session import Session, Store


@dataclass(frozen=True, slots=True)
class DraftReport:
    """What a run wrote; `to_check` dossiers are late on one basis only and wait for a person.

    `foreseen` dossiers are not late yet and nobody has said why they will be: they may still be finished in time.
    """

    written: int
    files: int
    lacking: tuple[LackingLetter, ...]
    to_check: int
    forms: tuple[str, ...]
    foreseen: int = 0


InSameStep = Callable[[Session, DraftReport], None]


@dataclass(frozen=True, slots=True)
class DueLetter:
    """An obligation without a signed letter; `rests_on`: what the proposed new date was taken from, if anything."""

    dossier_id: int
    facts: LetterFacts
    owed_because: str
    missing: tuple[Missing, ...]
    letter: str | None
    rests_on: Experience | None = None


@dataclass(frozen=True, slots=True)
class DueReport:
    """The obligations open at a moment; `foreseen` as in `DraftReport`: dossiers that are listed only if asked for."""

    owed: tuple[DueLetter, ...]
    to_check: int
    foreseen: int = 0


@dataclass(slots=True)
class _Run:
    """What one run gathers on its way; the rows wait for the register's transaction."""

    policy: LetterPolicy
    office: Office
    after_letter: int
    rows: list[DraftRow] = field(default_factory=list)
    lacking: list[LackingLetter] = field(default_factory=list)
    to_check: int = 0
    foreseen: int = 0


# ---------------------------------------------------------------- lists


def due(store: Store, scope: LetterScope, policy: LetterPolicy, *, foreseen: bool = False) -> DueReport:
    """Obligations open at as-of that have no signed letter, by unit and due date.

    `foreseen`: also those that are not late yet and of which nobody has said why they will be.
    """
    listed: list[DueLetter] = []
    with store.read() as session:
        duties = Duties(session, scope, policy)
        for chunk in duties.owed(SIGNED):
            states = letter_states(session, [owing.case.found.dossier_id for owing in chunk])
            listed += [_due_letter(owing, duties.names, states) for owing in chunk]
    waiting = sum(_awaits_reason(line.facts.kind, line.missing) for line in listed)
    if not foreseen:
        listed = [line for line in listed if not _awaits_reason(line.facts.kind, line.missing)]
    listed.sort(key=_place_in_list)
    return DueReport(tuple(listed), duties.to_check, waiting)


def _awaits_reason(kind: LetterKind, missing: tuple[Missing, ...]) -> bool:
    """Not late yet, and nobody has said why it will be: it may still be finished in time."""
    return kind is LetterKind.ADVANCE and missing == (Missing.REASON,)


def _place_in_list(line: DueLetter) -> tuple[str, date, int]:
    issuer = line.facts.issuer.name if line.facts.issuer else ""
    return issuer, line.facts.due_on or date.min, line.dossier_id


def _due_letter(owing: Owing, names: Names, states: dict[int, str]) -> DueLetter:
    facts, number = facts_of(owing.case, names), owing.case.found.dossier_id
    new_due = owing.case.new_due
    rests_on = new_due.rests_on if new_due else None
    return DueLetter(number, facts, owing.reason, missing_in(facts), states.get(number), rests_on)


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
    watch: Callable[[int], None] = lambda _done: None,
    check: Callable[[Session], None] = lambda _session: None,
) -> DraftReport:
    """Write a letter for each dossier that is owed one and has none.

    `in_same_step` writes into the transaction that enters them, last; `watch` is told how many files are written; `check`
    may refuse, by an exception, the transaction that keeps the ledger before.
    """
    keep_ledger(store, scope.as_of, policy, now=now, in_same_step=lambda session, _report: check(session))
    run = _write_files(store, scope, policy, folder, watch)
    beaten = _enter(store, run, now=now, actor=actor, in_same_step=in_same_step)
    if beaten:
        put_back(store, beaten, policy, folder)
    return _report(run)


def _report(run: _Run) -> DraftReport:
    written = len(run.rows)
    forms = tuple(sorted({row.form for row in run.rows}))
    return DraftReport(written, written, tuple(run.lacking), run.to_check, forms, run.foreseen)


def _write_files(
    store: Store, scope: LetterScope, policy: LetterPolicy, folder: LetterFolder, watch: Callable[[int], None]
) -> _Run:
    with store.read() as session:
        duties = Duties(session, scope, policy)
        run = _Run(policy, Office(session, policy, duties.names), last_letter_id(session))
        for chunk in duties.owed(LIVE, as_kept=True):
            for owing, short_code in zip(chunk, new_short_codes(len(chunk)), strict=True):
                _write_one(replace(owing.case, short_code=short_code), run, folder)
            watch(len(run.rows))
        run.to_check = duties.to_check
    return run


def _write_one(case: LetterCase, run: _Run, folder: LetterFolder) -> None:
    found, office, paper = case.found, run.office, run.policy.paper
    facts = facts_of(case, office.names)
    form = run.policy.forms.on(facts.day)
    issuer = facts.issuer
    signer_id = office.usual_signer(issuer.unit_id, facts.day) if issuer else None
    template_id = office.template_for(issuer.unit_id, form.key, facts.kind) if issuer else None
    if signer_id is not None:
        facts = replace(facts, signature=office.signature(signer_id))
    body = office.made(facts, form, template_id, paper)
    if isinstance(body, Lacking) or issuer is None:
        missing = body.missing if isinstance(body, Lacking) else ()
        if _awaits_reason(facts.kind, missing):
            run.foreseen += 1
            return
        run.lacking.append(LackingLetter(found.code, office.names.unit(found.resolving_unit_id), missing))
        return
    seq = found.letters + 1
    place = shelf(issuer.code, facts.received_on), file_name(found.code, found.dossier_id, seq)
    folder.write(*place, body)
    run.rows.append(
        DraftRow(
            dossier_id=found.dossier_id,
            seq=seq,
            kind=facts.kind.value,
            form=form.key,
            unit_id=issuer.unit_id,
            as_of=case.as_of,
            due_at=due_for(found, case.kind, case.as_of)[0],
            new_due_at=case.new_due.at if case.new_due and facts.new_due_on else None,
            reason=facts.reason,
            short_code=case.short_code,
            file=folder.recorded(*place),
            paper=paper.value,
            template_id=template_id,
            signer_id=signer_id,
        )
    )


def _enter(store: Store, run: _Run, *, now: datetime, actor: str, in_same_step: InSameStep) -> list[int]:
    """Enter the run's drafts; gives the dossiers that another process drafted meanwhile (its letter counts)."""
    with store.transaction() as session:
        beaten = _rows_entered(session, run, now=now, actor=actor) if run.rows else []
        in_same_step(session, _report(run))
    return beaten


def _rows_entered(session: Session, run: _Run, *, now: datetime, actor: str) -> list[int]:
    lock_register(session)
    meanwhile = dossiers_lettered_since(session, run.after_letter)
    beaten = [row.dossier_id for row in run.rows if row.dossier_id in meanwhile]
    if beaten:
        run.rows = [row for row in run.rows if row.dossier_id not in meanwhile]
    insert_drafts(session, run.rows, now=now, actor=actor)
    return beaten
