"""Options that every command shares: --config, --json, --as-of, --known, and how a date or instant is written."""

from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeVar

import click

from app.context import AppContext
from tracker.types import VN

Command = TypeVar("Command", bound=Callable[..., Any])
END_OF_DAY = time(23, 59, 59)


class InstantParam(click.ParamType):
    """`YYYY-MM-DD` or an ISO instant; without a zone the office's. A bare date becomes `at_date` of that day."""

    name = "instant"

    def __init__(self, at_date: time) -> None:
        self.at_date = at_date

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read it; click reports a fault with the option's name and ends with status 2."""
        if isinstance(value, datetime):
            return value
        try:
            if len(value) == 10:
                return datetime.combine(date.fromisoformat(value), self.at_date, VN)
            read = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} không phải là ngày (YYYY-MM-DD) hoặc thời điểm ISO 8601", param, ctx)
        return read.replace(tzinfo=VN) if read.tzinfo is None else read.astimezone(VN)


class DayParam(click.ParamType):
    """`YYYY-MM-DD`."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read it."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} không phải là ngày dạng YYYY-MM-DD", param, ctx)


AS_OF = InstantParam(END_OF_DAY)
DAY = DayParam()


def _set_json(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        ctx.ensure_object(AppContext).json_output = True


def _set_config(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(AppContext).config_path = value


def common_options(command: Command) -> Command:
    """--json and --config, understood after the command's name as well as before it."""
    command = click.option(
        "--json", is_flag=True, expose_value=False, is_eager=True, callback=_set_json,
        help="Trả lời bằng đúng một tài liệu JSON.",
    )(command)  # fmt: skip
    return click.option(
        "--config", type=click.Path(path_type=Path), expose_value=False, is_eager=True, callback=_set_config,
        help="Tệp cấu hình (mặc định config.toml).",
    )(command)  # fmt: skip


def time_options(command: Command) -> Command:
    """--as-of (for which moment) and --known (what was known by then)."""
    command = click.option(
        "--as-of", type=AS_OF, help="Xét tại thời điểm nào (mặc định: bây giờ; ngày = hết ngày đó)."
    )(command)
    return click.option(
        "--known", type=AS_OF, help="Chỉ tính những gì đã nạp đến lúc đó (mặc định: bây giờ)."
    )(command)
