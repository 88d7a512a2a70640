"""Who may sign a unit's letters: entered with the document that gives the authority, ended, chosen for letters."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from letters.correcting import choose_signer
from letters.issuer import Authority
from letters.moving import Asker, MoveReport, approve
from letters.path import LetterState
from letters.register import located
from letters.signers import (
    add_signer,
    end_signer,
    named_signer,
    sign,
    signature_day_fault,
    signature_of,
    signer_fault,
)
from tests.flows.numbering_process import NOW
from tests.flows.test_letter_numbers import ASKER, DECIDED, DRAFTED, TODAY, draft, make_signed
from tests.flows.test_letters_flow import text_of
from tests.letter_world import BRANCH, DEPARTMENT, add_catalogue, policy
from tracker.errors import UsageError
from tracker.store import letter_moves
from tracker.store.models import Letter, LetterStep
from tracker.store.session import Store
from tracker.store.signer_store import NewSigner, SignerRow, signers_on

HEAD = NewSigner(BRANCH, "Lê Văn Ví Dụ", "head", "Giám đốc")
DEPUTY = NewSigner(BRANCH, "Trần Thị Bịa", "deputy", "Phó Giám đốc", "Giám đốc")
ENTRUSTED = NewSigner(
    BRANCH, "Phạm Văn Mẫu", "by_authorisation", "Trưởng phòng", "Giám đốc",
    date(2023, 1, 1), date(2023, 1, 31), "Văn bản ủy quyền số 2/UQ-MAU",
)  # fmt: skip


@pytest.fixture
def world(store: Store) -> Store:
    """Letter 1 a draft, 2 approved, 3 signed; 4 a draft of the department."""
    add_catalogue(store)
    draft(store, range(1, 4))
    draft(store, [4], DEPARTMENT)
    approve(store, [2], Asker(DECIDED, DRAFTED))
    make_signed(store, [3])
    return store


@pytest.mark.parametrize(
    ("entry", "changed", "why"),
    [
        (HEAD, {}, None),
        (HEAD, {"full_name": " "}, "họ tên"),
        (HEAD, {"title": ""}, "chức danh"),
        (HEAD, {"full_name": "A" * 201}, "200"),
        (DEPUTY, {}, None),
        (DEPUTY, {"head_title": ""}, "ký KT."),
        (ENTRUSTED, {}, None),
        (ENTRUSTED, {"basis": ""}, "văn bản"),
        (ENTRUSTED, {"valid_to": None}, "thời hạn"),
        (ENTRUSTED, {"valid_to": date(2022, 12, 31)}, "trước ngày bắt đầu"),
        (ENTRUSTED, {"authority": "by_order", "valid_to": None}, None),
        (ENTRUSTED, {"authority": "by_order", "basis": " "}, "ký TL."),
        (HEAD, {"authority": "acting"}, None),
        (HEAD, {"unit_id": DEPARTMENT}, "phạm vi"),
    ],
)
def test_an_authority_stands_with_what_the_decree_asks_for(
    world: Store, entry: NewSigner, changed: dict[str, Any], why: str | None
):
    asker = replace(ASKER, unit_ids=frozenset({BRANCH}))
    if why is None:
        assert add_signer(world, entry._replace(**changed), asker) == 1
        return
    with pytest.raises(UsageError, match=why):
        add_signer(world, entry._replace(**changed), asker)


def test_the_same_person_is_not_entered_twice_for_the_same_time(world: Store):
    first = add_signer(world, HEAD, ASKER)
    with pytest.raises(UsageError, match="đã có"):
        add_signer(world, HEAD._replace(full_name="LÊ VĂN VÍ DỤ", valid_from=TODAY), ASKER)
    end_signer(world, first, date(2023, 1, 4), ASKER)
    assert add_signer(world, HEAD._replace(valid_from=TODAY), ASKER) == 2


def test_an_authority_is_ended_and_never_made_longer(world: Store):
    number = add_signer(world, ENTRUSTED, ASKER)
    with pytest.raises(UsageError, match="thêm dòng mới"):
        end_signer(world, number, date(2023, 2, 1), ASKER)
    with pytest.raises(UsageError, match="trước ngày bắt đầu"):
        end_signer(world, number, date(2022, 12, 31), ASKER)
    with pytest.raises(UsageError, match="không có người ký"):
        end_signer(world, number, TODAY, replace(ASKER, unit_ids=frozenset({DEPARTMENT})))
    end_signer(world, number, TODAY, ASKER)
    with world.read() as session:
        assert [each.signer_id for each in signers_on(session, BRANCH, TODAY)] == [number]
        assert signers_on(session, BRANCH, date(2023, 1, 6)) == []


@pytest.mark.parametrize(
    ("unit_id", "day", "why"),
    [
        (BRANCH, date(2023, 1, 1), None),
        (BRANCH, date(2023, 1, 31), None),
        (BRANCH, date(2022, 12, 31), "bắt đầu từ ngày 01/01/2023"),
        (BRANCH, date(2023, 2, 1), "31/01/2023"),
        (DEPARTMENT, TODAY, "đơn vị khác"),
        (None, TODAY, "đơn vị khác"),
    ],
)
def test_a_signer_signs_for_his_unit_from_first_to_last_day(unit_id: int | None, day: date, why: str | None):
    fault = signer_fault(SignerRow(1, *ENTRUSTED, "Chi nhánh Mẫu mới"), unit_id, day)
    assert fault is None if why is None else why in (fault or "")


def test_a_chosen_signer_stands_in_letters_that_nobody_has_signed(world: Store, tmp_path: Path):
    def choose(letter_ids: Sequence[int], signer_id: int, asker: Asker = ASKER) -> MoveReport:
        return choose_signer(world, letter_ids, signer_id, policy(), tmp_path, asker, lambda *_of: None)

    number = add_signer(world, ENTRUSTED, ASKER)
    report = choose([1, 2, 3, 4], number)
    assert report.moved == (1, 2)
    assert {each.letter_id: each.why for each in report.refused} == {
        3: "chỉ chọn người ký cho thư chưa ký",
        4: "người ký này của đơn vị khác (Chi nhánh Mẫu mới)",
    }
    with world.read() as session:
        assert set(session.scalars(select(Letter.id).where(Letter.signer_id == number))) == {1, 2}
        steps = session.scalars(select(LetterStep.letter_id).where(LetterStep.step == "signer_chosen"))
        assert sorted(steps) == [1, 2]
        file, state = session.execute(select(Letter.file, Letter.state).where(Letter.id == 2)).one()
    assert state == LetterState.APPROVED
    assert "Phạm Văn Mẫu" in text_of(located(tmp_path, file).read_bytes())
    late = replace(ASKER, now=NOW.replace(month=2))
    assert choose([1], number, late).moved == ()
    with pytest.raises(UsageError, match="không có người ký"):
        choose([1], 99)


def test_nobody_signs_after_the_last_day_of_his_authority(world: Store, tmp_path: Path):
    number = add_signer(world, ENTRUSTED, ASKER)
    choose_signer(world, [2], number, policy(), tmp_path, ASKER, lambda *_of: None)
    after = replace(ASKER, now=NOW.replace(month=2))
    report = sign(world, [2], after.today, after)
    assert (report.moved, [each.why for each in report.refused]) == (
        (),
        ["quyền ký đã hết từ sau ngày 31/01/2023"],
    )
    assert sign(world, [2], TODAY, ASKER).moved == (2,)


def test_a_signer_is_found_by_his_name_without_learned_titles_if_it_is_one_person():
    rows = [SignerRow(1, *HEAD, ""), SignerRow(2, *DEPUTY, ""), SignerRow(3, *ENTRUSTED, "")]
    assert named_signer(rows, "ThS. lê văn ví dụ") == rows[0]
    assert named_signer(rows, "Lê Văn") is None
    assert named_signer([rows[0], rows[0]._replace(signer_id=4)], "Lê Văn Ví Dụ") is None
    assert signature_of(rows[1]).authority is Authority.DEPUTY


@pytest.mark.parametrize(("day", "is_one"), [(1, False), (2, True), (5, True), (6, False)])
def test_a_letter_is_signed_from_its_approval_to_today(world: Store, day: int, is_one: bool):
    with world.read() as session:
        (letter,) = letter_moves.letters_to_move(session, [2])
        acts = letter_moves.steps_of(session, [2])[2]
    assert (signature_day_fault(letter, acts, date(2023, 1, day), TODAY) is None) == is_one
