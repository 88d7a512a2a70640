"""What is odd about a dossier's data stands on its page in words, and what another source says beside what is used."""

import re
from pathlib import Path

import pytest

from app.flag_words import FLAGS
from tests.web.world import BRANCH_A, StandingContext
from tracker.ingest.checks import NEVER_IN_FUTURE
from tracker.ingest.partial import FLAGGED_COLUMN
from tracker.ingest.readers.payloads import Payload
from tracker.pipeline import IngestPlan, ingest

pytestmark = pytest.mark.sqlite_only(
    "what the page asks for is tried on both databases by tests/flows/test_several_sources.py"
)
CODE = "T03-260810-0001"
ROOT = Path(__file__).parents[2]


def test_every_flag_that_a_load_can_leave_has_its_sentence():
    texts = [path.read_text("utf-8") for path in (ROOT / "tracker" / "ingest").glob("*.py")]
    left = {flag for text in texts for flag in re.findall(r'flag\([^,()]+, "([A-Z_]+)"\)', text)}
    left |= {f"{name.removesuffix('_at').upper()}_IN_FUTURE" for name in NEVER_IN_FUTURE}
    left |= set(FLAGGED_COLUMN)
    assert {"DUE_MISSING", "END_EQ_DUE"} <= left
    assert left - FLAGS.keys() == set()


def test_the_page_says_what_is_odd_and_what_another_source_says(as_role, context: StandingContext):
    usual = {
        "MaHoSo": CODE, "DonViXuLy": f"T{BRANCH_A}", "TrangThaiHoSo": "4", "NgayTiepNhan": "20260810080000",
    }  # fmt: skip
    for source, due in (("main", "20260825170000"), ("cong-dvc", "20260828170000")):
        payload = Payload("goi", [usual | {"NgayHenTra": due}], source)
        plan = IngestPlan(
            (), context.now(), source, payloads=(payload,), origin="push", source_order=("main",)
        )
        ingest(context.store, context.config.calendar_key, plan, lambda _: None)
    page = as_role("desk").get(f"/ho-so/{CODE}").text
    assert FLAGS["SOURCES_DISAGREE"] in page
    assert FLAGS["PAUSES_UNKNOWN"] in page
    assert re.search(
        r"Ngày hẹn trả</th><td>25/08/2026 17:00<small[^>]*>main.*28/08/2026 17:00<small[^>]*>cong-dvc",
        page,
        re.S,
    )
