"""Batches -> the export file: UTF-8 with BOM, comma, CRLF, the headers of the ingest's Vietnamese layout."""

from collections.abc import Iterable
from pathlib import Path

from tracker.synthetic.batch import Batch
from tracker.synthetic.cells import COLUMNS, HEADERS, Cells, Pools, chunks
from tracker.synthetic.writer import Written, complete_text


def quoted(text: str) -> str:
    """A cell, in quotes where it must be."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


class CsvWriter:
    """One file per stem."""

    def __init__(self, pools: Pools) -> None:
        self._cells = Cells(pools, quoted)

    def write(self, stem: Path, batches: Iterable[Batch]) -> Written:
        """Write `<stem>.csv`."""
        path = stem.with_name(stem.name + ".csv")
        rows = 0
        with complete_text(path, "utf-8-sig") as stream:
            stream.write(",".join(HEADERS) + "\r\n")
            for batch in batches:
                for part in chunks(batch):
                    stream.write(self._lines(part))
                rows += len(batch)
        return Written([path], rows)

    def _lines(self, batch: Batch) -> str:
        columns = [self._cells.column(column, batch) for column in COLUMNS]
        return "".join([",".join(cells) + "\r\n" for cells in zip(*columns, strict=True)])
