"""Reasons for lateness set beforehand: counted before they are set, given by the letters that lack one, taken back."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from letters.content import Missing
from letters.issue import draft, due
from letters.keeping import keep_ledger
from letters.moving import Asker
from letters.reasons import add_reason, end_reason
from letters.register import LetterFolder
from letters.reissue import LetterScope
from tests.flows.numbering_process import NOW
from tests.flows.test_letter_number_commands import Desk, Fixed
from tests.letter_world import (
    AS_OF,
    BRANCH,
    DEPARTMENT,
    OLD_BRANCH,
    PROCEDURE,
    add_catalogue,
    add_dossiers,
    at,
    dossier,
    ended,
    policy,
)
from tracker.errors import UsageError
from tracker.store.delay_reasons import NewReason, known_reasons
from tracker.store.models import AuditEntry, Letter, UnitAlias
from tracker.store.session import Store
from tracker.text import fold

JUNE = (date(2022, 6, 1), date(2022, 6, 30))
REASON = NewReason(OLD_BRANCH, None, *JUNE, "Chờ xác minh thực địa")
ASKER = Asker("thu.truong", NOW)
LONE = {"late_reason": " "}


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """Owed without a reason: 1, 2 of the old branch, 3 of the department, 4 of no procedure; 5 says one, 6 has a letter."""
    add_catalogue(store)
    add_dossiers(
        store,
        dossier(1, **LONE),
        ended(2, at(20), **LONE),
        dossier(3, resolving_unit_id=DEPARTMENT, **LONE),
        dossier(4, procedure_id=None, field_id=1, **LONE),
        dossier(5),
        dossier(6),
    )
    with store.transaction() as session:
        session.add_all(
            UnitAlias(folded=fold(f"T{unit_id}"), unit_id=unit_id) for unit_id in (OLD_BRANCH, DEPARTMENT)
        )
    keep_ledger(store, AS_OF, policy(), now=NOW)
    context = Fixed(tmp_path / "config.toml")
    context.store = store
    return Desk(context, store, tmp_path)


def without_reason(store: Store) -> set[str]:
    found = due(store, LetterScope(AS_OF), policy()).owed
    return {line.facts.code[-1] for line in found if Missing.REASON in line.missing}


@pytest.mark.parametrize(
    ("narrowed", "helped"),
    [
        ((), "1234"),
        (("--unit", f"T{OLD_BRANCH}"), "124"),
        (("--unit", f"T{DEPARTMENT}"), "3"),
        (("--procedure", "9.900001"), "123"),
        (("--unit", f"T{DEPARTMENT}", "--procedure", "9.900001"), "3"),
        (("--from", "2022-06-15", "--to", "2022-06-15"), "1234"),
        (("--from", "2022-06-16"), ""),
        (("--to", "2022-06-14"), ""),
    ],
)
def test_it_serves_as_many_as_were_counted(desk: Desk, narrowed: tuple[str, ...], helped: str):
    before = without_reason(desk.store)
    assert before == set("1234")
    words = ("reasons", "add", "--from", "2022-06-01", "--to", "2022-06-30", "--text", REASON.text, *narrowed)
    assert desk.run(*words, "--dry-run") == (0, {"reason": None, "serves": len(helped)})
    assert without_reason(desk.store) == before
    assert desk.run(*words) == (0, {"reason": 1, "serves": len(helped)})
    assert before - without_reason(desk.store) == set(helped)
    assert desk.run("reasons", "end", "1")[0] == 0
    assert without_reason(desk.store) == before


def test_what_another_reason_serves_already_is_not_counted_again(desk: Desk):
    words = ("reasons", "add", "--from", "2022-06-01", "--to", "2022-06-30", "--text")
    assert desk.run(*words, "Một lý do", "--unit", f"T{OLD_BRANCH}")[1]["serves"] == 3
    assert desk.run(*words, "Lý do khác", "--dry-run")[1]["serves"] == 1


def test_a_letter_keeps_the_words_of_a_reason_that_was_taken_back(desk: Desk, tmp_path: Path):
    number = add_reason(desk.store, REASON, ASKER)
    draft(desk.store, LetterScope(AS_OF), policy(), LetterFolder(tmp_path, tmp_path), now=NOW, actor="a")
    end_reason(desk.store, number, ASKER)
    with desk.store.read() as session:
        reasons = dict(session.execute(select(Letter.dossier_id, Letter.reason)).all())
    assert {number for number, text in reasons.items() if text == REASON.text} == {1, 2, 4}
    assert set(reasons) == {1, 2, 4, 5, 6}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"text": "  "}, "cần ghi lý do quá hạn"),
        ({"text": "x" * 501}, "dài quá"),
        ({"due_to": date(2022, 5, 31)}, "kết thúc trước khi bắt đầu"),
        ({"unit_id": DEPARTMENT}, "phạm vi"),
        ({"unit_id": None}, "phạm vi"),
    ],
)
def test_what_cannot_be_a_reason_is_said(desk: Desk, changed: dict[str, Any], why: str):
    asker = replace(ASKER, unit_ids=frozenset({BRANCH, OLD_BRANCH}))
    with pytest.raises(UsageError, match=why):
        add_reason(desk.store, replace(REASON, **changed), asker)
    with desk.store.read() as session:
        assert known_reasons(session) == []


def test_a_reason_is_entered_once_ends_without_its_full_stop_and_is_its_units_own(desk: Desk):
    own = replace(ASKER, unit_ids=frozenset({OLD_BRANCH}))
    number = add_reason(desk.store, replace(REASON, text="Chờ  xác minh\nthực địa."), own)
    with pytest.raises(UsageError, match="đã có"):
        add_reason(desk.store, REASON, own)
    with pytest.raises(UsageError, match="không có lý do số"):
        end_reason(desk.store, number, replace(own, unit_ids=frozenset({DEPARTMENT})))
    (listed,) = desk.run("reasons", "list")[1]["reasons"]
    assert (listed["text"], listed["entered_by"]) == ("Chờ xác minh thực địa", "thu.truong")
    assert "Chi nhánh Mẫu cũ, mọi thủ tục, hẹn 01/06/2022 đến 30/06/2022" in desk.said("reasons", "list")
    end_reason(desk.store, number, own)
    with pytest.raises(UsageError, match="không có lý do số"):
        end_reason(desk.store, number, own)


def test_both_acts_stand_in_the_log_without_the_words(desk: Desk):
    desk.run("reasons", "add", "--from", "2022-06-01", "--to", "2022-06-30", "--text", REASON.text,
             "--procedure", "9.900001")  # fmt: skip
    desk.run("reasons", "end", "1")
    with desk.store.read() as session:
        query = select(AuditEntry.action, AuditEntry.subject, AuditEntry.detail).order_by(AuditEntry.id)
        acts = [tuple(act) for act in session.execute(query) if act.action.startswith("letter_reason")]
    assert [act[:2] for act in acts] == [("letter_reason_add", "reason:1"), ("letter_reason_end", "reason:1")]
    assert str(PROCEDURE) in acts[0][2]
    assert "thực địa" not in str(acts)
