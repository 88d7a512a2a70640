"""A change of the working calendar: what moves, what stays, who decides, and the way back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.flows.office import NOW, Office, row
from tracker.errors import UsageError
from tracker.pipeline import calendar_changes
from tracker.pipeline.answers import LateQuestion, dossier, overdue
from tracker.store.calendars import load_history
from tracker.store.models import Letter, LetterStep
from tracker.store.session import Store, open_store
from tracker.types import VN, Basis
from tracker.types.calendars import AddCalendar, AddDay, AssignCalendar, ChangeState, RemoveDay

LATER = NOW + timedelta(hours=1)
WEDNESDAY = date(2026, 8, 19)
HOLIDAY = AddDay("B", WEDNESDAY, "Lễ hội", "TB 12/TB-UBND")
SUSPENDED = {"suspensions": "tạm dừng: 18/08/2026 08:00:00 -", "status": "Dừng xử lý"}


def code(number: int) -> str:
    return f"H15.03-220301-{number:04d}"


def open_one(number: int, received: str, days: int, **given: str) -> dict[str, str]:
    return row(
        number,
        received_at=f"{received}/08/2026 08:00:00",
        limit_text=f"{days} ngày làm việc",
        due_at="",
        **given,
    )


def ended_one(number: int, finished: str) -> dict[str, str]:
    given = {"finished_at": f"{finished}/08/2026 09:00:00", "status": "Đã xử lý xong"}
    return open_one(number, "17", 3, **given)


# Worked dates from 17/08/2026 (a Monday) on: 17-21, Saturday 22 in exchange for 31, 24-28. Judged on Monday 24/08.
WORLD = [
    open_one(1, "17", 5),  # due Sat 22: late
    open_one(2, "17", 3),  # due Thu 20: late
    open_one(3, "19", 3),  # received on the Wednesday, due Sat 22: late
    open_one(4, "17", 1),  # due Tue 18, before the Wednesday: late
    open_one(5, "10", 20),  # due Wed 09/09
    ended_one(6, "21"),  # due Thu 20: late
    ended_one(7, "20"),  # on time
    ended_one(8, "24"),  # late
    row(9, received_at="17/08/2026 08:00:00", limit_text="Không quy định", due_at=""),
]


class Desk:
    """The changes of one office, at moments of its own."""

    def __init__(self, office: Office, store: Store) -> None:
        self.office, self.store, self.now = office, store, LATER

    def preview(self, *operations):
        return calendar_changes.preview(self.store, operations, calendar_key="B", now=self.now)

    def propose(self, *operations, actor="hoa", reason="Theo thông báo"):
        return calendar_changes.propose(
            self.store, operations, calendar_key="B", reason=reason, actor=actor, now=self.now
        )

    def approve(self, change, actor="binh"):
        return calendar_changes.approve(
            self.store,
            change.change_id,
            calendar_key="B",
            actor=actor,
            now=self.now,
            digest=change.preview.digest,
        )

    def apply(self, *operations):
        self.now += timedelta(minutes=1)
        return self.approve(self.propose(*operations))

    def undo(self, change):
        self.now += timedelta(minutes=1)
        asked = calendar_changes.propose_undo(
            self.store, change.change_id, calendar_key="B", reason="Nhầm", actor="hoa", now=self.now
        )
        return self.approve(asked)

    def dues(self) -> dict[int, str]:
        found = self.office.query("SELECT code, documented_due_at FROM dossier")
        return {int(each[-4:]): short(due) for each, due in found}

    def history(self):
        with self.store.read() as session:
            return load_history(session, "B")


def short(due: int | datetime | None) -> str:
    if due is None:
        return ""
    return f"{datetime.fromtimestamp(due, VN) if isinstance(due, int) else due:%d/%m %H:%M}"


@pytest.fixture
def desk(office: Office) -> Iterator[Desk]:
    office.ingest(WORLD)
    store = open_store(office.url)
    yield Desk(office, store)
    store.close()


# ---------------------------------------------------------------- what moves

# operation -> open ones that move with their new date, (no longer late, newly late), (closed on time, closed late)
MOVES = [
    (HOLIDAY, {1: "24/08 17:00", 2: "21/08 17:00", 5: "10/09 17:00"}, (1, 0), (1, 0)),
    (
        AddDay("B", date(2026, 8, 22), "Không làm bù", "TB"),
        {1: "24/08 17:00", 3: "24/08 17:00", 5: "10/09 17:00"},
        (2, 0),
        (0, 0),
    ),
    (
        AddDay("B", date(2026, 8, 16), "Làm bù", "TB", replaces=date(2026, 8, 14)),
        {5: "08/09 17:00"},
        (0, 0),
        (0, 0),
    ),
    (AddDay("B", date(2026, 8, 20), "Họp", "TB", sessions="07:00-11:30"), {2: "20/08 11:30"}, (0, 0), (0, 0)),
    (AddDay("A", WEDNESDAY, "Lễ hội", "TB"), {}, (0, 0), (0, 0)),
    (
        AddDay("VN", WEDNESDAY, "Lễ hội", "TB"),
        {1: "24/08 17:00", 2: "21/08 17:00", 5: "10/09 17:00"},
        (1, 0),
        (1, 0),
    ),
    (AddDay("B", date(2026, 8, 17), "Nghỉ", "TB"), {5: "10/09 17:00"}, (0, 0), (0, 0)),
    (AddDay("B", date(2026, 9, 9), "Nghỉ", "TB"), {5: "10/09 17:00"}, (0, 0), (0, 0)),
    (AddDay("B", date(2026, 9, 10), "Nghỉ", "TB"), {}, (0, 0), (0, 0)),
    (AddDay("B", date(2026, 8, 23), "Chủ nhật", "TB"), {}, (0, 0), (0, 0)),
]


@pytest.mark.parametrize(("operation", "moved", "open_turns", "closed_turns"), MOVES)
def test_open_dossiers_whose_span_holds_the_day_move_and_no_other(
    desk, operation, moved, open_turns, closed_turns
):
    before = desk.dues()
    change = desk.apply(operation)
    p = change.preview
    assert p.open_moved == len(moved) == p.open_later + p.open_earlier
    assert (p.open_no_longer_late, p.open_newly_late) == open_turns
    assert (p.closed_would_be_on_time, p.closed_would_be_late) == closed_turns
    assert desk.dues() == before | moved
    journal = calendar_changes.journal(desk.store, change.change_id)
    assert {int(each.code[-4:]): short(each.new_due_at) for each in journal} == moved
    assert all(short(each.old_due_at) == before[int(each.code[-4:])] for each in journal)
    assert {each.reason for each in journal} <= {"Theo thông báo"}


def test_a_day_worked_after_all_makes_late_what_was_not(desk):
    desk.apply(HOLIDAY)
    p = desk.apply(RemoveDay("B", WEDNESDAY)).preview
    assert (p.open_moved, p.open_earlier, p.open_newly_late, p.closed_would_be_late) == (3, 3, 1, 0)
    assert desk.dues()[1] == "22/08 17:00"


def test_a_suspended_dossier_moves_and_is_late_neither_before_nor_after(desk):
    desk.office.ingest([open_one(10, "17", 5, **SUSPENDED)])
    before = desk.preview(HOLIDAY)
    assert (before.open_moved, before.open_no_longer_late) == (4, 1)


def test_the_preview_names_units_days_and_dossiers_and_writes_nothing(desk):
    before = desk.office.dump()
    p = desk.preview(HOLIDAY)
    assert [(unit.unit, unit.moved, unit.no_longer_late) for unit in p.units] == [
        ("Sở Công Thương tỉnh Đắk Lắk", 3, 1)
    ]
    assert p.changed_days == (WEDNESDAY,)
    first = p.samples[0]
    assert (first.code, short(first.old_due_at), short(first.new_due_at)) == (
        code(1),
        "22/08 17:00",
        "24/08 17:00",
    )
    assert (first.was_late, first.is_late) == (True, False)
    assert desk.office.dump() == before


# ---------------------------------------------------------------- what stays


def test_closed_dossiers_stay_as_judged_with_their_days_late(desk):
    def judged():
        question = LateQuestion(desk.now, Basis.DOCUMENTED, "finished")
        late = overdue(desk.store, desk.history(), question)
        one = dossier(desk.store, desk.history(), code(6), as_of=desk.now)
        return [(r.code, r.late_days) for r in late.rows], one.verdicts[Basis.DOCUMENTED], one.proof.steps

    before = judged()
    assert before[0] == [(code(6), 1), (code(8), 3)]
    desk.apply(HOLIDAY)
    assert judged() == before


def test_the_days_late_of_an_open_list_seen_before_follow_a_change_of_the_calendar_at_once(desk):
    question = LateQuestion(desk.now, Basis.DOCUMENTED)

    def page(history):
        shown = overdue(desk.store, history, question, limit=50).rows
        assert shown == overdue(desk.store, history, question).rows
        return {row.code: row.late_days for row in shown}

    before = desk.history()
    seen = page(before)
    assert page(before) == seen
    desk.apply(HOLIDAY)
    assert page(desk.history())[code(4)] == seen[code(4)] - 1  # its due date stays


def test_a_closed_dossier_told_again_is_judged_by_the_calendar_known_at_its_end(desk):
    desk.apply(HOLIDAY)
    desk.office.now = desk.now + timedelta(hours=1)
    corrected = {**ended_one(6, "21"), "limit_text": "2 ngày làm việc"}  # the Wednesday was worked then
    desk.office.ingest([corrected, ended_one(11, "24")])
    assert desk.dues()[6] == "19/08 17:00"
    assert desk.dues()[11] == "21/08 17:00"  # its end became known after the change


def test_open_dossiers_told_again_or_anew_go_by_the_changed_calendar(desk):
    desk.apply(HOLIDAY)
    desk.office.now = desk.now + timedelta(hours=1)
    desk.office.ingest([{**open_one(2, "17", 3), "note": "khác"}, open_one(12, "17", 3)])
    assert desk.dues()[2] == desk.dues()[12] == "21/08 17:00"


def test_known_before_the_change_repeats_what_was_answered_before_it(desk):
    ask = ("overdue", "--basis", "documented", "--state", "all", "--as-of", "2026-08-24")
    ask = (*ask, "--known", NOW.isoformat())
    one = ("dossier", code(1), "--as-of", "2026-08-24", "--known", NOW.isoformat())
    before = desk.office.ask(*ask), desk.office.ask(*one)
    desk.apply(HOLIDAY)
    assert (desk.office.ask(*ask), desk.office.ask(*one)) == before
    assert desk.office.ask(*ask[:-2])["count"] == before[0]["count"] - 1


def test_letters_already_written_stay_and_are_marked(desk):
    usual = {
        "kind": "overdue", "form": "2018", "unit_id": None, "as_of": NOW, "due_at": NOW, "new_due_at": None,
        "reason": "", "file": "", "number": None, "issued_on": None,
    }  # fmt: skip
    ids = dict(desk.office.query("SELECT code, id FROM dossier"))
    states = {1: (1, "delivered"), 2: (1, "void"), 3: (2, "drafted"), 4: (4, "drafted")}
    with desk.store.transaction() as session:
        for number, (owner, state) in states.items():
            told = {"dossier_id": ids[code(owner)], "seq": number, "state": state, "short_code": f"C{number}"}
            session.add(Letter(id=number, **told, **usual))
            session.flush()
            session.add(LetterStep(letter_id=number, seq=1, step="drafted", at=NOW, actor="a", note=""))
    change = desk.apply(HOLIDAY)
    assert change.preview.letters_marked == 2
    steps = desk.office.query(
        "SELECT letter_id, seq, actor, note FROM letter_step WHERE step = 'calendar_changed'"
    )
    assert sorted(steps) == [(1, 2, "binh", "1"), (3, 2, "binh", "1")]
    assert dict(desk.office.query("SELECT id, state FROM letter")) == {
        n: state for n, (_, state) in states.items()
    }


# ---------------------------------------------------------------- who decides


def test_nobody_approves_or_rejects_his_own_proposal_and_only_he_withdraws_it(desk):
    asked = desk.propose(HOLIDAY)
    before = desk.office.dump()
    with pytest.raises(UsageError, match="người thứ hai"):
        desk.approve(asked, actor="hoa")
    with pytest.raises(UsageError, match="rút"):
        calendar_changes.reject(desk.store, asked.change_id, actor="hoa", now=desk.now, note="")
    with pytest.raises(UsageError, match="chỉ người đề nghị"):
        calendar_changes.withdraw(desk.store, asked.change_id, actor="binh", now=desk.now)
    assert desk.office.dump() == before


def test_a_decided_change_cannot_be_decided_again(desk):
    applied = desk.apply(HOLIDAY)
    turned_down = desk.propose(AddDay("B", date(2026, 8, 26), "x", "y"))
    turned_down = calendar_changes.reject(
        desk.store, turned_down.change_id, actor="binh", now=desk.now, note="Không có căn cứ"
    )
    taken_back = desk.propose(AddDay("B", date(2026, 8, 27), "x", "y"))
    taken_back = calendar_changes.withdraw(desk.store, taken_back.change_id, actor="hoa", now=desk.now)
    assert [change.state for change in calendar_changes.changes(desk.store)] == [
        ChangeState.WITHDRAWN,
        ChangeState.REJECTED,
        ChangeState.APPLIED,
    ]
    assert turned_down.note == "Không có căn cứ"
    before = desk.office.dump()
    for decided in (applied, turned_down, taken_back):
        with pytest.raises(UsageError, match="đã được quyết định"):
            desk.approve(decided)
    assert desk.office.dump() == before


@pytest.mark.parametrize("meanwhile", ["a dossier more", "a dossier ended", "another day"])
def test_figures_that_moved_since_are_shown_anew_before_anything_is_applied(desk, meanwhile):
    asked = desk.propose(HOLIDAY)
    desk.office.now = desk.now
    if meanwhile == "a dossier more":
        desk.office.ingest([open_one(20, "17", 4)])
    elif meanwhile == "a dossier ended":
        ended = {"finished_at": "24/08/2026 08:00:00", "status": "Đã xử lý xong"}
        desk.office.ingest([open_one(5, "10", 20, **ended)])
    else:
        desk.apply(AddDay("B", date(2026, 8, 26), "x", "y"))
    before = desk.dues()
    with pytest.raises(UsageError, match="xem lại bản xem trước"):
        desk.approve(asked)
    assert desk.dues() == before
    renewed = calendar_changes.change(desk.store, asked.change_id)
    assert renewed.state is ChangeState.PROPOSED
    assert renewed.preview.digest != asked.preview.digest
    assert desk.approve(renewed).state is ChangeState.APPLIED


def test_time_that_passes_does_not_ask_for_a_new_look(desk):
    asked = desk.propose(HOLIDAY)
    desk.now += timedelta(days=2)
    assert desk.approve(asked).preview.open_no_longer_late == 0


# ---------------------------------------------------------------- the way back


def test_an_undo_brings_every_documented_date_back_and_keeps_the_history(desk):
    before = desk.office.query("SELECT id, documented_due_at, documented_reason FROM dossier ORDER BY id")
    change = desk.apply(HOLIDAY)
    taken_back = desk.undo(change)
    assert (taken_back.undoes_id, taken_back.preview.open_earlier) == (change.change_id, 3)
    assert (
        desk.office.query("SELECT id, documented_due_at, documented_reason FROM dossier ORDER BY id")
        == before
    )
    assert calendar_changes.change(desk.store, change.change_id).undone_by_id == taken_back.change_id
    assert desk.history().present.default.is_working(WEDNESDAY)
    assert desk.office.query("SELECT count(*) FROM calendar_journal") == [(6,)]
    with desk.store.read() as session:
        (number,) = desk.office.query("SELECT id FROM dossier WHERE code = ?", code(1))[0]
        assert [each.change_id for each in calendar_changes.journal_of_dossier(session, number)] == [1, 2]


def test_an_undo_brings_back_what_the_change_had_replaced_and_leaves_what_a_later_change_says(desk):
    desk.apply(HOLIDAY, AddDay("B", date(2026, 8, 20), "Họp", "TB"))
    half = replace(HOLIDAY, sessions="07:00-11:30")
    second = desk.apply(half, AddDay("B", date(2026, 8, 20), "Họp", "TB", sessions="07:00-11:30"))
    desk.apply(AddDay("B", date(2026, 8, 20), "Làm cả ngày", "TB", replaces=date(2026, 8, 20)))
    desk.undo(second)
    present = desk.history().present.default
    assert not present.is_working(WEDNESDAY)
    assert present.is_working(date(2026, 8, 20))


def test_a_change_is_undone_once_and_by_two_persons(desk):
    change = desk.apply(HOLIDAY)

    def ask():
        return calendar_changes.propose_undo(
            desk.store, change.change_id, calendar_key="B", reason="Nhầm", actor="hoa", now=desk.now
        )

    asked = ask()
    with pytest.raises(UsageError, match="người thứ hai"):
        desk.approve(asked, actor="hoa")
    with pytest.raises(UsageError, match="đang đề nghị hoàn tác"):
        ask()
    desk.approve(asked)
    with pytest.raises(UsageError, match="đã được hoàn tác"):
        ask()
    undone_again = desk.undo(calendar_changes.change(desk.store, asked.change_id))
    assert undone_again.state is ChangeState.APPLIED
    assert desk.dues()[1] == "24/08 17:00"


# ---------------------------------------------------------------- units

WEEK = "07:00-11:30 13:30-17:00"
SIX = AddCalendar(
    "S6", "Cả thứ Bảy", "B", dict.fromkeys(range(1, 6), WEEK) | {6: "07:00-11:30"}, None, "QĐ 5"
)


def test_a_unit_that_gets_a_calendar_of_its_own_moves_with_its_open_dossiers(desk):
    desk.office.ingest([open_one(30, "10", 5, resolving_unit="Sở Tư pháp tỉnh Đắk Lắk")])
    units = dict(desk.office.query("SELECT name, id FROM unit"))
    assign = AssignCalendar(units["Sở Tư pháp tỉnh Đắk Lắk"], "S6", date(2026, 8, 1), None, "QĐ 6")
    before = desk.dues()
    p = desk.apply(SIX, assign).preview
    assert [unit.unit for unit in p.units] == ["Sở Tư pháp tỉnh Đắk Lắk"]
    assert desk.dues() == before | {30: "15/08 11:30"}  # a Saturday morning
    one = dossier(desk.store, desk.history(), code(30), as_of=desk.now)
    assert short(one.proof.due_at) == "15/08 11:30"
    desk.office.now = desk.now + timedelta(hours=1)
    new = [
        open_one(31, "10", 5, resolving_unit="Sở Tư pháp tỉnh Đắk Lắk"),
        open_one(32, "10", 5, resolving_unit="", receiving_unit="Sở Tư pháp tỉnh Đắk Lắk"),
        open_one(33, "10", 5),
    ]
    desk.office.ingest([*new, {**open_one(34, "03", 5), "resolving_unit": "Sở Tư pháp tỉnh Đắk Lắk"}])
    assert [desk.dues()[n] for n in (31, 32, 33, 34)] == [
        "15/08 11:30",
        "15/08 11:30",
        "17/08 17:00",
        "08/08 11:30",
    ]


@pytest.mark.parametrize(
    ("operations", "fault"),
    [
        ((), "không có thay đổi nào"),
        ((replace(HOLIDAY, name=" "),), "thiếu tên"),
        ((replace(HOLIDAY, notice=""),), "thiếu văn bản"),
        ((replace(HOLIDAY, calendar="Z"),), "không có lịch làm việc Z"),
        ((replace(HOLIDAY, day=date(2028, 1, 3)),), "nằm ngoài các năm"),
        ((replace(HOLIDAY, calendar="VN", day=date(2017, 1, 3)),), "nằm ngoài các năm"),
        ((replace(HOLIDAY, sessions="sáng"),), "không đọc được"),
        ((replace(HOLIDAY, sessions="07:00-11:30", replaces=WEDNESDAY),), "chỉ một trong hai"),
        ((replace(HOLIDAY, replaces=date(2026, 8, 23)),), "không phải ngày làm việc"),
        ((HOLIDAY, HOLIDAY), "khai hai lần"),
        ((RemoveDay("B", WEDNESDAY),), "không có ngày 19/08/2026"),
        ((replace(SIX, key="B"),), "có sẵn"),
        ((replace(SIX, key="VN"),), "khóa lịch"),
        ((replace(SIX, base="Z"),), "không có lịch làm việc Z"),
        ((replace(SIX, base="S6"),), "không có lịch làm việc"),
        ((replace(SIX, weekdays={8: WEEK}),), "từ 1"),
        ((AssignCalendar(2, "Z", None, None, "QĐ"),), "không có lịch làm việc Z"),
        ((AssignCalendar(10**9, "A", None, None, "QĐ"),), "không có đơn vị"),
        ((AssignCalendar(2, "A", date(2026, 2, 1), date(2026, 1, 1), "QĐ"),), "trước ngày đầu"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_recorded(desk, operations, fault):
    before = desk.office.dump()
    for ask in (desk.preview, desk.propose):
        with pytest.raises(UsageError, match=fault):
            ask(*operations)
    with pytest.raises(UsageError, match="thiếu lý do"):
        desk.propose(HOLIDAY, reason=" ")
    assert desk.office.dump() == before
