"""Official forms: gather the counts of the rates, fill the edition of the period."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tracker.errors import UsageError
from tracker.forms_data import choose_edition, form_edition, load_form_editions
from tracker.measures.form_counts import FormEdition, FormGroup, FormTable, filled
from tracker.measures.rates import total
from tracker.pipeline.figures import RatesQuestion, rates
from tracker.store import catalogue, edition_store
from tracker.store.session import Session, Store
from tracker.text import fold
from tracker.types import Basis, Channel, Level, RateRow, RatesAnswer, UnitRef
from tracker.types.editions import EditionEntryRow, EditionKind
from tracker.types.reconciling import OurCounts

NO_UNIT, NO_FIELD = "Chưa rõ đơn vị", "Chưa rõ lĩnh vực"
NUMERAL = re.compile(r"[0-9]+")
Key = tuple[Level, str]


@dataclass(frozen=True, slots=True)
class FormQuestion:
    """Which form of which period and units (None: all), on which basis, judged when, by what was known, which edition."""

    form: str
    start: date
    end: date
    as_of: datetime
    unit_ids: frozenset[int] | None = None
    basis: Basis = Basis.SOURCE
    known: datetime | None = None
    edition: str | None = None


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """A filled form with its question; `excluded`: what is counted nowhere, told only where all units are asked for."""

    question: FormQuestion
    table: FormTable
    excluded: Mapping[str, int]


def form(store: Store, question: FormQuestion) -> FormAnswer:
    """Fill a form.

    Raises:
        UsageError: there is no such edition, or nothing was known then: numbers that nobody knows are not written as 0.
    """
    with store.read() as session:
        there = [kept.edition for kept in kept_forms(session, question.known)]
        edition = choose_edition(there, question.form, question.start, question.edition)
        units = {unit.code: unit for unit in catalogue.units(session).values()}
    answer = rates(store, _asked(edition, question))
    if answer.unknown:
        raise UsageError(answer.unknown)
    groups = _groups(edition, _inside(answer, units, question), units)
    table = filled(edition, groups, _standing(edition, units.values(), question))
    return FormAnswer(question, table, answer.excluded if question.unit_ids is None else {})


@dataclass(frozen=True, slots=True)
class KeptForm:
    """An edition of a form with the entry by which the office set it; None: as it is shipped."""

    edition: FormEdition
    entry: EditionEntryRow | None


def kept_forms(session: Session, known: datetime | None = None) -> tuple[KeptForm, ...]:
    """Every edition by what was entered by `known` (None: now); what the office added stands before what is shipped."""
    entered = edition_store.governing(session, EditionKind.FORM, known)
    shipped = {(each.form, each.key): KeptForm(each, None) for each in load_form_editions()}
    own = {key: KeptForm(form_edition(row.new.body), row) for key, row in entered.items()}
    added = {key: kept for key, kept in own.items() if key not in shipped}
    return tuple(sorted((added | shipped | own).values(), key=lambda kept: kept.edition.form))


def _asked(edition: FormEdition, question: FormQuestion) -> RatesQuestion:
    by = ["level", "channel"]
    if edition.rows == "unit" or question.unit_ids is not None:
        by.append("unit_code")
    if edition.rows == "field":
        by.append("field")
    return RatesQuestion(
        question.start, question.end, question.as_of, tuple(by), question.basis, question.known
    )


def _inside(answer: RatesAnswer, units: Mapping[str, UnitRef], question: FormQuestion) -> list[RateRow]:
    """The rows of the units asked for."""
    if question.unit_ids is None:
        return list(answer.rows)
    codes = {code for code, unit in units.items() if unit.unit_id in question.unit_ids}
    return [row for row in answer.rows if row.keys["unit_code"] in codes]


def _groups(edition: FormEdition, rows: Sequence[RateRow], units: Mapping[str, UnitRef]) -> list[FormGroup]:
    """The rows of the form: fields by name, units in the order of the catalogue."""
    row_key = "field" if edition.rows == "field" else "unit_code"
    found: dict[Key, list[RateRow]] = {}
    for row in rows:
        found.setdefault((Level(row.keys["level"]), row.keys[row_key]), []).append(row)
    order = _by_name if edition.rows == "field" else _by_code
    return [
        FormGroup(level, _name(edition, key, units), _counts(found[level, key]))
        for level, key in sorted(found, key=order)
    ]


def _by_name(key: Key) -> tuple[bool, str]:
    return key[1] == Level.UNKNOWN.value, fold(key[1])


def _by_code(key: Key) -> tuple[bool, tuple[int, ...]]:
    return key[1] == Level.UNKNOWN.value or key[1].startswith("?"), code_order(key[1])


def code_order(code: str) -> tuple[int, ...]:
    """The numbers of a unit's code, so that H15.14 stands before H15.101."""
    return tuple(map(int, NUMERAL.findall(code)))


def _name(edition: FormEdition, key: str, units: Mapping[str, UnitRef]) -> str:
    if edition.rows == "field":
        return NO_FIELD if key == Level.UNKNOWN.value else key
    return units[key].name if key in units else NO_UNIT


def _counts(rows: Iterable[RateRow]) -> OurCounts:
    received: dict[Channel, int] = {}
    rows = list(rows)
    for row in rows:
        channel = Channel(row.keys["channel"])
        received[channel] = received.get(channel, 0) + row.counts.received
    return OurCounts(total(row.counts for row in rows), received)


def _standing(edition: FormEdition, units: Iterable[UnitRef], question: FormQuestion) -> set[Level]:
    """The levels of which a unit was there in the period: their blocks are printed even without a dossier."""
    if edition.rows == "field" or question.unit_ids is not None:
        return set()
    return {
        unit.level
        for unit in units
        if unit.level is not Level.UNKNOWN
        and (unit.valid_from or date.min) <= question.end
        and question.start <= (unit.valid_to or date.max)
    }
