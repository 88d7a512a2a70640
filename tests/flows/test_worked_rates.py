"""The numbered cases of the domain notes that need a period: rates of an ingested file, limits by channel and field."""

from contextlib import closing
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select

from tests.flows.office import Office, row
from tracker.store.models import Procedure, ProcedureLimit
from tracker.store.session import open_store
from tracker.types import VN

AUGUST = ("--from", "2026-08-01", "--to", "2026-08-31")
DUE = {"received_at": "03/08/2026 08:00:00", "due_at": "28/08/2026 17:00:00"}
DONE = {"status": "Đã xử lý xong"}


@pytest.fixture(autouse=True)
def later(office: Office) -> None:
    """What is told of August has happened."""
    office.now = datetime(2026, 9, 21, 9, tzinfo=VN)


def of(**given: str) -> dict[str, str]:
    return row(1, **{**DUE, **given})


def counts(office: Office, *dossiers: dict[str, str], as_of: str = "2026-09-20"):
    codes = (f"H15.03-260803-{number:04d}" for number in range(1, 99))
    office.ingest([{**each, "dossier_code": code} for each, code in zip(dossiers, codes, strict=False)])
    (answer,) = office.ask("rates", *AUGUST, "--as-of", as_of)["rows"]
    return answer


@pytest.mark.parametrize(
    ("case", "given", "expected"),
    [
        (41, {"finished_at": "28/08/2026 17:00:00", **DONE}, {"on_time": 1, "late": 0}),
        (42, {"due_at": "28/08/2026 10:00:00", "finished_at": "28/08/2026 16:00:00", **DONE}, {"on_time": 1}),
        (43, {"due_at": "28/08/2026", "finished_at": "28/08/2026 17:40:00", **DONE}, {"on_time": 1}),
        (46, {"due_at": "", "limit_text": "", "finished_at": "28/08/2026 16:00:00", **DONE}, {"no_due": 1, "finished": 0}),
        (48, {"due_at": "31/08/2026 17:00:00"}, {"open": 1, "open_late": 0}),
        (49, {"finished_at": "28/08/2026 16:00:00", "returned_at": "11/09/2026 09:00:00", "status": "Đã trả kết quả"}, {"on_time": 1}),
        (51, {"received_at": "01/08/2026 00:00:00"}, {"received": 1, "carried_over": 0}),
        (53, {"due_at": "14/08/2026 17:00:00", "withdrawn_at": "20/08/2026 09:00:00", "status": "Công dân yêu cầu rút hồ sơ"}, {"withdrawn": 1, "finished": 0}),
        (56, {"due_at": "14/08/2026 17:00:00", "refused_at": "20/08/2026 09:00:00", **DONE}, {"late": 1, "refused": 1, "denominator": 1}),
    ],
)  # fmt: skip
def test_a_dossier_stands_in_the_column_of_the_notes(office: Office, case, given, expected):
    got = counts(office, of(**given))
    assert {name: got[name] for name in expected} == expected, case


def test_49_the_time_at_the_desk_is_told_apart(office: Office):
    office.ingest([of(finished_at="28/08/2026 16:00:00", returned_at="15/09/2026 09:00:00", **DONE)])
    answer = office.ask("dossier", of()["dossier_code"], "--as-of", "2026-09-20")
    assert (answer["state"], answer["late"]["source"]["late_days"]) == ("finished_on_time", 0)


def test_57_a_period_in_which_nothing_was_closed_has_no_rate(office: Office):
    got = counts(office, of())
    assert (got["open"], got["denominator"], got["rate"]) == (1, 0, None)
    assert office.ask("rates", *AUGUST, "--as-of", "2026-09-20")["rows"][0]["bases"]["source"]["rate"] is None


def test_58_a_rate_is_not_cut_to_whole_percents(office: Office):
    early, late = "27/08/2026 09:00:00", "31/08/2026 09:00:00"
    got = counts(office, *(of(finished_at=end, **DONE) for end in (early, early, late)))
    assert (got["numerator"], got["denominator"]) == (2, 3)
    assert round(100 * got["rate"], 2) == 66.67


@pytest.mark.parametrize(("finished", "is_small"), [(0, True), (2, True), (3, False), (4, False)])
def test_a_rate_of_fewer_dossiers_than_the_office_says_is_marked_as_small(office: Office, finished, is_small):
    office.configure(small_denominator="3")
    got = counts(office, of(), *(of(finished_at="27/08/2026 09:00:00", **DONE) for _ in range(finished)))
    assert (got["denominator"], got["small"]) == (finished, is_small)
    told = office.run("rates", *AUGUST, "--as-of", "2026-09-20").out
    # Nothing finished is said as that: there is no rate to be careful with.
    assert ("mẫu nhỏ" in told) == (is_small and finished > 0)


# ---------------------------------------------------------------- limits by channel and by field

BY_CHANNEL = "Trực tuyến: 3 ngày làm việc; Trực tiếp: 5 ngày làm việc"


@pytest.mark.parametrize(
    ("channel", "due"),
    [("Trực tuyến", "2026-08-06T17:00+07:00"), ("Trực tiếp", "2026-08-10T17:00+07:00"), ("", None)],
)
def test_the_documented_date_rests_on_the_limit_of_the_dossiers_channel(office: Office, channel, due):
    office.ingest([of(channel=channel, limit_text=BY_CHANNEL)])
    answer = office.ask("dossier", of()["dossier_code"], "--as-of", "2026-08-05")
    assert answer["due"]["documented"] == due
    (stored,) = office.query("SELECT documented_due_at IS NULL, documented_reason FROM dossier")
    assert (bool(stored[0]), stored[1]) == (due is None, None if due else "LIMIT_BY_CHANNEL")


@pytest.mark.parametrize(
    ("channel", "due"), [("Trực tuyến", "2026-08-06T17:00+07:00"), ("Trực tiếp", "2026-08-10T17:00+07:00")]
)
def test_a_procedure_may_have_a_limit_for_one_channel_and_one_for_the_others(office: Office, channel, due):
    with closing(open_store(office.url)) as store, store.transaction() as session:
        code, number = session.execute(select(Procedure.code, Procedure.id)).first()
        session.execute(delete(ProcedureLimit).where(ProcedureLimit.procedure_id == number))
        common = {"procedure_id": number, "day_kind": "day", "valid_from": date(2018, 1, 1), "source": ""}
        told = [
            {"channel": "", "limit_text": "5 ngày làm việc"},
            {"channel": "online", "limit_text": "3 ngày làm việc"},
        ]
        session.execute(
            insert(ProcedureLimit), [{"id": 9001 + n, **common, **each} for n, each in enumerate(told)]
        )
    given = of(channel=channel, limit_text="", procedure_code=code)
    office.ingest([given])
    assert office.ask("dossier", given["dossier_code"])["due"]["documented"] == due


@pytest.mark.parametrize(
    ("field", "due"), [("Đất đai", "2026-08-22T17:00+07:00"), ("Hộ tịch", "2026-08-18T17:00+07:00")]
)
def test_days_of_a_procedure_nobody_published_are_those_of_its_field(office: Office, field, due):
    given = of(limit_text="15 ngày", procedure_code="9.999999", procedure_name="Thủ tục lạ", field_name=field)
    office.ingest([given])
    assert office.ask("dossier", given["dossier_code"])["due"]["documented"] == due
    office.now += timedelta(days=1)
    office.ingest([{**given, "note": "kể lại"}])  # told anew it is worked out alike
    assert office.query("SELECT count(*) FROM dossier_revision") == [(1,)]
    assert office.ask("dossier", given["dossier_code"])["due"]["documented"] == due
