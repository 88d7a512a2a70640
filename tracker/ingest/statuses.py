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
NO_END = (None, None, None, None)
DELETIONS = ("deleted_at", "deletion_reason")


def complete_statuses(out: RecordColumns, cells: Mapping[str, Sequence[str]], dates: DateReader) -> None:
    """Fill in the status where the source gives none, or a word that says something else; the word itself is kept.

    `dates` reads what stands in a column of deletions.
    """
    words, texts = out.words["status"], out.status_texts
    refused, finished = out.dates["refused_at"], out.dates["finished_at"]
    folded = {text: fold(text) for text in set(texts)}
    claims = known_words()["claim"]
    ends = zip(finished, refused, *(out.dates[name] for name in ("returned_at", "withdrawn_at")), strict=True)
    for position, (word, text, told) in enumerate(zip(words, texts, ends, strict=True)):
        if not word:
            if not text or folded[text] in claims:
                words[position] = _status_of_dates(out.dates, position)
            else:
                words[position] = SourceStatus.UNKNOWN.value
                out.flag(position, "STATUS_UNKNOWN")
        elif word in DONE:
            if told == NO_END:
                # Some senders say so of what waits (a suspension stands), others forget the date.
                stands = any(pause.end is None for pause in out.suspensions[position])
                out.flag(position, "STATUS_LOSSY" if stands else "END_MISSING")
            elif folded[text] in REFUSED_WORDS and refused[position] is None:
                refused[position] = finished[position]
    for name in DELETIONS:
        _delete(out, cells.get(name, ()), dates)


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
