"""`dunghen letters` from the command line: who takes a step, in whose name, and what is refused."""

import pytest

from letters.ledger import LedgerState
from tests.flows.office import NOW, Office, row
from tests.flows.test_letters_flow import text_of
from tests.passwords import cheap_hash
from tracker.store import people
from tracker.store.people import NewAccount
from tracker.store.session import open_store

LATE = {
    "received_at": "01/06/2022 08:00:00", "due_at": "15/06/2022 17:00:00", "finished_at": "20/06/2022 08:00:00",
    "late_reason": "quá tải",
}  # fmt: skip


@pytest.fixture
def drafted(office: Office) -> Office:
    """Three letters drafted by the operator; a head and a desk."""
    office.ingest([row(number, **LATE) for number in (1, 2, 3)])
    store = open_store(office.url)
    for login, role in (("thutruong", "head"), ("motcua", "desk")):
        with store.transaction() as session:
            new = NewAccount(login, login, role, None, cheap_hash("Mat-khau-2022"), "s")
            people.add_account(session, new, NOW)
    store.close()
    assert office.ask("letters", "draft")["written"] == 3
    return office


def code(office: Office, number: int) -> str:
    return str(office.query("SELECT code FROM dossier WHERE id = ?", number)[0][0])


def states(office: Office) -> list[str]:
    return [state for (state,) in office.query("SELECT state FROM letter ORDER BY id")]


def test_the_operator_who_drafted_approves_nothing_and_a_head_does(drafted: Office) -> None:
    refused = drafted.run("letters", "approve", "--all", "--json")
    assert (refused.status, refused.json["moved"], len(refused.json["refused"])) == (1, 0, 3)
    assert drafted.run("letters", "approve", "--all", "--by", "motcua").status == 2
    assert drafted.run("letters", "approve", "--all", "--by", "khong-co").status == 2
    done = drafted.run("letters", "approve", "--all", "--by", "thutruong", "--json")
    assert (done.status, done.json["moved"]) == (0, 3)
    acts = drafted.query("SELECT actor, action FROM audit_entry WHERE action = 'letter_approve'")
    assert acts == [("thutruong", "letter_approve")]


def test_letters_are_named_by_dossier_or_short_code_and_nothing_else_is_wrong_use(drafted: Office) -> None:
    short = str(drafted.query("SELECT short_code FROM letter WHERE id = 2")[0][0])
    chosen = drafted.ask("letters", "approve", code(drafted, 1), short.lower(), "--by", "thutruong")
    assert (chosen["moved"], states(drafted)) == (2, ["approved", "approved", "drafted"])
    for wrong in ((), ("KHONG-CO",), (short, "--all")):
        assert drafted.run("letters", "approve", *wrong, "--by", "thutruong").status == 2
    assert drafted.run("letters", "void", "--all", "--why", "nhầm").status == 2


def test_a_letter_goes_the_whole_way_on_the_command_line(drafted: Office) -> None:
    head = ("--by", "thutruong")
    drafted.ask("letters", "approve", "--all", *head)
    assert drafted.ask("letters", "return", code(drafted, 3), "--why", "sai tên", *head)["moved"] == 1
    assert drafted.ask("letters", "correct", code(drafted, 3), "--reason", "thiếu người")["moved"] == 1
    assert drafted.ask("letters", "sign", "--all", *head)["moved"] == 2
    listed = "".join(
        f"{short};{number}/PXL;{NOW:%d/%m/%Y}\n"
        for number, (short,) in enumerate(drafted.query("SELECT short_code FROM letter WHERE id < 3"), 1)
    )
    answer = drafted.run("letters", "number", "--file", drafted.write("so.csv", listed), "--json")
    assert (answer.status, answer.json["numbered"]) == (0, 2)
    for number, file in drafted.query("SELECT id, file FROM letter WHERE id < 3 ORDER BY id"):
        text = text_of((drafted.folder / "var" / file).read_bytes())
        assert f"Số: {number}/PXL" in text
        assert f"ngày {NOW.day} tháng {NOW.month} năm {NOW.year}" in text
    told = ("--channel", "post", "--person", "Lê Thị Bịa")
    assert drafted.ask("letters", "deliver", "--all", *told)["moved"] == 2
    assert drafted.ask("letters", "desk-told", "--all", "--channel", "handover")["moved"] == 2
    assert drafted.run("letters", "desk-done", "--all", "--json").json["moved"] == 0, "they name no new date"
    assert drafted.ask("letters", "told", code(drafted, 1), "--channel", "call")["moved"] == 1
    assert states(drafted) == ["delivered", "delivered", "drafted"]
    assert drafted.ask("letters", "void", code(drafted, 3), "--why", "trùng")["moved"] == 1
    checked = drafted.ask("letters", "check")
    assert (checked["ok"], checked["states"]) == (True, {LedgerState.DELIVERED: 2, LedgerState.OWED: 1})


def test_obligations_are_decided_by_code_with_a_reason(drafted: Office) -> None:
    one = code(drafted, 1)
    assert drafted.run("letters", "waive", one).status == 2, "a reason is asked for"
    waived = drafted.ask("letters", "waive", one, "--why", "người nộp đồng ý", "--by", "thutruong")
    assert (waived["decided"], waived["voided"]) == (1, 1)
    assert drafted.ask("letters", "owe", one, "--why", "xem lại")["decided"] == 1
    assert drafted.ask("letters", "reason", one, "--why", "mất điện")["decided"] == 1
    assert drafted.ask("letters", "draft")["written"] == 1
    assert drafted.query("SELECT reason FROM letter WHERE dossier_id = 1 AND state = 'drafted'") == [
        ("mất điện",)
    ]
    assert drafted.run("letters", "waive", "KHONG-CO", "--why", "x").status == 2


def test_what_ended_before_the_first_day_is_opened_in_bulk(office: Office) -> None:
    office.configure(letters_from='"2022-07-01"')
    office.ingest([row(number, **LATE) for number in (1, 2, 3)])
    assert office.ask("letters", "draft")["written"] == 0
    assert office.ask("letters", "keep")["opened"] == {}
    assert office.ask("letters", "open-old", "--why", "theo chỉ đạo")["decided"] == 3
    assert office.ask("letters", "draft")["written"] == 3
