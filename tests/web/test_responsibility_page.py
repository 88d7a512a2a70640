"""The report on responsibility by the page of reports: who may take it, of which units, and what is hidden of others."""

import io
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import insert, update

from tests.web.world import BRANCH_A, BRANCH_B, FINISHED_LATE, StandingContext
from tracker.store import audit, catalogue, catalogue_edits
from tracker.store.models import Dossier, ProgressEvent
from tracker.types import VN

AsRole = Callable[[str], FlaskClient]
JUNE = "/bao-cao/tai-ve?bao-cao=responsibility&tep=.xlsx&tu=2026-06-01&den=2026-06-30"
DOSSIER, TAX, REASON = 7, "Chi cục Thuế Bịa", "Bà Không Nêu chậm nộp"
LATENESS = 4


@pytest.fixture
def steps(context: StandingContext) -> None:
    """A late dossier of one branch that was in the hands of a tax office, then of the other branch; with a reason in free words."""

    def moment(day: int, hour: int) -> datetime:
        return datetime(2026, 6, day, hour, tzinfo=VN)

    with context.store.transaction() as session:
        other = catalogue.units(session)[BRANCH_B].name
        catalogue_edits.put_unit_aliases(session, {other: BRANCH_B})
        told = [
            (TAX, moment(15, 7), moment(22, 17), moment(19, 17)),
            (other, moment(23, 7), moment(29, 10), moment(24, 17)),
        ]
        rows = [
            {"dossier_id": DOSSIER, "seq": seq, "at": done, "status": "processing", "status_text": "", "officer_name": "",
             "department": name, "text": "", "step_due_at": due, "step_begun_at": begun, "known_from": moment(29, 10),
             "batch_id": 1}
            for seq, (name, begun, done, due) in enumerate(told)
        ]  # fmt: skip
        session.execute(insert(ProgressEvent), rows)
        session.execute(update(Dossier).where(Dossier.id == DOSSIER).values(late_reason=REASON))


def dossiers(client: FlaskClient, more: str = "") -> list[tuple[Any, ...]]:
    book = load_workbook(io.BytesIO(client.get(f"{JUNE}{more}").data))
    return [tuple(cells) for cells in book["Hồ sơ"].iter_rows(min_row=4, values_only=True)]


@pytest.mark.parametrize(
    ("role", "status"), [("head", 200), ("auditor", 200), ("reform", 200), ("desk", 404), ("admin", 403)]
)
def test_heads_auditors_and_reform_may_take_it(as_role: AsRole, role: str, status: int) -> None:
    assert as_role(role).get(JUNE).status_code == status


@pytest.mark.usefixtures("steps")
def test_taking_it_is_logged(as_role: AsRole, context: StandingContext) -> None:
    as_role("auditor").get(JUNE)
    with context.store.read() as session:
        act = audit.recent_acts(session, 1)[0]
    assert (act.action, act.subject, act.detail["rows"]) == ("report_export", "report:responsibility", 1)


@pytest.mark.usefixtures("steps")
def test_reasons_in_free_words_are_hidden_where_names_are(as_role: AsRole) -> None:
    assert REASON in str(dossiers(as_role("head")))
    assert REASON not in str(dossiers(as_role("auditor")))


@pytest.mark.usefixtures("steps")
def test_of_dossiers_of_others_a_unit_is_told_its_own_steps_alone(
    as_role: AsRole, context: StandingContext
) -> None:
    (own,) = dossiers(as_role("head"))
    assert (own[1], TAX in str(own)) == (FINISHED_LATE, True)
    (others,) = dossiers(as_role("auditor"), f"&don-vi={BRANCH_B}")
    assert (others[1], others[LATENESS], TAX in str(others)) == (FINISHED_LATE, None, False)


def test_a_unit_of_others_does_not_exist_for_a_head(as_role: AsRole) -> None:
    assert as_role("head").get(f"{JUNE}&don-vi={BRANCH_A}").status_code == 200
    assert as_role("head").get(f"{JUNE}&don-vi={BRANCH_B}").status_code == 404
