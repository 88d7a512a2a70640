"""Rules of alerts and leaves as they are kept: set, looked at before, taken back, entered and ended; by command as well."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from app.commands.alert_rule_commands import RULE_COMMANDS
from app.context import AppContext
from notifications.alerts.evaluating import directory_of, rule_book
from notifications.alerts.leave_acts import LeaveActor, end_leave, enter_leave
from notifications.alerts.rule_acts import Actor, NewRule, preview, scope_place, set_rule, take_back
from notifications.alerts.rungs import Measure, Who
from tests.core.alert_days import CALENDAR
from tests.letter_world import (
    BRANCH,
    DEPARTMENT,
    OLD_BRANCH,
    PROCEDURE,
    PROVINCE,
    add_catalogue,
    add_dossiers,
    dossier,
)
from tracker.errors import UsageError
from tracker.store import absence_store, alert_rule_store, alert_store
from tracker.store.absence_store import NewAbsence
from tracker.store.alert_store import NewAlert, NewTold
from tracker.store.models import AuditEntry, Field, Procedure, UnitAlias
from tracker.store.people import NewAccount, add_account
from tracker.store.session import Store
from tracker.text import fold
from tracker.types import VN

NOW = datetime(2026, 8, 24, 9, tzinfo=VN)
TODAY = NOW.date()
FIELD, ELSEWHERE = 7_001, 7_002
ALL = Actor("reform", NOW)
HEAD = Actor("head", NOW, frozenset({BRANCH, OLD_BRANCH}))
RULE = NewRule(Measure.DAYS_LEFT, 2, (Who.DIVISION,), TODAY, "Theo quy chế", BRANCH)
CHAIR, HEAD_BRANCH, DESK, OTHER_DESK = 1, 2, 3, 4


@pytest.fixture
def world(store: Store) -> Store:
    """A province with a department, its branch and an old branch that went into it; four accounts."""
    add_catalogue(store)
    with store.transaction() as session:
        session.add_all(
            Field(id=number, folded=f"linh vuc {number}", name=f"Lĩnh vực {number}")
            for number in (FIELD, ELSEWHERE)
        )
        session.add_all(
            UnitAlias(folded=fold(f"T{unit}"), unit_id=unit) for unit in (BRANCH, DEPARTMENT, OLD_BRANCH)
        )
        for login, role, unit in (
            ("chair", "head", None), ("head", "head", BRANCH), ("desk", "desk", BRANCH), ("other", "desk", DEPARTMENT),
        ):  # fmt: skip
            add_account(session, NewAccount(login, f"Người {login}", role, unit, "x", "x"), NOW)
    return store


def ladder(
    store: Store, unit: int | None = BRANCH, day: date = TODAY, field_id: int | None = None
) -> dict[tuple[str, int], tuple[int | None, tuple[Who, ...]]]:
    with store.read() as session:
        place = scope_place(session, unit, field_id, None)
        return {rung.key: (rung.rule_id, rung.who) for rung in rule_book(session, day).at(place)}


def rows(store: Store) -> list[alert_rule_store.RuleEntry]:
    with store.read() as session:
        return alert_rule_store.rule_entries(session)


KEY = ("days_left", 2)
SHIPPED = (None, (Who.HANDLER, Who.DESK))


# ---------------------------------------------------------------- rules


def test_a_rule_holds_in_its_unit_and_in_what_went_into_it_from_its_day_on(world: Store):
    number = set_rule(world, replace(RULE, valid_from=TODAY + timedelta(days=7)), HEAD)
    assert ladder(world)[KEY] == SHIPPED
    later = TODAY + timedelta(days=7)
    for unit in (BRANCH, OLD_BRANCH):
        assert ladder(world, unit, later)[KEY] == (number, (Who.DIVISION,))
    assert ladder(world, DEPARTMENT, later)[KEY] == SHIPPED
    row = rows(world)[0]
    assert (row.entered_by, row.entered_at, row.reason) == ("head", NOW, "Theo quy chế")


def test_a_rule_is_never_edited_a_newer_row_governs_and_a_past_day_keeps_what_it_had(world: Store):
    set_rule(world, RULE, ALL)
    tomorrow = Actor("reform", NOW + timedelta(days=1))
    second = replace(RULE, who=(Who.PROVINCE, Who.DESK), valid_from=TODAY + timedelta(days=1))
    set_rule(world, second, tomorrow)
    assert [row.who for row in rows(world)] == ["division", "desk province"]
    assert ladder(world)[KEY] == (1, (Who.DIVISION,))
    assert ladder(world, day=TODAY + timedelta(days=1))[KEY] == (2, (Who.DESK, Who.PROVINCE))


@pytest.mark.parametrize(
    ("new", "actor", "said"),
    [
        (replace(RULE, threshold=99), ALL, "từ 0 đến 60"),
        (replace(RULE, who=()), ALL, "ít nhất một người"),
        (replace(RULE, valid_from=TODAY - timedelta(days=1)), ALL, "từ hôm nay trở đi"),
        (replace(RULE, reason=" "), ALL, "lý do"),
        (replace(RULE, unit_id=DEPARTMENT), HEAD, "phạm vi của bạn"),
        (replace(RULE, unit_id=None), HEAD, "phạm vi của bạn"),
        (replace(RULE, measure=Measure.BUDGET, threshold=90, who=(Who.PROVINCE,)), ALL, "cả tỉnh"),
    ],
)
def test_what_cannot_be_set_is_refused_and_nothing_is_kept(
    world: Store, new: NewRule, actor: Actor, said: str
):
    with pytest.raises(UsageError, match=said):
        set_rule(world, new, actor)
    assert rows(world) == []


def test_the_same_is_not_said_twice_but_may_be_said_again_after_something_else(world: Store):
    set_rule(world, RULE, ALL)
    with pytest.raises(UsageError, match="đã có quy tắc nói như vậy"):
        set_rule(world, replace(RULE, reason="Lý do khác"), ALL)
    set_rule(world, replace(RULE, is_on=False, who=()), ALL)
    set_rule(world, RULE, ALL)
    assert [row.rule_id for row in rows(world)] == [1, 2, 3]


def test_what_is_taken_back_gives_way_to_the_wider_rule_then_to_the_shipped_rung(world: Store):
    wide = set_rule(world, replace(RULE, unit_id=PROVINCE, who=(Who.UNIT,)), ALL)
    close = set_rule(world, replace(RULE, is_on=False, who=()), HEAD)
    assert KEY not in ladder(world)
    take_back(world, close, "Đã bàn lại", HEAD)
    assert ladder(world)[KEY] == (wide, (Who.UNIT,))
    take_back(world, wide, "Đã bàn lại", ALL)
    assert ladder(world)[KEY] == SHIPPED


def test_a_rule_that_has_not_begun_is_taken_back_for_the_day_on_which_it_would(world: Store):
    now = set_rule(world, RULE, ALL)
    later = TODAY + timedelta(days=10)
    coming = set_rule(world, replace(RULE, who=(Who.PROVINCE,), valid_from=later), ALL)
    take_back(world, coming, "Thôi", ALL)
    assert ladder(world)[KEY] == (now, (Who.DIVISION,))
    assert ladder(world, day=later)[KEY] == SHIPPED


@pytest.mark.parametrize(
    ("rule_id", "actor", "reason", "said"),
    [
        (9, ALL, "x", "không có quy tắc số 9"),
        (1, Actor("khac", NOW, frozenset({DEPARTMENT})), "x", "không có quy tắc số 1"),
        (1, ALL, " ", "lý do"),
        (1, ALL, "x", "đã được thay"),
        (3, ALL, "x", "đã rút"),
    ],
)
def test_what_cannot_be_taken_back_is_told(world: Store, rule_id: int, actor: Actor, reason: str, said: str):
    set_rule(world, RULE, ALL)
    second = set_rule(world, replace(RULE, who=(Who.UNIT,)), ALL)
    take_back(world, second, "Thôi", ALL)
    with pytest.raises(UsageError, match=said):
        take_back(world, rule_id, reason, actor)
    assert len(rows(world)) == 3


def test_what_writes_with_a_rule_and_fails_leaves_no_rule(world: Store):
    def fail(_session: Any, _number: int) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        set_rule(world, RULE, ALL, fail)
    assert rows(world) == []


# ---------------------------------------------------------------- looked at before


def claim(number: int, day: date, **change: Any) -> NewAlert:
    usual: dict[str, Any] = {
        "subject_kind": "dossier", "subject_id": number, "measure": "days_left", "threshold": 2, "version": 0,
        "unit_id": BRANCH, "due_at": None, "measured": 1, "rank": 1, "fate": "told",
        "told": (NewTold(DESK, "desk", None, False),),
    }  # fmt: skip
    return NewAlert(**{**usual, **change})


def add_claims(store: Store, day: date, *alerts: NewAlert) -> None:
    with store.transaction() as session:
        run_id = alert_store.add_run(session, day, NOW, NOW, 0, {})
        alert_store.add_alerts(session, run_id, day, alerts)


def test_before_it_is_set_a_rule_says_how_many_open_dossiers_and_how_many_told_rungs_lie_in_its_scope(
    world: Store,
):
    open_now = {"finished_at": None, "ended_at": None, "end_kind": None}
    add_dossiers(
        world,
        dossier(1, resolving_unit_id=BRANCH, field_id=FIELD, **open_now),
        dossier(2, resolving_unit_id=OLD_BRANCH, field_id=ELSEWHERE, **open_now),
        dossier(3, resolving_unit_id=None, receiving_unit_id=BRANCH, field_id=FIELD, **open_now),
        dossier(4, resolving_unit_id=DEPARTMENT, field_id=FIELD, **open_now),
        dossier(5, resolving_unit_id=BRANCH, field_id=FIELD, ended_at=NOW, end_kind="finished"),
    )
    first_day = date(2026, 7, 29)  # 20 working days up to Monday 24/08, Saturday 22/08 among them
    early = TODAY - timedelta(days=1)
    add_claims(
        world,
        first_day,
        claim(1, early),
        claim(3, early, fate="passed", told=()),
        claim(4, early, unit_id=DEPARTMENT),
    )
    add_claims(world, TODAY, claim(2, TODAY, unit_id=OLD_BRANCH), claim(1, TODAY, threshold=0))
    add_claims(world, first_day - timedelta(days=1), claim(5, TODAY))

    def seen(**change: Any) -> tuple[Any, ...]:
        with world.read() as session:
            found = preview(session, replace(RULE, **change), CALENDAR, TODAY)
        assert rows(world) == []
        return found.open_dossiers, found.told, found.told_of_measure, found.since

    assert seen() == (3, 2, 3, first_day)
    assert seen(field_id=FIELD) == (2, 1, 2, first_day)
    assert seen(unit_id=None) == (4, 3, 4, first_day)
    assert seen(unit_id=None, procedure_id=PROCEDURE, threshold=5) == (4, 0, 4, first_day)
    assert seen(measure=Measure.LETTER_STUCK, threshold=4) == (None, 0, 0, first_day)


def test_the_ladder_that_a_rule_would_give_is_that_of_its_scope_and_day(world: Store):
    later = TODAY + timedelta(days=3)
    set_rule(world, replace(RULE, unit_id=PROVINCE, threshold=4, valid_from=later), ALL)
    with world.read() as session:
        found = preview(session, replace(RULE, is_on=False, who=(), valid_from=later), CALENDAR, TODAY)
    keys = {rung.key for rung in found.ladder}
    assert ("days_left", 4) in keys
    assert KEY not in keys


def test_the_ladder_of_a_procedure_has_the_rules_of_its_field(world: Store):
    with world.transaction() as session:
        session.get_one(Procedure, PROCEDURE).field_id = FIELD
    number = set_rule(world, replace(RULE, unit_id=None, field_id=FIELD, threshold=6), ALL)
    new = replace(RULE, unit_id=BRANCH, procedure_id=PROCEDURE, threshold=7)
    with world.read() as session:
        found = {rung.key: rung.rule_id for rung in preview(session, new, CALENDAR, TODAY).ladder}
    assert found["days_left", 6] == number


# ---------------------------------------------------------------- leave

ADMIN = LeaveActor(Actor("admin", NOW), None, is_admin=True)
WEEK = NewAbsence(DESK, TODAY, TODAY + timedelta(days=4), HEAD_BRANCH)


def told(store: Store, day: date, who: Sequence[Who] = (Who.DESK,)) -> list[tuple[int, int | None]]:
    with store.read() as session:
        found = directory_of(session, day).told(who, BRANCH)
    return [(each.account_id, each.instead_of) for each in found]


def test_on_leave_the_delegate_is_told_and_the_days_before_an_early_end_stay_as_they_were(world: Store):
    number = enter_leave(world, WEEK, ADMIN)
    assert told(world, TODAY - timedelta(days=1)) == [(DESK, None)]
    assert told(world, TODAY) == told(world, WEEK.last_day) == [(HEAD_BRANCH, DESK)]
    assert told(world, WEEK.last_day + timedelta(days=1)) == [(DESK, None)]
    in_two_days = LeaveActor(Actor("admin", NOW + timedelta(days=2)), None, is_admin=True)
    end_leave(world, number, in_two_days)
    days = [TODAY + timedelta(days=each) for each in range(4)]
    assert [told(world, day) for day in days] == [[(HEAD_BRANCH, DESK)]] * 2 + [[(DESK, None)]] * 2
    with pytest.raises(UsageError, match="không có đợt nghỉ"):
        end_leave(world, number, in_two_days)


def test_after_an_early_end_a_new_leave_may_begin_the_same_day(world: Store):
    end_leave(world, enter_leave(world, WEEK, ADMIN), ADMIN)
    assert told(world, TODAY) == [(DESK, None)]
    enter_leave(world, WEEK._replace(delegate_id=None), ADMIN)
    assert told(world, TODAY) == [(HEAD_BRANCH, None)]  # nobody stands in: the nearest head


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"first_day": TODAY - timedelta(days=1)}, "không trước hôm nay"),
        ({"last_day": TODAY - timedelta(days=1)}, "trước ngày đầu tiên"),
        ({"last_day": TODAY + timedelta(days=366)}, "dài nhất"),
        ({"account_id": 99}, "không mở"),
        ({"delegate_id": 99}, "không có tài khoản đang mở"),
        ({"delegate_id": DESK}, "người khác"),
        ({"account_id": CHAIR}, "phạm vi của người làm thay"),
    ],
)
def test_a_leave_that_cannot_be_is_refused(world: Store, change: dict[str, Any], said: str):
    with pytest.raises(UsageError, match=said):
        enter_leave(world, WEEK._replace(**change), ADMIN)
    with world.read() as session:
        assert absence_store.absences(session, TODAY) == []


def test_a_circle_of_delegates_and_days_entered_twice_are_told(world: Store):
    enter_leave(world, WEEK, ADMIN)
    circle = NewAbsence(HEAD_BRANCH, TODAY + timedelta(days=2), TODAY + timedelta(days=9), DESK)
    with pytest.raises(UsageError, match="vòng tròn: ngày 26/08/2026"):
        enter_leave(world, circle, ADMIN)
    with pytest.raises(UsageError, match="24/08/2026–28/08/2026"):
        enter_leave(world, WEEK._replace(first_day=WEEK.last_day), ADMIN)


@pytest.mark.parametrize(
    ("entering", "account_id", "may"),
    [
        (LeaveActor(Actor("desk", NOW, frozenset({BRANCH})), DESK), DESK, True),
        (LeaveActor(Actor("desk", NOW, frozenset({BRANCH})), DESK), HEAD_BRANCH, False),
        (LeaveActor(HEAD, HEAD_BRANCH, is_head=True), DESK, True),
        (LeaveActor(HEAD, HEAD_BRANCH, is_head=True), OTHER_DESK, False),
        (LeaveActor(HEAD, HEAD_BRANCH, is_head=True), CHAIR, False),
        (LeaveActor(Actor("chair", NOW), CHAIR, is_head=True), OTHER_DESK, True),
        (ADMIN, OTHER_DESK, True),
    ],
)
def test_whose_leave_one_may_enter(world: Store, entering: LeaveActor, account_id: int, may: bool):
    new = NewAbsence(account_id, TODAY, TODAY, None)
    if may:
        assert enter_leave(world, new, entering) == 1
        return
    with pytest.raises(UsageError, match="phạm vi của bạn"):
        enter_leave(world, new, entering)


# ---------------------------------------------------------------- by command


@dataclass
class Fixed(AppContext):
    """A context whose clock stands still, with a store of the test's own."""

    instant: datetime = field(default=NOW)

    def now(self) -> datetime:
        """Always the same."""
        return self.instant


