"""What several commands do alike: naming units, noting an act in the log, and writing instants."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar, cast

from app.asking import ask_for, key_of, new_turn
from app.commands.time_inputs import moment_text
from app.context import AppContext
from tracker.errors import UsageError
from tracker.store import audit, catalogue
from tracker.store.audit import Act
from tracker.types.work import WorkRequest

OPERATOR = "operator"
Command = TypeVar("Command", bound=Callable[..., Any])

__all__ = ["OPERATOR", "ask_later", "moment_text", "note_act", "reads_reports", "unit_scope"]


def reads_reports(command: Command) -> Command:
    """A command that reads much and answers at its end: what it reads may come from the replica (below `click.pass_obj`)."""

    @wraps(command)
    def reading(context: AppContext, /, *given: Any, **named: Any) -> Any:
        return context.from_reports(lambda: command(context, *given, **named))

    return cast(Command, reading)


def unit_scope(context: AppContext, unit: str | None) -> frozenset[int] | None:
    """The ids of a unit (code or name) and all below it; None = everything.

    Raises:
        UsageError: no such unit.
    """
    if unit is None:
        return None
    with context.store.read() as session:
        unit_id = catalogue.find_unit(session, unit)
        if unit_id is None:
            raise UsageError(f"không có đơn vị nào tên hoặc mã {unit!r}")
        return catalogue.unit_subtree(session, unit_id)


def note_act(context: AppContext, action: str, subject: str, detail: Mapping[str, Any]) -> None:
    """Write to the log what the operator of the machine did; `detail` holds ids, counts and filters only."""
    with context.store.transaction() as session:
        told = {**detail, **context.told_source()}
        audit.append_acts(session, [Act(context.now(), OPERATOR, action, subject, told)])


def ask_later(context: AppContext, kind: str, params: Mapping[str, Any]) -> None:
    """Leave work to a worker, and answer with its number."""
    request = WorkRequest(kind, key_of(kind, OPERATOR, params, new_turn()), params, OPERATOR)
    work_id = ask_for(context, request, action=f"{kind}_asked", detail={}, now=context.now())
    told = f"Đã ghi việc số {work_id}. Xem tiến độ: dunghen work show {work_id}."
    context.answer({"work": work_id}, told)
