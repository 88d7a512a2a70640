"""Elements of a payload as rows: each one is a dossier, there are no headings, totals or blank lines among them."""

from collections.abc import Sequence

from tracker.ingest.rows import RowFinder
from tracker.types import Rejection


class ElementFinder(RowFinder):
    """Finds nothing to pass over: an element without a code is rejected, whatever else it holds."""

    def _table_rows(
        self, row_numbers: Sequence[int], rows: Sequence[list[str]]
    ) -> tuple[list[int], list[list[str]], dict[int, Rejection]]:
        code_at = self.layout.columns["dossier_code"]
        heading = self.layout.heading("dossier_code")
        # Rows of a list without codes get theirs afterwards.
        codes = [] if self.layout.has_provisional_codes else [row[code_at] for row in rows]
        rejected = {
            position: self._rejection(row_numbers[position], heading, "", "CODE_MISSING", "thiếu mã hồ sơ")
            for position, code in enumerate(codes)
            if not code.strip()
        }
        return list(row_numbers), list(rows), rejected
