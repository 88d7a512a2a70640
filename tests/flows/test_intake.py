"""Intake over the command line: counted by channel, judged by the known calendar, and what a source stopped telling of."""

from contextlib import closing
from typing import Any

import pytest

from tests.flows.office import HEADINGS, Office, csv_text, row
from tracker.pipeline import IngestPlan, ingest
from tracker.store.session import open_store

NAMES = [
    "dossier_code", "resolving_unit", "receiving_unit", "field_name", "procedure_code", "channel", "applicant_name",
    "filed_at", "post_received_at", "intake_due_at", "received_at", "due_at", "refused_at", "refusal_reason", "status",
]  # fmt: skip
OWN = {
    "post_received_at": "Ngày bưu điện nhận",
    "intake_due_at": "Hạn tiếp nhận",
    "refusal_reason": "Lý do từ chối",
}
AS_OF = "2026-08-24T09:30"


def filed(number: int, at: str = "18/08/2026 09:00:00", **given: str) -> dict[str, str]:
    """A dossier filed online that nobody accepted yet."""
    return row(
        number,
        **{
            "channel": "Trực tuyến",
            "filed_at": at,
            "received_at": "",
            "due_at": "",
            "status": "Mới đăng ký",
            **given,
        },
    )


def accepted(number: int, received: str, at: str = "18/08/2026 09:00:00", **given: str) -> dict[str, str]:
    return filed(
        number,
        at,
        **{"received_at": received, "due_at": "28/08/2026 17:00:00", "status": "Đang xử lý", **given},
    )


def code(number: int) -> str:
    return f"H15.03-220301-{number:04d}"


def table(*rows: dict[str, str], without: str = "") -> str:
    names = [name for name in NAMES if name != without]
    return csv_text(rows, names=names, heading=lambda name: OWN.get(name) or HEADINGS[name])


EVERY_KIND = (
    filed(1, "24/08/2026 09:00:00"),
    filed(2),
    accepted(3, "18/08/2026 10:00:00"),
    accepted(4, "19/08/2026 10:00:00"),
    filed(5, refused_at="18/08/2026 10:00:00", status="Không được tiếp nhận", refusal_reason="Thiếu bản chính"),
    filed(6, refused_at="18/08/2026 10:00:00", status="Không được tiếp nhận"),
    filed(7, status="Đã xóa"),
    accepted(8, "18/08/2026 10:00:00", "", channel="Trực tiếp"),
    accepted(9, "21/08/2026 08:00:00", channel="Bưu chính công ích", post_received_at="20/08/2026 09:00:00"),
    accepted(10, "21/08/2026 08:00:00", intake_due_at="21/08/2026 17:00:00"),
)  # fmt: skip


def asked(office: Office, *more: str) -> Any:
    return office.ask("intake", "--as-of", AS_OF, *more)


def states(answer: Any) -> dict[str, str]:
    return {each["code"][-2:].lstrip("0"): each["state"] for each in answer["rows"]}


def test_every_channel_tells_its_verdicts_and_a_rate_with_its_fraction(office: Office):
    office.ingest(table(*EVERY_KIND))
    answer = asked(office, "--state", "all")
    assert states(answer) == {
        "1": "waiting", "2": "not_accepted", "3": "accepted_in_time", "4": "accepted_late", "5": "refused",
        "6": "refused_without_reason", "7": "vanished", "8": "unknown", "9": "accepted_in_time",
        "10": "accepted_in_time",
    }  # fmt: skip
    channels = {each["channel"]: each for each in answer["by_channel"]}
    online = channels["online"]
    assert (online["total"], online["numerator"], online["denominator"]) == (8, 2, 7)
    assert online["rate"] == pytest.approx(2 / 7)
    assert (channels["counter"]["unknown"], channels["counter"]["rate"]) == (1, None)
    assert channels["postal"]["rate"] == 1
    assert answer["verified"] is False


def test_what_is_counted_without_a_judge_is_counted_as_the_judge_would(office: Office):
    office.ingest(table(*EVERY_KIND))
    for more in ((), ("--from", "2026-08-19"), ("--to", "2026-08-18"), ("--channel", "online")):
        assert asked(office, *more)["by_channel"] == asked(office, "--state", "all", *more)["by_channel"]


def test_the_list_holds_what_somebody_should_look_at_undecided_and_longest_first(office: Office):
    office.ingest(table(*EVERY_KIND))
    answer = asked(office)
    assert list(states(answer)) == ["2", "1", "7", "4", "6"]
    assert answer["count"] == 5
    assert answer["rows"][0] == {
        "code": code(2), "unit": "Sở Công Thương tỉnh Đắk Lắk", "channel": "online",
        "filed_at": "2026-08-18T09:00+07:00", "started_at": "2026-08-18T09:00+07:00",
        "intake_due_at": "2026-08-19T09:00+07:00", "received_at": None, "refused_at": None, "ended_at": None,
        "state": "not_accepted", "late_minutes": 1950, "late_days": 4, "refusal_reason": "", "flags": [],
    }  # fmt: skip