@dataclass
class Desk:
    """The command line of one office."""

    context: Fixed

    def run(self, line: str, *more: str) -> tuple[int, Any]:
        """Exit status and JSON answer, or what was said instead."""
        group = click.Group("alerts", list(RULE_COMMANDS))
        result = CliRunner().invoke(group, [*line.split(), *more, "--json"], obj=self.context)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def desk(world: Store, tmp_path: Path) -> Desk:
    """The command line on that province."""
    config = tmp_path / "config.toml"
    config.write_text((Path(__file__).parents[2] / "config.toml").read_text("utf-8"), "utf-8")
    context = Fixed(config)
    context.store = world
    return Desk(context)


def logged(store: Store) -> list[tuple[str, str, str]]:
    with store.read() as session:
        found = session.execute(
            select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)
        )
        return [(actor, action, subject) for actor, action, subject in found]


def test_rules_are_set_shown_and_taken_back_by_command(desk: Desk):
    options = f"rule --measure days_left --threshold 2 --who desk,handler --urgent --unit T{BRANCH}"
    status, seen = desk.run(f"{options} --dry-run", "--reason", "Theo quy chế")
    assert (status, seen["rule"], seen["open_dossiers"]) == (0, None, 0)
    status, done = desk.run(options, "--reason", "Theo quy chế")
    assert (status, done["rule"]) == (0, 1)
    (line,) = [each for each in done["ladder"] if (each["measure"], each["threshold"]) == KEY]
    assert line["who"] == ["handler", "desk"]
    status, shown = desk.run(f"rules --unit T{BRANCH}")
    (line,) = [each for each in shown["rungs"] if (each["measure"], each["threshold"]) == KEY]
    assert (line["urgent"], line["on"], line["rule"]["reason"]) == (True, True, "Theo quy chế")
    assert desk.run("rule --take-back 1 --reason Thôi")[1] == {"rule": 2, "takes_back": 1}
    status, shown = desk.run(f"rules --unit T{BRANCH}")
    assert [each["rule"] for each in shown["rungs"]] == [None] * len(shown["rungs"])
    assert logged(desk.context.store) == [
        ("operator", "alert_rule_set", "alert_rule:1"),
        ("operator", "alert_rule_restored", "alert_rule:2"),
    ]


