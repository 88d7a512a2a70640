"""Rates of a month kept as they were known: when, what, never again; and a check that counts them anew."""

import json
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import delete, update

from app.snapshots import compared, month_before
from tests.flows.office import Office, row
from tracker.store.models import RateSnapshot
from tracker.store.session import open_store
from tracker.types import VN

KEEP = ("jobs", "run", "snapshots", "--day")
DONE = {"status": "Đã trả kết quả"}


def at(day: int, month: int = 4, hour: int = 5) -> datetime:
    """A moment of 2022."""
    return datetime(2022, month, day, hour, tzinfo=VN)


@pytest.fixture
def march(office: Office) -> Office:
    """An office that loaded, on 31/03/2022, one dossier in time, one late and one open."""
    office.now = at(31, month=3, hour=20)
    office.ingest(
        [
            row(1, finished_at="10/03/2022 09:00:00", **DONE),
            row(2, finished_at="30/03/2022 09:00:00", **DONE),
            row(3),
        ]
    )
    return office


def keep(office: Office, day: int, month: int = 4) -> dict[str, Any]:
    """The job of a day, run on its morning; what it says."""
    office.now = at(day, month)
    answer = office.run(*KEEP, f"2022-{month:02}-{day:02}", "--json")
    assert answer.status == 0, answer.err
    (result,) = office.query("SELECT result FROM work_item ORDER BY id DESC LIMIT 1")
    return json.loads(result[0])


def test_a_month_is_kept_from_the_third_working_day_of_the_next(march: Office):
    # 01/04/2022 is a Friday.
    told = [keep(march, day) for day in (1, 2, 3, 4, 5, 6)]
    assert told == [{"month": "2022-03", "kept": kept} for kept in (0, 0, 0, 0, 1, 0)]
    (kept,) = march.ask("snapshots", "list")["snapshots"]
    assert (kept["month"], kept["as_of"], kept["taken_at"]) == (
        "2022-03",
        "2022-03-31T23:59:59+07:00",
        "2022-04-05T05:00+07:00",
    )


def test_a_day_that_was_missed_is_made_up_for_on_any_later_one(march: Office):
    assert keep(march, 29)["kept"] == 1
    assert keep(march, 5, month=5)["month"] == "2022-04"


def test_it_holds_what_rates_and_score_answer_word_by_word(march: Office):
    keep(march, 5)
    kept = march.ask("snapshots", "show", "2022-03")
    moment = ("--as-of", "2022-03-31T23:59:59")
    for basis in ("source", "promised", "documented"):
        span = ("--from", "2022-03-01", "--to", "2022-03-31", "--by", "level,unit,field", "--basis", basis)
        told = march.ask("rates", *span, *moment)
        # Which denominators are small is a number of the office's own, and may be another one tomorrow.
        assert {line.pop("small") for line in told["rows"]} == {True}
        assert kept["rates"][basis] == told
    assert kept["score"] == march.ask("score", "3.4.1", "--year", "2022", *moment)
    (line,) = kept["rates"]["source"]["rows"]
    assert (line["numerator"], line["denominator"], line["open"]) == (1, 2, 1)


