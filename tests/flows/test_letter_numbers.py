"""Numbers of letters: from the document system or out of a unit's own series, by two processes at once and by killed ones."""

import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from letters.moving import Asker, MoveReport, approve, void
from letters.number_lists import GivenNumber
from letters.numbering import NotNumbered, give_numbers, number_own
from letters.series import close_series, register_series, series_check
from letters.signers import add_signer, sign
from tests import warm
from tests.flows.numbering_process import NOW
from tests.flows.office import ROOT
from tests.letter_world import AS_OF, BRANCH, DEPARTMENT, REASON, add_catalogue, add_dossiers, at, ended
from tracker.errors import UsageError
from tracker.store import letter_store
from tracker.store.letter_store import DraftRow
from tracker.store.models import Letter, LetterNumber, LetterStep
from tracker.store.number_store import NewSeries
from tracker.store.session import Store
from tracker.store.signer_store import NewSigner

WROTE, DECIDED, CLERK = "soan", "duyet", "van-thu"
DRAFTED = NOW - timedelta(days=3)
SIGNED_ON = date(2023, 1, 3)
TODAY = NOW.date()
ASKER = Asker(CLERK, NOW)
SERIES = NewSeries(BRANCH, "PXL-MAU", "Quyết định số 1/QĐ-MAU", 1, date(2023, 1, 1))
CROWD = 300


def code_of(number: int) -> str:
    return f"AAAA-BBBB-{number:04}".replace("0", "Z").replace("1", "Y")


def draft(store: Store, numbers: Sequence[int], unit_id: int = BRANCH) -> None:
    rows = [
        DraftRow(
            n, 1, "returned_late", "phieu-2018", unit_id, int(AS_OF.timestamp()), int(at(15).timestamp()), None, REASON,
            code_of(n), f"letters/2023/T{unit_id}/2022-06/{n}.docx",
        )
        for n in numbers
    ]  # fmt: skip
    add_dossiers(store, *(ended(n, at(20), resolving_unit_id=unit_id) for n in numbers))
    with store.transaction() as session:
        letter_store.lock_register(session)
        letter_store.insert_drafts(session, rows, now=DRAFTED, actor=WROTE)


def make_signed(store: Store, letter_ids: Sequence[int]) -> None:
    assert approve(store, letter_ids, Asker(DECIDED, DRAFTED)).refused == ()
    assert sign(store, letter_ids, SIGNED_ON, Asker(CLERK, NOW)).refused == ()


@pytest.fixture
def world(store: Store) -> Store:
    """Letters 1 to 6 signed, 7 approved, 8 a draft, all of the branch; 9 signed, of the department."""
    add_catalogue(store)
    draft(store, range(1, 9))
    draft(store, [9], DEPARTMENT)
    make_signed(store, [1, 2, 3, 4, 5, 6, 9])
    approve(store, [7], Asker(DECIDED, DRAFTED))
    return store


def column(store: Store, *columns: Any) -> list[tuple[Any, ...]]:
    with store.read() as session:
        query = select(*columns).order_by(*columns[:2])
        return [tuple(row) for row in session.execute(query)]


def numbers(store: Store) -> dict[int, tuple[str | None, date | None, str]]:
    found = column(store, Letter.id, Letter.number, Letter.issued_on, Letter.state)
    return {number: (text, day, state) for number, text, day, state in found}


def given(number: int, text: str = "12/PXL-MAU", day: date = TODAY, **more: Any) -> GivenNumber:
    return GivenNumber(text, day, None, code_of(number), **more)


def whys(report: MoveReport) -> list[tuple[str, str]]:
    return [(each.column, each.why) for each in report.refused if isinstance(each, NotNumbered)]


def faults(store: Store) -> list[tuple[str, int]]:
    with store.read() as session:
        return [(fault.kind, fault.number) for fault in series_check(session)]


# ---------------------------------------------------------------- from the document system


