"""`dunghen db`: the database itself, apart from what goes into it."""

from dataclasses import asdict

import click

from app.commands.partition_command import db_partition
from app.commands.shared import note_act
from app.commands.upgrade_command import db_rollback, db_upgrade
from app.context import AppContext
from app.options import common_options
from tracker.store.copying import CopyReport, copy_store, is_one_database


@click.group("db")
def db() -> None:
    """Cơ sở dữ liệu: tạo mới, nâng cấp, quay lui, chuyển sang nơi khác, chia theo năm."""


db.add_command(db_partition)
db.add_command(db_upgrade)
db.add_command(db_rollback)


@db.command("copy")
@common_options
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.pass_obj
def db_copy(context: AppContext, source: str, target: str) -> None:
    """Chép toàn bộ cơ sở dữ liệu FROM sang TO (còn trống), rồi đối chiếu từng dòng.

    FROM và TO là địa chỉ (postgresql://…, sqlite:///…) hoặc đường dẫn của tệp SQLite.
    """
    report = copy_store(source, target, context.progress)
    if is_one_database(source, context.config.database_url):  # of another store we keep no log
        note_act(context, "export", "database", {"rows": report.rows})
    document = {
        "from": report.source,
        "to": report.target,
        "equal": True,  # where they are not, there is no answer: nothing was kept, and the status is 3
        "tables": [asdict(table) for table in report.tables],
        "rows": report.rows,
        "sha256": report.sha256,
    }
    context.answer(document, _copied(report))


def _copied(report: CopyReport) -> str:
    filled = [table for table in report.tables if table.rows]
    return "\n".join(
        (
            f"Đã chép {report.rows} dòng và đối chiếu: hai bên giống nhau từng dòng.",
            f"  từ   {report.source}",
            f"  sang {report.target}",
            *(f"  {table.name}: {table.rows}" for table in filled),
            f"SHA-256: {report.sha256}",
            "Tệp thư xin lỗi không nằm trong cơ sở dữ liệu: thư mục dữ liệu (letters/) giữ nguyên chỗ, hoặc chép theo.",
            "Cơ sở dữ liệu mới chỉ được dùng khi DUNGHEN_DATABASE_URL hoặc store.database_url chỉ đến nó.",
        )
    )


COMMANDS = [db]
