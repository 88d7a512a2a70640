"""Dossier codes that need a person: dossiers that came without one, codes that two dossiers bear, and what was decided."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, presenters
from app.access import Permission, Role
from app.pages import Pages
from app.presenters import sentence
from tracker.errors import UsageError, WorkFailed
from tracker.ingest.several import CODE_CONFLICT
from tracker.pipeline.joining import Ruling, join, rule
from tracker.store import code_queries
from tracker.store.code_queries import Codeless

blueprint = Pages("codes", __name__, url_prefix="/ma-ho-so")

PAGE = 50
# Who joins a dossier to another knows the applicants, or looks after the data; administrators open no dossiers.
RULERS = frozenset({Role.REFORM})
JOINERS = RULERS | {Role.DESK}
PATIENCE_MS = 5_000
LONGEST = 100


@blueprint.get("/", permission=Permission(JOINERS, scoped=True))
def page() -> str:
    """What waits for a decision, and the decisions."""
    scope, after = current.scope(), request.args.get("sau", "")[:LONGEST]
    with current.context().store.read() as session:
        missing = code_queries.without_code(
            session, limit=PAGE + 1, after=after or code_queries.FIRST, unit_ids=scope
        )
        conflicts = code_queries.conflicts(session, CODE_CONFLICT, limit=PAGE) if scope is None else []
        decided = code_queries.rulings(session, limit=PAGE) if scope is None else []
    current.log("codes", "list", {"ids": [row.dossier_id for row in missing[:PAGE]]})
    return render_template(
        "codes.html", missing=missing[:PAGE], more=len(missing) > PAGE, conflicts=conflicts, decided=decided,
        may_rule=scope is None, named=_named,
    )  # fmt: skip


@blueprint.get("/gop", permission=Permission(JOINERS, scoped=True))
def choose() -> str:
    """One dossier without a code, and the dossiers that it might be."""
    code = request.args.get("ma", "")[:LONGEST]
    with current.context().store.read() as session:
        one = code_queries.codeless(session, code, unit_ids=current.scope())
        if one is None:
            abort(404)
        found = code_queries.candidates(session, one, unit_ids=current.scope())
    current.log("code_candidates", f"dossier:{one.dossier_id}", {"ids": [row.dossier_id for row in found]})
    return render_template("codes_join.html", one=one, found=found, named=_named)


@blueprint.post("/gop", permission=Permission(JOINERS, scoped=True))
def put_together() -> Response:
    """Join a dossier without a code to the one that it is."""
    code, into, reason = (request.form.get(name, "").strip()[:LONGEST] for name in ("ma", "vao", "ly_do"))
    context, scope = current.context(), current.scope()
    with context.store.read() as session:
        one = code_queries.codeless(session, code, unit_ids=scope)
        if one is None or not code_queries.is_within(session, into, scope):
            flash(f"Không có hồ sơ nào mang mã {into}.", "fault")
            return redirect(url_for("codes.choose", ma=code) if one else url_for("codes.page"))
    ruling = Ruling(one.source, code, reason, current.account().login, current.now())
    return _decided(
        lambda: join(context.store, context.config.calendar_key, ruling, into, patience_ms=PATIENCE_MS)
    )


@blueprint.post("/quyet-dinh", permission=Permission(RULERS))
def decide() -> Response:
    """Say whether a code of two tellings is of one dossier or of two."""
    code, source, how, reason = (
        request.form.get(name, "").strip()[:LONGEST] for name in ("ma", "nguon", "cach", "ly_do")
    )
    if how not in ("mot", "hai"):
        abort(400)
    ruling = Ruling(source, code, reason, current.account().login, current.now())
    return _decided(lambda: rule(current.context().store, ruling, is_same=how == "mot"))


def _decided(act: Callable[[], str]) -> Response:
    if not request.form.get("ly_do", "").strip():
        flash("Cần ghi lý do của quyết định.", "fault")
        return redirect(url_for("codes.page"))
    try:
        kept_as = act()
    except (UsageError, WorkFailed) as fault:
        flash(sentence(f"Không thực hiện được: {fault}"), "fault")
    else:
        flash(f"Đã ghi quyết định: hồ sơ được giữ với mã {kept_as}.")
    return redirect(url_for("codes.page"))


def _named(row: Codeless) -> str:
    """The applicant as this role may read it."""
    return presenters.name(row.applicant, visible=current.names_visible())
