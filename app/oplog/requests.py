"""A line for each request, and the number by which a person tells us of one.

The number is made here, or taken from a proxy that is trusted (`X-Request-Id`); every answer bears it, and pages of errors
show it. A line holds the rule of the address, never the address: what is in its places, and what people search for, stays out.
"""

import re
import secrets
from time import perf_counter

from flask import Flask, current_app, g, request
from werkzeug.wrappers import Response

from app import current
from app.context import AppContext
from app.oplog.events import DEBUG
from app.oplog.forms import REQUEST
from app.oplog.writing import bind_from_here, write
from app.pages import permission_of
from app.proxies import REQUEST_ID
from tracker.store.counting import count_questions, questions
from tracker.store.people import Account

HEADER = "X-Request-Id"
# No digits or letters that look alike when they are read out: 31 signs, 59 bits.
SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
GROUPS, GROUP = 3, 4
KIB = 1024
# Asked every few seconds by machines or scripts: told from level `debug` on.
OFTEN = frozenset({"static", "metrics.alive", "metrics.ready", "metrics.figures", "score.plotly"})
METHODS = re.compile(r"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS")


def new_number() -> str:
    """A number for a request: `k7qt-2bwx-9fdm`."""
    return "-".join("".join(secrets.choice(SIGNS) for _ in range(GROUP)) for _ in range(GROUPS))


def number() -> str:
    """The number of the request that is being answered."""
    return str(g.get("request_number") or "")


def install(app: Flask) -> None:
    """Number every request of an application and write its line; call it before anything else that a request passes."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)


def _begin() -> None:
    told = str(request.environ.get(REQUEST_ID) or "")
    g.request_number = told if REQUEST.fullmatch(told) else new_number()
    g.request_begun = perf_counter()
    bind_from_here(request=g.request_number)
    _count(current.context())
    g.questions_before = questions()


def _count(context: AppContext) -> None:
    if "store" in vars(context):  # one that nobody opened yet stays closed
        count_questions(context.store)


def _end(answer: Response) -> Response:
    begun = g.get("request_begun")
    if begun is None:
        return answer
    answer.headers[HEADER] = g.request_number
    account, calling = _account(), current.caller()
    write(
        "request",
        level=DEBUG if _is_often() else None,
        method=method(),
        rule=rule(),
        status=answer.status_code,
        ms=round((perf_counter() - begun) * 1000, 1),
        queries=questions() - g.questions_before,
        role=account.role if account else "nobody",
        account=account.account_id if account else None,
        unit=account.unit_id if account else None,
        token=calling.token_id if calling else None,
        kib=None if answer.content_length is None else -(-answer.content_length // KIB),
    )
    return answer


def _forget(_error: BaseException | None) -> None:
    bind_from_here()


def _account() -> Account | None:
    """Who asked, as far as that is known by now: nothing is looked up for a line."""
    if (calling := current.caller()) is not None:
        return calling.account
    user = g.get("_login_user")  # kept by flask-login
    return user.account if isinstance(user, current.SessionUser) else None


def _is_often() -> bool:
    if request.endpoint in OFTEN:
        return True
    permission = permission_of(current_app, request.endpoint) if request.endpoint else None
    return permission is not None and permission.polled


def rule() -> str:
    """The rule of the address with its places unfilled; `none` where no rule fits."""
    return request.url_rule.rule if request.url_rule else "none"


def method() -> str:
    """The method, where it is one that there is."""
    return request.method if METHODS.fullmatch(request.method) else "other"
