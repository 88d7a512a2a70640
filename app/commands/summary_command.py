"""`dunghen summaries`: counts and causes by month that pages and reports read, brought up to date and compared with a recount."""

from datetime import datetime

import click

from app.commands.figure_commands import grouped
from app.context import AppContext, finish
from app.options import common_options
from tracker.pipeline import cause_counting
from tracker.pipeline.cause_checking import CauseCheck, check_causes
from tracker.pipeline.summaries import SummaryCheck, check, refresh


@click.group("summaries")
def summaries_group() -> None:
    """Số liệu tổng hợp theo tháng: cập nhật, so với đếm lại."""


@summaries_group.command("refresh")
@common_options
@click.option(
    "--all-causes",
    is_flag=True,
    help="Đếm lại nguyên nhân chậm của mọi tháng (sau khi sửa bảng loại bộ phận).",
)
@click.pass_obj
def refresh_command(context: AppContext, all_causes: bool) -> None:
    """Đếm lại các tháng có hồ sơ đã đổi; máy chạy nền tự làm việc này, lệnh dùng khi không có máy chạy nền."""
    months = refresh(context.store, context.now(), context.progress)
    if all_causes:
        cause_counting.mark_all(context.store)
    causes = cause_counting.refresh(context.store, context.calendars, context.progress)
    told = f"Đã tổng hợp {grouped(months)} tháng; đếm nguyên nhân chậm của {grouped(causes)} tháng."
    context.answer({"months": months, "causes": causes}, told)


@summaries_group.command("check")
@common_options
@click.option(
    "--months", type=click.IntRange(1, 600), default=24, show_default=True, help="Số tháng gần nhất được so."
)
@click.pass_obj
def check_command(context: AppContext, months: int) -> None:
    """So số liệu tổng hợp với đếm lại từng hồ sơ."""
    found = check(context.store, context.now(), months=months)
    causes = check_causes(context.store, context.calendars, months=months)
    differences = bool(found.differences or causes.differences)
    document = _json(found) | {"ok": not differences, "causes": _causes_json(causes)}
    context.answer(document, "\n".join([_told(found, context.now()), _causes_told(causes)]))
    finish(1 if differences else 0)


def _json(found: SummaryCheck) -> dict[str, object]:
    return {
        "ok": not found.differences,
        "compared": found.compared,
        "behind": found.behind,
        "differences": [
            {"span": one.span, "group": list(one.group), "kept": one.kept, "recounted": one.recounted}
            for one in found.differences
        ],
    }


def _causes_json(found: CauseCheck) -> dict[str, object]:
    return {
        "months": found.months,
        "behind": found.behind,
        "differences": [
            {"month": one.month, "group": list(one.group), "kept": one.kept, "recounted": one.recounted}
            for one in found.differences
        ],
    }


def _causes_told(found: CauseCheck) -> str:
    lines = [f"Đã so nguyên nhân chậm của {grouped(found.months)} tháng với đếm lại từng hồ sơ."]
    if found.behind:
        lines.append("Có tháng chưa đếm lại nguyên nhân; máy chạy nền sẽ đếm.")
    lines += [
        f"  KHÁC {one.month % 100:02d}/{one.month // 100} {' / '.join(one.group)}: đang giữ {one.kept or 'không có'}, "
        f"đếm lại {one.recounted or 'không có'}"
        for one in found.differences
    ]
    return "\n".join(
        [*lines, "Cần đếm lại và tìm nguyên nhân." if found.differences else "Không có gì khác."]
    )


def _told(found: SummaryCheck, now: datetime) -> str:
    lines = [f"Đã so {grouped(found.compared)} bảng số liệu lúc {now:%d/%m/%Y %H:%M}."]
    if found.behind:
        lines.append("Có tháng chưa tổng hợp lại: câu hỏi về tháng ấy đang được đếm thẳng từ hồ sơ.")
    lines += [
        f"  KHÁC {one.span} {' / '.join(one.group)}: đang giữ {one.kept or 'không có'}, đếm lại {one.recounted or 'không có'}"
        for one in found.differences
    ]
    return "\n".join(
        [*lines, "Không có gì khác." if not found.differences else "Cần đếm lại và tìm nguyên nhân."]
    )


COMMANDS = [summaries_group]
