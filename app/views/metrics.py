"""For programs that watch this one: is it alive, is it ready, and figures in the text format of Prometheus."""

from http import HTTPStatus

from flask import make_response
from werkzeug.wrappers import Response

from app import current, metrics
from app.access import ADMINS, Permission
from app.api.scopes import Scope
from app.pages import Pages
from tracker.errors import TrackerError
from tracker.store.migrate import newest_revision, revision

blueprint = Pages("metrics", __name__)
TEXT = "text/plain; charset=utf-8"


@blueprint.get("/healthz", permission=Permission(public=True))
def alive() -> Response:
    """The process answers; of the database it says nothing, so that nobody restarts the web for it."""
    return _said("ok", HTTPStatus.OK)


@blueprint.get("/readyz", permission=Permission(public=True))
def ready() -> Response:
    """Requests can be sent here: the database answers and is of this program's revision. 503 else; why is in the log."""
    try:
        fits = revision(current.context().store) == newest_revision()
    except TrackerError:
        fits = False
    return _said("ready", HTTPStatus.OK) if fits else _said("not ready", HTTPStatus.SERVICE_UNAVAILABLE)


@blueprint.get("/metrics", permission=Permission(ADMINS, scope=Scope.HEALTH_READ))
def figures() -> Response:
    """Figures by a token of an administrator with the scope health:read."""
    answer = make_response(metrics.told_now())
    answer.content_type = metrics.CONTENT_TYPE
    return answer


def _said(text: str, status: HTTPStatus) -> Response:
    answer = make_response(text, status)
    answer.content_type = TEXT
    answer.headers["Cache-Control"] = "no-store"
    return answer
