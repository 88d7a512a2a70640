"""The pages of what went wrong: what happened, what was kept, what to do, and the way back. None of them asks the database.

The words stand in `error.html`; here is gathered what they need: how long to wait, for whom the page is, where one came from.
"""

from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, make_response, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app import current, guard
from app.access import ROLE_NAMES
from app.oplog import requests
from app.pages import permission_of

# A database that is busy or away is asked again after so long.
RETRY_SECONDS = 30
# Figures that a worker counts anew: a month of ten million dossiers takes it a second or two.
COUNTING_SECONDS = 15
KIBIBYTE = 1 << 10


def error_page(status: int, **given: Any) -> Response:
    """The page of a status; `given` as of the template (`message`, `expired`, `elsewhere`, `counting`, `wait`).

    It shows the number of the request, which the operating log has too.
    """
    wait = given.setdefault("wait", RETRY_SECONDS if status == HTTPStatus.SERVICE_UNAVAILABLE else None)
    answer = make_response(
        render_template(
            "error.html", status=status, back=came_from(), allowed=_allowed(status), limits=_limits(status),
            number=requests.number(), **given
        ),
        status,
    )  # fmt: skip
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


def of_http(error: HTTPException) -> Response:
    """The page of an error of HTTP itself."""
    wait = getattr(error, "retry_after", None)
    return error_page(
        int(error.code or HTTPStatus.INTERNAL_SERVER_ERROR),
        elsewhere=isinstance(error, guard.FromElsewhere),
        wait=wait if isinstance(wait, int) else None,
    )


def came_from() -> str | None:
    """The page of this program that led here, to go back to; None for another site's, and for this very page."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host or not parts.path.startswith("/") or parts.path.startswith("//"):
        return None
    if parts.path == request.path and request.method == "GET":
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _allowed(status: int) -> str:
    """For whom the page is that was refused, in words; empty where that does not help."""
    if status != HTTPStatus.FORBIDDEN or not request.endpoint:
        return ""
    permission = permission_of(current_app, request.endpoint)
    return ", ".join(ROLE_NAMES[role] for role in ROLE_NAMES if permission and role in permission.roles)


def _limits(status: int) -> tuple[int, int] | None:
    """The most that a form (KiB) and an upload (MiB) may hold, of a body that was too large."""
    if status != HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return None
    form = int(current_app.config["MAX_CONTENT_LENGTH"]) // KIBIBYTE
    return form, current.context().config.ingest.max_upload_mib
