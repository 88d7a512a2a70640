"""Who had a dossier in hand, on its page: steps, what overran, what falls to nobody; nothing where no step is known."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert

from app.hand_words import length
from tests.web.world import FINISHED_LATE, OVERDUE_A, StandingContext
from tracker.store.models import ProgressEvent
from tracker.types import VN

AsRole = Callable[[str], FlaskClient]
DOSSIER = 7
OFFICER = "Phạm Thị Không Nêu"


def moment(day: int, hour: int) -> datetime:
    return datetime(2026, 6, day, hour, tzinfo=VN)


@pytest.fixture
def steps(context: StandingContext) -> None:
    """The desk within its time; the branch a day beyond its own; then nobody until the end a week after the due date."""
    told = [
        ("Bộ phận Một cửa Bịa", moment(18, 7), moment(18, 17), moment(18, 17)),
        ("Chi nhánh VPĐKĐĐ Bịa", moment(19, 7), moment(23, 17), moment(22, 17)),
    ]
    rows = [
        {"dossier_id": DOSSIER, "seq": seq, "at": done, "status": "processing", "status_text": "", "officer_name": OFFICER,
         "department": name, "text": "", "step_due_at": due, "step_begun_at": begun, "known_from": moment(29, 10), "batch_id": 1}
        for seq, (name, begun, done, due) in enumerate(told)
    ]  # fmt: skip
    with context.store.transaction() as session:
        session.execute(insert(ProgressEvent), rows)


@pytest.mark.usefixtures("steps")
def test_the_page_tells_who_had_it_how_long_and_what_overran(as_role: AsRole) -> None:
    part = (
        as_role("auditor")
        .get(f"/ho-so/{FINISHED_LATE}")
        .text.partition('id="ai-giu"')[2]
        .partition("</section>")[0]
    )
    for words in (
        "Bộ phận Một cửa Bịa",
        "Chi nhánh VPĐKĐĐ Bịa",
        "bước đầu tiên vượt thời hạn",
        "1 ngày",
        "Không phân chia được",
    ):
        assert words in part
    assert OFFICER not in part


def test_without_steps_the_table_is_not_there(as_role: AsRole) -> None:
    assert 'id="ai-giu"' not in as_role("auditor").get(f"/ho-so/{OVERDUE_A}").text


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (0, "0 phút"),
        (45, "45 phút"),
        (60, "1 giờ"),
        (95, "1 giờ 35 phút"),
        (480, "1 ngày"),
        (1030, "2 ngày 1 giờ"),
    ],
)
def test_working_time_is_told_in_days_and_hours(minutes: int, told: str) -> None:
    assert length(minutes, 480) == told


@pytest.mark.usefixtures("steps")
def test_in_english_the_table_is_english(as_role: AsRole) -> None:
    client = as_role("auditor")
    client.set_cookie("dunghen-language", "en")
    part = client.get(f"/ho-so/{FINISHED_LATE}").text.partition('id="ai-giu"')[2].partition("</section>")[0]
    for words in ("Who had the dossier in hand", "first step to overrun", "cannot be divided"):
        assert words in part
    for words in ("Giữ", "ngày", "giờ ", "bước"):
        assert words not in part
