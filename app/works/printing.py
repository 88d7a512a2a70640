"""Letters and their papers as one zip for the printer, made by a worker; kept and deleted as other exports are."""

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.grip import Grip
from app.letter_prints import office_of, print_act, print_into, read_filters
from app.works.exporting import Watch, keep_file, view_of
from letters.print_papers import Omitted
from letters.printing import PrintReport, PrintWish
from tracker.errors import UsageError
from tracker.store import audit, letter_prints

NOTHING = "không có thư nào để in với lựa chọn này; chọn bước khác, hoặc xem những điều cần xem lại ở sổ thư"
SHOWN = 50  # what was left out, as the page tells it; the zip tells all


def print_letters(grip: Grip) -> None:
    """Everything of the params' letters, as their asker was allowed to read them when asking."""
    reports: list[PrintReport] = []

    def write(target: Path, _watch: Watch) -> str:
        reports.append(_written(grip, target))
        return f"thu-xin-loi-{grip.now():%Y%m%d-%H%M}.zip"

    kept = keep_file(grip, 0, write, kind="letters")
    (report,) = reports
    with grip.context.store.transaction() as session:
        grip.finish_in(session, {"file": kept["file"], "sha256": kept["sha256"], **result_of(report)})
        act = print_act(report, grip.row.asked_by, grip.now(), work=grip.row.work_id, sha256=kept["sha256"])
        audit.append_acts(session, [act])


def _written(grip: Grip, target: Path) -> PrintReport:
    context, now = grip.context, grip.now()
    chosen, view = read_filters(grip.params["filters"]), view_of(grip.params["view"])
    choice = chosen.choice(view.unit_ids)
    with context.store.read() as session:
        total = sum(each.letters for each in letter_prints.print_counts(session, choice))
    wish = PrintWish(chosen.parts, office_of(context) if chosen.is_pdf else None)
    folder = target.with_name("files")
    report = print_into(
        context, folder, choice, wish, now=now, watch=lambda done, words: grip.progress(done, total, words)
    )
    if not report.files:
        raise UsageError(_nothing(report.omitted))
    _pack(folder, target)
    shutil.rmtree(folder)
    return report


def _nothing(omitted: tuple[Omitted, ...]) -> str:
    return f"không in được thư nào; {omitted[0].code}: {omitted[0].why}" if omitted else NOTHING


def _pack(folder: Path, target: Path) -> None:
    """What is inside is packed already."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())


def result_of(report: PrintReport) -> dict[str, Any]:
    """What was made, as JSON values."""
    return {
        "printed": len(report.printed),
        "made": len(report.files),
        "told": spans(report.told),
        "omitted": len(report.omitted),
        "omitted_lines": [{"code": each.code, "why": each.why} for each in report.omitted[:SHOWN]],
    }


# ---------------------------------------------------------------- many ids in few signs


def spans(ids: tuple[int, ...]) -> str:
    """Ids as "1-3,7": of fifty thousand letters of one draft one span is left."""
    found: list[list[int]] = []
    for each in sorted(set(ids)):
        if found and found[-1][1] == each - 1:
            found[-1][1] = each
        else:
            found.append([each, each])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def ids_of(told: str) -> list[int]:
    """The ids again."""
    pairs = (part.partition("-") for part in told.split(",") if part)
    return [each for first, _, last in pairs for each in range(int(first), int(last or first) + 1)]


def told_ids(result: Mapping[str, Any]) -> list[int]:
    """The letters that the notices of a finished print tell of."""
    return ids_of(str(result.get("told", "")))
