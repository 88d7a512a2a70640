"""Does the ledger balance? Every dossier that is late on any basis stands in exactly one of its states, and not closed.

Reads the store and the ledger as they are; mends nothing (`letters.keeping` does).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from letters.case import LetterPolicy, claim_of
from letters.ledger import Claim, LedgerState
from letters.obligations import Duty, DutyReason
from tracker.store.letter_candidates import late_candidates
from tracker.store.letter_register import Standing, standings
from tracker.store.session import Store
from tracker.types import VN


@dataclass(frozen=True, slots=True)
class Balance:
    """Late dossiers against the ledger; `missing` and `closed_late` are codes, in order.

    `states` counts the late ones that stand in the ledger, closed ones too; `foreseen` and `others` the dossiers of the
    ledger that are not late: those that will be, and those kept for another cause (a person's decision, a withdrawal).
    """

    as_of: datetime
    late: int
    states: Mapping[LedgerState, int]
    missing: tuple[str, ...]
    closed_late: tuple[str, ...]
    foreseen: int
    others: int

    @property
    def ok(self) -> bool:
        """Is every late dossier in the ledger, and none of them closed?"""
        return not self.missing and not self.closed_late


def balance(store: Store, as_of: datetime, policy: LetterPolicy) -> Balance:
    """Hold the late dossiers of a moment against the ledger; the moment should be the one that it was last kept for."""
    epoch, day = int(as_of.timestamp()), as_of.astimezone(VN).date()
    with store.read() as session:
        held = {row.dossier_id: row for row in standings(session)}
        late = {
            found.dossier_id: found.code
            for chunk in late_candidates(session, as_of_epoch=epoch, having=(), withdrawn=True)
            for found in chunk
            if _is_late(claim_of(found, policy, as_of=epoch, day=day))
        }
    return weigh(late, held, as_of)


def _is_late(claim: Claim) -> bool:
    owes = claim.duty is not Duty.NONE and claim.reason is not DutyReason.FORESEEN
    return owes or claim.is_withdrawn


def weigh(late: Mapping[int, str], held: Mapping[int, Standing], as_of: datetime) -> Balance:
    """The late dossiers (id -> code) against the ledger (id -> standing)."""
    states = Counter(LedgerState(held[number].state) for number in late if number in held)
    early = [row for number, row in held.items() if number not in late and row.state != LedgerState.CLOSED]
    foreseen = sum(row.reason == DutyReason.FORESEEN for row in early)
    return Balance(
        as_of=as_of,
        late=len(late),
        states=states,
        missing=_codes(code for number, code in late.items() if number not in held),
        closed_late=_codes(
            code
            for number, code in late.items()
            if number in held and held[number].state == LedgerState.CLOSED
        ),
        foreseen=foreseen,
        others=len(early) - foreseen,
    )


def _codes(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(codes))
