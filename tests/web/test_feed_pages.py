"""Due dates by a secret link: who makes one, what it opens, when it opens nothing, and what is left behind of it."""

import hashlib
import logging
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import delete, select, update

from app import feed_acts
from app.access import FEEDS
from app.feed_acts import FeedWanted
from app.web import create_app
from notifications.alerts.feed_dates import MOST
from tests.web.browsing import Visit, add_overdue
from tests.web.conftest import Client, token
from tests.web.test_browser_axe import _ask
from tests.web.world import (
    BRANCH_A,
    BRANCH_B,
    NAME,
    NOW,
    OFFICE,
    OVERDUE_A,
    OVERDUE_B,
    PHONE,
    StandingContext,
    at,
)
from tracker.store import audit, feed_store, people
from tracker.store.feed_store import PERSON, UNIT, NewFeed
from tracker.store.ids import next_id
from tracker.store.models import Assignment, Dossier, DueSeen, Feed, ProcedureLimit, Unit, User
from tracker.store.people import NewAccount

pytest_plugins = ("tests.web.browsing",)

AsRole = Callable[[str], FlaskClient]
PAGE = "/canh-bao/dang-ky"
OFFICER = "Trần Văn Thử"
NOBODYS = "A" * 43
DUE_SOON = "T01-260803-0003"
OPEN_A = [
    "Tạm dừng: T01-260803-0005",
    f"Quá hạn: {OVERDUE_A}",
    f"Đến hạn: {DUE_SOON}",
    "Đến hạn: T01-260803-0004",
    "Đến hạn: T01-260803-0006",
]
LINK = re.compile(r"http://localhost(/lich-hen/[\w-]{43}\.ics)")


def link_of(
    context: StandingContext, login: str = "desk", scope: str = UNIT, unit_id: int | None = None
) -> str:
    """The address of a new link of an account, without the machine."""
    with context.store.read() as session:
        account = people.find_login(session, login)
    assert account
    made = feed_acts.make_feed(
        context.store, account, FeedWanted(scope, unit_id), actor=login, now=context.now()
    )
    return f"/lich-hen/{made.token}.ics"


