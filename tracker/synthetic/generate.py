"""`generate`: the presets by name. Writes files only; what is in them is the business of the presets."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path

from tracker.errors import UsageError
from tracker.synthetic import stress, today
from tracker.synthetic.daklak_2022 import Counts, write_daklak_2022

PRESETS = ("daklak-2022", "today", "stress")


@dataclass(frozen=True, slots=True)
class GenerateResult:
    """The files written and their rows; `counts` says what daklak-2022 holds exactly (dossiers, late ones)."""

    files: list[Path]
    rows: int
    counts: Mapping[str, int] = field(default_factory=dict)


def generate(
    preset: str, out: Path, *, rows: int | None, seed: int, as_of: date, scale: float = 1.0
) -> GenerateResult:
    """Write a preset into the folder `out`, made if need be; UsageError for an unknown preset or size."""
    if preset not in PRESETS:
        raise UsageError(f"không có bộ dữ liệu {preset}; có: {', '.join(PRESETS)}")
    if (rows is not None and rows < 1) or scale <= 0:
        raise UsageError("số dòng và tỷ lệ phải lớn hơn 0")
    out.mkdir(parents=True, exist_ok=True)
    if preset == "daklak-2022":
        counts = Counts().scaled(scale if rows is None else rows / Counts().rows)
        return _result(write_daklak_2022(out, seed, counts), asdict(counts))
    if preset == "today":
        return _result(today.write_today(out, seed, rows or _scaled(today.DEFAULT_ROWS, scale), as_of))
    return _result(stress.write_stress(out, seed, rows or _scaled(stress.DEFAULT_ROWS, scale), as_of))


def _scaled(rows: int, scale: float) -> int:
    return max(1, round(rows * scale))


def _result(files: list[tuple[Path, int]], counts: Mapping[str, int] | None = None) -> GenerateResult:
    return GenerateResult([path for path, _ in files], sum(rows for _, rows in files), counts or {})
