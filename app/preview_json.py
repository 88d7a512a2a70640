"""A preview as the result of work holds it, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tracker.types import FileWarning, IngestReport, Rejection
from tracker.types.preview import ColumnSeen, Preview, TableSeen


def preview_json(seen: Preview) -> dict[str, Any]:
    """As JSON values."""
    return asdict(seen)


def preview_of(told: Mapping[str, Any]) -> Preview:
    """From its JSON values."""
    return Preview(
        tables=tuple(_table(each) for each in told["tables"]),
        report=_report(told["report"]) if told["report"] else None,
        fault=told["fault"],
        warnings=tuple(told["warnings"]),
        rejections=tuple(Rejection(**each) for each in told["rejections"]),
        by_code=dict(told["by_code"]),
        layout=told["layout"],
    )


def _table(told: Mapping[str, Any]) -> TableSeen:
    columns = tuple(
        ColumnSeen(**{**each, "fields": tuple(each["fields"]), "samples": tuple(each["samples"])})
        for each in told["columns"]
    )
    return TableSeen(**{**told, "columns": columns, "notes": tuple(told["notes"])})


def _report(told: Mapping[str, Any]) -> IngestReport:
    warnings = tuple(FileWarning(**each) for each in told.get("warnings", ()))
    return IngestReport(**{**told, "warnings": warnings})