def titles(client: FlaskClient, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return [str(event["summary"]) for event in Calendar.from_ical(answer.data).events]


def change(context: StandingContext, table: Any, row_id: int, **values: Any) -> None:
    with context.store.transaction() as session:
        session.execute(update(table).where(table.id == row_id).values(**values))


def acts(context: StandingContext, action: str) -> list[audit.Act]:
    with context.store.read() as session:
        return [act for act in audit.recent_acts(session, 1000)[::-1] if act.action == action]


def make(client: FlaskClient, **form: str) -> Any:
    return client.post(PAGE, data={"csrf_token": token(client, PAGE), **form})


# ---------------------------------------------------------------- what a link shows


def test_a_link_made_on_the_page_is_shown_once_and_opens_without_an_account(
    app: Flask, as_role: AsRole, context: StandingContext
):
    desk = as_role("desk")
    answer = make(desk, **{"pham-vi": UNIT, "don-vi": "", "ten": "Lịch phòng"})
    (address,) = LINK.findall(answer.text)
    assert titles(app.test_client(), address) == OPEN_A
    secret = address.removeprefix("/lich-hen/").removesuffix(".ics")
    assert secret not in desk.get(PAGE).text
    with context.store.read() as session:
        kept = session.scalars(select(Feed).order_by(Feed.id.desc()).limit(1)).one()
        assert kept.token_sha256 == hashlib.sha256(secret.encode()).hexdigest()
        assert (kept.name, kept.scope, kept.unit_id) == ("Lịch phòng", UNIT, BRANCH_A)


@pytest.mark.parametrize("ending", ["ics", "atom"])
def test_no_person_is_in_it_whatever_the_dossiers_hold(app: Flask, context: StandingContext, ending: str):
    with context.store.transaction() as session:
        session.execute(
            update(Dossier).values(officer_name=OFFICER, note=NAME, late_reason=NAME, limit_text=NAME)
        )
    told = app.test_client().get(link_of(context).replace(".ics", f".{ending}")).text
    assert OVERDUE_A in told.replace("\r\n ", "")
    for word in (NAME, PHONE, OFFICER, "Thôn Thử", "desk"):
        assert word not in told.replace("\r\n ", "")


def test_a_procedure_is_named_where_the_catalogue_knows_it_and_not_as_a_source_wrote_it(
    app: Flask, context: StandingContext
):
    address = link_of(context)
    assert "Thủ tục" not in app.test_client().get(address).text
    with context.store.transaction() as session:
        first = session.scalars(select(ProcedureLimit).limit(1)).one()
        values = {column.key: getattr(first, column.key) for column in ProcedureLimit.__table__.columns}
        session.add(ProcedureLimit(**{**values, "id": 900_000, "procedure_id": 900_000}))
    assert "Thủ tục: Đăng ký biến động" in app.test_client().get(address).text


def test_a_link_of_a_unit_shows_those_below_and_no_others(app: Flask, context: StandingContext):
    client = app.test_client()
    assert f"Quá hạn: {OVERDUE_B}" in titles(client, link_of(context, "reform", UNIT, OFFICE))
    assert titles(client, link_of(context, "reform", UNIT, BRANCH_B)) == [f"Quá hạn: {OVERDUE_B}"]
    assert len(titles(client, link_of(context, "reform"))) == len(OPEN_A) + 1


@pytest.mark.usefixtures("nothing_assigned")
def test_a_link_of_a_person_shows_what_a_source_gives_to_that_name_and_nobody_assigned_to_another(
    app: Flask, context: StandingContext
):
    change(context, User, 1, full_name="  TRẦN   văn Thử ")
    change(context, Dossier, 6, officer_name="Lê Thị Khác")
    client, address = app.test_client(), link_of(context, "desk", PERSON)
    assert titles(client, address) == OPEN_A[:-1]
    assign(context, 1, 2)
    assert f"Quá hạn: {OVERDUE_A}" not in titles(client, address)
    assign(context, 1, None)
    assert f"Quá hạn: {OVERDUE_A}" in titles(client, address)


@pytest.mark.usefixtures("nothing_assigned")
def test_a_link_of_a_person_shows_what_was_assigned_to_the_account_within_its_units(
    app: Flask, context: StandingContext
):
    client, address = app.test_client(), link_of(context, "desk", PERSON)
    assert titles(client, address) == []
    assign(context, 3, 1)
    assign(context, 2, 1)  # of another unit
    assert titles(client, address) == [f"Đến hạn: {DUE_SOON}"]


def assign(context: StandingContext, dossier_id: int, account_id: int | None) -> None:
    with context.store.transaction() as session:
        row = Assignment(
            id=next_id(session, Assignment.id), dossier_id=dossier_id, account_id=account_id, by_account=2, at=NOW,
            note="",
        )  # fmt: skip
        session.add(row)


@pytest.fixture
def nothing_assigned(context: StandingContext) -> None:
    """Nobody gave any dossier to anybody yet."""
    with context.store.transaction() as session:
        session.execute(delete(Assignment))


def test_a_date_that_a_source_moves_moves_the_same_event(app: Flask, context: StandingContext):
    client, address = app.test_client(), link_of(context, "desk")
    before = event_of(client, address, DUE_SOON)
    change(context, Dossier, 3, source_due_at=at(27), known_from=at(24, 9))
    with context.store.transaction() as session:
        for seq, due in enumerate((at(24), at(27)), 1):
            session.add(
                DueSeen(dossier_id=3, seq=seq, kind="source", due_at=due, seen_at=at(24, 9), batch_id=1)
            )
    after = event_of(client, address, DUE_SOON)
    assert (before["uid"], before["sequence"]) == (after["uid"], 0)
    assert (after.start, after["sequence"]) == (at(27).date(), 1)
    assert before.last_modified < after.last_modified


def event_of(client: FlaskClient, address: str, code: str) -> Any:
    events = Calendar.from_ical(client.get(address).data).events
    return next(event for event in events if str(event["summary"]).endswith(code))


def test_a_dossier_is_overdue_here_when_it_is_by_the_one_definition_and_gone_when_it_ended(
    app: Flask, context: StandingContext
):
    client, address = app.test_client(), link_of(context)
    context.instant = at(24, 23, 59)
    assert f"Đến hạn: {DUE_SOON}" in titles(client, address)
    context.instant = at(25, 0)
    assert f"Quá hạn: {DUE_SOON}" in titles(client, address)
    change(context, Dossier, 3, finished_at=at(25, 0), ended_at=at(25, 0), end_kind="finished", status="done")
    assert DUE_SOON not in str(titles(client, address))


def test_dates_long_past_and_far_ahead_are_left_out(app: Flask, context: StandingContext):
    client, address = app.test_client(), link_of(context)
    change(context, Dossier, 1, source_due_at=NOW - timedelta(days=91))
    change(context, Dossier, 6, source_due_at=NOW + timedelta(days=61))
    assert titles(client, address) == [OPEN_A[0], *OPEN_A[2:4]]


def test_more_than_it_holds_is_cut_to_what_is_nearest_and_the_file_says_so(
    app: Flask, context: StandingContext
):
    add_overdue(context.store, MOST, source_due_at=at(1, month=7))
    client, address = app.test_client(), link_of(context)
    told = titles(client, address)
    assert len(told) == MOST + 1
    assert told[-1] == "Lịch hẹn trả chưa đủ: còn hồ sơ không hiện"
    assert set(OPEN_A) <= set(told)
    feed = ET.fromstring(client.get(address.replace(".ics", ".atom")).data)
    assert "Có nhiều hồ sơ hơn" in (feed.findtext("{*}subtitle") or "")


# ---------------------------------------------------------------- what opens nothing


def disabled(context: StandingContext) -> None:
    change(context, User, 1, disabled_at=NOW)


def another_role(context: StandingContext) -> None:
    change(context, User, 1, role="auditor")


def another_unit(context: StandingContext) -> None:
    change(context, User, 1, unit_id=BRANCH_B)


def revoked(context: StandingContext) -> None:
    with context.store.transaction() as session:
        session.execute(update(Feed).values(revoked_at=NOW))


@pytest.mark.parametrize("what", [disabled, another_role, another_unit, revoked])
@pytest.mark.parametrize("scope", [PERSON, UNIT])
@pytest.mark.parametrize("ending", ["ics", "atom"])
def test_a_link_that_counts_no_more_is_like_one_that_never_was(
    app: Flask, context: StandingContext, what: Callable[[StandingContext], None], scope: str, ending: str
):
    client, address = app.test_client(), link_of(context, "desk", scope).replace("ics", ending)
    assert client.get(address).status_code == 200
    what(context)
    closed, never = client.get(address), client.get(f"/lich-hen/{NOBODYS}.{ending}")
    assert closed.status_code == never.status_code == 404
    told = [answer.text.replace(answer.headers["X-Request-Id"], "") for answer in (closed, never)]
    assert told[0] == told[1]
    assert closed.headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("nothing_assigned")
def test_an_account_that_sees_more_than_before_keeps_its_links(app: Flask, context: StandingContext):
    of_unit, of_person = link_of(context), link_of(context, "desk", PERSON)
    change(context, User, 1, unit_id=OFFICE, role="head")
    assign(context, 2, 1)
    assert titles(app.test_client(), of_unit) == OPEN_A
    assert titles(app.test_client(), of_person) == [f"Quá hạn: {OVERDUE_B}"]


def test_a_unit_that_became_part_of_another_is_in_its_calendar(app: Flask, context: StandingContext):
    address = link_of(context)
    change(context, Unit, BRANCH_B, successor_id=BRANCH_A)
    assert f"Quá hạn: {OVERDUE_B}" in titles(app.test_client(), address)


@pytest.mark.parametrize("scheme", ["sha256", "sha1", "md5", "sha512"])
def test_what_is_kept_of_a_secret_opens_nothing(app: Flask, context: StandingContext, scheme: str):
    link_of(context)
    with context.store.read() as session:
        kept = session.scalars(select(Feed.token_sha256)).all()
    for told in (
        *kept,
        *(each[:43] for each in kept),
        *(hashlib.new(scheme, each.encode()).hexdigest() for each in kept),
    ):
        assert app.test_client().get(f"/lich-hen/{told}.ics").status_code == 404


@pytest.mark.parametrize(
    "kept",
    [NOBODYS, hashlib.sha1(NOBODYS.encode()).hexdigest(), hashlib.sha512(NOBODYS.encode()).hexdigest()],
)
def test_a_secret_that_is_kept_by_another_scheme_opens_nothing(
    app: Flask, context: StandingContext, kept: str
):
    change(context, Feed, 1, token_sha256=kept)
    assert app.test_client().get(f"/lich-hen/{NOBODYS}.ics").status_code == 404
    change(context, Feed, 1, token_sha256=hashlib.sha256(NOBODYS.encode()).hexdigest())
    assert app.test_client().get(f"/lich-hen/{NOBODYS}.ics").status_code == 200


@pytest.mark.parametrize("told", ["", "a", "%00" * 43, "%2e%2e%2f", NOBODYS * 50, "' OR 1=1 --", "😀" * 43])
def test_what_cannot_be_a_secret_is_not_found(app: Flask, told: str):
    assert app.test_client().get(f"/lich-hen/{told}.ics").status_code == 404


def test_a_link_of_a_demonstration_opens_on_this_machine_only(app: Flask, context: StandingContext):
    address = link_of(context)
    change(context, User, 1, is_demo=True)
    assert app.test_client().get(address).status_code == 200
    assert app.test_client().get(address, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 404


def test_a_new_demonstration_forgets_the_links_of_the_one_before(context: StandingContext):
    with context.store.transaction() as session:
        new = NewAccount("thu-demo", "Thử", "desk", BRANCH_A, "", "", is_demo=True)
        account_id = people.add_account(session, new, NOW)
        feed_store.add_feed(session, NewFeed(account_id, UNIT, BRANCH_A, "", NOBODYS), NOW)
        people.remove_demo_accounts(session)
        assert [each.login for each in feed_store.list_feeds(session)] == ["desk"]


# ---------------------------------------------------------------- the answer


@pytest.mark.parametrize(
    ("ending", "kind"),
    [("ics", "text/calendar; charset=utf-8"), ("atom", "application/atom+xml; charset=utf-8")],
)
def test_the_answer_is_for_one_reader_is_found_by_no_search_engine_and_brings_no_cookie(
    app: Flask, as_role: AsRole, context: StandingContext, ending: str, kind: str
):
    address = link_of(context).replace("ics", ending)
    for client in (app.test_client(), as_role("head")):
        headers = client.get(address).headers
        assert headers["Content-Type"] == kind
        assert headers["Cache-Control"] == "private, no-cache"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex"
        assert "Set-Cookie" not in headers


def test_a_reader_that_has_it_already_gets_no_body_until_something_changes(
    app: Flask, context: StandingContext
):
    client, address = app.test_client(), link_of(context)
    mark = client.get(address).headers["ETag"]
    context.instant = NOW + timedelta(hours=3)
    same = client.get(address, headers={"If-None-Match": mark})
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", mark)
    context.instant = at(25, 0)  # a dossier is overdue now
    other = client.get(address, headers={"If-None-Match": mark})
    assert (other.status_code, other.headers["ETag"] != mark) == (200, True)


def test_asking_by_one_address_is_limited_for_secrets_right_and_wrong(context: StandingContext):
    app = create_app(context)
    app.test_client_class = Client
    client, address = app.test_client(), link_of(context)
    for _ in range(FEEDS.count - 1):
        assert client.get(f"/lich-hen/{NOBODYS}.ics").status_code == 404
    assert client.get(address).status_code == 200
    assert client.get(address).status_code == 429
    assert client.get(address, environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 200
    context.instant = NOW + timedelta(seconds=FEEDS.seconds)
    assert client.get(address).status_code == 200


def test_a_link_leads_to_where_the_office_is_reached(context: StandingContext):
    web = replace(context.config.web, public_url="https://dung-hen.vi-du.gov.vn")
    context.config = replace(context.config, web=web)  # type: ignore[misc]
    told = create_app(context).test_client().get(link_of(context)).text
    assert f"URL:https://dung-hen.vi-du.gov.vn/ho-so/{OVERDUE_A}" in told.replace("\r\n ", "")


# ---------------------------------------------------------------- what is left behind


def test_reading_is_in_the_log_once_a_day_by_link_and_without_its_secret(
    app: Flask, context: StandingContext, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG)
    client, address = app.test_client(), link_of(context)
    for hours in (0, 1, 14):
        context.instant = NOW + timedelta(hours=hours)
        client.get(address)
        client.get(address.replace(".ics", ".atom"))
    assert [(act.actor, act.subject) for act in acts(context, "feed_read")] == [("system", "feed:2")]
    context.instant = at(25, 0)
    client.get(address, headers={"If-None-Match": client.get(address).headers["ETag"]})
    days = [act.at.date() for act in acts(context, "feed_read")]
    assert days == [NOW.date(), at(25).date()]
    assert acts(context, "feed_read")[0].detail == {"of": "user:1", "format": "ics", "count": len(OPEN_A)}
    secret = address.split("/")[-1].removesuffix(".ics")
    with context.store.read() as session:
        assert secret not in str(audit.recent_acts(session, 1000))
    assert secret not in caplog.text


def test_a_link_that_opens_nothing_leaves_no_entry_of_the_log(app: Flask, context: StandingContext):
    app.test_client().get(f"/lich-hen/{NOBODYS}.ics")
    assert acts(context, "feed_read") == []


def test_making_and_revoking_are_in_the_log_by_who_did_it(as_role: AsRole, context: StandingContext):
    desk = as_role("desk")
    make(desk, **{"pham-vi": PERSON})
    desk.post(f"{PAGE}/2/thu-hoi", data={"csrf_token": token(desk, PAGE)})
    (made,), (ended,) = acts(context, "feed_made"), acts(context, "feed_revoked")
    assert (made.actor, made.subject) == ("desk", "feed:2")
    assert made.detail == {"of": "user:1", "scope": PERSON, "unit_id": BRANCH_A}
    assert (ended.actor, ended.subject, ended.detail) == ("desk", "feed:2", {"of": "user:1"})


# ---------------------------------------------------------------- the page


def test_an_administrator_sees_all_links_makes_none_and_revokes_any(
    app: Flask, as_role: AsRole, context: StandingContext
):
    address, admin = link_of(context, "head"), as_role("admin")
    page = admin.get(PAGE).text
    assert "Tài khoản head" in page
    assert "Tài khoản desk" in page
    assert ">Tạo và hiện đường dẫn<" not in page
    assert make(admin, **{"pham-vi": UNIT}).status_code == 403
    told = admin.post(f"{PAGE}/2/thu-hoi", data={"csrf_token": token(admin, PAGE)}, follow_redirects=True)
    assert "nó không mở được nữa" in told.text
    assert app.test_client().get(address).status_code == 404
    assert acts(context, "feed_revoked")[0].actor == "admin"


def test_the_links_of_others_are_neither_shown_nor_revoked(as_role: AsRole, context: StandingContext):
    head = as_role("head")
    assert "Lịch hẹn trả của bộ phận một cửa" not in head.get(PAGE).text
    form = {"csrf_token": token(head, PAGE)}
    assert head.post(f"{PAGE}/1/thu-hoi", data=form).status_code == 404
    assert head.post(f"{PAGE}/99/thu-hoi", data=form).status_code == 404
    assert acts(context, "feed_revoked") == []


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"pham-vi": UNIT, "don-vi": f"T{BRANCH_B}"}, "Đơn vị nằm ngoài phạm vi của tài khoản."),
        ({"pham-vi": UNIT, "don-vi": "khong-co"}, "Không có đơn vị này."),
        ({"pham-vi": "tat-ca"}, "Hãy chọn lịch có những hồ sơ nào."),
        ({"pham-vi": UNIT, "ten": f"Lịch {PHONE}"}, "Tên lịch không được có số điện thoại hay số định danh."),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_made(
    as_role: AsRole, context: StandingContext, form: dict[str, str], told: str
):
    answer = make(as_role("desk"), **form)
    assert (answer.status_code, told in answer.text) == (400, True)
    assert acts(context, "feed_made") == []


def test_nobody_has_more_links_than_devices(as_role: AsRole, context: StandingContext):
    for _ in range(feed_acts.MOST_OPEN):
        link_of(context, "head")
    assert feed_acts.TOO_MANY in make(as_role("head"), **{"pham-vi": UNIT}).text.lower()
    revoked(context)
    assert make(as_role("head"), **{"pham-vi": UNIT}).status_code == 200


def test_the_page_says_of_a_link_that_it_opens_nothing_any_more(as_role: AsRole, context: StandingContext):
    link_of(context, "head")
    assert "Không mở được" not in as_role("admin").get(PAGE).text
    change(context, User, 2, role="auditor")
    assert "Không mở được" in as_role("admin").get(PAGE).text


def test_axe_does_not_object_to_a_link_that_was_just_made_or_refused(visit: Visit):
    page = visit.window("desk", bypass_csp=True, reduced_motion="reduce")
    for name, told in (("Lịch 0912345678", "alert"), ("Lịch phòng", "status")):
        visit.go(page, PAGE)
        page.get_by_label("Tên lịch").fill(name)
        page.get_by_role("button", name="Tạo và hiện").click()
        page.get_by_role(told).first.wait_for()
        assert list(_ask(page, name)) == []
    assert visit.complaints == [
        "Failed to load resource: the server responded with a status of 400 (BAD REQUEST)"
    ]
