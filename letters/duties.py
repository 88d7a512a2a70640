"""Who is owed a letter at a moment: dossiers from the store against the ledger, one `Owing` each. Reads, never writes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from letters.case import (
    LetterCase,
    LetterPolicy,
    Names,
    NewDue,
    claim_of,
    due_for,
    farthest_horizon,
    local_date,
    midnight,
    propose_new_due,
)
from letters.delay import ReasonBook
from letters.experience_book import experience_on
from letters.keeping import outcome_of
from letters.ledger import Claim, Held
from letters.obligations import PROMISING, LetterKind
from letters.reach import ACTIVE
from letters.reissue import LetterScope
from tracker.store.delay_reasons import known_reasons
from tracker.store.letter_candidates import Candidate, candidates_among, late_candidates, load_catalogue
from tracker.store.obligation_store import KeptRow, are_at_fault, dossiers_awaiting, kept_rows
from tracker.store.session import Session


@dataclass(frozen=True, slots=True)
class Owing:
    """One dossier whose letter is owed: why, and the case that its letter would be written from."""

    reason: str
    case: LetterCase


class Duties:
    """The duties of one moment, streamed; counts on its way what waits for a person's check."""

    def __init__(self, session: Session, scope: LetterScope, policy: LetterPolicy) -> None:
        self._session, self._scope, self._policy = session, scope, policy
        self.names = Names(load_catalogue(session))
        self._kept: Mapping[int, KeptRow] = {}
        self._reasons = ReasonBook(known_reasons(session))
        self._experience = experience_on(session, policy, self.names, scope.day)
        self._start = midnight(policy.letters_from) if policy.letters_from else None
        units = scope.unit_ids
        self._resolving = None if units is None else self.names.resolving_units(units, scope.day)
        # Where a unit of the scope is at fault for dossiers that others resolve, these have to be looked through too.
        self._has_lent = units is not None and are_at_fault(session, units)
        self.to_check = 0

    def owed(self, having: tuple[str, ...], *, as_kept: bool = False) -> Iterator[list[Owing]]:
        """Chunks of what is owed and has no letter in one of the states `having`.

        `as_kept`: the ledger was kept for this very moment, so that only what it calls owed, or to be checked, is read.
        """
        for chunk in self._candidates(having, as_kept=as_kept):
            self._kept = kept_rows(self._session, [found.dossier_id for found in chunk])
            yield [owing for found in chunk if (owing := self._owing(found)) is not None]

    def _candidates(self, having: tuple[str, ...], *, as_kept: bool) -> Iterator[list[Candidate]]:
        session, scope = self._session, self._scope
        until = farthest_horizon(self._policy, scope.day)
        if as_kept:
            waiting = np.sort(np.fromiter(dossiers_awaiting(session, ACTIVE, having), dtype=np.int64))
            return candidates_among(
                session, waiting.tolist(), as_of_epoch=scope.epoch, open_until_epoch=until, having=having
            )
        return late_candidates(
            session,
            as_of_epoch=scope.epoch,
            unit_ids=None if self._has_lent else self._resolving,
            having=having,
            open_until_epoch=until,
        )

    def _owing(self, found: Candidate) -> Owing | None:
        scope, row = self._scope, self._kept.get(found.dossier_id)
        claim = claim_of(found, self._policy, as_of=scope.epoch, day=scope.day)
        state, reason = self._standing(found, row, claim)
        if scope.kind is not None and claim.kind is not scope.kind:
            return None
        if not self._is_in_scope(found, row):
            return None
        self.to_check += state is Held.TO_CHECK
        if state is not Held.OWED or claim.kind is None:
            return None
        return Owing(reason, self._case(found, claim.kind, row))

    def _standing(self, found: Candidate, row: KeptRow | None, claim: Claim) -> tuple[Held | None, str]:
        """As the ledger will have it; what was judged for a later moment is not judged for this one."""
        if row is not None and row.judged_at > self._scope.epoch:
            return Held(row.state), row.reason
        outcome = outcome_of(found, row, claim, start=self._start)
        if outcome is not None:
            return outcome.state, outcome.reason
        return (Held(row.state), row.reason) if row is not None else (None, "")

    def _is_in_scope(self, found: Candidate, row: KeptRow | None) -> bool:
        """A unit that is at fault drafts in place of the resolving one, and only it."""
        units, meant = self._scope.unit_ids, self._scope.dossier_ids
        if meant is not None and found.dossier_id not in meant:
            return False
        if units is None or self._resolving is None:
            return True
        if row is not None and row.fault_unit_id is not None:
            return row.fault_unit_id in units
        return found.resolving_unit_id in self._resolving

    def _case(self, found: Candidate, kind: LetterKind, row: KeptRow | None) -> LetterCase:
        scope = self._scope
        return LetterCase(
            found,
            kind,
            scope.epoch,
            scope.day,
            self._new_due(found, kind) if kind in PROMISING else None,
            late_reason=self._reason(found, kind, row),
            fault_unit_id=row.fault_unit_id if row else None,
        )

    def _new_due(self, found: Candidate, kind: LetterKind) -> NewDue | None:
        day, known = self._scope.day, None
        if self._experience is not None:
            issuer = self.names.issuer(found.resolving_unit_id, day)
            known = self._experience.find(issuer.unit_id if issuer else None, found.procedure_id)
        return propose_new_due(self._policy, day, found, kind, known)

    def _reason(self, found: Candidate, kind: LetterKind, row: KeptRow | None) -> str:
        """A person's reason for this dossier, the source's, or one set for its unit, procedure and due date."""
        own = (row.late_reason if row else "") or found.late_reason
        if own.strip():
            return own
        due_at = due_for(found, kind, self._scope.epoch)[0]
        unit_id = found.resolving_unit_id
        issuer = self.names.issuer(unit_id, self._scope.day)
        units = (unit_id, issuer.unit_id if issuer else None)
        return self._reasons.find(units, found.procedure_id, local_date(due_at))