@pytest.mark.every_value("each option is a condition of its own")
@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (("--to", "2026-08-18"), {"2": "waiting", "4": "waiting", "6": "refused_without_reason"}),
        (("--from", "2026-08-19"), {"1": "waiting", "2": "not_accepted", "4": "accepted_late", "7": "vanished"}),
        (("--from", "2026-08-20"), {"1": "waiting", "2": "not_accepted", "7": "vanished"}),
        (("--channel", "postal"), {}),
        (("--unit", "Sở Tư pháp tỉnh Đắk Lắk"), {}),
        (("--state", "refused"), {"5": "refused"}),
        (("--precision", "date", "--state", "accepted_late"), {}),
        (("--state", "accepted_late"), {"4": "accepted_late"}),
    ],
)  # fmt: skip
def test_a_question_may_be_narrowed(office: Office, more, expected):
    office.ingest(table(*EVERY_KIND))
    found = states(asked(office, *more))
    if "--to" in more:
        found = {number: state for number, state in found.items() if number in expected}
    assert found == expected


def test_before_anything_was_loaded_nothing_is_known(office: Office):
    assert asked(office)["count"] is None
    office.ingest(table(*EVERY_KIND))
    assert asked(office, "--known", "2026-08-20")["by_channel"] is None


def test_a_source_without_a_column_for_reasons_is_not_said_to_refuse_without_one(office: Office):
    refused = filed(6, refused_at="18/08/2026 10:00:00", status="Không được tiếp nhận")
    report = office.ingest(table(refused, without="refusal_reason"))
    assert report["flagged"]["REFUSAL_REASON_UNTOLD"] == 1
    ((shown),) = asked(office, "--state", "all")["rows"]
    assert (shown["state"], shown["flags"]) == ("refused", ["REFUSAL_REASON_UNTOLD"])
    office.ingest(table(refused))
    assert states(asked(office)) == {"6": "refused_without_reason"}


def test_a_list_without_reasons_takes_none_away(office: Office):
    refused = filed(
        5, refused_at="18/08/2026 10:00:00", status="Không được tiếp nhận", refusal_reason="Sai mẫu"
    )
    office.ingest(table(refused))
    office.ingest(table({**refused, "applicant_name": "Lê Thị Bịa"}, without="refusal_reason"))
    ((shown),) = asked(office, "--state", "all")["rows"]
    assert (shown["state"], shown["refusal_reason"], shown["flags"]) == ("refused", "Sai mẫu", [])


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_list_is_written_whole_and_masked_on_request(office: Office, kind):
    office.ingest(table(*EVERY_KIND))
    path = office.folder / f"tiep-nhan.{kind}"
    answer = asked(office, "--out", path, "--mask", "--state", "refused")
    assert answer["rows"][0]["refusal_reason"] == "•••"
    assert path.stat().st_size > 100
    if kind == "csv":
        text = path.read_text("utf-8-sig")
        assert "Từ chối có lý do" in text
        assert "Nguyễn Văn Bịa" not in text


def test_another_ending_is_refused(office: Office):
    office.ingest(table(*EVERY_KIND))
    assert office.run("intake", "--out", office.folder / "x.pdf").status == 2


# ---------------------------------------------------------------- vanished

BEFORE = (filed(1, "17/08/2026 09:00:00"), filed(2), filed(3, "19/08/2026 09:00:00"))
WITHOUT_2 = (
    accepted(1, "17/08/2026 10:00:00", "17/08/2026 09:00:00"),
    filed(3, "19/08/2026 09:00:00"),
)


def events(office: Office) -> list[tuple[str, str]]:
    return office.query(
        "SELECT d.code, e.kind FROM event e JOIN dossier d ON d.id = e.dossier_id"
        " WHERE e.kind IN ('vanished', 'seen_again') ORDER BY e.dossier_id, e.seq"
    )


def test_a_dossier_that_its_source_stops_telling_of_has_vanished(office: Office):
    office.ingest(table(*BEFORE))
    report = office.ingest(table(*WITHOUT_2))
    assert report["flagged"]["INTAKE_VANISHED"] == 1
    assert events(office) == [(code(2), "vanished")]
    assert states(asked(office, "--state", "vanished")) == {"2": "vanished"}
    kinds = [event["kind"] for event in office.ask("dossier", code(2))["events"]]
    assert kinds == ["vanished"]


