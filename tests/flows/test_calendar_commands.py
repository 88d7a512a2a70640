"""`dunghen calendar`: asking for a change, deciding on it, and what a file of days may hold."""

import subprocess
from datetime import timedelta

import pytest

from app.accounts import new_salt
from tests.flows.office import NOW, Office, row
from tests.passwords import cheap_hash
from tracker.store import people
from tracker.store.people import NewAccount
from tracker.store.session import open_store

PASSWORD = "mat-khau-thu-nghiem-1"
DAY = ("calendar", "add-day", "2026-08-19", "--name", "Lễ hội", "--notice", "TB 12/TB-UBND")
REASON = ("--reason", "Theo thông báo 12")
PEOPLE = {"binh": "reform", "an": "admin", "lan": "desk"}


@pytest.fixture
def asking(office: Office) -> Office:
    """An office with a dossier that the Wednesday moves, three accounts, an hour later."""
    furnish(office)
    office.ingest([row(1, received_at="17/08/2026 08:00:00", limit_text="5 ngày làm việc", due_at="")])
    office.now = NOW + timedelta(hours=1)
    return office


def furnish(office: Office) -> None:
    store = open_store(office.url)
    hashed = cheap_hash(PASSWORD)
    with store.transaction() as session:
        for login, role in PEOPLE.items():
            people.add_account(session, NewAccount(login, login, role, None, hashed, new_salt()), NOW)
    store.close()


def approve(office: Office, number: int = 1, *, login: str = "binh", password: str = PASSWORD):
    return office.run("calendar", "approve", str(number), "--login", login, "--json", typed=f"{password}\n")


def shown(office: Office) -> dict:
    return office.ask("calendar", "show")


def test_a_day_is_asked_for_approved_by_another_person_and_shown(asking):
    before = shown(asking)
    asked = asking.run(*DAY, *REASON, "--json")
    assert (asked.status, asked.json["change"], asked.json["state"]) == (0, 1, "proposed")
    assert asked.json["preview"]["open_moved"] == asked.json["preview"]["open_no_longer_late"] == 1
    assert shown(asking) == before
    applied = approve(asking)
    assert (applied.status, applied.json["state"], applied.json["decided_by"]) == (0, "applied", "binh")
    after = shown(asking)
    assert [day for day in after["off"] if day not in before["off"]] == [
        {"date": "2026-08-19", "name": "Lễ hội", "notice": "TB 12/TB-UBND"}
    ]
    assert after["version"] != before["version"]
    told = asking.ask("calendar", "changes", "1")
    assert [(line["code"], line["reason"]) for line in told["journal"]] == [
        ("H15.03-220301-0001", "Theo thông báo 12")
    ]
    assert [c["state"] for c in asking.ask("calendar", "changes")["changes"]] == ["applied"]
    acts = asking.query(
        "SELECT actor, action, subject FROM audit_entry WHERE action LIKE 'calendar%' ORDER BY id"
    )
    assert acts[:2] == [
        ("operator", "calendar_propose", "calendar_change:1"),
        ("binh", "calendar_approve", "calendar_change:1"),
    ]


def test_the_preview_is_told_in_words_and_says_who_has_to_approve(asking):
    answer = asking.run(*DAY, *REASON)
    assert "1 hồ sơ đang mở đổi hạn (1 muộn hơn, 0 sớm hơn)" in answer.out
    assert "1 hồ sơ hết trễ" in answer.out
    assert "H15.03-220301-0001: 22/08/2026 → 24/08/2026, hết trễ" in answer.out
    assert "người thứ hai" in answer.out


def test_a_dry_run_records_nothing(asking):
    before = asking.dump()
    answer = asking.run(*DAY, "--dry-run", "--json")
    assert (answer.status, answer.json["change"], answer.json["state"]) == (0, None, "preview")
    assert answer.json["preview"]["open_moved"] == 1
    assert asking.dump() == before


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"login": "lan"}, "quản trị hoặc cải cách"),
        ({"login": "ai-do"}, "không đúng"),
        ({"password": "sai"}, "không đúng"),
        ({"number": 7}, "không có thay đổi lịch số 7"),
    ],
)
def test_only_an_account_that_may_decide_approves_with_its_password(asking, given, fault):
    asking.run(*DAY, *REASON)
    answer = approve(asking, **given)
    assert (answer.status, fault in answer.err) == (2, True), answer.err
    assert asking.ask("calendar", "changes", "1")["state"] == "proposed"


