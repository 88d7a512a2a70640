"""Reports as sources make them, invented: form 06 as a table of text, and one load after the other."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from tests.flows.office import Office, row

FORM_06 = (
    ("", "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH"),
    ("", "Từ ngày {start} đến ngày {end}"),
    ("STT", "Đơn vị", "Số hồ sơ nhận giải quyết", "", "", "", "Số hồ sơ đã giải quyết", "", "", "", "Số lượng hồ sơ đang giải quyết", "", ""),
    ("", "", "Tổng số", "Trong đó", "", "", "Tổng số", "Trong đó", "", "", "Tổng số", "Trong đó", ""),
    ("", "", "", "Trực tuyến", "Trực tiếp, dịch vụ bưu chính", "Từ kỳ trước", "", "Trước hạn", "Đúng hạn", "Quá hạn", "", "Trong hạn", "Quá hạn"),
)  # fmt: skip
COLUMNS = (
    "total", "received_online", "received_direct", "carried_over", "finished", "early", "on_time", "late",
    "open", "open_in_time", "open_late",
)  # fmt: skip


def form_06(
    rows: Mapping[str, Mapping[str, int]],
    *,
    start: str = "01/07/2026",
    end: str = "31/07/2026",
    name: str = "Đơn vị",
) -> str:
    """Form 06 (layout e) as semicolon-separated text; a row's measures that are not given are empty cells."""
    head = [
        [cell.format(start=start, end=end) if cell != "Đơn vị" else name for cell in line] for line in FORM_06
    ]
    body: list[Sequence[str]] = [
        [str(number), unit, *(str(figures.get(column, "")) for column in COLUMNS)]
        for number, (unit, figures) in enumerate(rows.items(), 1)
    ]
    return "\n".join(";".join(line) for line in [*head, *body]) + "\n"


def load(office: Office, *rows: Mapping[str, str], full: bool = True, source: str = "main") -> Any:
    """One file of a source, an hour after whatever came before."""
    office.now += timedelta(hours=1)
    path = office.write(f"{source}-{office.now:%d%H%M}.csv", rows)
    return office.ask("ingest", path, "--source", source, *(["--full"] if full else []))


def july(number: int | str, **given: str) -> dict[str, str]:
    """A dossier received on 1 July 2026, due on the 15th, open."""
    usual = {"received_at": "01/07/2026 08:00:00", "due_at": "15/07/2026 17:00:00"}
    return row(number, **{**usual, **given})
