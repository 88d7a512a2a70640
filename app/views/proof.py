"""The *phiếu tính hạn* of a dossier: as a page to print, as .docx, as the file that can be checked."""

from io import BytesIO

from flask import render_template, request, send_file
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current
from app.access import OVERVIEW, Permission
from app.pages import Pages
from app.proof_page import moment_address, moment_of
from letters.layout import MOTTO_TEXT, NATION_TEXT
from letters.proof_sheet import STEP_COLUMNS
from letters.proof_sheet_file import sheet_content, sheet_docx
from tracker.pipeline.proofs import DossierProof, dossier_proof
from tracker.timekeeping.proof_file import Proof
from tracker.timekeeping.proof_words import reason_text

blueprint = Pages("proof", __name__)

TO_TAKE = Permission(OVERVIEW, scoped=True, here_only=True)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@blueprint.get("/ho-so/<path:code>/phieu-tinh-han", permission=Permission(OVERVIEW, scoped=True))
def page(code: str) -> str:
    """The sheet as it is printed; why there is none where there is none. 404 for dossiers of other units."""
    found = _found(code)
    proof = found.proof
    sheet = sheet_content(current.context().store, found, proof) if proof else None
    current.log("proof", f"dossier:{found.answer.row.dossier_id}", _hash(proof))
    return render_template(
        "proof.html", code=found.answer.row.code, sheet=sheet, missing=reason_text(found.reason),
        luc=moment_address(found.answer.as_of), columns=STEP_COLUMNS, nation=NATION_TEXT, motto=MOTTO_TEXT,
    )  # fmt: skip


@blueprint.get("/ho-so/<path:code>/phieu-tinh-han.docx", permission=TO_TAKE)
def docx(code: str) -> Response:
    """The sheet as a document."""
    found, proof = _proved(code)
    body = sheet_docx(current.context().store, found, proof)
    return _sent(found, proof, body, "docx", DOCX)


@blueprint.get("/ho-so/<path:code>/phieu-tinh-han.json", permission=TO_TAKE)
def file(code: str) -> Response:
    """The file from which the sheet can be computed again."""
    found, proof = _proved(code)
    return _sent(found, proof, proof.body, "json", "application/json")


def _found(code: str) -> DossierProof:
    context = current.context()
    try:
        as_of = moment_of(request.args.get("luc"), current.now())
    except ValueError:
        abort(404)
    found = dossier_proof(
        context.store,
        context.calendars,
        code,
        as_of=as_of,
        unit_ids=current.scope(),
        due_soon=context.due_soon,
    )
    if found is None:
        abort(404)
    return found


def _proved(code: str) -> tuple[DossierProof, Proof]:
    found = _found(code)
    if found.proof is None:
        abort(404)
    return found, found.proof


def _sent(found: DossierProof, proof: Proof, body: bytes, kind: str, mimetype: str) -> Response:
    row = found.answer.row
    current.log("proof_download", f"dossier:{row.dossier_id}", {"format": kind, **_hash(proof)})
    name = f"phieu-tinh-han-{row.code.replace('/', '-')}.{kind}"
    return send_file(BytesIO(body), mimetype, as_attachment=True, download_name=name)


def _hash(proof: Proof | None) -> dict[str, str]:
    return {"proof": proof.input_hash} if proof else {}
