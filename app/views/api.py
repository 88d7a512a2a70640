"""The API for programs with a token, its document, and the page that lists its operations. All operations stand in app/api."""

from typing import Any

from flask import render_template
from werkzeug.wrappers import Response

from app import current
from app.access import ALL, PUBLIC_LISTS, Permission
from app.api import answering
from app.api.document import document_answer
from app.api.faults import CODES, PREFIX
from app.api.routes import OPERATIONS, TOPICS
from app.api.scopes import WORDS
from app.api.table import Operation
from app.pages import Pages

blueprint = Pages("api", __name__)


def _view(operation: Operation) -> Any:
    def view(**path: Any) -> Response:
        return answering.answered(operation, path)

    return view


for _operation in OPERATIONS:
    blueprint.add_url_rule(
        PREFIX + _operation.path, _operation.name, _view(_operation), methods=[_operation.method],
        permission=_operation.permission,
    )  # fmt: skip


# It holds no data, and whoever writes a program needs it before there is a token.
@blueprint.get(f"{PREFIX}/openapi.json", permission=Permission(public=True, limit=PUBLIC_LISTS))
def openapi() -> Response:
    """The document of all operations (OpenAPI 3.1), made of the table."""
    return document_answer()


@blueprint.get("/api", permission=Permission(ALL))
def page() -> str:
    """Every operation in words: what it is for, what it asks for, which of them the reader's own token could call."""
    return render_template(
        "api.html", topics=TOPICS, words=WORDS, codes=CODES, prefix=PREFIX, role=current.account().role,
        config=current.context().config.api,
    )  # fmt: skip


blueprint.after_request(answering.with_quota)
