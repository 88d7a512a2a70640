"""How the operating log is written: its form, from which level on, and where."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMS = ("auto", "json", "words")
LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class LogConfig:
    """`form`: one of `FORMS`; `folder` None: standard error, else files of `file_mib` each, of which so many are kept."""

    form: str
    level: str
    folder: Path | None
    file_mib: int
    files_kept: int


def log_of(values: Mapping[str, Any], data_dir: Path) -> LogConfig:
    """The section `[log]`; a relative folder lies below the data folder."""
    folder = values["log.folder"].strip()
    return LogConfig(
        values["log.form"],
        values["log.level"],
        data_dir / folder if folder else None,
        values["log.file_mib"],
        values["log.files_kept"],
    )
