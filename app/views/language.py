"""The language of the pages: a choice that stays in this browser."""

from flask import redirect, request, url_for
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from app.access import Permission
from app.english.pages import LANGUAGES, cookie_name
from app.pages import Pages
from app.views.auth import target

blueprint = Pages("language", __name__)

A_YEAR = 365 * 24 * 3600


@blueprint.post("/ngon-ngu", permission=Permission(public=True))
def choose() -> Response:
    """Keep the choice for a year and go back to the page it was made on."""
    chosen = request.form.get("ngon-ngu", "")
    if chosen not in LANGUAGES:
        raise BadRequest
    answer = redirect(target(request.form.get("ve")) or url_for("auth.home"))
    answer.set_cookie(
        cookie_name(),
        chosen,
        max_age=A_YEAR,
        path="/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return answer
