"""Signs that lateness was made to disappear, through real loads and the command line; nobody is accused on thin grounds."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from tests.flows.office import Office, csv_text, row
from tracker.types import VN

CODE = "H15.03-220301-0001"


def load(office: Office, day: str, *rows: Mapping[str, str], full: bool = True) -> Any:
    """One whole export at 20:00 of a day of July 2026 (or another month: "08-03")."""
    month, on = (int(part) for part in day.split("-")) if "-" in day else (7, int(day))
    office.now = datetime(2026, month, on, 20, 0, tzinfo=VN)
    path = office.write(f"tep-{office.now:%m%d}.csv", csv_text(rows))
    return office.ask("ingest", path, *(["--full"] if full else []))


def july(number: int = 1, **given: str) -> dict[str, str]:
    """Received on Wednesday 1 July 2026 with ten working days; due on Wednesday 15 July; open."""
    usual = {"received_at": "01/07/2026 08:00:00", "due_at": "15/07/2026 16:20:10"}
    return row(number, **{**usual, **given})


def other(number: int = 99) -> dict[str, str]:
    """One that nobody would notice."""
    return july(number, due_at="31/08/2026 16:20:10", limit_text="43 ngày làm việc")


def found(office: Office, *arguments: str) -> list[tuple[str, str]]:
    answer = office.ask("audit", "findings", *arguments)
    return sorted((one["code"][-4:], one["kind"]) for one in answer["findings"])


def test_a_date_that_was_moved_when_it_had_passed_is_pointed_out_with_what_shows_it(office: Office):
    first = load(office, "1", july(), other())
    late = load(office, "17", july(), other())
    moved = load(office, "20", july(due_at="24/07/2026 16:20:10"), other())
    (one,) = office.ask("audit", "findings")["findings"]
    assert (one["code"], one["kind"], one["state"]) == (CODE, "due_moved_after", "open")
    before, after = one["evidence"]["before"], one["evidence"]["after"]
    assert (before["at"][:10], before["batch_id"], before["last_batch_id"]) == ("2026-07-15", first["batch"], late["batch"])
    assert (after["at"][:10], after["told_at"][:10], after["batch_id"]) == ("2026-07-24", "2026-07-20", moved["batch"])


def test_looking_again_finds_the_same(office: Office):
    load(office, "1", july(), other())
    load(office, "17", july(), other())
    load(office, "20", july(due_at="24/07/2026 16:20:10"), other())
    first = office.ask("audit", "findings")["findings"]
    load(office, "21", july(due_at="24/07/2026 16:20:10"), other())
    assert office.ask("audit", "findings")["findings"] == first