def test_it_is_told_once_and_is_open_again_when_it_comes_back(office: Office):
    office.ingest(table(*BEFORE))
    for _ in range(2):
        office.ingest(table(*WITHOUT_2))
    assert events(office) == [(code(2), "vanished")]
    office.ingest(table(*WITHOUT_2, filed(2)))
    assert events(office) == [(code(2), "vanished"), (code(2), "seen_again")]
    assert states(asked(office))["2"] == "not_accepted"
    office.ingest(table(*WITHOUT_2))
    assert [kind for _, kind in events(office)] == ["vanished", "seen_again", "vanished"]


def push(office: Office, *rows: dict[str, str]) -> None:
    """As a system sends: some dossiers, and nothing about others."""
    path = office.write("gui-den.csv", table(*rows))
    with closing(open_store(office.url)) as store:
        ingest(store, "B", IngestPlan((path,), office.now, origin="push"), lambda _: None)


def test_what_a_push_does_not_tell_of_has_not_vanished_and_what_it_tells_of_is_seen_again(office: Office):
    office.ingest(table(*BEFORE))
    push(office, *WITHOUT_2)
    assert events(office) == []
    office.ingest(table(*WITHOUT_2))
    assert events(office) == [(code(2), "vanished")]
    push(office, filed(2, status="Chờ tiếp nhận"))
    assert events(office) == [(code(2), "vanished"), (code(2), "seen_again")]


@pytest.mark.parametrize(
    ("what", "later"),
    [
        ("told again", (*WITHOUT_2, filed(2))),
        ("accepted since", (*WITHOUT_2, accepted(2, "18/08/2026 10:00:00"))),
        ("rejected for another cell", (*WITHOUT_2, filed(2, due_at="chưa rõ"))),
        ("a later part of the year", (filed(3, "19/08/2026 09:00:00"), accepted(4, "20/08/2026 10:00:00", "20/08/2026 09:00:00"))),
        ("only accepted ones", (WITHOUT_2[0], accepted(3, "20/08/2026 09:00:00", "19/08/2026 09:00:00"))),
        ("only waiting ones", (BEFORE[0], BEFORE[2])),
        ("another unit's file", tuple({**each, "receiving_unit": "Sở Tư pháp tỉnh Đắk Lắk"} for each in WITHOUT_2)),
        ("another field's file", tuple({**each, "field_name": "Hộ tịch"} for each in WITHOUT_2)),
        ("another channel's file", tuple({**each, "channel": "Bưu chính công ích"} for each in WITHOUT_2)),
    ],
)  # fmt: skip
def test_nothing_is_claimed_where_the_file_need_not_have_told_of_it(office: Office, what, later):
    office.ingest(table(*BEFORE))
    office.ingest(table(*later))
    assert (code(2), "vanished") not in events(office), what


def test_another_source_says_nothing_about_it(office: Office):
    office.ingest(table(*BEFORE))
    office.ask("ingest", office.write("khac.csv", table(*WITHOUT_2)), "--source", "khac")
    assert events(office) == []


def test_a_dry_run_and_a_time_before_leave_no_trace_of_it(office: Office):
    office.ingest(table(*BEFORE))
    office.ask("ingest", office.write("thu.csv", table(*WITHOUT_2)), "--dry-run")
    assert events(office) == []
    office.now = office.now.replace(hour=15)
    office.ingest(table(*WITHOUT_2))
    assert states(office.ask("intake", "--as-of", "2026-08-24T14:00"))["2"] == "not_accepted"
    assert (
        states(office.ask("intake", "--as-of", "2026-08-24T16:00", "--known", AS_OF))["2"] == "not_accepted"
    )
    assert states(office.ask("intake", "--as-of", "2026-08-24T16:00"))["2"] == "vanished"


def test_a_dossier_tells_its_intake_and_the_delay_of_its_hand_over(office: Office):
    office.ingest(table(accepted(4, "19/08/2026 10:00:00")))
    names = ["dossier_code", "received_at", "due_at", "finished_at", "returned_at"]
    done = {"finished_at": "20/08/2026 09:00:00", "returned_at": "21/08/2026 10:00:00"}
    office.ingest(csv_text([accepted(4, "19/08/2026 10:00:00", **done)], names=names))
    shown = office.ask("dossier", code(4), "--as-of", AS_OF)
    assert shown["intake"] == {
        "state": "accepted_late", "started_at": "2026-08-18T09:00+07:00", "due_at": "2026-08-19T09:00+07:00",
        "late_minutes": 60, "late_days": 0, "verified": False, "flags": [],
    }  # fmt: skip
    assert shown["hand_over"] == {"days": 1, "minutes": 540}
    assert shown["late"]["source"]["state"] == "finished_early"
