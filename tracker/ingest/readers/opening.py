"""Which reader a file needs: told by what is in it, never by its name."""

from contextlib import ExitStack
from pathlib import Path

from tracker.ingest.layout import Table
from tracker.ingest.readers.csv_reader import open_csv


def open_tables(stack: ExitStack, path: Path, *, max_mib: int) -> list[Table]:
    """The tables of a file, their headers read; they stay open until `stack` closes.

    Raises:
        UnusableFile: the file cannot be used at all.
    """
    return [stack.enter_context(open_csv(path, max_mib=max_mib))]