def test_the_log_binds_it_and_its_text_is_canonical(march: Office):
    keep(march, 5)
    ((body, digest),) = march.query("SELECT body, sha256 FROM rate_snapshot")
    assert digest == sha256(body.encode()).hexdigest()
    assert body == json.dumps(json.loads(body), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    ((subject, detail),) = march.query(
        "SELECT subject, detail FROM audit_entry WHERE action = 'snapshot_keep'"
    )
    assert (subject, json.loads(detail)["sha256"]) == ("month:2022-03", digest)
    assert march.ask("audit", "verify")["ok"]
    assert march.run("snapshots", "show", "2022-03", "--json").out.rstrip("\n") == body


def test_what_is_loaded_later_changes_neither_what_was_kept_nor_its_recount(march: Office):
    keep(march, 5)
    before = march.query("SELECT * FROM rate_snapshot")
    march.now = at(6, hour=8)
    march.ingest(
        [row(1, finished_at="25/03/2022 09:00:00", **DONE), row(4, finished_at="14/03/2022 09:00:00", **DONE)]
    )
    assert keep(march, 7)["kept"] == 0
    assert march.query("SELECT * FROM rate_snapshot") == before
    answer = march.run("snapshots", "check", "--json")
    assert (answer.status, answer.json["ok"], answer.json["checked"]) == (0, True, 1)
    assert march.run("snapshots", "check").out == "Tháng 2022-03: khớp.\n"


def test_a_month_is_not_kept_where_nothing_was_known(office: Office):
    assert keep(office, 5) == {"month": "2022-03", "kept": 0}
    assert office.ask("snapshots", "list") == {"snapshots": []}
    assert office.run("snapshots", "check").status == 0


# ---------------------------------------------------------------- what speaks against it


def changed(office: Office, **values: Any) -> None:
    """Change the row past the program."""
    store = open_store(office.url)
    with store.transaction() as session:
        session.execute(update(RateSnapshot).values(**values))
    store.close()


def places(office: Office) -> list[str]:
    """Where the check finds something else."""
    answer = office.run("snapshots", "check", "--json")
    assert answer.status == 1
    return [each["place"] for each in answer.json["snapshots"][0]["differences"]]


def test_figures_changed_past_the_program_are_found_and_named(march: Office):
    keep(march, 5)
    ((body,),) = march.query("SELECT body FROM rate_snapshot")
    spoilt = json.loads(body)
    spoilt["rates"]["source"]["rows"][0]["late"] = 0
    text = json.dumps(spoilt, ensure_ascii=False)
    changed(march, body=text)
    (where,) = [place for place in places(march) if place.startswith("rates")]
    assert where.startswith("rates.source.rows.")
    assert where.endswith(".late")
    assert {"sha256", "log"} <= set(places(march))
    told = march.run("snapshots", "check").out
    assert "KHÔNG khớp, 3 chỗ khác" in told
    assert "đã chốt 0; nay 1" in told


def test_a_new_hash_beside_changed_figures_is_found_by_the_log(march: Office):
    keep(march, 5)
    ((body,),) = march.query("SELECT body FROM rate_snapshot")
    text = body.replace('"year":2022', '"year":2021')
    changed(march, body=text, sha256=sha256(text.encode()).hexdigest())
    assert places(march) == ["log", "score.year"]


def test_a_month_that_was_taken_away_is_told_by_the_log_and_cannot_be_kept_anew_unseen(march: Office):
    keep(march, 5)
    store = open_store(march.url)
    with store.transaction() as session:
        session.execute(delete(RateSnapshot))
    store.close()
    answer = march.run("snapshots", "check")
    assert (answer.status, answer.out) == (1, "Tháng 2022-03: nhật ký ghi đã chốt, nhưng văn bản đã mất.\n")
    march.now = at(6, hour=8)
    march.ingest([row(4, finished_at="14/03/2022 09:00:00", **DONE)])
    assert keep(march, 7)["kept"] == 1
    assert places(march) == ["log"]


def test_a_text_that_cannot_be_read_is_told_and_stops_nothing(march: Office):
    keep(march, 5)
    changed(march, body="{")
    assert places(march) == ["sha256", "log", "body"]


def test_a_load_that_began_before_and_ended_afterwards_is_named(march: Office):
    keep(march, 5)
    march.now = at(5, hour=4)
    march.ingest([row(4, finished_at="14/03/2022 09:00:00", **DONE)])
    answer = march.run("snapshots", "check", "--json")
    assert (answer.status, answer.json["snapshots"][0]["loaded_afterwards"]) == (1, 1)
    assert "1 lần nạp bắt đầu trước lúc chốt" in march.run("snapshots", "check").out


def test_rows_are_compared_by_what_they_are_of():
    one = {"level": "province", "unit": "A", "field": "F", "numerator": 1, "denominator": 2, "late": 1}
    other = {**one, "unit": "B"}
    assert list(compared("", {"rows": [one, other]}, {"rows": [other, one]})) == []
    (found,) = compared("", {"rows": [one, other]}, {"rows": [other]})
    assert (found.place, found.kept, found.now) == (
        "rows.province / A / F",
        {"numerator": 1, "denominator": 2},
        None,
    )


# ---------------------------------------------------------------- asking for it


def test_a_month_is_shown_by_level_on_every_basis(march: Office):
    keep(march, 5)
    told = march.run("snapshots", "show", "2022-03").out.splitlines()
    assert told[0].startswith("Tháng 2022-03, chốt lúc 05:00 05/04/2022, SHA-256 ")
    assert told[1:3] == ["  Ngày hẹn theo hệ thống nguồn:", "    province: 50,00 % (1/2)"]
    assert told[-1] == "  tiêu chí 3.4.1 từ đầu năm 2022: 0,00 điểm, được phép trễ 0, đã trễ 1"


def test_a_month_that_was_not_kept_is_status_1_and_none_at_all_status_2(march: Office):
    assert march.run("snapshots", "show", "2022-03").status == 1
    assert march.run("snapshots", "show", "2022-13").status == 2
    assert march.run("snapshots", "list").out == "Chưa chốt số liệu của tháng nào.\n"


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2022, 1, 31), date(2021, 12, 1)),
        (date(2022, 3, 1), date(2022, 2, 1)),
        (date(2022, 12, 31), date(2022, 11, 1)),
    ],
)
def test_the_month_before_begins_on_its_first(day: date, first: date):
    assert month_before(day) == first
