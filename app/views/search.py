"""Looking for a dossier: the page of hits, and what the box of every page suggests while somebody types."""

from flask import jsonify, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import current
from app.access import OVERVIEW, SEARCHES, Permission
from app.search_page import LISTED, Found, Seeker, as_suggestions, find, rows_of, suggest
from app.security import HEADERS
from app.views.desk import blueprint

LONGEST = 400
CAMERA = HEADERS.get("Permissions-Policy", "").replace("camera=()", "camera=(self)")


@blueprint.get("/tim", permission=Permission(OVERVIEW, scoped=True, limit=SEARCHES))
def search() -> Response:
    """By code, name or telephone; a code found once opens the dossier at once (a scanned receipt does)."""
    typed = request.args.get("q", "")[:LONGEST]
    found = find(current.context(), typed, _seeker()) if typed.strip() else None
    if found is not None:
        current.log("search", "list", found.as_logged())
        if found.only:
            return redirect(url_for("dossier.page", code=found.only))
    answer = make_response(_page(found))
    # The one page that may ask for the camera, to read a receipt's code with.
    answer.headers["Permissions-Policy"] = CAMERA
    return answer


def _page(found: Found | None) -> str:
    day_minutes = current.context().calendar.day_minutes
    rows = rows_of(found, day_minutes, visible=current.names_visible()) if found else ()
    return render_template("search.html", found=found, rows=rows, limit=LISTED)


@blueprint.get(
    "/tim/goi-y", permission=Permission(OVERVIEW, scoped=True, polled=True, here_only=True, limit=SEARCHES)
)
def suggestions() -> Response:
    """JSON: the first few hits for what was typed so far; they are logged as those of the page are."""
    found = suggest(current.context(), request.args.get("q", "")[:LONGEST], _seeker())
    if found.lines:
        current.log("search", "suggestions", found.as_logged())
    addresses = {line.hit.code: url_for("dossier.page", code=line.hit.code) for line in found.lines}
    day_minutes = current.context().calendar.day_minutes
    told = as_suggestions(found, addresses, sees_names=current.names_visible(), day_minutes=day_minutes)
    return jsonify(told)


def _seeker() -> Seeker:
    return Seeker(current.scope(), current.names_visible(), current.now())
