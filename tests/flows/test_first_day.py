"""The first day in the store: words that govern and are bound by the log, the start date that letters obey, `doctor`."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.first_day import calendar_mark
from app.first_day_acts import Compared, FirstDayDesk
from app.first_day_preview import preview
from app.first_day_sheet import check_sheet
from app.first_day_standing import is_ready, letters_from
from app.works.drafting import letter_policy
from letters.keeping import keep_ledger
from tests.flows.office import NOW, Office, StandingContext, row
from tracker.config import DATABASE_URL_VARIABLE
from tracker.errors import UsageError
from tracker.store import audit, first_day_store, obligation_store

ENDED_LATE = {"received_at": "01/06/2026 08:00:00", "due_at": "10/06/2026 17:00:00"}
THREE_LATE = (
    row(1, **ENDED_LATE, finished_at="30/06/2026 10:00:00"),
    row(2, **ENDED_LATE, finished_at="03/08/2026 10:00:00"),
    row(3, **ENDED_LATE),
)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """An office with nothing but the shipped catalogues."""
    return Office(tmp_path).furnished()


@pytest.fixture
def context(office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandingContext]:
    """The same office from inside."""
    if office.environment[DATABASE_URL_VARIABLE]:
        monkeypatch.setenv(DATABASE_URL_VARIABLE, office.url)
    context = StandingContext(office.config)
    yield context
    context.store.close()


def desk(context: StandingContext) -> FirstDayDesk:
    return FirstDayDesk(context, "lan", NOW)


def steps(office: Office) -> Mapping[str, Any]:
    """What `dunghen doctor --first-day` says, by step."""
    return {step["key"]: step for step in office.ask("doctor", "--first-day")["steps"]}


def states(context: StandingContext) -> list[str]:
    with context.store.read() as session:
        return sorted(kept.state for kept in obligation_store.whole_ledger(session).values())


def keep(context: StandingContext) -> None:
    keep_ledger(context.store, NOW, letter_policy(context), now=NOW)


def test_the_start_date_that_was_chosen_is_that_of_letters_and_moves_what_rules_opened(
    office: Office, context: StandingContext
) -> None:
    office.ingest(THREE_LATE)
    keep(context)
    assert letters_from(context) is None
    assert states(context) == ["owed"] * 3
    assert desk(context).set_start(date(2026, 8, 1), "")
    assert letters_from(context) == letter_policy(context).letters_from == date(2026, 8, 1)
    keep(context)
    assert states(context) == ["before_start", "owed", "owed"]
    desk(context).set_start(None, "lùi lại theo chỉ đạo")
    keep(context)
    assert states(context) == ["owed"] * 3


def test_what_each_day_would_mean_is_told_before_it_is_chosen(
    office: Office, context: StandingContext
) -> None:
    office.ingest([*THREE_LATE, row(4, **ENDED_LATE, finished_at="10/06/2026 10:00:00")])
    shown = preview(context, NOW, date(2026, 6, 30))
    told = {choice.day: choice.ended for choice in shown.choices}
    assert told == {
        date(2026, 8, 24): 0, date(2026, 8, 1): 1, date(2026, 7, 1): 1, date(2026, 6, 30): 2, date(2026, 1, 1): 2,
        date(2025, 1, 1): 2, None: 2,
    }  # fmt: skip
    assert shown.open_late == 1


@pytest.mark.parametrize("day", [date(1999, 12, 31), date(2028, 1, 1)])
def test_a_day_that_cannot_be_a_start_is_refused(context: StandingContext, day: date) -> None:
    with pytest.raises(UsageError, match="ngày bắt đầu phải từ"):
        desk(context).set_start(day, "")
    assert letters_from(context) is None


def test_a_start_in_the_configuration_goes_before_and_cannot_be_chosen_over(
    office: Office, context: StandingContext
) -> None:
    desk(context).set_start(date(2026, 8, 1), "")
    office.configure(letters_from='"2026-03-01"')
    del context.__dict__["config"]
    assert letters_from(context) == date(2026, 3, 1)
    with pytest.raises(UsageError, match="tệp cấu hình"):
        desk(context).set_start(date(2026, 8, 1), "")
    assert steps(office)["start"]["state"] == "done"


def test_a_telephone_number_is_no_reason(office: Office, context: StandingContext) -> None:
    with pytest.raises(UsageError, match="số điện thoại"):
        desk(context).set_start(date(2026, 8, 1), "theo ông An 0912345678")


def test_a_word_that_is_taken_back_stands_no_more_and_both_are_in_the_log(
    office: Office, context: StandingContext
) -> None:
    desk(context).confirm_units("H15")
    assert "UBND tỉnh Đắk Lắk" in " ".join(steps(office)["office"]["found"])
    desk(context).withdraw(first_day_store.UNITS)
    with context.store.read() as session:
        assert first_day_store.words(session) == {}
        acts = [each.action for each in audit.recent_acts(session) if each.action.startswith("first_day")]
    assert acts == ["first_day_withdraw", "first_day_confirm"]
    with pytest.raises(UsageError, match="không còn xác nhận nào"):
        desk(context).withdraw(first_day_store.UNITS)


def test_a_start_date_that_was_altered_past_the_program_is_found_by_the_check_of_the_log(
    office: Office, context: StandingContext
) -> None:
    desk(context).set_start(date(2026, 8, 1), "")
    with context.store.read() as session:
        assert not audit.verify(session).broken
    with context.store.transaction() as session:
        session.execute(text("""UPDATE edition_entry SET body = '{"day":"2026-08-20"}'"""))
    with context.store.read() as session:
        assert {each.code for each in audit.verify(session).broken} == {"word_changed"}


def test_the_list_is_confirmed_only_after_the_steps_that_it_rests_on(
    office: Office, context: StandingContext
) -> None:
    office.ingest([row(1, **ENDED_LATE)])
    with pytest.raises(UsageError, match="còn thiếu: Quản trị viên"):
        desk(context).confirm_list(Compared("hat", 1, 1))
    assert not is_ready(context)


def test_doctor_tells_each_step_with_what_to_do_and_ends_with_one_while_any_is_open(
    office: Office, context: StandingContext
) -> None:
    found = office.run("doctor", "--first-day")
    assert found.status == 1
    assert found.out.count("[Chưa xong]") == 9
    assert found.out.count("[Không dùng]") == 1
    assert found.out.count("Bằng lệnh: ") == 9
    told = office.ask("doctor")
    assert next(each for each in told["checks"] if each["name"] == "first_day")["ok"]


def test_a_calendar_that_changed_after_it_was_compared_has_to_be_compared_again(
    office: Office, context: StandingContext
) -> None:
    mark = calendar_mark(context.calendar, NOW.date())
    desk(context).confirm_calendar(mark)
    assert steps(office)["calendar"]["state"] == "done"
    with pytest.raises(UsageError, match="vừa đổi"):
        desk(context).confirm_calendar("cu")
    office.configure(key='"A"')
    assert steps(office)["calendar"]["state"] == "todo"


def test_a_load_and_its_gaps_are_seen_without_anybody_saying_so(
    office: Office, context: StandingContext
) -> None:
    office.ingest([row(1, **ENDED_LATE), row(2, **ENDED_LATE, resolving_unit="Phòng Chưa Ai Biết")])
    found = steps(office)
    assert found["loads"]["state"] == "done"
    assert "Đọc 2 dòng = 2 dùng được + 0 không dùng được." in found["loads"]["found"]
    assert found["catalogue"]["state"] == "todo"
    assert "Phòng Chưa Ai Biết" in " ".join(found["catalogue"]["found"])
    assert found["late_list"]["found"][0].startswith("2 hồ sơ đang quá hạn trong 2 hồ sơ")


def test_the_same_seed_of_a_day_draws_the_same_dossiers(office: Office, context: StandingContext) -> None:
    office.ingest([*(row(number, **ENDED_LATE) for number in range(1, 31))])
    first, again = (check_sheet(context, NOW + timedelta(minutes=n), None) for n in (0, 5))
    assert [case.code for case in first.cases] == [case.code for case in again.cases]
    assert (len(first.cases), first.population) == (10, 30)