def test_without_a_reason_the_notice_is_the_reason(asking):
    assert asking.run(*DAY, "--json").json["reason"] == "Lễ hội (TB 12/TB-UBND)"


def test_a_day_of_the_office_is_taken_out_again(asking):
    before = shown(asking)
    asking.run(*DAY)
    approve(asking)
    asking.now += timedelta(minutes=1)
    taken_out = asking.run("calendar", "remove-day", "2026-08-19", "--reason", "Không tổ chức", "--json")
    assert taken_out.json["preview"]["open_earlier"] == 1
    approve(asking, 2)
    assert shown(asking) == before


def test_a_proposal_is_rejected_by_another_or_withdrawn_by_the_command_line(asking):
    asking.run(*DAY, *REASON)
    asking.run(*DAY, *REASON)
    answer = asking.run(
        "calendar",
        "reject",
        "1",
        "--login",
        "an",
        "--note",
        "Chưa có căn cứ",
        "--json",
        typed=f"{PASSWORD}\n",
    )
    assert (answer.status, answer.json["state"], answer.json["note"]) == (0, "rejected", "Chưa có căn cứ")
    assert asking.run("calendar", "withdraw", "2", "--json").json["state"] == "withdrawn"
    assert approve(asking).status == 2


def test_an_undo_is_asked_for_and_approved_like_any_change(asking):
    before = shown(asking)
    asking.run(*DAY, *REASON)
    approve(asking)
    asked = asking.run("calendar", "undo", "1", "--reason", "Nhầm ngày", "--json")
    assert (asked.status, asked.json["undoes"]) == (0, 1)
    assert approve(asking, 2).json["state"] == "applied"
    assert shown(asking) == before


def test_a_unit_works_by_a_calendar_of_its_own_and_arithmetic_knows_it(asking):
    added = asking.run(
        "calendar", "add", "S6", "--name", "Cả thứ Bảy", "--base", "B", "--source", "QĐ 5", *REASON,
        "--week", "1-5=07:00-11:30 13:30-17:00", "--week", "6=07:00-11:30", "--json",
    )  # fmt: skip
    assert added.status == 0, added.err
    assert approve(asking).status == 0
    unit = "Sở Tư pháp tỉnh Đắk Lắk"
    asking.run(
        "calendar", "assign", unit, "--calendar", "S6", "--from", "2026-08-01", "--source", "QĐ 6", *REASON
    )
    assert approve(asking, 2).status == 0
    (listed,) = shown(asking)["units"]
    assert (listed["unit"], listed["calendar"], listed["from"], listed["to"]) == (
        unit,
        "S6",
        "2026-08-01",
        None,
    )
    assert asking.ask("calendar", "show", "--calendar", "S6")["name"] == "Cả thứ Bảy"
    days = {
        key: asking.ask("workdays", "add", "2026-08-14", "1", "--calendar", key)["result"]
        for key in ("B", "S6")
    }
    assert days == {"B": "2026-08-17", "S6": "2026-08-15"}
    due = asking.ask(
        "deadline", "--received", "2026-08-14T08:00", "--limit", "1 ngày làm việc", "--calendar", "S6"
    )
    assert due["due_at"] == "2026-08-15T11:30+07:00"
    asking.configure(key='"S6"')
    assert shown(asking)["key"] == "S6"


def test_a_half_day_is_shown_with_its_sessions(asking):
    asking.run(*DAY, "--sessions", "07:00-11:30", *REASON)
    approve(asking)
    assert shown(asking)["half_days"] == [
        {"date": "2026-08-19", "sessions": "07:00-11:30", "name": "Lễ hội", "notice": "TB 12/TB-UBND"}
    ]


def test_arithmetic_needs_no_database_and_makes_none(tmp_path):
    bare = Office(tmp_path)
    assert bare.ask("workdays", "add", "2026-08-14", "1")["result"] == "2026-08-17"
    assert bare.ask("calendar", "show")["units"] == []


# ---------------------------------------------------------------- files