def test_a_rung_is_switched_off_by_command_in_a_field(desk: Desk):
    desk.run(
        "rule --measure share_used --threshold 75 --off",
        "--field",
        f"Lĩnh vực {FIELD}",
        "--reason",
        "Nhiều quá",
    )
    for words, is_on in (([], True), (["--field", f"linh vuc {FIELD}"], False)):
        _, shown = desk.run(f"rules --unit T{BRANCH}", *words)
        assert [each["on"] for each in shown["rungs"] if each["measure"] == "share_used"] == [is_on]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("rule --threshold 2 --reason x", "cần --measure"),
        ("rule --measure days_left --threshold 2 --who giam-doc --reason x", "--who không có"),
        ("rule --measure days_left --threshold 2 --reason x", "ít nhất một người"),
        ("rule --measure days_left --threshold 2 --who desk --unit X --reason x", "không tìm thấy đơn vị"),
        ("rule --measure days_left --threshold 2 --who desk --field X --reason x", "không tìm thấy lĩnh vực"),
        ("rules --procedure X", "không tìm thấy thủ tục"),
        ("rule --take-back 1 --dry-run --reason x", "chỉ đi cùng --reason"),
        ("leave khong-co --from 2026-08-24 --to 2026-08-24", "không có tài khoản"),
        ("leave desk", "cần --from và --to"),
        ("leave desk --end", "không có đợt nghỉ nào"),
    ],
)
def test_a_command_that_cannot_be_done_says_why(desk: Desk, words: str, said: str):
    with pytest.raises(UsageError, match=said):
        desk.run(words)
    assert logged(desk.context.store) == []


def test_leaves_are_entered_shown_and_ended_by_command(desk: Desk):
    entered = desk.run("leave desk --from 2026-08-24 --to 2026-08-28 --delegate head")
    assert entered == (0, {"leave": 1, "ended": False})
    _, shown = desk.run("leaves")
    (leave,) = shown["leaves"]
    assert (leave["login"], leave["from"], leave["to"], leave["delegate"]) == (
        "desk",
        "2026-08-24",
        "2026-08-28",
        "head",
    )
    assert desk.run("leave desk --end") == (0, {"leave": 1, "ended": True})
    assert desk.run("leaves")[1] == {"leaves": []}
    assert [(action, subject) for _, action, subject in logged(desk.context.store)] == [
        ("leave_set", "absence:1"), ("view", "leaves"), ("leave_ended", "absence:1"), ("view", "leaves"),
    ]  # fmt: skip
