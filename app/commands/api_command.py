"""`dunghen api`: the document of the API, and the tokens of all accounts: listed and revoked from the machine itself."""

from pathlib import Path
from typing import Any

import click

from app.commands.shared import OPERATOR
from app.context import AppContext
from app.options import common_options
from tracker.errors import UsageError
from tracker.machine import unwritable
from tracker.store import api_tokens
from tracker.store.api_tokens import TokenRow


@click.group("api")
def api() -> None:
    """Giao diện lập trình: tài liệu OpenAPI, khóa của các tài khoản."""


@api.command("openapi")
@click.option("--out", type=click.Path(path_type=Path), help="Ghi ra tệp thay vì in ra màn hình.")
@click.pass_obj
def openapi(context: AppContext, out: Path | None) -> None:
    """Tài liệu OpenAPI 3.1, sinh từ chính chương trình."""
    # The pages first: operations share code with them, and whoever begins with the document goes round in a circle.
    import app.views  # noqa: F401
    from app.api.document import written

    del context
    if out is None:
        click.echo(written(), nl=False)
        return
    try:
        out.write_text(written(), "utf-8", newline="\n")
    except OSError as error:
        raise unwritable(out, error) from error
    click.echo(f"Đã ghi {out}", err=True)


@api.command("tokens")
@common_options
@click.pass_obj
def tokens(context: AppContext) -> None:
    """Khóa API của mọi tài khoản: của ai, được làm gì, hết hạn khi nào."""
    with context.store.read() as session:
        found = api_tokens.listed(session)
    now = context.now()
    context.answer(
        {"tokens": [{**_json(each), "good": each.is_good(now)} for each in found]},
        "\n".join(_line(each, good=each.is_good(now)) for each in found) or "Chưa có khóa nào.",
    )


@api.command("revoke")
@common_options
@click.argument("token_id", type=click.IntRange(min=1), metavar="ID")
@click.pass_obj
def revoke(context: AppContext, token_id: int) -> None:
    """Thu hồi một khóa: chương trình dùng nó không gọi được nữa."""
    from app.token_acts import revoke_token

    with context.store.read() as session:
        found = api_tokens.find(session, token_id)
    if found is None:
        raise UsageError(f"không có khóa số {token_id}; xem: dunghen api tokens")
    was_good = revoke_token(context.store, found, actor=OPERATOR, now=context.now())
    done = "Đã thu hồi khóa số {}." if was_good else "Khóa số {} đã hết hiệu lực từ trước."
    context.answer({"token": token_id, "revoked": was_good}, done.format(token_id))


def _json(token: TokenRow) -> dict[str, Any]:
    return {
        "token": token.token_id, "login": token.login, "name": token.name, "prefix": token.prefix,
        "scopes": list(token.scopes), "made_at": token.made_at.isoformat(), "expires_at": token.expires_at.isoformat(),
        "last_used_at": token.last_used_at.isoformat() if token.last_used_at else None,
        "revoked_by": token.revoked_by or None,
    }  # fmt: skip


def _line(token: TokenRow, *, good: bool) -> str:
    state = "đang dùng được" if good else f"hết hiệu lực ({token.revoked_by or 'hết hạn'})"
    return f"{token.token_id:>4}  {token.login:<20}{token.name}: {', '.join(token.scopes)}; đến {token.expires_at:%d/%m/%Y}, {state}"


COMMANDS = [api]
