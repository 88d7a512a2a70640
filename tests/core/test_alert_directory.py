"""Who is told: the words of a rule, where people sit above a dossier's unit, leave and delegates. One case a row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.alerts.directory import Directory, Leave, Person, Recipient, path_of
from notifications.alerts.leave_acts import delegate_fault, overlap_fault, units_over
from notifications.alerts.rungs import Who
from tracker.store.absence_store import AbsenceRow, NewAbsence
from tracker.store.alert_store import AccountRow
from tracker.types import VN, Level, UnitRef

DAY, ENTERED = date(2026, 8, 24), datetime(2026, 8, 20, 9, tzinfo=VN)
PROVINCE, OFFICE, BRANCH, OTHER, OLD, LONE, ROUND, ROUND_TOO = range(1, 9)
# The old branch went into the present one; two units stand above each other in a circle.
ABOVE = {
    PROVINCE: None, OFFICE: PROVINCE, BRANCH: OFFICE, OTHER: PROVINCE, OLD: BRANCH, LONE: None,
    ROUND: ROUND_TOO, ROUND_TOO: ROUND,
}  # fmt: skip
CHAIR, HEAD_OFFICE, HEAD_BRANCH, DESK_BRANCH, DESK_TWO, DESK_OTHER, REFORM, ADMIN, AUDITOR = range(11, 20)
PEOPLE = [
    Person(CHAIR, "chair", "Lê Văn Tỉnh", "head", None),
    Person(HEAD_OFFICE, "office", "Trần Thị Sở", "head", OFFICE),
    Person(HEAD_BRANCH, "branch", "Phạm Văn Nhánh", "head", BRANCH),
    Person(DESK_BRANCH, "mot", "Hồ Thị Một", "desk", BRANCH),
    Person(DESK_TWO, "hai", "Vũ Văn Hai", "desk", BRANCH),
    Person(DESK_OTHER, "khac", "Đỗ Văn Khác", "desk", OTHER),
    Person(REFORM, "reform", "Ngô Thị Cải", "reform", None),
    Person(ADMIN, "admin", "Bùi Văn Trị", "admin", None),
    Person(AUDITOR, "auditor", "Mai Thị Tra", "auditor", None),
]


def away(person: int, delegate: int | None = None, *, first: int = 0, last: int = 5) -> Leave:
    return Leave(person, DAY + timedelta(days=first), DAY + timedelta(days=last), delegate)


def told(
    who: Sequence[Who],
    unit: int | None = BRANCH,
    *,
    people: Sequence[Person] = PEOPLE,
    leaves: Sequence[Leave] = (),
    **given: Any,
) -> list[tuple[int, str] | tuple[int, str, int]]:
    found = Directory(people, ABOVE, leaves, DAY).told(who, unit, **given)
    return [
        (each.account_id, each.why.value) + (() if each.instead_of is None else (each.instead_of,))
        for each in found
    ]


def without(*gone: int) -> list[Person]:
    return [person for person in PEOPLE if person.account_id not in gone]


H, D, V, U, P, A = Who.HANDLER, Who.DESK, Who.DIVISION, Who.UNIT, Who.PROVINCE, Who.ADMIN


@dataclass(frozen=True)
class Case:
    """Words of a rule in a situation, and who is told as what."""

    what: str
    who: tuple[Who, ...]
    expected: list[Any]
    given: dict[str, Any]


def case(what: str, who: tuple[Who, ...], *expected: Any, **given: Any) -> Case:
    return Case(what, who, list(expected), given)


CASES = [
    case("who it is assigned to", (H,), (DESK_TWO, "handler"), assigned=DESK_TWO),
    case("assigned goes before the name", (H,), (DESK_TWO, "handler"), assigned=DESK_TWO, officer="Hồ Thị Một"),
    case("whom the source names", (H,), (DESK_BRANCH, "handler"), officer="Hồ Thị Một"),
    case("the name without accents, in capitals", (H,), (DESK_BRANCH, "handler"), officer=" HO  THI MOT "),
    case("a head of the line may handle it", (H,), (HEAD_OFFICE, "handler"), officer="Trần Thị Sở"),
    case("somebody of that name elsewhere is another", (H,), (DESK_BRANCH, "desk"), (DESK_TWO, "desk"), officer="Đỗ Văn Khác"),
    case("neither desk nor head handles", (H,), (DESK_BRANCH, "desk"), (DESK_TWO, "desk"), officer="Ngô Thị Cải"),
    case("no name: the desk", (H,), (DESK_BRANCH, "desk"), (DESK_TWO, "desk")),
    case("blanks are no name", (H,), (DESK_BRANCH, "desk"), (DESK_TWO, "desk"), officer="   "),
    case("a closed account: by name", (H,), (DESK_BRANCH, "handler"), assigned=99, officer="Hồ Thị Một"),
    case(
        "two of one name: nobody can say which",
        (H,),
        (DESK_BRANCH, "desk"),
        (DESK_TWO, "desk"),
        officer="Hồ Thị Một",
        people=[*PEOPLE, Person(30, "mot2", "Hồ Thị Một", "desk", OFFICE)],
    ),
    case(
        "two of one name, one of them elsewhere",
        (H,),
        (DESK_BRANCH, "handler"),
        officer="Hồ Thị Một",
        people=[*PEOPLE, Person(30, "mot2", "Hồ Thị Một", "desk", OTHER)],
    ),
    case("all of a desk", (D,), (DESK_BRANCH, "desk"), (DESK_TWO, "desk")),
    case("no desk on the line: the head", (D,), (HEAD_OFFICE, "division"), unit=OFFICE),
    case("the nearest head", (V,), (HEAD_BRANCH, "division")),
    case("the head above", (U,), (HEAD_OFFICE, "unit")),
    case("both", (V, U), (HEAD_BRANCH, "division"), (HEAD_OFFICE, "unit")),
    case("nobody twice", (V, U), (HEAD_OFFICE, "division"), unit=OFFICE),
    case("as the first word says", (H, D), (DESK_BRANCH, "handler"), (DESK_TWO, "desk"), officer="Hồ Thị Một"),
    case("no head of the unit: the one above", (V,), (HEAD_OFFICE, "division"), people=without(HEAD_BRANCH)),
    case("no head on the line: the province's", (V,), (CHAIR, "division"), unit=OTHER),
    case("a unit above which there is none", (U,), (CHAIR, "unit"), unit=LONE),
    case("without a unit", (H, D, V), (CHAIR, "division"), unit=None),
    case("the reform office and the heads of the province", (P,), (REFORM, "province"), (CHAIR, "province")),
    case("who administers", (A,), (ADMIN, "admin")),
    case("an abolished unit is its successor's", (D, U), (DESK_BRANCH, "desk"), (DESK_TWO, "desk"),
         (HEAD_OFFICE, "unit"), unit=OLD),
    case("units in a circle end", (V,), (CHAIR, "division"), unit=ROUND),
    case("nobody at all", (H, D, V, U), people=without(CHAIR, HEAD_OFFICE, HEAD_BRANCH, DESK_BRANCH, DESK_TWO)),
    case("no province office", (P,), people=without(CHAIR, REFORM)),
    case("no word, nobody", ()),
    # leave
    case("on leave: who stands in", (H,), (DESK_TWO, "handler", DESK_BRANCH), assigned=DESK_BRANCH,
         leaves=[away(DESK_BRANCH, DESK_TWO)]),
    case("leave that begins tomorrow", (H,), (DESK_BRANCH, "handler"), assigned=DESK_BRANCH,
         leaves=[away(DESK_BRANCH, DESK_TWO, first=1)]),
    case("the last day of leave", (H,), (DESK_TWO, "handler", DESK_BRANCH), assigned=DESK_BRANCH,
         leaves=[away(DESK_BRANCH, DESK_TWO, first=-4, last=0)]),
    case("leave that ended yesterday", (H,), (DESK_BRANCH, "handler"), assigned=DESK_BRANCH,
         leaves=[away(DESK_BRANCH, DESK_TWO, first=-4, last=-1)]),
    case("who stands in is away too: the next", (H,), (HEAD_BRANCH, "handler", DESK_BRANCH), assigned=DESK_BRANCH,
         leaves=[away(DESK_BRANCH, DESK_TWO), away(DESK_TWO, HEAD_BRANCH)]),
    case("who stands in is told once", (D,), (DESK_TWO, "desk", DESK_BRANCH), leaves=[away(DESK_BRANCH, DESK_TWO)]),
    case("nobody stands in: the others of the desk", (D,), (DESK_TWO, "desk"), leaves=[away(DESK_BRANCH)]),
    case("the whole desk is away: the head", (D,), (HEAD_BRANCH, "division"),
         leaves=[away(DESK_BRANCH), away(DESK_TWO)]),
    case("the handler is away without anybody: the head", (H,), (HEAD_BRANCH, "division"), assigned=DESK_BRANCH,
         leaves=[away(DESK_BRANCH)]),
    case("the head too: the next head", (H,), (HEAD_OFFICE, "division"), assigned=DESK_BRANCH,
         leaves=[away(DESK_BRANCH), away(HEAD_BRANCH)]),
    case("a circle of delegates: the head", (H,), (HEAD_BRANCH, "division"), assigned=DESK_BRANCH,
         leaves=[away(DESK_BRANCH, DESK_TWO), away(DESK_TWO, DESK_BRANCH)]),
    case("a closed account stands in for nobody", (H,), (HEAD_BRANCH, "division"), assigned=DESK_BRANCH,
         leaves=[away(DESK_BRANCH, 99)]),
    case("all heads are away: who was meant first, all the same", (V,), (HEAD_BRANCH, "division"),
         leaves=[away(HEAD_BRANCH), away(HEAD_OFFICE), away(CHAIR)]),
    case("the head above is away: the province's", (U,), (CHAIR, "unit"), leaves=[away(HEAD_OFFICE)]),
    case("one of the province is away", (P,), (CHAIR, "province"), leaves=[away(REFORM)]),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.what)
def test_who_is_told(one: Case):
    assert told(one.who, **one.given) == one.expected


def test_the_names_in_the_table_are_each_once():
    assert len({one.what for one in CASES}) == len(CASES)


SOME = st.lists(st.sampled_from(PEOPLE), unique=True)
LEAVES = st.lists(
    st.builds(
        Leave,
        account_id=st.sampled_from([each.account_id for each in PEOPLE]),
        first_day=st.just(DAY),
        last_day=st.just(DAY),
        delegate_id=st.one_of(st.none(), st.sampled_from([each.account_id for each in PEOPLE])),
    ),
    unique_by=lambda leave: leave.account_id,
)


@given(
    SOME,
    LEAVES,
    st.lists(st.sampled_from(list(Who)), unique=True),
    st.sampled_from([None, *ABOVE]),
    st.sampled_from([None, DESK_BRANCH, CHAIR]),
)
def test_whoever_is_away_nobody_is_told_twice_and_who_is_there_is_found_before_who_is_not(
    people: list[Person], leaves: list[Leave], who: list[Who], unit: int | None, assigned: int | None
):
    found = Directory(people, ABOVE, leaves, DAY).told(who, unit, assigned=assigned)
    ids = [each.account_id for each in found]
    absent = {leave.account_id for leave in leaves}
    present = [person for person in people if person.account_id not in absent]
    assert len(ids) == len(set(ids))
    assert set(ids) <= {person.account_id for person in people}
    assert all(each.instead_of in absent | {None} for each in found)
    # Of the heads of the line one who is there is told rather than one who is not.
    line = path_of(ABOVE, unit)
    heads = [each for each in present if each.role == "head" and each.unit_id in {*line, None}]
    if heads and Who.DIVISION in who:
        assert any(each.account_id not in absent for each in found)


def test_a_recipient_says_as_whom_and_for_whom():
    found = Directory(PEOPLE, ABOVE, [away(HEAD_BRANCH, DESK_TWO)], DAY).told((V,), BRANCH)
    assert found == (Recipient(DESK_TWO, Who.DIVISION, HEAD_BRANCH),)


# ---------------------------------------------------------------- who may stand in

LINE = frozenset({BRANCH, OFFICE, PROVINCE})
BOTH_DAYS = NewAbsence(DESK_BRANCH, DAY, DAY + timedelta(days=4), DESK_TWO)


def account(number: int, role: str = "desk", unit_id: int | None = BRANCH) -> AccountRow:
    return AccountRow(number, f"a{number}", f"Người {number}", role, unit_id, False)


def leave(person: int, delegate: int | None, first: int, last: int) -> AbsenceRow:
    entered = NewAbsence(person, DAY + timedelta(days=first), DAY + timedelta(days=last), delegate)
    return AbsenceRow(1, *entered, "admin", ENTERED, None, "a", "A", BRANCH, "", "")


@pytest.mark.parametrize(
    ("delegate", "known", "over", "said"),
    [
        (account(DESK_TWO), [], LINE, None),
        (account(DESK_TWO, "head", None), [], LINE, None),
        (account(DESK_TWO, "head", OFFICE), [], LINE, None),
        (None, [], LINE, "không có tài khoản đang mở"),
        (account(DESK_BRANCH), [], LINE, "phải là người khác"),
        (account(DESK_TWO, "auditor"), [], LINE, "không xem được những việc này"),
        (account(DESK_TWO, "admin"), [], LINE, "không xem được những việc này"),
        (account(DESK_TWO, "head"), [], LINE, None),
        (account(DESK_TWO, "desk", OTHER), [], LINE, "phạm vi của người làm thay"),
        (account(DESK_TWO), [leave(DESK_TWO, None, 0, 4)], LINE, "cũng nghỉ suốt"),
        (account(DESK_TWO), [leave(DESK_TWO, None, -3, 9)], LINE, "cũng nghỉ suốt"),
        (account(DESK_TWO), [leave(DESK_TWO, None, 0, 2), leave(DESK_TWO, None, 3, 4)], LINE, "cũng nghỉ suốt"),
        (account(DESK_TWO), [leave(DESK_TWO, None, 1, 4)], LINE, None),
        (account(DESK_TWO), [leave(DESK_TWO, HEAD_BRANCH, 1, 2)], LINE, None),
        (account(DESK_TWO), [leave(DESK_TWO, DESK_BRANCH, 4, 9)], LINE, "vòng tròn: ngày 28/08/2026"),
        (account(DESK_TWO), [leave(DESK_TWO, DESK_BRANCH, 5, 9)], LINE, None),
        (
            account(DESK_TWO),
            [leave(DESK_TWO, HEAD_BRANCH, 0, 2), leave(HEAD_BRANCH, DESK_BRANCH, 2, 3)],
            LINE,
            "vòng tròn: ngày 26/08/2026",
        ),
    ],
)  # fmt: skip
def test_who_stands_in_is_open_another_there_and_may_see_it(
    delegate: AccountRow | None,
    known: list[AbsenceRow],
    over: frozenset[int],
    said: str | None,
):
    new = BOTH_DAYS if delegate is None else BOTH_DAYS._replace(delegate_id=delegate.account_id)
    fault = delegate_fault(new, account(DESK_BRANCH), delegate, known, over)
    assert (said is None and fault is None) or (said or "-") in (fault or "")


@pytest.mark.parametrize(
    ("first", "last", "is_told"), [(-3, -1, False), (-3, 0, True), (4, 9, True), (5, 9, False)]
)
def test_two_leaves_of_one_person_share_no_day(first: int, last: int, is_told: bool):
    fault = overlap_fault(BOTH_DAYS, [leave(DESK_BRANCH, None, first, last), leave(DESK_TWO, None, 0, 4)])
    assert (fault is not None) is is_told


def test_units_over_a_unit_are_those_above_it_and_what_it_went_into():
    def unit(number: int, parent: int | None, successor: int | None = None) -> UnitRef:
        return UnitRef(number, f"T{number}", "", Level.PROVINCE, "branch", parent, None, None, successor)

    units = {each.unit_id: each for each in (
        unit(PROVINCE, None), unit(OFFICE, PROVINCE), unit(BRANCH, OFFICE), unit(OTHER, PROVINCE),
        unit(OLD, OTHER, BRANCH), unit(ROUND, ROUND_TOO), unit(ROUND_TOO, ROUND),
    )}  # fmt: skip
    assert units_over(units, BRANCH) == {BRANCH, OFFICE, PROVINCE}
    assert units_over(units, OLD) == {OLD, OTHER, BRANCH, OFFICE, PROVINCE}
    assert units_over(units, ROUND) == {ROUND, ROUND_TOO}
    assert units_over(units, None) == frozenset()