def test_a_given_number_is_taken_with_its_date_and_a_step(world: Store):
    assert give_numbers(world, [given(1)], ASKER) == MoveReport((1,), ())
    assert numbers(world)[1] == ("12/PXL-MAU", TODAY, "numbered")
    last = column(
        world, LetterStep.letter_id, LetterStep.seq, LetterStep.step, LetterStep.actor, LetterStep.note
    )
    assert (1, 4, "numbered", CLERK, "12/PXL-MAU, 05/01/2023") in last


def test_the_same_number_and_date_once_more_changes_nothing(world: Store):
    give_numbers(world, [given(1)], ASKER)
    before = column(world, *LetterStep.__table__.columns)
    assert give_numbers(world, [given(1, "Số: 12/pxl–mau"), given(1)], ASKER) == MoveReport((), ())
    assert column(world, *LetterStep.__table__.columns) == before


@pytest.mark.parametrize(
    ("line", "column_of_fault", "why"),
    [
        (GivenNumber("13", TODAY, None, "ZZZZ-ZZZZ-ZZZZ"), "Mã tra cứu", "không có thư"),
        (GivenNumber("13", TODAY, 99), "Mã tra cứu", "không có thư"),
        (given(9, "13"), "Mã tra cứu", "đơn vị khác"),
        (given(8, "13"), "Mã tra cứu", "đã ký"),
        (given(2, "13", dossier_code="T.18-220601-0003"), "Mã hồ sơ", "T.18-220601-0002"),
        (given(2, " "), "Số văn bản", "chưa có số"),
        (given(2, "13/\x00PXL"), "Số văn bản", "điều khiển"),
        (given(2, "13/" + "P" * 60), "Số văn bản", "60"),
        (given(2, "13", TODAY + timedelta(days=1)), "Ngày văn bản", "tương lai"),
        (given(2, "13", SIGNED_ON - timedelta(days=1)), "Ngày văn bản", "trước ngày ký 03/01/2023"),
        (given(2, "0012/pxl-mau"), "Số văn bản", "đã dùng cho thư số 1"),
        (given(1, "13"), "Số văn bản", "thư đã có số 12/PXL-MAU"),
        (given(1, day=SIGNED_ON), "Số văn bản", "thư đã có số 12/PXL-MAU"),
        (given(7, "13"), "Ngày ký", "chưa ghi đã ký"),
        (given(7, "13", signer="A", signed_on=date(2023, 1, 1)), "Ngày ký", "từ ngày duyệt"),
        (given(2, "13", signed_on=date(2023, 1, 4)), "Ngày ký", "03/01/2023"),
    ],
)  # fmt: skip
def test_a_number_that_cannot_be_is_refused_with_its_reason_and_the_others_are_taken(
    world: Store, line: GivenNumber, column_of_fault: str, why: str
):
    give_numbers(world, [given(1)], ASKER)
    before = numbers(world)
    report = give_numbers(world, [line, given(3, "30")], replace(ASKER, unit_ids=frozenset({BRANCH})))
    ((its_column, its_why),) = whys(report)
    assert its_column == column_of_fault
    assert why in its_why
    assert numbers(world) == before | {3: ("30", TODAY, "numbered")}


@pytest.mark.parametrize(("day", "text"), [(SIGNED_ON, "13"), (TODAY, "12/CV"), (TODAY, "12a/PXL-MAU")])
def test_another_number_or_a_date_from_the_signature_on_is_taken(world: Store, day: date, text: str):
    give_numbers(world, [given(1)], ASKER)
    assert give_numbers(world, [given(2, text, day)], ASKER).moved == (2,)


def test_units_and_letters_that_were_voided_do_not_keep_a_number_of_the_document_system(world: Store):
    give_numbers(world, [given(1)], ASKER)
    assert give_numbers(world, [given(9)], ASKER).moved == (9,)
    assert give_numbers(world, [given(2)], ASKER).moved == ()
    void(world, [1], "nhập nhầm", ASKER)
    assert give_numbers(world, [given(2)], ASKER).moved == (2,)


