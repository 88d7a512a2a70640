"""`dunghen codes`: what persons decide about dossier codes that two dossiers bear, or that a dossier lacks."""

import click

from app.commands.shared import OPERATOR
from app.context import AppContext
from app.options import common_options
from tracker.pipeline.joining import Ruling, join, rule
from tracker.store import code_queries


@click.group("codes")
def codes() -> None:
    """Mã hồ sơ: hồ sơ chưa có mã, mã trùng giữa các nguồn."""


@codes.command("list")
@common_options
@click.pass_obj
def codes_list(context: AppContext) -> None:
    """Hồ sơ chưa có mã, chưa được gộp."""
    with context.store.read() as session:
        found = code_queries.without_code(session, limit=1000)
    rows = [
        {
            "code": row.code,
            "source": row.source,
            "unit": row.unit,
            "received_at": row.received_at.isoformat() if row.received_at else None,
        }
        for row in found
    ]
    text = "\n".join(f"{row['code']:<18}{row['received_at'] or '':<28}{row['unit']}" for row in rows)
    context.answer({"codes": rows}, text or "Không có hồ sơ nào thiếu mã.")


@codes.command("join")
@common_options
@click.argument("code", metavar="MÃ-TẠM")
@click.argument("into", metavar="MÃ")
@click.option("--source", default="main", show_default=True, help="Nguồn đã báo hồ sơ chưa có mã.")
@click.option("--reason", required=True, help="Vì sao biết là cùng một hồ sơ.")
@click.pass_obj
def codes_join(context: AppContext, code: str, into: str, source: str, reason: str) -> None:
    """Hồ sơ chưa có mã MÃ-TẠM chính là hồ sơ MÃ; từ nay nguồn ấy báo cũng hiểu như vậy."""
    ruling = Ruling(source, code, reason, OPERATOR, context.now())
    kept_as = join(context.store, context.config.calendar_key, ruling, into)
    context.answer({"code": code, "kept_as": kept_as}, f"Đã gộp {code} vào hồ sơ {kept_as}.")


@codes.command("same")
@common_options
@click.argument("code", metavar="MÃ")
@click.option("--source", required=True, help="Nguồn mà lần báo bị giữ lại.")
@click.option("--reason", required=True, help="Vì sao.")
@click.pass_obj
def codes_same(context: AppContext, code: str, source: str, reason: str) -> None:
    """Mã trùng là cùng một hồ sơ: lần nạp sau của nguồn ấy được nhận vào hồ sơ này."""
    _rule(context, Ruling(source, code, reason, OPERATOR, context.now()), is_same=True)


@codes.command("other")
@common_options
@click.argument("code", metavar="MÃ")
@click.option("--source", required=True, help="Nguồn mà lần báo bị giữ lại.")
@click.option("--reason", required=True, help="Vì sao.")
@click.pass_obj
def codes_other(context: AppContext, code: str, source: str, reason: str) -> None:
    """Mã trùng là hai hồ sơ: hồ sơ của nguồn ấy được giữ với mã riêng."""
    _rule(context, Ruling(source, code, reason, OPERATOR, context.now()), is_same=False)


def _rule(context: AppContext, ruling: Ruling, *, is_same: bool) -> None:
    kept_as = rule(context.store, ruling, is_same=is_same)
    told = f"Đã ghi quyết định: mã {ruling.code} của nguồn {ruling.source} là hồ sơ {kept_as}. Hãy nạp lại các dòng bị giữ."
    context.answer({"code": ruling.code, "kept_as": kept_as}, told)


COMMANDS = [codes]
