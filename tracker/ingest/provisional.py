"""Keys for the dossiers of a list without codes: the same row gets the same key whenever its list is told again.

A provisional code begins with a question mark, which no source writes; a person joins it to the real one later.
"""

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

from tracker.ingest.layout import UNIT, Layout
from tracker.text import PROVISIONAL, fold

CODE_MISSING = "CODE_MISSING"
# What tells one dossier from another; one of the first two must be there.
TELLING = ("applicant_name", "procedure_name", "received_at", "summary", UNIT)
LEAST = TELLING[:2]


class ProvisionalCodes:
    """Gives codes to the rows of one file; equal rows are numbered in their order."""

    def __init__(self, layout: Layout) -> None:
        self._telling = [layout.columns[name] for name in TELLING if name in layout.columns]
        self._least = [layout.columns[name] for name in LEAST if name in layout.columns]
        self._seen: Counter[str] = Counter()

    def code(self, row: Sequence[str]) -> str:
        """The code of a row; empty where it names neither an applicant nor what is asked for."""
        if not any(row[at].strip() for at in self._least):
            return ""
        told = "\x1f".join(fold(row[at]) for at in self._telling)
        key = PROVISIONAL + blake2b(told.encode(), digest_size=6).hexdigest().upper()
        self._seen[key] += 1
        return key if self._seen[key] == 1 else f"{key}-{self._seen[key]}"