def test_two_lines_with_one_number_give_it_to_the_first(world: Store):
    report = give_numbers(world, [given(1), given(2), given(1, "14")], ASKER)
    assert report.moved == (1,)
    assert [why for _, why in whys(report)] == [
        "đã dùng cho thư số 1 trong năm 2023",
        "thư đã có số 12/PXL-MAU ngày 05/01/2023",
    ]


def test_an_approved_letter_is_noted_as_signed_by_the_line_that_says_so(world: Store):
    head = NewSigner(BRANCH, "TS. Lê Văn Ví Dụ", "head", "Giám đốc")
    signer = add_signer(world, head, ASKER)
    line = given(7, "13", signer="LÊ VĂN VÍ DỤ", signed_on=TODAY)
    stranger = replace(line, signer="Trần Thị Bịa")
    assert whys(give_numbers(world, [stranger], ASKER))[0][0] == "Người ký"
    # Another one is only numbered before it: what is written together must not mix the two states.
    assert give_numbers(world, [given(1, "11"), line], ASKER).moved == (1, 7)
    assert numbers(world)[7] == ("13", TODAY, "numbered")
    assert (7, signer) in column(world, Letter.id, Letter.signer_id)
    steps = column(world, LetterStep.letter_id, LetterStep.seq, LetterStep.step, LetterStep.note)
    assert [each[2:] for each in steps if each[0] == 7][-2:] == [
        ("signed", "05/01/2023; LÊ VĂN VÍ DỤ"),
        ("numbered", "13, 05/01/2023"),
    ]


# ---------------------------------------------------------------- own series


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"symbol": " "}, "ký hiệu"),
        ({"symbol": "PXL MAU"}, "ký hiệu"),
        ({"symbol": "2023"}, "phải có chữ"),
        ({"decision": " "}, "văn bản cho phép"),
        ({"first_number": 0}, "số bắt đầu"),
        ({"unit_id": DEPARTMENT}, "phạm vi"),
    ],
)
def test_a_series_without_symbol_or_decision_is_refused(world: Store, changed: dict[str, Any], why: str):
    with pytest.raises(UsageError, match=why):
        register_series(world, SERIES._replace(**changed), replace(ASKER, unit_ids=frozenset({BRANCH})))


def test_a_unit_has_one_series_a_year(world: Store):
    series = register_series(world, SERIES, ASKER)
    with pytest.raises(UsageError, match="đã có dãy số"):
        register_series(world, SERIES._replace(symbol="KHAC", valid_from=date(2024, 1, 1)), ASKER)
    close_series(world, series, date(2023, 12, 31), ASKER)
    with pytest.raises(UsageError, match="đã có dãy số"):
        register_series(world, SERIES._replace(symbol="KHAC", valid_from=date(2023, 12, 31)), ASKER)
    assert register_series(world, SERIES._replace(valid_from=date(2024, 1, 1)), ASKER) == 2


def test_a_series_does_not_begin_with_numbers_that_letters_have_already(world: Store):
    give_numbers(world, [given(1, "41/PXL-MAU")], ASKER)
    with pytest.raises(UsageError, match="41/PXL-MAU"):
        register_series(world, SERIES._replace(first_number=41), ASKER)
    register_series(world, SERIES._replace(first_number=42), ASKER)
    number_own(world, [2], TODAY, ASKER)
    assert numbers(world)[2] == ("42/PXL-MAU", TODAY, "numbered")
    assert faults(world) == []
    assert "dãy riêng" in whys(give_numbers(world, [given(3, "43/PXL-MAU")], ASKER))[0][1]
    assert give_numbers(world, [given(3, "40/PXL-MAU")], ASKER).moved == (3,)


