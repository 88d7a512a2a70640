"""What stands beside one dossier, for its page: apology, letters, moved dates, other sources, alerts, notes; one question.

What was seen of the dossier itself comes with it (`dossier_queries`). Who may see what decides whoever shows it.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, bindparam
from sqlalchemy.orm import Session

from tracker.store import (
    alert_acts,
    alert_lists,
    calendar_changes,
    calendar_moves,
    differing,
    finding_lists,
    letter_rows,
    notes,
)
from tracker.store.alert_acts import AckLine, AssignmentLine
from tracker.store.alert_lists import Claimed, ToldRow
from tracker.store.alert_standing import DOSSIER
from tracker.store.differing import DifferingTelling
from tracker.store.finding_lists import StandingFinding
from tracker.store.gathered import Row, Together
from tracker.store.letter_rows import ListedDuty, ListedLetter
from tracker.store.notes import NoteLine
from tracker.types.calendars import JournalRow

NAME, NUMBER = 2, 1  # of who is told of an alert


class DossierSheet(NamedTuple):
    """Its obligation, if it ever had one; its letters in order and the change of the calendar that overtook each; the changes
    that moved it, oldest first; what other sources tell otherwise; alerts, words, assignments and notes, the newest first;
    signs that stand.
    """

    duty: ListedDuty | None
    letters: list[ListedLetter]
    overtaken: Mapping[int, int]
    journal: list[JournalRow]
    differing: list[DifferingTelling]
    claims: list[Claimed]
    told: list[ToldRow]
    acks: list[AckLine]
    assignments: list[AssignmentLine]
    notes: list[NoteLine]
    findings: list[StandingFinding]


def sheet_of(session: Session, dossier_id: int) -> DossierSheet:
    """Everything beside a dossier; of a number that is none nothing."""
    asked = _asked(session.get_bind().dialect.name)
    found = asked.ask(session, {"dossier_id": dossier_id})
    marks = sorted(found["marks"], key=_firsts)
    people = sorted(found["told"], key=lambda row: (-row[0], row[NAME], row[NUMBER]))
    return DossierSheet(
        duty=next((ListedDuty._make(row) for row in found["duty"]), None),
        letters=[ListedLetter._make(row[:-1]) for row in sorted(found["letters"], key=_last)],
        overtaken={letter_id: int(change_id) for letter_id, _, change_id in marks},
        journal=[JournalRow(*row) for row in sorted(found["journal"], key=_firsts)],
        differing=[DifferingTelling._make(row[:-1]) for row in sorted(found["differing"], key=_last)],
        claims=[Claimed._make(row[:-2]) for row in sorted(found["claims"], key=_newest_and_worst)],
        told=[ToldRow._make(row) for row in people],
        acks=[AckLine._make(row[:-1]) for row in sorted(found["acks"], key=_last, reverse=True)],
        assignments=[
            AssignmentLine._make(row[:-1]) for row in sorted(found["assignments"], key=_last, reverse=True)
        ],
        notes=[NoteLine._make(row) for row in sorted(found["notes"], key=_firsts, reverse=True)],
        findings=[StandingFinding._make(row) for row in sorted(found["findings"])],
    )


@cache
def _asked(dialect: str) -> Together:
    """Made once: making it costs more than asking it."""
    number: Any = bindparam("dossier_id", type_=BigInteger)
    queries = {
        "duty": letter_rows.duty_query(number),
        "letters": letter_rows.letters_query(number),
        "marks": calendar_moves.marks_query(number),
        "journal": calendar_changes.journal_query(number),
        "differing": differing.differing_query(number),
        "claims": alert_lists.ladder_query(DOSSIER, number),
        "told": alert_lists.told_query(DOSSIER, number),
        "acks": alert_acts.acks_query(number),
        "assignments": alert_acts.assignments_query(number),
        "notes": notes.notes_query(number),
        "findings": finding_lists.standing_query(number),
    }
    return Together(dialect, queries)


def _firsts(row: Row) -> tuple[Any, Any]:
    return row[0], row[1]


def _last(row: Row) -> Any:
    return row[-1]


def _newest_and_worst(row: Row) -> tuple[int, int, int]:
    """By look, rank and number: all the other way round."""
    return -row[-2], -row[-1], -row[0]
