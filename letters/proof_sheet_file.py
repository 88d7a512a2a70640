"""A dossier's proof -> its sheet, for a page or as a .docx: gathers the agency that answers for the dossier."""

from letters.case import Names
from letters.proof_sheet import SheetContent, SheetFacts, sheet_of
from tracker.pipeline.proofs import DossierProof
from tracker.store.letter_candidates import load_catalogue
from tracker.store.session import Store
from tracker.timekeeping.proof_file import Proof
from tracker.types import VN


def sheet_content(store: Store, found: DossierProof, proof: Proof) -> SheetContent:
    """The sheet's blocks, with the agency in charge on the day of the as-of."""
    row = found.answer.row
    unit = row.resolving_unit
    with store.read() as session:
        names = Names(load_catalogue(session))
    issuer = names.issuer(unit.unit_id, found.answer.as_of.astimezone(VN).date()) if unit else None
    return sheet_of(
        SheetFacts(
            proof=proof,
            issuer=issuer,
            procedure=row.procedure,
            field=row.field,
            unit=unit.name if unit else "",
            promised_at=row.promised_at,
            source_due_at=row.source_due_at,
        )
    )


def sheet_docx(store: Store, found: DossierProof, proof: Proof) -> bytes:
    """The file; the same proof and names give the same bytes."""
    # python-docx is opened only when a sheet is made: the command line must start without it.
    from letters.proof_sheet_render import render

    return render(sheet_content(store, found, proof))
