"""`dunghen db partition`: PostgreSQL with a partition a year, for stores of millions of dossiers."""

from contextlib import closing

import click

from app.commands.shared import note_act
from app.context import AppContext
from app.options import common_options
from app.presenters import number
from tracker.errors import UsageError
from tracker.store.migrate import ensure_current
from tracker.store.partitioning import Moved, Plan, convert, look, tidy
from tracker.store.partitioning import undo as make_whole
from tracker.store.partitions import prepare
from tracker.store.session import open_store

MEBIBYTE = 1 << 20


@click.command("partition")
@common_options
@click.option("--dry-run", is_flag=True, help="Chỉ nói sẽ làm gì và cần bao nhiêu chỗ trống, không đổi gì.")
@click.option("--undo", is_flag=True, help="Gộp lại thành bảng thường, như trước khi chia.")
@click.pass_obj
def db_partition(context: AppContext, *, dry_run: bool, undo: bool) -> None:
    """Chia các bảng lớn của PostgreSQL thành phân vùng, mỗi năm một phân vùng.

    Chạy khi đã dừng serve, worker và scheduler, sau khi đã sao lưu. Làm trong một giao dịch: dừng giữa chừng thì cơ sở
    dữ liệu vẫn như cũ. Chạy lại không đổi gì.
    """
    if dry_run and undo:
        raise UsageError("chỉ dùng một trong hai: --dry-run, --undo")
    now = context.now()
    if undo:
        _undo(context)
        return
    with closing(open_store(context.config.database_url)) as store:
        ensure_current(store)
        plan = look(store, now)
        context.progress(_needed(plan))
        if dry_run:
            context.answer(_planned(plan), _plan_told(plan))
            return
        moved = convert(store, now, context.progress) if plan.tables else ()
        tidy(store, tuple(each.table for each in moved), context.progress)
        made = prepare(store, now)
    if moved or made:
        note_act(context, "db_partition", "database", {"tables": len(moved), "rows": _rows(moved)})
    document = {
        "tables": [each._asdict() for each in moved],
        "rows": _rows(moved),
        "made": list(made),
        "before": list(plan.done),
    }
    context.answer(document, _told(moved, made))


def _undo(context: AppContext) -> None:
    with closing(open_store(context.config.database_url)) as store:
        ensure_current(store)
        moved = make_whole(store, context.progress)
    if moved:
        note_act(context, "db_partition", "database", {"undone": len(moved), "rows": _rows(moved)})
    told = f"Đã gộp {len(moved)} bảng và đối chiếu {number(_rows(moved))} dòng: trước và sau giống nhau."
    document = {"tables": [each._asdict() for each in moved], "rows": _rows(moved)}
    context.answer(document, told if moved else "Không có bảng nào được chia theo năm.")


def _rows(moved: tuple[Moved, ...]) -> int:
    return sum(each.rows for each in moved)


def _needed(plan: Plan) -> str:
    if not plan.tables:
        return "Các bảng lớn đã có phân vùng."
    return (
        f"Cần khoảng {_mib(plan.size)} MiB trống trên đĩa của máy chủ cơ sở dữ liệu, thêm chừng ấy cho nhật ký giao dịch (WAL)"
        " nếu máy chủ lưu trữ hoặc truyền nó đi."
    )


def _mib(size: int) -> str:
    return number(-(-size // MEBIBYTE))


def _planned(plan: Plan) -> dict[str, object]:
    tables = [
        {
            "table": each.table,
            "bytes": each.size,
            "rows": each.rows,
            "partitions": [[one.name, one.first, one.end] for one in each.pieces],
        }
        for each in plan.tables
    ]
    return {"bytes": plan.size, "tables": tables, "before": list(plan.done)}


def _plan_told(plan: Plan) -> str:
    if not plan.tables:
        return "Không còn gì để làm."
    lines = [
        f"  {each.table}: {_mib(each.size)} MiB, các năm {', '.join(str(one.year) for one in each.pieces)}"
        for each in plan.tables
    ]
    return "\n".join(("Sẽ chia:", *lines, "Chưa đổi gì. Bỏ --dry-run để làm."))


def _told(moved: tuple[Moved, ...], made: tuple[str, ...]) -> str:
    if not moved:
        more = f" Đã thêm {', '.join(made)}." if made else ""
        return f"Các bảng lớn đã có phân vùng theo năm từ trước.{more}"
    filled = [f"  {each.table}: {number(each.rows)} dòng" for each in moved if each.rows]
    return "\n".join(
        (
            f"Đã chia {len(moved)} bảng theo năm và đối chiếu {number(_rows(moved))} dòng: trước và sau giống nhau.",
            *filled,
        )
    )
