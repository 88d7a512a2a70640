"""What every request passes before its view: the permission of the route, the limit on tries, the session's time."""

from http import HTTPStatus

from flask import current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.exceptions import Forbidden, TooManyRequests, abort
from werkzeug.wrappers import Response

from app import current, sessions
from app.access import Permission, may
from app.api import door
from app.pages import permission_of
from app.proxies import rate_key

TRIES = "tries"
MIB = 1024 * 1024
# What a browser says of a request that a page of another host caused; a cookie of ours comes with it all the same.
FROM_ELSEWHERE = frozenset({"cross-site", "same-site"})
# With a password that somebody else knows, nothing can be done but to change it.
BEFORE_OWN_PASSWORD = frozenset({"account.password", "auth.logout"})
# Where a role must have a second factor, nothing can be done without it but to set it up.
BEFORE_OWN_FACTOR = BEFORE_OWN_PASSWORD | {
    "second_factor.page",
    "second_factor.begin",
    "second_factor.confirm",
}


class FromElsewhere(Forbidden):
    """A page of another site caused a request that leaves something behind."""


def guard() -> Response | None:
    """Let a request through only by the permission of its route; nobody logged in is sent to the log-in page."""
    endpoint = request.endpoint
    if request.routing_exception is not None:
        raise request.routing_exception
    permission = permission_of(current_app, endpoint) if endpoint else None
    if permission is None:
        abort(HTTPStatus.NOT_FOUND)
    if permission.scope:
        door.enter(permission)
        return None
    if permission.here_only and request.headers.get("Sec-Fetch-Site") in FROM_ELSEWHERE:
        raise FromElsewhere
    if not permission.public and (elsewhere := _of_session(permission)):
        return elsewhere
    _hold_back(permission)
    if permission.uploads and request.method == "POST":
        _take_files()
    return None


def _take_files() -> None:
    """Only now may the body be as large as files are; only now is the token of its form asked for."""
    request.max_content_length = current.context().config.ingest.max_upload_mib * MIB
    current_app.extensions["csrf"].protect()


def _of_session(permission: Permission) -> Response | None:
    """The way to the log-in page or to the own password, if that comes first; 403 for a role that may not."""
    if not current_user.is_authenticated:
        return redirect(url_for("auth.login", next=_came_from()))
    if sessions.is_over():
        sessions.end()
        return redirect(url_for("auth.login", next=_came_from(), het_phien=1))
    if not permission.polled:
        sessions.note_use()
    if current.account().must_change_password and request.endpoint not in BEFORE_OWN_PASSWORD:
        return redirect(url_for("account.password"))
    if sessions.lacks_factor(current.account()) and request.endpoint not in BEFORE_OWN_FACTOR:
        return redirect(url_for("second_factor.page"))
    if not may(current.account().role, permission):
        abort(HTTPStatus.FORBIDDEN)
    return None


def _hold_back(permission: Permission) -> None:
    """429 for one try too many."""
    limit = permission.limit
    if limit is None or not current_app.config["RATELIMIT_ENABLED"]:
        return
    asks = limit.always or (limit.reads and (request.args or request.view_args))
    if request.method != "POST" and not asks:
        return
    who = rate_key(request.remote_addr) if permission.public else f"account {current.account().account_id}"
    if current_app.extensions[TRIES].are_too_many(f"{request.endpoint} {who}", limit, current.now()):
        raise TooManyRequests(retry_after=limit.seconds)


def _came_from() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None
