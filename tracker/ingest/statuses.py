"""The status of each row where its word alone does not say it: from dates, claims of being in time, open suspensions.

Source: formats note 5.3 and 5.5 nos. 3, 9 and 31.
"""

from collections.abc import Mapping, Sequence

from tracker.ingest.columns import RecordColumns
from tracker.ingest.dates import EMPTY, DateReader, Sentinel
from tracker.ingest.words import known_words
from tracker.text import fold
from tracker.types import SourceStatus

REFUSED_WORDS = frozenset({"tu choi giai quyet", "unresolved"})
DONE = frozenset({SourceStatus.DONE.value, SourceStatus.RETURNED.value})
DELETIONS = ("deleted_at", "deletion_reason")


def complete_statuses(out: RecordColumns, cells: Mapping[str, Sequence[str]], dates: DateReader) -> None:
    """Fill in the status where the source gives none, or a word that says something else; the word itself is kept.

    `dates` reads what stands in a column of deletions.
    """
    words, texts = out.words["status"], out.status_texts
    refused, finished = out.dates["refused_at"], out.dates["finished_at"]
    claims = known_words()["claim"]
    for position, (word, text) in enumerate(zip(words, texts, strict=True)):
        if not word:
            if not text or fold(text) in claims:
                words[position] = _status_of_dates(out.dates, position)
            else:
                words[position] = SourceStatus.UNKNOWN.value
                out.flag(position, "STATUS_UNKNOWN")
        elif word in DONE:
            if fold(text) in REFUSED_WORDS and refused[position] is None:
                refused[position] = finished[position]
            _flag_missing_end(out, position)
    for name in DELETIONS:
        _delete(out, cells.get(name, ()), dates)


def _flag_missing_end(out: RecordColumns, position: int) -> None:
    """Done without a date of it: some senders say so of what waits (a suspension stands), others forget the date."""
    dates = out.dates
    if all(
        dates[name][position] is None for name in ("finished_at", "returned_at", "refused_at", "withdrawn_at")
    ):
        stands = any(pause.end is None for pause in out.suspensions[position])
        out.flag(position, "STATUS_LOSSY" if stands else "END_MISSING")


def _delete(out: RecordColumns, cells: Sequence[str], dates: DateReader) -> None:
    """Rows that their source deleted: kept, and counted as such. An unreadable date of deletion still says that."""
    for position, cell in enumerate(cells):
        if cell.strip() not in EMPTY and not _means_none(cell, dates):
            out.words["status"][position] = SourceStatus.DELETED.value
            out.flag(position, "DELETED")


def _means_none(cell: str, dates: DateReader) -> bool:
    try:
        dates.read(cell)
    except Sentinel:
        return True
    except ValueError:
        pass
    return False


def _status_of_dates(dates: Mapping[str, Sequence[int | None]], position: int) -> str:
    for name, status in (
        ("withdrawn_at", SourceStatus.WITHDRAWN),
        ("returned_at", SourceStatus.RETURNED),
        ("finished_at", SourceStatus.DONE),
        ("received_at", SourceStatus.PROCESSING),
    ):
        if dates[name][position] is not None:
            return status.value
    return SourceStatus.FILED.value
