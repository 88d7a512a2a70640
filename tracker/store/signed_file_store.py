"""Which letters a file that came back signed may belong to, and what was kept of them before."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.store.models import Dossier, Letter


def signed_hashes(session: Session, letter_ids: Sequence[int]) -> dict[int, str]:
    """The SHA-256 of the signed files that are kept, by letter; letters without one are left out."""
    query = select(Letter.id, Letter.signed_sha256).where(
        Letter.id.in_(letter_ids), Letter.signed_sha256 != ""
    )
    return {number: digest for number, digest in session.execute(query)}


def letters_of_dossier_codes(session: Session, codes: Sequence[str]) -> list[int]:
    """The letters of dossiers with one of these codes (`text.normal_code`), void ones not."""
    query = select(Letter.id).join(Dossier, Dossier.id == Letter.dossier_id)
    return list(session.scalars(query.where(Dossier.code.in_(codes), Letter.state != "void")))
