"""Moving the files of a backup into the data folder, so that it can be undone until the database is in place."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from tracker.store.backup.archive import sum_of
from tracker.store.backup.workplace import PENDING, put_back


class Filing:
    """Files on their way in. Those that they replace go `aside`, and come back if the block ends with an exception.

    `waits_for`: the database that they belong to; while it lies there unplaced, also a killed restoration is undone by
    the next (`workplace.sweep`).
    """

    def __init__(self, place: Path, home: Path, *, waits_for: Path, aside: Path) -> None:
        self.aside = aside
        self._place, self._home = place, home
        self._new: list[Path] = []
        lines = (waits_for.resolve(), home, aside.resolve())
        (place / PENDING).write_text("\n".join(map(str, lines)), "utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            for path in self._new:
                path.unlink(missing_ok=True)
            put_back(self._place)
        (self._place / PENDING).unlink(missing_ok=True)

    def move_in(self, path: Path, recorded: str) -> None:
        """Put a file in its place; one of the same bytes stays, another one goes aside."""
        target = self._home / recorded
        if target.is_file():
            if sum_of(target) == sum_of(path):
                return
            aside = self.aside / recorded
            aside.parent.mkdir(parents=True, exist_ok=True)
            os.replace(target, aside)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
        self._new.append(target)
        os.replace(path, target)
