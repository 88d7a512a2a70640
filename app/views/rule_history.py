"""The history of what the office reckons by: one dated list with filters, and the same as a workbook."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from flask import render_template, request, send_file
from werkzeug.wrappers import Response

from app import current, rule_history
from app.access import CHANGES_DECIDERS, CHANGES_READERS, Permission
from app.calendar_page import STATES
from app.pages import Pages
from app.rule_history import KINDS, RuleLine, history, read_filters
from app.typed_numbers import page_asked
from app.works.exporting import XLSX
from tracker.reports.listing import Column, write_xlsx

blueprint = Pages("rule_history", __name__, url_prefix="/kiem-tra")

PAGE = 50
COLUMNS: tuple[Column, ...] = (
    ("Lúc", 17), ("Loại", 22), ("Thay đổi", 34), ("Nội dung", 60), ("Lý do, văn bản", 34), ("Đề nghị", 14),
    ("Quyết định", 14), ("Kết quả", 20), ("Ảnh hưởng", 36),
)  # fmt: skip


@blueprint.get("/lich-su", permission=Permission(CHANGES_READERS | CHANGES_DECIDERS))
def page() -> str:
    """Changes of rules, newest first, 50 a page."""
    chosen = read_filters(request.args, current.now().date())
    lines, number = history(current.context(), chosen), page_asked(request.args)
    current.log("rules_view", "rules", chosen.as_address())
    return render_template(
        "rule_history.html", chosen=chosen, lines=lines[PAGE * (number - 1) : PAGE * number], count=len(lines), page=number,
        pages=-(-len(lines) // PAGE), kinds=KINDS, states=STATES, words=rule_history,
    )  # fmt: skip


@blueprint.get("/lich-su.xlsx", permission=Permission(CHANGES_READERS | CHANGES_DECIDERS, here_only=True))
def export() -> Response:
    """The same, whole."""
    chosen, file = read_filters(request.args, current.now().date()), BytesIO()
    title = f"Lịch sử lịch làm việc và quy tắc, từ {chosen.first:%d/%m/%Y} đến {chosen.last:%d/%m/%Y}"
    rows = write_xlsx(file, COLUMNS, _cells(history(current.context(), chosen)), title, as_text=True)
    file.seek(0)
    current.log("rules_export", "rules", {**chosen.as_address(), "rows": rows})
    name = f"lich-su-quy-tac-{chosen.first:%Y%m%d}-{chosen.last:%Y%m%d}.xlsx"
    return send_file(file, XLSX, as_attachment=True, download_name=name)


def _cells(lines: list[RuleLine]) -> Iterator[list[Any]]:
    for line in lines:
        yield [
            line.at, KINDS[line.kind], line.title, "; ".join(line.told), line.reason, line.asked_by, line.decided_by,
            line.state.word, line.effect,
        ]  # fmt: skip