def test_own_numbers_go_up_from_one_in_the_order_asked_for(world: Store):
    register_series(world, SERIES, ASKER)
    report = number_own(world, [3, 1, 8, 2, 9, 7], SIGNED_ON, ASKER)
    assert report.moved == (3, 1, 2)
    assert {each.letter_id: each.why.split(";")[0] for each in report.refused} == {
        8: "chỉ vào sổ được thư đã ký và chưa có số",
        7: "chỉ vào sổ được thư đã ký và chưa có số",
        9: "đơn vị không có dãy số riêng ngày 03/01/2023",
    }
    assert [numbers(world)[n][0] for n in (3, 1, 2)] == ["01/PXL-MAU", "02/PXL-MAU", "03/PXL-MAU"]
    assert faults(world) == []


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (TODAY + timedelta(days=1), "tương lai"),
        (SIGNED_ON - timedelta(days=1), "trước ngày ký"),
        (SIGNED_ON, "đã cấp số 1 ngày 04/01/2023"),
    ],
)
def test_own_numbers_and_their_dates_go_the_same_way(world: Store, day: date, why: str):
    register_series(world, SERIES, ASKER)
    number_own(world, [1], date(2023, 1, 4), ASKER)
    report = number_own(world, [2], day, ASKER)
    assert report.moved == ()
    assert why in report.refused[0].why
    assert number_own(world, [2], date(2023, 1, 4), ASKER).moved == (2,)


def test_a_voided_number_stays_and_the_next_letter_gets_the_next_one(world: Store):
    register_series(world, SERIES, ASKER)
    number_own(world, [1, 2], TODAY, ASKER)
    void(world, [2], "soạn nhầm", ASKER)
    assert number_own(world, [2, 3], TODAY, ASKER).moved == (3,)
    assert numbers(world)[3][0] == "03/PXL-MAU"
    found = column(
        world, LetterNumber.number, LetterNumber.letter_id, LetterNumber.state, LetterNumber.reason
    )
    assert found == [(1, 1, "used", ""), (2, 2, "void", "soạn nhầm"), (3, 3, "used", "")]
    assert faults(world) == []


def test_each_year_begins_anew(world: Store):
    series = register_series(world, SERIES._replace(first_number=5), ASKER)
    number_own(world, [1], TODAY, ASKER)
    later = Asker(CLERK, datetime(2024, 1, 2, 8, tzinfo=NOW.tzinfo))
    number_own(world, [2, 3], date(2024, 1, 2), later)
    assert [numbers(world)[n][0] for n in (1, 2, 3)] == ["05/PXL-MAU", "01/PXL-MAU", "02/PXL-MAU"]
    with pytest.raises(UsageError, match="02/01/2024"):
        close_series(world, series, date(2023, 12, 31), later)
    close_series(world, series, date(2024, 1, 2), later)
    assert (
        number_own(world, [4], date(2024, 1, 3), replace(later, now=later.now + timedelta(days=1))).moved
        == ()
    )


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        (delete(LetterNumber).where(LetterNumber.number == 2), {("gap", 2), ("double", 2)}),
        (update(LetterNumber).where(LetterNumber.number == 2).values(letter_id=1), {("mismatch", 2), ("double", 1), ("double", 2)}),
        (update(Letter).where(Letter.id == 2).values(number="7/PXL-MAU"), {("mismatch", 2)}),
        (update(Letter).where(Letter.id == 2).values(number=None), {("mismatch", 2)}),
        (update(Letter).where(Letter.id == 2).values(state="void"), {("mismatch", 2)}),
        (update(Letter).where(Letter.id == 2).values(issued_on=date(2022, 12, 31)), {("mismatch", 2)}),
        (update(Letter).where(Letter.id == 2).values(issued_on=SIGNED_ON), {("mismatch", 2)}),
        (update(Letter).where(Letter.id == 2).values(unit_id=DEPARTMENT), {("mismatch", 2)}),
        (update(Letter).where(Letter.id == 4).values(number="03/PXL-MAU", issued_on=TODAY), {("double", 3)}),
    ],
)  # fmt: skip
def test_the_check_of_a_series_finds_what_is_wrong_with_it(
    world: Store, broken: Any, found: set[tuple[str, int]]
):
    register_series(world, SERIES, ASKER)
    number_own(world, [1, 2, 3], TODAY, ASKER)
    assert faults(world) == []
    with world.transaction() as session:
        session.execute(broken)
    assert found <= set(faults(world))


