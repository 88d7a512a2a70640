"""Alerts in the words of their pages: how a subject stands today, why an alert no longer stands, why somebody was told. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from app import presenters
from app.presenters import Chip
from notifications.alerts.deciding import Fate
from notifications.alerts.digest import LATE, SOON, TONES
from notifications.alerts.rungs import PAST, Measure, Standing, Who
from notifications.alerts.words import MEASURE_WORDS, WHO_WORDS, measured_words, rung_words
from tracker.store.alert_lists import Stand
from tracker.types import Facts, Lateness, State

STANDS: Mapping[Stand, str] = {
    Stand.OPEN: "Cần xử lý",
    Stand.HELD: "Đã có người nhận",
    Stand.GONE: "Đã qua",
}
FATES: Mapping[Fate, str] = {
    Fate.TOLD: "",
    Fate.OVERTAKEN: "Không báo riêng: mốc cao hơn đã báo.",
    Fate.PASSED: "Không báo riêng: tính chung trong bản tổng hợp của lần nạp dữ liệu.",
    Fate.NOBODY: "Không có ai để báo.",
}
DUE = frozenset({Measure.SHARE_USED, Measure.DAYS_LEFT, Measure.DAYS_LATE})
ENDED = frozenset(
    {
        State.FINISHED_EARLY, State.FINISHED_ON_TIME, State.FINISHED_LATE, State.WITHDRAWN, State.REFUSED, State.DELETED,
    }
)  # fmt: skip
# What became of an alert whose cause is settled, where the dossier itself goes on.
SETTLED: Mapping[Measure, str] = {
    Measure.INTAKE_OVER: "đã tiếp nhận",
    Measure.SUSPENDED: "đã tiếp tục giải quyết",
    Measure.NO_DUE: "đã có ngày hẹn trả",
    Measure.PROMISE_PASSED: "đã hẹn xong ngày khác, hoặc đã rút lời hẹn",
    Measure.LETTER_STUCK: "thư đã sang bước khác",
    Measure.LETTER_PROMISE: "ngày hẹn mới đã xong hoặc đã đổi",
}
MARKS: Mapping[str, str] = {
    "late": "triangle",
    "soon": "half-circle",
    "paused": "bars",
    "plain": "dot",
    "kept": "tick",
}
LETTERS = frozenset({Measure.LETTER_STUCK, Measure.LETTER_PROMISE})


@dataclass(frozen=True, slots=True)
class Then:
    """What was measured when an alert was claimed, on which day, and which day is today."""

    measured: int
    day: date
    today: date


def today_chip(measure: Measure, standing: Standing, then: Then) -> Chip:
    """How it stands now, by what was measured anew; where that cannot be, how it stood on the day of the alert."""
    if measure in DUE and Measure.DAYS_LEFT in standing:
        words, tone = _due_words(measure, standing), LATE if standing[Measure.DAYS_LEFT] == PAST else SOON
    elif measure in standing:
        words, tone = measured_words(measure, standing[measure]), TONES.get(measure, "plain")
    else:
        dated = "" if then.day == then.today else f" (tính đến {then.day:%d/%m/%Y})"
        words, tone = f"{measured_words(measure, then.measured)}{dated}", TONES.get(measure, "plain")
    tone = "paused" if measure is Measure.SUSPENDED else tone
    return Chip("letter" if measure in LETTERS else MARKS[tone], _capital(words), tone)


def _due_words(measure: Measure, standing: Standing) -> str:
    if Measure.DAYS_LATE in standing:
        return measured_words(Measure.DAYS_LATE, standing[Measure.DAYS_LATE])
    left = measured_words(Measure.DAYS_LEFT, standing[Measure.DAYS_LEFT])
    if measure is Measure.SHARE_USED and Measure.SHARE_USED in standing:
        return f"{left}, {measured_words(Measure.SHARE_USED, standing[Measure.SHARE_USED])}"
    return left


def gone_chip(
    measure: Measure, due_at: datetime | None, facts: Facts | None, verdict: Lateness | None
) -> Chip:
    """Why an alert no longer stands. `facts`, `verdict`: of its dossier now, where it is about one."""
    if measure in LETTERS or facts is None or verdict is None:
        return Chip("tick", _capital(SETTLED.get(measure, "không còn như vậy")), "plain")
    if verdict.state in ENDED:
        chip = presenters.CHIPS[verdict.state]
        return Chip(chip.mark, chip.word, "plain")
    if measure not in DUE:
        return Chip("tick", _capital(SETTLED[measure]), "plain")
    if facts.due_at != due_at:
        now = (
            f"Ngày hẹn đã dời sang {facts.due_at:%d/%m/%Y}"
            if facts.due_at
            else "Nguồn không còn ghi ngày hẹn"
        )
        return Chip("clock", now, "plain")
    if verdict.state is State.SUSPENDED:
        return Chip("bars", "Đang tạm dừng", "paused")
    return Chip("dash", "Không còn như vậy", "plain")


def who_words(why: str, instead_of: str) -> str:
    """As whom somebody was told, and instead of whom."""
    return f"{WHO_WORDS[Who(why)]}{f', thay {instead_of} khi nghỉ' if instead_of else ''}"


def rule_words(measure: Measure, threshold: int, rule_id: int | None) -> str:
    """By which rung somebody was told, and whose it is."""
    whose = "kèm chương trình" if rule_id is None else "do cơ quan đặt"
    return f"mốc “{_lower(rung_words(measure, threshold))}” {whose}"


def why_words(why: str, instead_of: str, rule: str) -> str:
    """Why somebody was told, in one line."""
    return f"Là {who_words(why, instead_of)}; {rule}."


def measured_then(measure: Measure, value: int) -> str:
    """What was measured when it was claimed."""
    return _capital(measured_words(measure, value))


def place_of(kind: str, subject_id: int, measure: str) -> tuple[str, Mapping[str, int]] | None:
    """Where something is done about what is no dossier's: an endpoint with its arguments; None where there is none."""
    if measure == Measure.BUDGET:
        return "score.criterion", {"nam": subject_id}
    return {
        "source": ("sources.page", {}),
        "batch": ("sources.batch", {"batch_id": subject_id}),
        "year": ("calendar.year", {"nam": subject_id}),
        "unit": ("alerts.runs", {}),
    }.get(kind)


def kind_words(measure: str) -> str:
    """A kind of alert; one without words is shown as it stands."""
    return MEASURE_WORDS[Measure(measure)] if measure in set(Measure) else measure


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
