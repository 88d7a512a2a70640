"""Checking the log and telling what came of it: the same for the command line, a piece of work and the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.grip import Grip
from tracker.measures.log_chain import ChainReport, read_seal_lines
from tracker.store import audit


def verify_log(grip: Grip) -> Mapping[str, Any]:
    """Check the whole log as a piece of work; `lines` of its parameters are seal lines kept outside."""
    outside = read_seal_lines("\n".join(grip.params.get("lines", ())))
    with grip.context.store.read() as session:
        report = audit.verify(
            session, outside, lambda count: grip.progress(count, None, f"đã đọc {counted(count)}")
        )
    return document(report)


def counted(count: int) -> str:
    """So many entries, as people write numbers."""
    return f"{count:,} mục".replace(",", ".")


def document(report: ChainReport) -> dict[str, Any]:
    """The outcome as the contract prints it."""
    return {
        "ok": not report.broken,
        "checked": report.checked,
        "seals": report.seals,
        "lines": report.lines,
        "broken": [
            {
                "code": each.code,
                "entry": each.entry_id,
                "day": each.day.isoformat() if each.day else None,
                "text": each.text,
            }
            for each in report.broken
        ],
    }


def told(found: Mapping[str, Any]) -> Sequence[str]:
    """The outcome in sentences; `found` as of `document`."""
    lines = f", {found['lines']} dòng giữ bên ngoài" if found["lines"] else ""
    read = f"{counted(found['checked'])}, {found['seals']} niêm phong{lines}"
    if not found["ok"]:
        return [
            f"Nhật ký KHÔNG nguyên vẹn (đã đọc {read}):",
            *(f"  {each['text']}" for each in found["broken"]),
        ]
    if found["lines"]:
        return [f"Nhật ký nguyên vẹn: {read}; chuỗi khớp từ đầu đến cuối và khớp với các dòng giữ bên ngoài."]
    return [
        f"Chuỗi khớp từ đầu đến cuối: {read}.",
        "Để chắc rằng nhật ký không bị viết lại toàn bộ hay cắt đuôi, hãy đối chiếu với dòng niêm phong giữ bên ngoài.",
    ]
