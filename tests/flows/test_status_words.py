"""Words for states as exports write them: what each means, and that the word itself is kept."""

import pytest

from tests.flows.office import Office, csv_text, facts, row
from tests.flows.test_dirty_cases import known, told

pytestmark = pytest.mark.sqlite_only("how words are read does not depend on the database")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Chờ tiếp nhận", "filed"), ("Mới tiếp nhận", "accepted"), ("Chờ bổ sung", "awaiting_supplement"),
        ("Chờ xác nhận kết quả", "processing"), ("Chờ trả", "done"), ("Chờ thực hiện nghĩa vụ tài chính", "awaiting_fee"),
        ("Tạm dừng", "stopped"), ("Đã trả", "returned"), ("Bổ sung giấy tờ", "awaiting_supplement"),
        ("Trả lại/ Rút HS", "withdrawn"), ("waiting", "awaiting_supplement"), ("pausing", "stopped"),
        ("denied", "refused"), ("releasing", "done"), ("cancelled", "withdrawn"), ("done", "done"),
    ],
)  # fmt: skip
def test_the_words_of_exports_for_a_state_are_understood(office: Office, word: str, status: str):
    told(office, row(status=word))
    assert facts(office, "status, status_text") == (status, word)


@pytest.mark.parametrize("claim", ["Sớm hạn", "Đúng hạn", "Quá hạn", "Trong hạn"])
def test_a_claim_of_being_in_time_is_no_status(office: Office, claim: str):
    report = told(office, row(status=claim), row(2, status=claim, finished_at="20/03/2022 08:00:00"))
    assert "STATUS_UNKNOWN" not in report["flagged"]
    assert facts(office, "status, status_text") == ("processing", claim)
    assert facts(office, "status", "H15.03-220301-0002") == ("done",)
    assert known(office, "H15.03-220301-0002", "2022-03-21")["state"] == "finished_late"


def test_done_of_opencps_is_handed_over_and_unresolved_a_refusal_after_acceptance(office: Office):
    names = ["dossier_code", "received_at", "due_at", "finished_at", "status"]
    rows = [row(status="done"), row(2, status="unresolved", finished_at="08/03/2022 08:00:00")]
    heading = {"status": "dossierStatus"}
    office.ingest(csv_text(rows, names=names, heading=lambda name: heading.get(name, name)))
    assert facts(office, "status") == ("returned",)
    assert known(office, "H15.03-220301-0002")["refused"] is True
