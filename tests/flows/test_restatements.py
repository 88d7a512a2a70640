"""A kept month that is counted otherwise by now: told by reason and dossier, adding up to the difference."""

import csv
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from tests.flows.office import OTHER_PROVINCIAL, Office, row
from tracker.store.models import RateSnapshot, Unit
from tracker.store.session import open_store
from tracker.types import VN

DONE = {"status": "Đã trả kết quả"}
EXPLAIN = ("snapshots", "explain", "2022-03")


def at(day: int, month: int = 4, hour: int = 5) -> datetime:
    """A moment of 2022."""
    return datetime(2022, month, day, hour, tzinfo=VN)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that kept March 2022 with one dossier in time, two late and one open, and was told otherwise in April."""
    office = Office(tmp_path_factory.mktemp("kept")).furnished()
    office.now = at(31, month=3, hour=20)
    late = {"finished_at": "30/03/2022 09:00:00", **DONE}
    office.ingest([row(1, finished_at="10/03/2022 09:00:00", **DONE), row(2, **late), row(3, **late), row(4)])
    office.now = at(5)
    assert office.run("jobs", "run", "snapshots", "--day", "2022-04-05").status == 0
    office.now = at(20)
    office.ingest(
        [
            row(2, **late, due_at="31/03/2022 17:00:00"),
            row(3, **late, resolving_unit=OTHER_PROVINCIAL),
            row(4, finished_at="31/03/2022 09:00:00", **DONE),
            row(5, finished_at="14/03/2022 09:00:00", **DONE),
        ]
    )
    return office


@pytest.fixture
def kept(made: Office, tmp_path: Path) -> Office:
    """A copy of it, with the same clock."""
    office = Office(tmp_path).like(made)
    office.now = made.now
    return office


def told(answer: dict[str, Any]) -> dict[str, tuple[int, int, int]]:
    """Reason -> dossiers, numerator, denominator."""
    return {
        each["reason"]: (each["dossiers"], each["numerator"], each["denominator"])
        for each in answer["reasons"]
    }


def test_each_dossier_has_one_reason_and_they_add_up(kept: Office):
    answer = kept.ask(*EXPLAIN)
    assert told(answer) == {
        "arrived": (1, 1, 1),
        "finished": (1, 0, 1),
        "due_moved": (1, 1, 0),
        "unit_moved": (1, 0, 0),
    }
    figures = [(answer[name]["numerator"], answer[name]["denominator"]) for name in ("kept", "then", "now")]
    assert figures == [(1, 3), (1, 3), (3, 5)]
    assert (answer["exact"], answer["as_kept"], answer["count"]) == (True, True, 4)
    assert answer["dossiers"][0] == {
        "code": "H15.03-220301-0002", "reason": "due_moved", "then": "quá hạn", "now": "đúng hạn",
    }  # fmt: skip


def test_on_another_basis_another_dossier_moves(kept: Office):
    # The first date that was promised stays, whatever its source says later.
    assert "due_moved" not in told(kept.ask(*EXPLAIN, "--basis", "promised"))


def test_it_is_told_in_words(kept: Office):
    lines = kept.run(*EXPLAIN).out.splitlines()
    assert lines[0] == "Tháng 2022-03, ngày hẹn theo hệ thống nguồn, chốt lúc 05/04/2022 05:00:"
    assert lines[1].replace("\u00a0", " ") == "  Cấp tỉnh: 33,33 % (1/3) -> 60,00 % (3/5)"
    assert (
        "  1 hồ sơ, tử số +0, mẫu số +1: Lúc chốt còn đang giải quyết, sau mới biết đã xong trong tháng"
        in lines
    )
    assert lines[-1].startswith("    H15.03-220301-0005: không có -> đúng hạn; lúc chốt chưa có trong kho")


def test_what_was_known_at_a_moment_in_between_is_told_as_of_then(kept: Office):
    answer = kept.ask(*EXPLAIN, "--known", "2022-04-10")
    assert (answer["reasons"], answer["count"], answer["then"] == answer["now"]) == ([], 0, True)
    assert kept.run(*EXPLAIN, "--known", "2022-04-10").out.endswith("Không có hồ sơ nào được tính khác đi.\n")


@pytest.mark.parametrize("name", ["khac.csv", "khac.xlsx"])
def test_all_dossiers_go_into_a_file(kept: Office, name: str):
    answer = kept.ask(*EXPLAIN, "--out", kept.folder / name)
    assert answer["rows"] == 4
    assert (kept.folder / name).stat().st_size > 0
    ((detail,),) = kept.query("SELECT detail FROM audit_entry WHERE action = 'restatement_export'")
    assert json.loads(detail) == {"basis": "source", "rows": 4}
    if name.endswith(".csv"):
        with (kept.folder / name).open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert [each["Mã hồ sơ"][-4:] for each in rows] == ["0002", "0003", "0004", "0005"]
        assert sum(int(each["Mẫu số thêm"]) for each in rows) == 2
        assert rows[1]["Nay: đơn vị giải quyết"] == OTHER_PROVINCIAL


def test_a_recount_that_is_not_what_was_kept_is_said_and_is_status_1(kept: Office):
    store = open_store(kept.url)
    with store.transaction() as session:
        session.execute(update(Unit).where(Unit.name == OTHER_PROVINCIAL).values(level="commune"))
        session.execute(update(Unit).where(Unit.name != OTHER_PROVINCIAL).values(level="district"))
    store.close()
    answer = kept.run(*EXPLAIN, "--json")
    assert (answer.status, answer.json["as_kept"], answer.json["exact"]) == (1, False, True)
    assert "KHÔNG ra số đã chốt" in kept.run(*EXPLAIN).out


def test_a_text_that_cannot_be_read_is_told_and_what_is_known_is_shown(kept: Office):
    store = open_store(kept.url)
    with store.transaction() as session:
        session.execute(update(RateSnapshot).values(body="{"))
    store.close()
    answer = kept.run(*EXPLAIN, "--json")
    assert (answer.status, answer.json["kept"], answer.json["count"]) == (1, None, 4)


@pytest.mark.parametrize(
    "wrong", [("2022-02",), ("x",), ("2022-03", "--known", "2022-04-01"), ("2022-03", "--out", "x.doc")]
)
def test_a_wrong_wish_is_status_2(kept: Office, wrong: tuple[str, ...]):
    assert kept.run("snapshots", "explain", *wrong).status == 2
