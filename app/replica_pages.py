"""The pages that read much and are of no desk: with a replica they are read from it, so that nobody at a counter waits.

A desk's pages, lists of work to do and single dossiers stay on the primary, and so does everything that is not asked by GET.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, after_this_request, request
from werkzeug.wrappers import Response

from app import current

# Seconds that a page waits for a replica that is a moment behind; a file made by a worker waits as configured.
PATIENCE = 1.0
HEADER = "Dunghen-Read-From"
PAGES = frozenset({
    "api.criterion", "api.dossiers_late", "api.findings", "api.hidden_lateness", "api.rates",
    "audit_cases.export", "audit_cases.page", "audit_cases.sample", "audit_cases.sample_file",
    "causes.event_log", "causes.page", "compliance.download", "compliance.page",
    "findings.export", "findings.hidden", "findings.hidden_file",
    "forecast.page", "forecast.risks", "forecast.trial",
    "intake.export", "kept_months.download", "kept_months.month", "late.export",
    "rates.download", "rates.page", "reconciling.export", "reconciling.gone_export",
    "remedies.proposed", "reports.download", "score.criterion", "score.months", "score.stakes", "simulator.page",
})  # fmt: skip


def install(app: Flask) -> None:
    """Let these pages be read from the replica."""
    for endpoint in PAGES:
        app.view_functions[endpoint] = _from_replica(app.view_functions[endpoint])


def _from_replica(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def reading(**named: Any) -> Any:
        if request.method not in ("GET", "HEAD") or not current.context().config.reports.url:
            return view(**named)

        def told() -> Any:
            answer, source = view(**named), current.context().told_source()
            after_this_request(lambda response: _marked(response, source.get("read_from", "")))
            return answer

        return current.context().store.from_reports(told, patience=PATIENCE)

    return reading


def _marked(response: Response, source: str) -> Response:
    if source:
        response.headers[HEADER] = source
    return response


def read_from() -> str:
    """For the foot of such a page: that the primary had to answer, and why; empty where there is nothing to tell."""
    context = current.context()
    source = context.store.source if "store" in vars(context) else None
    return "" if source is None or source.is_replica else source.words