# ---------------------------------------------------------------- two at once, and killed ones


@pytest.fixture
def crowd(store: Store) -> Store:
    """Some hundred signed letters of a unit with a series of its own."""
    add_catalogue(store)
    draft(store, range(1, CROWD + 1))
    make_signed(store, range(1, CROWD + 1))
    register_series(store, SERIES, ASKER)
    return store


@contextmanager
def numbering(store: Store, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is there and waits to be told."""
    url = store.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.flows.numbering_process", url, *words]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with warm.Program(command, cwd=ROOT, text=True, **streams) as process:
        try:
            wait_lines(process, 1)
            yield process
        finally:
            process.kill()
            process.communicate(timeout=60)


def tell(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("go\n")
    process.stdin.flush()


def wait_lines(process: subprocess.Popen[str], lines: int) -> None:
    assert process.stdout
    for _ in range(lines):
        if not process.stdout.readline():
            return


def settled(store: Store) -> list[tuple[Any, ...]]:
    """The numbers that were given when nobody writes any more: a server may still end what a killed process asked for."""
    with store.transaction() as session:
        letter_store.lock_register(session)
        return [tuple(row) for row in session.execute(select(LetterNumber.number))]


def assert_whole(store: Store, count: int) -> None:
    """1..count are given, each to a letter that says so and has one step for it."""
    rows = column(store, LetterNumber.number, LetterNumber.letter_id, LetterNumber.state)
    assert [row[0] for row in rows] == list(range(1, count + 1))
    of_letters = {number: f"{figure:02}/PXL-MAU" for figure, number, _ in rows}
    assert len(of_letters) == count
    state = numbers(store)
    assert {number: each[0] for number, each in state.items() if each[0]} == of_letters
    assert {number for number, each in state.items() if each[2] == "numbered"} == set(of_letters)
    steps = [each for each in column(store, LetterStep.letter_id, LetterStep.seq, LetterStep.step, LetterStep.note) if each[2] == "numbered"]  # fmt: skip
    assert {number: note for number, _, _, note in steps} == {
        number: f"{text}, 05/01/2023" for number, text in of_letters.items()
    }
    assert len(steps) == count
    assert faults(store) == []


def test_two_processes_at_once_give_every_number_once(crowd: Store):
    # One from the front and one from the back, neither of them far enough alone: they meet, and ask for the same letters.
    with numbering(crowd, "7", "25") as one, numbering(crowd, "-5", "35") as other:
        tell(one)
        tell(other)
        for process in (one, other):
            process.communicate(timeout=60)
            assert process.returncode == 0
    found = column(crowd, LetterNumber.number, LetterNumber.letter_id, LetterNumber.actor)
    assert {each[2] for each in found} == {"may7", "may-5"}
    assert_whole(crowd, len(found))
    assert len(found) > 175, "one of them did all there was to do"


def test_processes_killed_again_and_again_leave_neither_gap_nor_double(crowd: Store):
    chance = random.Random(7)
    for _ in range(3):
        before = len(column(crowd, LetterNumber.number))
        with numbering(crowd, "2", "16") as victim, numbering(crowd, "-2", "16") as other:
            tell(victim)
            tell(other)
            wait_lines(victim, chance.randrange(1, 12))
            victim.kill()
            wait_lines(other, chance.randrange(1, 12))
            other.kill()
        given_so_far = len(settled(crowd))
        assert before < given_so_far < CROWD
        assert_whole(crowd, given_so_far)
    with numbering(crowd, "50", "20") as last:
        tell(last)
        last.communicate(timeout=60)
    assert_whole(crowd, CROWD)


def test_a_process_that_ends_with_everything_written_and_nothing_committed_was_never_there(crowd: Store):
    number_own(crowd, [5, 6], TODAY, ASKER)
    with numbering(crowd, "10", "1", "dies") as process:
        tell(process)
        process.communicate(timeout=60)
        assert process.returncode == 9
    assert_whole(crowd, 2)
