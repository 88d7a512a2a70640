"""Suspensions: the moment at which one begins or ends beside the end of the dossier."""

from datetime import datetime

import pytest

from tracker.timekeeping.suspensions import closed_by_end
from tracker.types import VN, Suspension, SuspensionKind


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=VN)


def stop(start, end=None):
    return Suspension(at(start), at(end) if end else None, SuspensionKind.SUPPLEMENT)


@pytest.mark.parametrize(
    ("what", "told", "kept"),
    [
        ("open, begun before", stop("2026-08-14T08:59:59"), stop("2026-08-14T08:59:59", "2026-08-14T09:00")),
        ("open, begun with the end", stop("2026-08-14T09:00"), None),
        ("open, begun after", stop("2026-08-14T09:00:01"), None),
        (
            "closed",
            stop("2026-08-14T10:00", "2026-08-14T11:00"),
            stop("2026-08-14T10:00", "2026-08-14T11:00"),
        ),
    ],
)
def test_an_open_suspension_of_an_ended_dossier_stops_with_it(what, told, kept):
    assert closed_by_end([told], at("2026-08-14T09:00")) == ((kept,) if kept else ()), what
