"""A call from its request to its answer: read what is asked, do it, note it in the log, write it as JSON."""

import hashlib
from typing import Any

import msgspec
from flask import make_response, request, send_file
from werkzeug.wrappers import Response

from app import current
from app.api import asking
from app.api.door import quota_headers
from app.api.table import Call, File, Operation

JSON = "application/json"


def answered(operation: Operation, path: dict[str, Any]) -> Response:
    """The answer of one operation. Who calls has been let in by the guard."""
    call = Call(operation, path)
    call.query = asking.read_query(operation.query)
    if not operation.takes_file:
        call.body = asking.read_body(operation.body)
    made = operation.run(call)
    _note(call)
    if isinstance(made, File):
        return send_file(made.body, made.content_type, as_attachment=True, download_name=made.name)
    answer = make_response(msgspec.json.encode(made), operation.status)
    answer.content_type = JSON
    if (more := getattr(made, "next", None)) is not None:
        answer.headers["Link"] = f'<{more}>; rel="next"'
    return _marked(answer) if operation.kept else answer


def _marked(answer: Response) -> Response:
    """With its mark; 304 where the program has it already."""
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer.make_conditional(request)


def _note(call: Call) -> None:
    """One entry a call that saw or did something of the office's; catalogues are everybody's."""
    calling = current.caller()
    if not call.is_logged or calling is None:
        return
    detail = {"operation": call.operation.name, "token": calling.token_id, **call.detail}
    current.log("api", call.subject or call.operation.name, detail)


def with_quota(answer: Response) -> Response:
    """What the token has left, in every answer that it was counted for."""
    answer.headers.update(quota_headers())
    return answer
