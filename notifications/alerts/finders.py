"""What alerts are about beside due dates: letters, the year's score, silent sources, a calendar that ends; each a `Finder`.

A finder says how things stand; which rungs that reaches, and who was told of them before, is decided elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from notifications.alerts.causes import Cause, Finder, Moment
from notifications.alerts.rungs import Measure
from tracker.errors import CalendarError
from tracker.measures.scoring import CRITERION
from tracker.pipeline.scores import ScoreQuestion, score
from tracker.store import alert_causes, alert_store
from tracker.store.alert_causes import LoadedSource, PromisedLetter, StandingLetter
from tracker.timekeeping.calendar_years import missing_years
from tracker.timekeeping.working_calendar import WorkingCalendar
from tracker.types import VN, ScoreAnswer

LETTER, YEAR, SOURCE = "letter", "year", "source"
ALL_USED = 100
MONTHS = 12
GIVEN_UP = timedelta(days=180)  # nobody expects anything of such a source any more


# ---------------------------------------------------------------- letters


def letters(moment: Moment) -> Iterator[Cause]:
    """Letters that stand still, and delivered ones whose new date is near; not those that missed it (the ledger's)."""
    today = _local(moment.as_of)
    opening = datetime.combine(today, time.min, VN)
    standing = alert_causes.standing_letters(moment.session, moment.as_of)
    promised = alert_causes.promised_letters(moment.session, moment.as_of, since=opening)
    dossiers = [each.dossier_id for each in standing] + [each.dossier_id for each in promised]
    assigned = alert_store.assigned_of(moment.session, dossiers)
    yield from _stuck(moment, standing, assigned, today)
    yield from _near(moment, promised, assigned, today)


def _stuck(
    moment: Moment, standing: Sequence[StandingLetter], assigned: Mapping[int, int | None], today: date
) -> Iterator[Cause]:
    for each in standing:
        days = _workdays(_calendar(moment, each.unit_id), _local(each.moved_at), today)
        if days is not None and days >= moment.policy.stuck_days:
            yield Cause(
                LETTER, each.letter_id, {Measure.LETTER_STUCK: days}, each.steps, unit_id=each.unit_id,
                officer=each.officer, assigned=assigned.get(each.dossier_id),
            )  # fmt: skip


def _near(
    moment: Moment, promised: Sequence[PromisedLetter], assigned: Mapping[int, int | None], today: date
) -> Iterator[Cause]:
    for each in promised:
        days = _workdays(_calendar(moment, each.unit_id), today, _local(each.new_due_at))
        if days is not None:
            yield Cause(
                LETTER, each.letter_id, {Measure.LETTER_PROMISE: days}, int(each.new_due_at.timestamp()),
                unit_id=each.unit_id, due_at=each.new_due_at, officer=each.officer,
                assigned=assigned.get(each.dossier_id),
            )  # fmt: skip


def _calendar(moment: Moment, unit_id: int | None) -> WorkingCalendar:
    return moment.calendars.present.of(unit_id, moment.day)


# ---------------------------------------------------------------- the year's score


def budget(moment: Moment) -> Iterator[Cause]:
    """How much is used of the late dossiers with which the year's criterion is still reached."""
    policy, year = moment.policy, moment.day.year
    question = ScoreQuestion(CRITERION, year, moment.as_of, policy.edition, policy.basis)
    answer = score(moment.store, question)
    used = budget_used(answer)
    if used is not None:
        yield Cause(YEAR, year, {Measure.BUDGET: used}, 0, words=_budget_words(answer))


def budget_used(answer: ScoreAnswer) -> int | None:
    """Per cent of it, rounded down; None where nothing is known, or nothing is allowed and nothing late."""
    if answer.late is None or answer.budget_late is None:
        return None
    if answer.budget_late <= 0:
        return ALL_USED if answer.late else None
    return answer.late * ALL_USED // answer.budget_late


def _budget_words(answer: ScoreAnswer) -> str:
    late, allowed = _grouped(answer.late or 0), _grouped(answer.budget_late or 0)
    return f"{late} hồ sơ quá hạn trên mức {allowed} còn chấp nhận được"


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


# ---------------------------------------------------------------- sources


def sources(moment: Moment) -> Iterator[Cause]:
    """How long each source has been silent, but for those that were given up."""
    for each in alert_causes.loaded_sources(moment.session, moment.as_of):
        if moment.as_of - each.loaded_at > GIVEN_UP:
            continue
        days = _workdays(moment.calendars.present.default, _local(each.loaded_at), _local(moment.as_of))
        if days is not None:
            yield Cause(
                SOURCE,
                each.source_id,
                {Measure.SOURCE_SILENT: days},
                each.batch_id,
                words=_source_words(each),
            )


def _source_words(each: LoadedSource) -> str:
    return f"{each.name}: lần nạp cuối ngày {each.loaded_at:%d/%m/%Y}"


# ---------------------------------------------------------------- the calendar


def calendar(moment: Moment) -> Iterator[Cause]:
    """The years without a working calendar; said once a month as long as it is so."""
    month = moment.day.year * MONTHS + moment.day.month
    for year in missing_years(moment.calendars.present.default, moment.day):
        words = f"Năm {year} chưa có lịch làm việc; hạn trả rơi vào năm này sẽ không tính được"
        yield Cause(YEAR, year, {Measure.CALENDAR: 1}, month, words=words)


# ---------------------------------------------------------------- days


def _local(moment: datetime) -> date:
    return moment.astimezone(VN).date()


def _workdays(table: WorkingCalendar, start: date, end: date) -> int | None:
    """Working days from one date to another; None outside the loaded calendar, where a guess would be silently wrong."""
    try:
        return table.count_workdays(start, end)
    except CalendarError:
        return None


FINDERS: tuple[Finder, ...] = (letters, budget, sources, calendar)
LETTER_FINDERS: tuple[Finder, ...] = (letters,)
