"""Digests and urgent messages: once to each, in office hours, true when they leave, and one instead of a backlog."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event, update

from notifications.kinds import ChannelName
from tests.alert_world import (
    ADMIN,
    BRANCH_HEAD,
    CLERK,
    DEPARTMENT_HEAD,
    MAKE_UP,
    MONDAY,
    REFORM,
    SATURDAY,
    AlertOffice,
    at,
    due,
)
from tests.letter_world import PROVINCE
from tests.mail_server import Certificates, Habits, MailServer, serving
from tests.mailroom import Room, mail_room
from tracker.store.models import AlertSetting, OutboxMessage
from tracker.store.session import Store
from tracker.types import Basis

TUESDAY, WEDNESDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)


@pytest.fixture
def office(store: Store) -> AlertOffice:
    return AlertOffice.opened(store)


def subjects(server: MailServer) -> list[tuple[str, str]]:
    return [(str(mail["To"]), str(mail["Subject"])) for mail in server.taken]


def send_at(room: Room, moment: object) -> None:
    """Dispatch all that is due at a moment."""
    room.clock.at = moment  # type: ignore[assignment]
    sender = room.sender()
    while sender.run_once():
        pass


@pytest.fixture
def room(office: AlertOffice) -> "Callable[..., object]":
    certificates = Certificates.make()

    def made(server: MailServer | int) -> Room:
        return mail_room(office.store, server, certificates)

    return made


def test_a_digest_goes_out_once_in_the_morning_however_often_it_is_made(office: AlertOffice):
    office.add(1, MONDAY - timedelta(days=4))
    first, again = office.morning(MONDAY), office.morning(MONDAY)
    assert len(first.messages) == 4  # clerk and head, in the program and by mail
    assert again.messages == []
    mail = office.mails(BRANCH_HEAD)[0]
    assert mail.not_before == at(MONDAY, 7, 0)
    assert mail.not_after == at(MONDAY, 17, 0)
    assert "T.26-000001" in mail.text
    assert "quá hạn 3 ngày làm việc" in mail.text


def test_counts_come_first_then_the_worst_ten_then_where_the_rest_is(office: AlertOffice):
    for number in range(1, 15):
        office.add(number, MONDAY - timedelta(days=5))
    office.add(20, TUESDAY + timedelta(days=1))
    office.morning(MONDAY)
    told = office.mails(BRANCH_HEAD)[0]
    assert told.subject == "Bản tin sáng 24/08: 14 quá hạn từ 1 ngày làm việc"
    assert "14 - Quá hạn từ 1 ngày làm việc" in told.text
    assert "10. T.26-000010" in told.text
    assert "11. " not in told.text
    assert "Và 4 cảnh báo nữa" in told.text
    assert "1 - Còn không quá 2 ngày làm việc" in office.mails(CLERK)[0].text


@pytest.mark.sqlite_only("PostgreSQL lets others write meanwhile")
def test_what_a_digest_says_is_looked_up_while_others_can_write(office: AlertOffice):
    for number in range(1, 5):
        office.add(number, MONDAY - timedelta(days=5))
    office.look(MONDAY)
    asked: list[str] = []  # while nobody else could write
    writing: list[bool] = []

    def note(_connection, _cursor, statement: str, *_rest: object) -> None:
        if statement.startswith("BEGIN"):
            writing.append("IMMEDIATE" in statement)
        elif writing and writing[-1] and "FROM" in statement:
            asked.append(statement)

    event.listen(office.store.engine, "before_cursor_execute", note)
    try:
        assert office.composer(MONDAY).digests().messages
    finally:
        event.remove(office.store.engine, "before_cursor_execute", note)
    assert any("outbox_message" in each for each in asked)
    assert [each for each in asked if "FROM dossier" in each or "JOIN dossier" in each] == []


def test_no_person_of_a_dossier_stands_in_a_digest(office: AlertOffice):
    office.add(1, MONDAY - timedelta(days=4), officer_name="Trần Thị Không Thật", phone="0900000000")
    office.morning(MONDAY)
    for message in office.messages():
        for secret in ("Nguyễn Văn Bịa", "Thôn 1", "0900000000", "Trần Thị Không Thật"):
            assert secret not in message.subject + message.text + message.html


@pytest.mark.parametrize(
    ("day", "is_told"),
    [
        pytest.param(MAKE_UP, True, id="a Saturday that is worked"),
        pytest.param(SATURDAY, False, id="a Saturday"),
        pytest.param(date(2026, 9, 2), False, id="a holiday"),
    ],
)
def test_a_digest_goes_on_working_days_of_the_calendar_only(office: AlertOffice, day: date, is_told: bool):
    office.add(1, day - timedelta(days=6))
    assert bool(office.morning(day).messages) is is_told


def test_what_a_day_off_claims_is_in_the_next_working_morning(office: AlertOffice):
    office.add(1, SATURDAY - timedelta(days=2))
    assert office.morning(SATURDAY).messages == []
    office.morning(date(2026, 9, 3))  # Monday to Wednesday are holidays
    assert "T.26-000001" in office.mails(BRANCH_HEAD)[0].text


def test_what_is_done_before_the_digest_is_made_is_not_told(office: AlertOffice):
    office.add(1, MONDAY - timedelta(days=4))
    office.look(MONDAY)
    office.finish(1, at(MONDAY, 6, 55))
    assert office.composer(MONDAY).digests().messages == []
    assert office.dropped(1) == {"untrue"}


def test_a_digest_of_which_nothing_stands_any_more_does_not_leave(office: AlertOffice, room):
    office.add(1, MONDAY - timedelta(days=4))
    office.morning(MONDAY)
    office.finish(1, at(MONDAY, 7, 0))
    with serving(Habits(), Certificates.make().serving()) as server:
        send_at(room(server), at(MONDAY, 7, 30))
        assert server.taken == []
    assert {mail.state for mail in office.mails(CLERK)} == {"cancelled"}


def test_a_digest_that_waited_for_hours_is_made_anew_without_what_is_done_by_then(office: AlertOffice):
    office.add(1, MONDAY - timedelta(days=4))
    office.add(2, MONDAY - timedelta(days=4))
    office.morning(MONDAY)
    office.finish(1, at(MONDAY, 8, 0))
    certificates = Certificates.make()
    with serving(Habits(), certificates.serving()) as server:
        room = mail_room(office.store, server, certificates)
        send_at(room, at(MONDAY, 10, 0))
        assert server.taken == []
        office.composer(MONDAY, at(MONDAY, 10, 5)).digests()
        send_at(room, at(MONDAY, 10, 6))
    texts = [mail.get_body(("plain",)).get_content() for mail in server.taken]  # type: ignore[union-attr]
    assert len(texts) == 2
    assert all("T.26-000002" in text and "T.26-000001" not in text for text in texts)


def test_a_mail_server_that_is_down_all_day_leads_to_one_digest_the_next_morning_and_none_at_night(
    office: AlertOffice,
):
    office.add(1, MONDAY - timedelta(days=4))
    office.morning(MONDAY)
    certificates = Certificates.make()
    down = mail_room(office.store, 9, certificates)
    for hour in (7, 9, 12, 16, 19, 23):
        send_at(down, at(MONDAY, hour, 20))
    assert {mail.state for mail in office.mails(CLERK)} == {"cancelled"}
    office.add(2, MONDAY)
    office.morning(TUESDAY)
    with serving(Habits(), certificates.serving()) as server:
        send_at(mail_room(office.store, server, certificates), at(TUESDAY, 7, 20))
    assert sorted(to for to, _ in subjects(server)) == ["nguoi-1@vi-du.vn", "nguoi-3@vi-du.vn"]
    for mail in server.taken:
        text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert "T.26-000001" in text
        assert "T.26-000002" in text


def test_nothing_that_was_told_in_the_program_is_told_there_again_with_the_mail_of_the_next_day(
    office: AlertOffice,
):
    office.add(1, MONDAY - timedelta(days=4))
    office.morning(MONDAY)
    cancel = update(OutboxMessage).where(OutboxMessage.channel == ChannelName.EMAIL.value)
    with office.store.transaction() as session:
        session.execute(cancel.values(state="cancelled", fault="Nội dung không còn đúng, không gửi nữa."))
        session.execute(update(OutboxMessage).where(OutboxMessage.channel == "in_app").values(state="sent"))
    office.morning(TUESDAY)
    again = [row for row in office.messages() if row.key.startswith(f"alert_digest:{TUESDAY}")]
    assert {row.channel for row in again} == {"email"}


def test_what_a_person_cancelled_or_nobody_knows_of_is_not_told_again(office: AlertOffice):
    office.add(1, MONDAY - timedelta(days=4))
    office.morning(MONDAY)
    for state in ("cancelled", "unsure"):
        with office.store.transaction() as session:
            session.execute(update(OutboxMessage).values(state=state, fault=""))
        assert office.composer(TUESDAY).digests().messages == []


def test_a_week_without_the_program_ends_with_one_digest_and_no_backlog(office: AlertOffice):
    office.add(1, MONDAY + timedelta(days=2))
    office.morning(MONDAY)
    after = MONDAY + timedelta(days=10)  # a Thursday; nothing ran since
    made = office.morning(after)
    mails = [row for row in office.mails(BRANCH_HEAD) if row.key.startswith(f"alert_digest:{after}")]
    assert len(mails) == 1
    assert len(made.messages) == 4  # clerk and head by both ways
    assert [fate for *_, fate in office.claims(1)].count("told") == 2  # one before, one after
    assert "gộp những gì từ ngày 24/08/2026" in office.mails(CLERK)[-1].text


def test_an_alert_goes_to_who_stands_in_and_says_so(office: AlertOffice):
    office.leave(BRANCH_HEAD, MONDAY, TUESDAY, DEPARTMENT_HEAD)
    office.add(1, MONDAY - timedelta(days=4))
    office.morning(MONDAY)
    assert office.told(1) == {CLERK, DEPARTMENT_HEAD}
    assert "(làm thay người nghỉ)" in office.mails(DEPARTMENT_HEAD)[0].text


def test_who_takes_a_dossier_on_is_left_in_peace_until_the_day_has_passed(office: AlertOffice):
    office.add(1, MONDAY - timedelta(days=4))
    office.look(MONDAY)
    before = office.claims(1)
    office.take_on(1, WEDNESDAY, at(MONDAY, 9, 0))
    office.look(TUESDAY)
    office.look(WEDNESDAY)
    assert office.claims(1) == before
    office.look(WEDNESDAY + timedelta(days=1))
    measures = [measure for measure, _, _, _ in office.claims(1)[len(before) :]]
    assert measures == ["promise_passed", "days_late"]


def test_a_date_that_moves_arms_the_rungs_again_and_says_why(office: AlertOffice):
    office.add(1, MONDAY)
    office.morning(MONDAY)
    office.change(1, source_due_at=due(WEDNESDAY))
    office.morning(TUESDAY)
    assert [claim[:3] for claim in office.claims(1) if claim[2] == 1] == [
        ("days_left", 2, 1),
        ("share_used", 75, 1),
    ]
    assert "Ngày hẹn trả dời từ 24/08/2026 sang 26/08/2026." in office.mails(CLERK)[-1].text


def test_an_urgent_alert_of_the_day_goes_at_once_in_office_hours_and_waits_outside_them(office: AlertOffice):
    office.morning(MONDAY)
    office.add(1, MONDAY)  # due today, loaded in the course of the day
    office.look(MONDAY, at(MONDAY, 10, 0))
    assert office.composer(MONDAY, at(MONDAY, 17, 30)).urgents().messages == []
    assert len(office.composer(MONDAY, at(MONDAY, 10, 1)).urgents().messages) == 4
    assert office.composer(MONDAY, at(MONDAY, 10, 31)).urgents().messages == []
    assert office.mails(CLERK)[0].subject.startswith("Cảnh báo khẩn: 1 đến hạn hôm nay")


def test_beyond_the_cap_of_a_day_one_message_says_that_there_is_more_and_the_next_digest_holds_it(
    office: AlertOffice,
):
    for number in range(1, 6):
        office.add(number, MONDAY)
        moment = at(MONDAY, 8 + number, 0)
        office.look(MONDAY, moment)
        office.composer(MONDAY, moment, urgent_cap=2).urgents()
    heads = [row.subject.split(":")[0] for row in office.mails(CLERK)]
    assert heads == ["Cảnh báo khẩn", "Cảnh báo khẩn", "Còn nhiều cảnh báo khẩn hôm nay"]
    office.morning(TUESDAY)
    for number in (3, 4, 5):
        assert f"T.26-00000{number}" in office.mails(CLERK)[-1].text


def test_a_person_may_want_no_mails_or_another_hour(office: AlertOffice):
    with office.store.transaction() as session:
        common = {"urgent_by_mail": True, "changed_at": at(MONDAY)}
        session.add(AlertSetting(account_id=CLERK, digest_by_mail=False, digest_at="", **common))
        session.add(AlertSetting(account_id=BRANCH_HEAD, digest_by_mail=True, digest_at="09:30", **common))
    office.add(1, MONDAY - timedelta(days=4))
    office.morning(MONDAY)
    assert office.mails(CLERK) == []
    assert office.mails(BRANCH_HEAD)[0].not_before == at(MONDAY, 9, 30)


def test_the_first_load_of_a_source_is_one_summary_for_each_head(store: Store):
    office = AlertOffice.opened(store, seen=False)
    for number in range(1, 41):
        office.add(number, MONDAY - timedelta(days=number % 9))
    report = office.look(MONDAY)
    office.composer(MONDAY).digests()
    assert report.told == 1
    assert report.passed > 40
    assert office.mails(CLERK) == []
    text = office.mails(BRANCH_HEAD)[0].text
    assert "mang vào 40 hồ sơ" in text
    assert "T.26-" not in text
    office.add(50, MONDAY, batch_id=1)
    office.morning(TUESDAY)
    assert "T.26-000050" in office.mails(CLERK)[-1].text


def test_a_day_in_the_past_gives_what_that_day_would_have_given(store: Store):
    office = AlertOffice.opened(store)
    office.add(1, MONDAY - timedelta(days=4))
    office.add(2, MONDAY + timedelta(days=20))
    office.finish(1, at(WEDNESDAY, 9, 0))
    report = office.look(MONDAY, at(MONDAY, 7, 0))
    assert (report.told, office.claims(1)[0][:2]) == (1, ("days_late", 1))
    assert office.look(MONDAY, at(MONDAY, 7, 0)).created == 0


def test_alerts_may_be_made_by_another_basis(office: AlertOffice):
    by_law = replace(office, policy=replace(office.policy, basis=Basis.DOCUMENTED))
    office.add(1, MONDAY + timedelta(days=10), documented_due_at=due(MONDAY - timedelta(days=4)))
    assert by_law.look(MONDAY, dry_run=True).told == 1
    assert office.look(MONDAY, dry_run=True).told == 0


def test_units_of_which_nobody_can_be_told_are_one_sentence_to_the_province_and_the_administrators(
    office: AlertOffice,
):
    for number, unit in enumerate((PROVINCE, PROVINCE, None), 1):
        office.add(number, MONDAY - timedelta(days=4), resolving_unit_id=unit, receiving_unit_id=unit)
    report = office.look(MONDAY)
    office.composer(MONDAY).digests()
    assert report.nobody == 3
    assert office.told(1) == set()
    for account in (REFORM, ADMIN):
        text = office.mails(account)[0].text
        assert "3 cảnh báo không có người nhận: UBND tỉnh Mẫu và 1 đơn vị khác." in text
    assert office.look(TUESDAY).told == 0, "said once a month"
