"""Changes by two persons: asked by one, decided by another, applied once, and only on what stood when it was asked for."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from app import two_person
from app.edition_page import result_change
from app.two_person import OPERATOR, Approved, Person
from app.two_person_kinds import KIND_OF, TWO_PERSON_KINDS, AccountNew, AccountOpen, AccountRole
from tests.store.test_locks import all_at_once
from tracker.errors import UsageError
from tracker.store import audit, people
from tracker.store.people import Account, NewAccount
from tracker.store.session import Store
from tracker.types import VN
from tracker.types.calendars import ChangeState
from tracker.types.editions import Published

NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
LATER = NOW + timedelta(hours=1)
AN, BINH, DESK = Person("an"), Person("binh"), Person("desk")
REASON = "Quyết định phân công số 1"
NEW = AccountNew("chi", "Chi Thử Nghiệm", "chi@vi-du.vn", "head", None)


@pytest.fixture
def office(store: Store) -> Iterator[Store]:
    """Two administrators and somebody at the desk."""
    with store.transaction() as session:
        for login, role in (("an", "admin"), ("binh", "admin"), ("desk", "desk")):
            people.add_account(session, NewAccount(login, login, role, None, "hash", "salt"), NOW)
    return store


def found(store: Store, login: str) -> Account:
    with store.read() as session:
        account = people.find_login(session, login)
    assert account
    return account


def ask(store: Store, payload=NEW, person: Person = AN) -> int:
    return two_person.propose(store, payload, person=person, reason=REASON, now=NOW).change_id


def test_a_proposal_changes_nothing(office: Store):
    ask(office)
    with office.read() as session:
        assert people.find_login(session, "chi") is None


def test_a_second_person_approves_and_it_is_applied(office: Store):
    done = two_person.approve(office, ask(office), person=BINH, now=LATER)
    assert (done.change.state, done.change.decided_by, done.change.decided_at) == ("applied", "binh", LATER)
    chi = found(office, "chi")
    assert (chi.full_name, chi.email, chi.role, chi.unit_id) == (
        "Chi Thử Nghiệm",
        "chi@vi-du.vn",
        "head",
        None,
    )
    assert chi.must_change_password
    assert len(done.told_once) == 14


@pytest.mark.parametrize("person", [AN, Person("AN"), Person(" an "), DESK, Person("nobody"), Person("")])
def test_neither_the_proposer_nor_who_has_not_the_role_decides(office: Store, person: Person):
    change_id = ask(office)
    for decide in (
        lambda: two_person.approve(office, change_id, person=person, now=LATER),
        lambda: two_person.reject(office, change_id, person=person, now=LATER, note="không"),
    ):
        with pytest.raises(UsageError):
            decide()
    assert two_person.change(office, change_id).state is ChangeState.PROPOSED


def test_where_there_is_one_administrator_the_operator_of_the_machine_is_the_second_person(office: Store):
    done = two_person.approve(office, ask(office), person=OPERATOR, now=LATER)
    assert done.change.decided_by == "operator"
    with office.read() as session:
        assert [(act.actor, act.action) for act in audit.recent_acts(session, 2)] == [
            ("operator", "change_approve"),
            ("an", "change_propose"),
        ]


def test_an_account_that_is_called_like_the_operator_is_not_the_operator(office: Store):
    with pytest.raises(UsageError):
        two_person.approve(office, ask(office), person=Person("operator"), now=LATER)


@pytest.mark.parametrize("lost", ["account", "role"])
def test_somebody_who_lost_the_role_since_decides_no_more(office: Store, lost: str):
    change_id, binh = ask(office), found(office, "binh")
    with office.transaction() as session:
        if lost == "account":
            people.disable(session, binh.account_id, now=LATER)
        else:
            people.set_role(session, binh.account_id, role="desk", unit_id=None, session_salt="other")
    with pytest.raises(UsageError, match="không được"):
        two_person.approve(office, change_id, person=BINH, now=LATER)
    assert two_person.change(office, change_id).state is ChangeState.PROPOSED


def test_what_stood_must_still_stand(office: Store):
    desk = found(office, "desk")
    change_id = ask(office, AccountRole(desk.account_id, "auditor", None))
    with office.transaction() as session:
        people.set_role(session, desk.account_id, role="head", unit_id=None, session_salt="other")
    with pytest.raises(UsageError, match="đã thay đổi từ khi có đề nghị"):
        two_person.approve(office, change_id, person=BINH, now=LATER)
    assert found(office, "desk").role == "head"
    assert two_person.change(office, change_id).state is ChangeState.PROPOSED


def test_another_role_ends_the_sessions(office: Store):
    desk = found(office, "desk")
    two_person.approve(
        office, ask(office, AccountRole(desk.account_id, "auditor", None)), person=BINH, now=LATER
    )
    changed = found(office, "desk")
    assert (changed.role, changed.session_salt == desk.session_salt) == ("auditor", False)


def test_a_closed_account_is_opened_again_by_two_persons(office: Store):
    desk = found(office, "desk")
    with office.transaction() as session:
        people.disable(session, desk.account_id, now=NOW)
    two_person.approve(office, ask(office, AccountOpen(desk.account_id)), person=BINH, now=LATER)
    assert found(office, "desk").disabled_at is None
    assert found(office, "desk").session_salt != desk.session_salt


@pytest.mark.parametrize("decided", ["approve", "reject", "withdraw"])
def test_what_is_decided_is_decided(office: Store, decided: str):
    change_id = ask(office)
    ways = {
        "approve": lambda: two_person.approve(office, change_id, person=BINH, now=LATER),
        "reject": lambda: two_person.reject(office, change_id, person=BINH, now=LATER, note="không"),
        "withdraw": lambda: two_person.withdraw(office, change_id, person=AN, now=LATER),
    }
    ways[decided]()
    for way in ways.values():
        with pytest.raises(UsageError, match="đã được quyết định"):
            way()


def test_only_who_asked_takes_it_back(office: Store):
    change_id = ask(office)
    with pytest.raises(UsageError, match="chỉ người đề nghị"):
        two_person.withdraw(office, change_id, person=BINH, now=LATER)


def test_approvals_that_come_in_at_once_apply_once(office: Store):
    with office.transaction() as session:
        for number in range(6):
            people.add_account(
                session, NewAccount(f"quan-tri-{number}", "x", "admin", None, "hash", "salt"), NOW
            )
    change_id = ask(office)
    work = [
        lambda n=n: two_person.approve(office, change_id, person=Person(f"quan-tri-{n}"), now=LATER)
        for n in range(6)
    ]
    results = all_at_once(work)
    assert sum(isinstance(each, Approved) for each in results) == 1
    assert sum("đã được quyết định" in str(each) for each in results if isinstance(each, UsageError)) == 5
    with office.read() as session:
        approvals = [act for act in audit.recent_acts(session) if act.action == "change_approve"]
    assert len(approvals) == 1


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        (AccountNew("an", "An", "", "desk", None), "đã có tài khoản"),
        (AccountNew("operator", "An", "", "desk", None), "dành cho chương trình"),
        (AccountNew("CHI", "Chi", "", "desk", None), "không đúng dạng"),
        (AccountNew("chi", " ", "", "desk", None), "thiếu họ tên"),
        (AccountNew("chi", "Chi", "chi", "desk", None), "không đúng dạng"),
        (AccountNew("chi", "Chi", "", "king", None), "không có vai trò"),
        (AccountNew("chi", "Chi", "", "desk", -1), "không có đơn vị"),
        (AccountRole(3, "desk", None), "không đổi gì"),
        (AccountRole(99, "desk", None), "không có tài khoản"),
        (AccountOpen(3), "không bị khóa"),
    ],
)
def test_what_cannot_be_is_not_even_recorded(office: Store, payload, told: str):
    with pytest.raises(UsageError, match=told):
        ask(office, payload)
    assert two_person.changes(office) == []


def test_a_proposal_needs_a_reason_and_a_role_and_is_alone_on_its_subject(office: Store):
    with pytest.raises(UsageError, match="lý do"):
        two_person.propose(office, NEW, person=AN, reason="  vì thế  ", now=NOW)
    with pytest.raises(UsageError, match="không được"):
        ask(office, person=DESK)
    ask(office)
    with pytest.raises(UsageError, match="đang chờ quyết định"):
        ask(office, person=BINH)


def test_the_log_names_no_person_but_those_who_acted_and_whose_account_it_became(office: Store):
    two_person.approve(office, ask(office), person=BINH, now=LATER)
    with office.read() as session:
        approved, proposed = (dict(act.detail) for act in audit.recent_acts(session))
    after = {"role": "head", "unit_id": None}
    assert len({approved.pop("digest"), proposed.pop("digest")}) == 2
    assert proposed == {"kind": "account_new", "after": after}
    assert approved == {**proposed, "of": f"user:{found(office, 'chi').account_id}"}


# ---------------------------------------------------------------- bound by the log

FORGED = {
    "payload": ("payload = replace(payload, 'head', 'admin')", "nay khác với nội dung lúc đề nghị"),
    "reason": ("reason = 'khác'", "nay khác với nội dung lúc đề nghị"),
    "who decided": ("decided_by = 'desk'", "nay khác với nội dung lúc quyết định"),
    "note": ("note = 'khác'", "nay khác với nội dung lúc quyết định"),
}


def broken(store: Store) -> list[str]:
    with store.read() as session:
        return [each.text for each in audit.verify(session).broken]


@pytest.mark.parametrize("forged", FORGED)
def test_a_decision_that_is_altered_afterwards_is_found_by_the_check_of_the_log(office: Store, forged: str):
    two_person.approve(office, ask(office), person=BINH, now=LATER)
    assert broken(office) == []
    change, told = FORGED[forged]
    with office.transaction() as session:
        session.connection().exec_driver_sql(f"UPDATE two_person_change SET {change}")
    assert any(told in text for text in broken(office))


def test_a_decision_that_nobody_logged_and_a_change_that_is_gone_are_found(office: Store):
    ask(office)
    with office.transaction() as session:
        session.connection().exec_driver_sql(
            "UPDATE two_person_change SET state = 'applied', decided_by = 'binh'"
        )
    assert ["không ghi ai quyết định" in text for text in broken(office)] == [True]
    with office.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM two_person_change")
    assert ["không còn trong cơ sở dữ liệu" in text for text in broken(office)] == [True]


@pytest.mark.parametrize(
    ("forged", "told"),
    [
        ("UPDATE edition_entry SET body = replace(body, '84', '94')", 2),
        ("UPDATE edition_entry SET body = 'x'", 2),
        ("UPDATE edition_entry SET decided_by = 'desk'", 2),
        ("DELETE FROM edition_entry", 1),
    ],
)
def test_an_entered_edition_that_is_altered_afterwards_is_found_by_the_check_of_the_log(
    office: Store, forged: str, told: int
):
    result = Published("sipas", 2025, "SIPAS", "84 %", None, None, "", "Công văn số 4")
    two_person.approve(office, ask(office, result_change(result)), person=BINH, now=LATER)
    assert broken(office) == []
    with office.transaction() as session:
        session.connection().exec_driver_sql(forged)
    assert [text.startswith("Phiên bản") for text in broken(office)] == [True] * told


def test_the_first_password_stands_nowhere(office: Store):
    done = two_person.approve(office, ask(office), person=BINH, now=LATER)
    assert done.told_once not in str(two_person.change(office, done.change.change_id))
    with office.read() as session:
        assert done.told_once not in str(audit.recent_acts(session))


def test_every_kind_is_registered_under_its_name_and_payload():
    assert {kind.name for kind in TWO_PERSON_KINDS.values()} == set(TWO_PERSON_KINDS)
    assert len(KIND_OF) == len(TWO_PERSON_KINDS)
    assert all(kind.roles for kind in TWO_PERSON_KINDS.values())
