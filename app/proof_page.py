"""What a dossier's page says of its proof: the lines at a glance, what they rest on, or why there is no date. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from letters.proof_sheet import grounds_of
from tracker.pipeline.proofs import DossierProof
from tracker.timekeeping.proof_lines import ProofLine, at_a_glance
from tracker.timekeeping.proof_words import flag_text, reason_text
from tracker.types import VN

MOMENT = "%Y-%m-%dT%H:%M:%S"


@dataclass(frozen=True, slots=True)
class ProofCard:
    """The card; `missing` says in words why there is no due date; without a reception there are no lines either.

    `address` is the moment of judging as the links carry it: the files are those of what the page shows.
    """

    lines: Sequence[ProofLine]
    grounds: Sequence[tuple[str, str]]
    flags: Sequence[str]
    check_code: str
    input_hash: str
    missing: str | None
    address: str


def card_of(found: DossierProof) -> ProofCard:
    """The card of a dossier."""
    proof, missing = found.proof, reason_text(found.reason) if found.reason else None
    address = moment_address(found.answer.as_of)
    if proof is None:
        return ProofCard((), (), (), "", "", missing, address)
    return ProofCard(
        lines=at_a_glance(proof.deadline),
        grounds=grounds_of(proof),
        flags=[flag_text(flag) for flag in proof.deadline.flags],
        check_code=proof.check_code,
        input_hash=proof.input_hash,
        missing=missing,
        address=address,
    )


def moment_address(moment: datetime) -> str:
    """A moment as an address carries it: 2026-08-24T09:30:00."""
    return moment.astimezone(VN).strftime(MOMENT)


def moment_of(text: str | None, now: datetime) -> datetime:
    """The moment an address carries, now where it carries none; ValueError for anything else."""
    return datetime.strptime(text, MOMENT).replace(tzinfo=VN) if text else now
