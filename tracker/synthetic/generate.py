"""`generate`: the presets by name, in a form. Writes files only; what is in them is the business of the presets."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Unpack

from tracker.errors import UsageError
from tracker.synthetic.daklak_2022 import Counts, make_daklak_2022
from tracker.synthetic.forms import Form, FormOptions, make_writer
from tracker.synthetic.planted_causes import Planted
from tracker.synthetic.portal_wire import WIRES
from tracker.synthetic.progress_writer import ProgressWriter
from tracker.synthetic.stress import DEFAULT_ROWS as STRESS_ROWS
from tracker.synthetic.stress import make_stress
from tracker.synthetic.today import DEFAULT_ROWS as TODAY_ROWS
from tracker.synthetic.today import make_today
from tracker.synthetic.writer import Export, Writer, Written

PRESETS = ("daklak-2022", "today", "stress")


@dataclass(frozen=True, slots=True)
class GenerateResult:
    """The files written, the dossiers and progress events in them; `counts` says what daklak-2022 holds exactly.

    `progress` are files of steps of some of these dossiers, which change no figure, and `planted` the causes of lateness
    that are in them.
    """

    files: list[Path]
    rows: int
    counts: Mapping[str, int] = field(default_factory=dict)
    events: int = 0
    progress: list[Path] = field(default_factory=list)
    progress_events: int = 0
    planted: tuple[Planted, ...] = ()


def generate(
    preset: str,
    out: Path,
    *,
    rows: int | None,
    seed: int,
    as_of: date,
    scale: float = 1.0,
    **options: Unpack[FormOptions],
) -> GenerateResult:
    """Write a preset into the folder `out`, made if need be, as CSV unless `kind` and its options say otherwise.

    UsageError for an unknown preset or size, and for options that do not go together; nothing is written then.
    """
    form = Form(**options)
    if preset not in PRESETS:
        raise UsageError(f"không có bộ dữ liệu {preset}; có: {', '.join(PRESETS)}")
    if (rows is not None and rows < 1) or scale <= 0:
        raise UsageError("số dòng và tỷ lệ phải lớn hơn 0")
    counts = Counts().scaled(scale if rows is None else rows / Counts().rows)
    if preset == "daklak-2022":
        export = make_daklak_2022(seed, counts)
    elif preset == "today":
        export = make_today(seed, rows or _scaled(TODAY_ROWS, scale), as_of)
    else:
        export = make_stress(seed, rows or _scaled(STRESS_ROWS, scale), as_of)
    parts = _write(export, make_writer(form, export, as_of), out)
    told = export.progress() if export.progress else None
    steps = [ProgressWriter(export.pools, form.wire or WIRES[0]).write(out, told)] if told else []
    return GenerateResult(
        files=[path for part in parts for path in part.files],
        rows=sum(part.rows for part in parts),
        counts=asdict(counts) if preset == "daklak-2022" else {},
        events=sum(part.events for part in parts),
        progress=[each.file for each in steps],
        progress_events=sum(each.events for each in steps),
        planted=told.planted if told else (),
    )


def _scaled(rows: int, scale: float) -> int:
    return max(1, round(rows * scale))


def _write(export: Export, writer: Writer, out: Path) -> list[Written]:
    out.mkdir(parents=True, exist_ok=True)
    return [writer.write(out / stem, batches) for stem, batches in export.parts]
