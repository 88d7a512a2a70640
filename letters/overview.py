"""How the duty to apologise was met, for one page: figures by unit and by month, and every list, from two passes over the store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from letters.case import LetterPolicy
from letters.compliance import Compliance, compliance, of_month, of_unit
from letters.ledger_cases import Period, case_of, office_day
from letters.ledger_lists import (
    LedgerList,
    ListKey,
    delivered_late,
    second_apologies,
    units_above,
    without_lateness,
    without_letter,
    wrong_signers,
)
from tracker.store.letter_candidates import load_catalogue
from tracker.store.letter_cases import CaseFilter, case_rows, signed_lines
from tracker.store.session import Store


@dataclass(frozen=True, slots=True)
class Overview:
    """The same dossiers counted by unit and by month of the missed date, and the lists about them."""

    by_unit: Compliance
    by_month: Compliance
    lists: Mapping[ListKey, LedgerList]


@dataclass(frozen=True, slots=True)
class OverviewQuestion:
    """Which missed dates, of which units (None = all), as of which moment."""

    period: Period
    as_of: datetime
    unit_ids: frozenset[int] | None = None


def overview(store: Store, asked: OverviewQuestion, policy: LetterPolicy) -> Overview:
    """What the ledger and the letters say now; `as_of` says what is late by then."""
    chosen = CaseFilter(asked.unit_ids, asked.period.first, asked.period.last)
    with store.read() as session:
        rows = list(chain.from_iterable(case_rows(session, chosen)))
        letters = list(chain.from_iterable(signed_lines(session, chosen)))
        above = units_above(load_catalogue(session))
    day = office_day(asked.as_of)
    cases = [found for row in rows if (found := case_of(row, policy, day)) is not None]
    lists = (
        without_letter(rows, day, policy),
        without_lateness(letters),
        second_apologies(letters),
        wrong_signers(letters, above),
        delivered_late(letters, policy),
    )
    return Overview(
        compliance(cases, day, of_unit), compliance(cases, day, of_month), {each.key: each for each in lists}
    )
