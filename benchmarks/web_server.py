"""One web process of `benchmarks.web`: the program on waitress as `dunghen serve` runs it, with two ways to compare it.

By the header `X-Bench` of a request: `ok` is answered before Flask (the floor of the server and the client), `template`
by the template of the page with the values that the page was last made of (what the page cannot cost less than), `count`
by the page's queries and bytes as JSON. Without it the program answers as ever, but for its limits on calls a minute.
"""

import gzip
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import waitress
from flask import Flask, Response, template_rendered
from sqlalchemy import event

from app.commands.serve_command import CHANNEL_TIMEOUT_SECONDS, THREADS, settle
from app.context import AppContext
from app.one_by_one import in_turn
from app.web import create_app
from benchmarks.rates import NOW

NO_QUERY = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA synchronous", "SET LOCAL")


class Standing(AppContext):
    """Whose clock stands at the moment for which the dossiers are made."""

    def now(self) -> datetime:
        """That moment."""
        return NOW


class Bench:
    """Stands before the application."""

    def __init__(self, app: Flask, context: AppContext) -> None:
        self.app = app
        self.inner = app.wsgi_app
        self.kept: dict[str, tuple[Any, dict[str, Any]]] = {}
        self._here = threading.local()
        template_rendered.connect(self._keep, app)
        event.listen(context.store.engine, "before_cursor_execute", self._count)

    def _count(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(NO_QUERY):
            self._here.queries = getattr(self._here, "queries", 0) + 1

    def _keep(self, _app: Flask, template: Any, context: dict[str, Any], **_more: Any) -> None:
        self._here.last = (template, {**context, "unread": lambda: 0})

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        """Answer by the header."""
        asked = environ.get("HTTP_X_BENCH", "")
        answers: dict[str, Callable[[dict[str, Any]], Response]] = {
            "ok": lambda _environ: Response("ok"), "template": self._template, "count": self._counted,
        }  # fmt: skip
        if asked in answers:
            return answers[asked](environ)(environ, start)
        return self.inner(environ, start)

    def _template(self, environ: dict[str, Any]) -> Response:
        address = environ["PATH_INFO"] + "?" + environ.get("QUERY_STRING", "")
        if address not in self.kept:
            self._asked(environ)
            self.kept[address] = self._here.last
        template, context = self.kept[address]
        with self.app.request_context(environ):
            return Response(template.render(context), mimetype="text/html")

    def _counted(self, environ: dict[str, Any]) -> Response:
        self._here.queries = 0
        answer = self._asked(environ)
        body = answer.get_data()
        told = {
            "status": answer.status_code, "queries": self._here.queries, "bytes": len(body),
            "gzipped": len(gzip.compress(body, 6)),
        }  # fmt: skip
        return Response(json.dumps(told), mimetype="application/json")

    def _asked(self, environ: dict[str, Any]) -> Response:
        return Response.from_app(
            self.inner, {k: v for k, v in environ.items() if k != "HTTP_ACCEPT_ENCODING"}
        )


def main() -> None:
    """`python -m benchmarks.web_server CONFIG DESCRIPTOR`: serve on a socket that the parent listens on."""
    config, descriptor = sys.argv[1:]
    context = Standing(Path(config))
    app = create_app(context, RATELIMIT_ENABLED=False)
    app.wsgi_app = Bench(app, context)  # type: ignore[method-assign]
    settle()
    listening = socket.socket(fileno=int(descriptor))
    waitress.serve(
        app, _server=in_turn, sockets=[listening], threads=THREADS, channel_timeout=CHANNEL_TIMEOUT_SECONDS,
        clear_untrusted_proxy_headers=False,
    )  # fmt: skip


if __name__ == "__main__":
    main()
