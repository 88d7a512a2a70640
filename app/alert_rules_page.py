"""What the page of alert rules shows: the ladder of a scope on a day, where each rung comes from, and what was set."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from app.alert_rule_forms import ScopeAsked
from app.letter_settings_forms import ALL_UNITS
from app.letter_settings_page import EVERY_UNIT, UnitOptions
from app.presenters import Chip
from notifications.alerts.directory import path_of
from notifications.alerts.kept_rules import office_rule
from notifications.alerts.rule_acts import (
    NOT_YET_KEPT,
    OF_UNITS,
    RANGES,
    RulePreview,
    scope_place,
    units_under,
)
from notifications.alerts.rules import OfficeRule, Place, RuleBook, shipped_rungs
from notifications.alerts.rules import Scope as RuleScope
from notifications.alerts.rungs import OF_DOSSIERS, Ladder, Measure, Rung
from notifications.alerts.words import MEASURE_WORDS, rung_words, who_words
from tracker.store import alert_rule_store, alert_store, catalogue
from tracker.store.alert_rule_store import ProcedureName, RuleEntry
from tracker.store.session import Session

# Ladders in the order in which a dossier climbs them.
LADDERS: Mapping[Ladder, str] = {
    Ladder.INTAKE: "Tiếp nhận",
    Ladder.DUE: "Ngày hẹn trả",
    Ladder.PAUSE: "Tạm dừng",
    Ladder.NO_DUE: "Không có ngày hẹn trả",
    Ladder.PROMISE: "Lời hẹn xong",
    Ladder.LETTER: "Thư xin lỗi",
    Ladder.LETTER_PROMISE: "Ngày hẹn mới trong thư",
    Ladder.OFFICE: "Việc chung của tỉnh",
}
IN_USE, LATER = Chip("tick", "Đang dùng", "kept"), Chip("clock", "Chưa đến ngày", "plain")
REPLACED, TAKEN_BACK = Chip("dash", "Đã được thay", "plain"), Chip("dash", "Đã rút", "plain")
TAKING_BACK = Chip("dash", "Rút quy tắc", "plain")
MOST_HISTORY = 50


@dataclass(frozen=True, slots=True)
class Names:
    """What units, fields and procedures are called."""

    units: Mapping[int, str]
    fields: Mapping[int, str]
    procedures: Mapping[int, ProcedureName]

    def scope(self, unit_id: int | None, field_id: int | None, procedure_id: int | None) -> str:
        """A scope on one line."""
        parts = [EVERY_UNIT if unit_id is None else self.units.get(unit_id, f"đơn vị số {unit_id}")]
        if field_id is not None:
            parts.append(f"lĩnh vực {self.fields.get(field_id, field_id)}")
        if procedure_id is not None:
            named = self.procedures.get(procedure_id)
            parts.append(f"thủ tục {named.code} {named.name}" if named else f"thủ tục số {procedure_id}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class ShownRule:
    """A rule of the office in words. `state`: how it stands today; `may_end`: may who looks take it back?"""

    row: RuleEntry
    scope: str
    words: str
    told: str
    state: Chip
    may_end: bool

    @property
    def said(self) -> str:
        """What it says: off, taken back, or whom it tells."""
        if self.row.is_on and not self.row.who:
            return "không còn nói gì ở phạm vi này"
        return self.told if self.row.is_on else "tắt"


@dataclass(frozen=True, slots=True)
class LadderLine:
    """A rung as it holds in a scope, or is off there. `rule` None: it is the shipped one."""

    measure: Measure
    threshold: int
    words: str
    told: str
    who: str
    is_urgent: bool
    is_on: bool
    rule: ShownRule | None

    @property
    def as_form(self) -> Mapping[str, str]:
        """The fields of a rule over it, as an address gives them to the form."""
        given = {"moc": self.measure.value, "muc": str(self.threshold), "nguoi": self.who}
        return {**given, "bao-ngay": "co"} if self.is_urgent else given


@dataclass(frozen=True, slots=True)
class LadderGroup:
    """The rungs of one ladder, in the order in which they are reached."""

    word: str
    lines: tuple[LadderLine, ...]


@dataclass(frozen=True, slots=True)
class RulesShown:
    """What the page shows of a scope. `older`: the address of more of the history, if there is more."""

    scope: str
    groups: tuple[LadderGroup, ...]
    history: tuple[ShownRule, ...]
    older: int | None


def own_choice(options: UnitOptions, unit_id: int | None) -> str:
    """The unit that is looked at where none is asked for: the own one, or the first that may be chosen."""
    if unit_id is None:
        return ALL_UNITS
    codes = {number: code for code, number in options.allowed.ids.items()}
    return codes.get(unit_id) or next(iter(options.allowed.ids), "")


def rules_shown(
    session: Session,
    asked: ScopeAsked,
    setting: frozenset[int] | None,
    today: date,
    *,
    may_set: bool,
    before: int | None,
) -> RulesShown:
    """The ladder of a scope and the rules around it; `setting`: the units in which who looks may set rules (None = all)."""
    rows = alert_rule_store.rule_entries(session)
    above = alert_store.units_above(session)
    names = names_for(session, rows, asked)
    rules = [office_rule(row) for row in rows]
    last = _last_words(rules, today)
    shown = {
        row.rule_id: _shown(
            row, names, last, today, may_end=may_set and (setting is None or row.unit_id in setting)
        )
        for row in rows
    }
    place = scope_place(session, asked.unit_id, asked.field_id, asked.procedure_id)
    concerning = _concerning(reversed(rows), asked, above)
    history = [row for row in concerning if before is None or row.rule_id < before]
    return RulesShown(
        names.scope(asked.unit_id, asked.field_id, asked.procedure_id),
        groups_of(RuleBook(shipped_rungs(), rules, asked.day), place, shown, only_dossiers=_is_narrow(asked)),
        tuple(shown[row.rule_id] for row in history[:MOST_HISTORY]),
        history[MOST_HISTORY - 1].rule_id if len(history) > MOST_HISTORY else None,
    )  # fmt: skip


def names_for(session: Session, rows: Iterable[RuleEntry], asked: ScopeAsked) -> Names:
    """The names that rules and a scope need."""
    procedures = {row.procedure_id for row in rows} | {asked.procedure_id}
    return Names(
        {key: unit.name for key, unit in catalogue.units(session).items()},
        catalogue.fields(session),
        alert_rule_store.procedure_names(session, [each for each in procedures if each is not None]),
    )


def _is_narrow(asked: ScopeAsked) -> bool:
    return asked.field_id is not None or asked.procedure_id is not None


# ---------------------------------------------------------------- the ladder


def groups_of(
    book: RuleBook, place: Place, shown: Mapping[int, ShownRule], *, only_dossiers: bool
) -> tuple[LadderGroup, ...]:
    """The rungs that hold in a place, and those that are off there, ladder by ladder."""
    off = [rule.rung for rule in book.governing(place).values() if not rule.is_on]
    rungs = [(rung, True) for rung in book.at(place)] + [(rung, False) for rung in off]
    groups = []
    for ladder, word in LADDERS.items():
        here = [pair for pair in rungs if pair[0].ladder is ladder]
        here = [pair for pair in here if pair[0].measure in OF_DOSSIERS or not only_dossiers]
        lines = [
            _line(rung, shown, is_on=is_on) for rung, is_on in sorted(here, key=lambda pair: pair[0].rank)
        ]
        if lines:
            groups.append(LadderGroup(word, tuple(lines)))
    return tuple(groups)


def _line(rung: Rung, shown: Mapping[int, ShownRule], *, is_on: bool) -> LadderLine:
    return LadderLine(
        rung.measure, rung.threshold, rung_words(rung.measure, rung.threshold), who_words(rung.who),
        " ".join(rung.who), rung.is_urgent, is_on, shown.get(rung.rule_id) if rung.rule_id is not None else None,
    )  # fmt: skip


def seen_ladder(seen: RulePreview) -> tuple[tuple[str, str, bool, bool], ...]:
    """The ladder that a rule would give, from the mildest up: rung, whom it tells, urgent, of an office."""
    return tuple(
        (
            rung_words(rung.measure, rung.threshold),
            who_words(rung.who),
            rung.is_urgent,
            rung.rule_id == NOT_YET_KEPT,
        )
        for rung in sorted(seen.ladder, key=lambda each: (list(LADDERS).index(each.ladder), each.rank))
        if rung.ladder is seen.about
    )


# ---------------------------------------------------------------- what was set


def _last_words(rules: Iterable[OfficeRule], today: date) -> dict[tuple[RuleScope, date], OfficeRule]:
    """Of each scope, for today and for each later day on which a rule begins, the rule that speaks then."""
    last: dict[tuple[RuleScope, date], OfficeRule] = {}
    for rule in sorted(rules, key=lambda each: (each.valid_from, each.rule_id)):
        last[rule.scope, max(rule.valid_from, today)] = rule
    return last


def _shown(
    row: RuleEntry,
    names: Names,
    last: Mapping[tuple[RuleScope, date], OfficeRule],
    today: date,
    *,
    may_end: bool,
) -> ShownRule:
    rule = office_rule(row)
    speaker = last[rule.scope, max(rule.valid_from, today)]
    speaks = speaker.rule_id == row.rule_id
    if rule.is_taken_back:
        state = TAKING_BACK
    elif not speaks:
        state = TAKEN_BACK if speaker.is_taken_back else REPLACED
    else:
        state = LATER if row.valid_from > today else IN_USE
    return ShownRule(
        row, names.scope(row.unit_id, row.field_id, row.procedure_id), rung_words(rule.measure, rule.threshold),
        who_words(rule.who), state, may_end and speaks and not rule.is_taken_back,
    )  # fmt: skip


def _concerning(
    rows: Iterable[RuleEntry], asked: ScopeAsked, above: Mapping[int, int | None]
) -> Iterator[RuleEntry]:
    """The rules that say anything of the scope, or of a part of it."""
    under = units_under(above, asked.unit_id)
    near = None if under is None else {None, *under, *path_of(above, asked.unit_id)}
    for row in rows:
        pairs = ((row.field_id, asked.field_id), (row.procedure_id, asked.procedure_id))
        if (near is None or row.unit_id in near) and all(
            said is None or wanted is None or said == wanted for said, wanted in pairs
        ):
            yield row


# ---------------------------------------------------------------- the form


@dataclass(frozen=True, slots=True)
class MeasureChoice:
    """What a rule may be about, with the thresholds that it may have."""

    key: str
    word: str
    unit: str
    lowest: int
    highest: int


UNITS_OF: Mapping[Measure, str] = {
    Measure.SHARE_USED: "% thời hạn",
    Measure.BUDGET: "% mức của năm",
    Measure.CALENDAR: "năm",
    Measure.NOBODY: "cảnh báo",
    Measure.FLOOD: "hồ sơ",
}


def measure_choices(asked: ScopeAsked) -> tuple[MeasureChoice, ...]:
    """What a rule of the scope may be about."""
    fitting = OF_DOSSIERS if _is_narrow(asked) else frozenset(Measure) if asked.unit_id is None else OF_UNITS
    return tuple(
        MeasureChoice(each.value, MEASURE_WORDS[each], UNITS_OF.get(each, "ngày làm việc"), *RANGES[each])
        for each in Measure
        if each in fitting
    )