CSV = """Ngày;Tên;Văn bản;Làm thay;Giờ làm;Tạm tính;Lịch
26/08/2026;Nghỉ;TB 1;;;;
2026-08-29;Làm bù;TB 1;26/08/2026;;x;
27/08/2026;Họp;TB 2;;07:00-11:30;;A
"""
TOML = """
[[off]]
date = 2026-08-26
name = "Nghỉ"
notice = "TB 1"

[[make_up]]
date = 2026-08-29
replaces = 2026-08-26
notice = "TB 1"
provisional = true

[[changed]]
date = 2026-08-27
calendar = "A"
name = "Họp"
notice = "TB 2"
sessions = ["07:00-11:30"]
"""


@pytest.mark.parametrize(("name", "text"), [("ngay.csv", CSV), ("ngay.toml", TOML)])
def test_many_days_of_a_file_are_one_proposal(asking, name, text):
    asked = asking.run("calendar", "import", asking.write(name, text), *REASON, "--json")
    assert asked.status == 0, asked.err
    told = [
        (op["calendar"], op["day"], op["replaces"], op["sessions"], op["provisional"])
        for op in asked.json["operations"]
    ]
    assert sorted(told) == [
        ("A", "2026-08-27", None, "07:00-11:30", False),
        ("B", "2026-08-26", None, "", False),
        ("B", "2026-08-29", "2026-08-26", "", True),
    ]
    approve(asking)
    assert "2026-08-29" in shown(asking)["provisional"]


def test_every_faulty_cell_of_a_file_is_named_and_nothing_is_recorded(asking):
    text = "date,name,notice,sessions,provisional\n31/02/2026,Nghỉ,TB,,\n26/08/2026,,TB,sáng,?\n26/08/2026,x,y,,\n26/08/2026,x,y,,\n"
    before = asking.dump()
    answer = asking.run("calendar", "import", asking.write("sai.csv", text), *REASON)
    assert answer.status == 3
    for fault in (
        "sai.csv",
        "dòng 2, cột date, giá trị “31/02/2026”",
        "dòng 3, cột name, giá trị “”: để trống",
        "dòng 3, cột sessions, giá trị “sáng”",
        "dòng 3, cột provisional, giá trị “?”",
        "dòng 5, cột date, giá trị “26/08/2026”: ngày này đã có ở trên",
    ):
        assert fault in answer.err
    assert asking.dump() == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "ngày,tên\n26/08/2026,x\n"),
        ("a.csv", "date,name,notice\n"),
        ("a.toml", "[[off]\n"),
        ("a.csv", b"\xff\xfe"),
    ],
)
def test_a_file_that_is_no_list_of_days_is_refused(asking, name, content):
    assert asking.run("calendar", "import", asking.write(name, content), *REASON).status == 3
    assert asking.run("calendar", "import", asking.folder / "khong-co.csv", *REASON).status == 3


# ---------------------------------------------------------------- killed


def test_an_application_killed_at_any_moment_leaves_all_of_it_or_nothing(office: Office):
    furnish(office)
    numbers = range(1, 1_500)
    office.ingest(
        [row(n, received_at="17/08/2026 08:00:00", limit_text="5 ngày làm việc", due_at="") for n in numbers]
    )
    office.now = NOW + timedelta(hours=1)
    asked = office.run(*DAY, *REASON, "--json")
    assert asked.json["preview"]["open_moved"] == len(numbers)
    tables = ("calendar_day", "calendar_journal", "dossier_revision")
    counts = [(0, 0, 0), (1, len(numbers), len(numbers))]
    for moment in (0, 40, 80, 120, 160):
        process = office.start("calendar", "approve", "1", "--login", "binh", stdin=subprocess.PIPE)
        with process:
            assert process.stdin
            process.stdin.write(f"{PASSWORD}\n")
            process.stdin.flush()
            for _ in range(moment):
                try:
                    process.wait(0.01)
                    break
                except subprocess.TimeoutExpired:
                    continue
            process.kill()
        assert office.is_sound()
        found = tuple(office.query(f"SELECT count(*) FROM {table}")[0][0] for table in tables)
        assert found in counts
        assert office.ask("calendar", "changes", "1")["state"] == ["proposed", "applied"][counts.index(found)]
    if found == counts[0]:
        assert approve(office).status == 0
    assert set(office.query("SELECT documented_due_at FROM dossier")) == {(1_787_565_600,)}
    assert tuple(office.query(f"SELECT count(*) FROM {table}")[0][0] for table in tables) == counts[1]
