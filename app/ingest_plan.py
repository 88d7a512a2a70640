"""How this office loads: a plan of ingest by its configuration, for whoever asks: command line, worker, receiver."""

from pathlib import Path
from typing import Any

from app.context import AppContext
from tracker.pipeline import IngestPlan


def ingest_plan(
    context: AppContext, source: str, *, paths: tuple[Path, ...] = (), **given: Any
) -> IngestPlan:
    """The plan for files or payloads of one source; `given`: further fields of the plan (payloads, origin, actor, ...)."""
    bounds, sources = context.config.ingest, context.config.sources
    usual: dict[str, Any] = {
        "now": context.now(),
        "chunk_rows": bounds.chunk_rows,
        "max_file_mib": bounds.max_file_mib,
        "source_order": sources.order,
        "zone_utc": source in bounds.utc_sources,
        "leave_out": sources.leave_out.get(source, frozenset()),
    }
    return IngestPlan(paths=paths, source=source, **(usual | given))
