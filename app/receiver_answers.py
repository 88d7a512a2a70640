"""What a system that pushes is answered: the codes and words of the national portal's own replies; JSON, never a page.

Senders read the code as a number or as text, and some look for "thành công" and "đã tồn tại" in the message alone: no other
answer holds these words.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Response

from tracker.text import storable
from tracker.types import IngestReport, Rejection

DONE, EXISTS = "Thành công", "Hồ sơ đã tồn tại"
# An answer names so many of the elements that could not be used; all of them are kept.
NAMED = 100


class Code(StrEnum):
    """`error_code` of an answer."""

    DONE = "0"
    NOT_KNOWN = "-1"  # name, secret or session
    NOT_ALLOWED = "-2"  # a unit that the key may not write
    EXISTS = "-3"  # asked to make a dossier that is there
    BAD_CALL = "-4"  # nothing of the call could be read
    UNUSABLE = "-5"  # elements that cannot be used; the others are stored
    TOO_MANY = "-6"  # calls a minute
    OFF = "-7"  # the receiver is off, or there is no such address
    BUSY = "-9"  # another load is at work, or the database is away
    FAULT = "-99"


class Refused(Exception):
    """A call that is not carried out: status, code and words of its answer. Nothing was changed."""

    def __init__(
        self, status: HTTPStatus, code: Code, message: str, *, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after


def bad_call(message: str) -> Refused:
    """The call itself cannot be read."""
    return Refused(HTTPStatus.BAD_REQUEST, Code.BAD_CALL, message)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a push: the report of its batch (None: nothing was left to store), the dossiers that were there, the
    elements that could not be used with their codes.
    """

    report: IngestReport | None
    existing: Mapping[int, str] = field(default_factory=dict)
    rejected: Sequence[Rejection] = ()
    codes: Mapping[int, str] = field(default_factory=dict)


def response(document: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A document as JSON; halves of characters that a sender wrote come back as the replacement character."""
    return Response(storable(json.dumps(document, ensure_ascii=False)), status, mimetype="application/json")


def refusal(refused: Refused) -> Response:
    """The answer to a call that is not carried out."""
    answer = response({"error_code": refused.code, "message": refused.message}, refused.status)
    if refused.retry_after is not None:
        answer.headers["Retry-After"] = str(refused.retry_after)
    if refused.status == HTTPStatus.UNAUTHORIZED:
        # Not Basic: a browser that somebody leads here must not ask for a password.
        answer.headers["WWW-Authenticate"] = 'Bearer realm="dunghen"'
    return answer


def pushed(told: Told) -> Mapping[str, Any]:
    """The answer to a push that was carried out."""
    counts = _counts(told.report)
    if told.existing:
        listed = _listed(f"phần tử {number}: {code}" for number, code in sorted(told.existing.items()))
        return {"error_code": Code.EXISTS, "message": f"{EXISTS} ({listed})", **counts}
    if told.rejected:
        only_units = all(each.code == "UNIT_NOT_ALLOWED" for each in told.rejected)
        code = Code.NOT_ALLOWED if only_units and not _stored(told.report) else Code.UNUSABLE
        result = [_named(each, told.codes) for each in told.rejected[:NAMED]]
        return {"error_code": code, "message": _sentence(told), "result": result, **counts}
    return {"error_code": Code.DONE, "message": DONE, "result": [], **counts}


def _counts(report: IngestReport | None) -> dict[str, Any]:
    if report is None:
        return {}
    names = ("batch", "read", "new", "changed", "unchanged", "stale", "rejected", "flagged")
    return {name: getattr(report, name) for name in names}


def _stored(report: IngestReport | None) -> int:
    return 0 if report is None else report.read - report.rejected


def _sentence(told: Told) -> str:
    listed = _listed(
        f"phần tử {each.row}, trường {each.column}, giá trị “{each.value}”: {each.message} ({each.code})"
        for each in told.rejected[:NAMED]
    )
    return f"Đã nhận {_stored(told.report)}, không dùng được {len(told.rejected)} – {listed}"


def _listed(sentences: Any) -> str:
    """A few of many."""
    every = list(sentences)
    more = f"; và {len(every) - 5} phần tử khác" if len(every) > 5 else ""
    return "; ".join(every[:5]) + more


def _named(rejection: Rejection, codes: Mapping[int, str]) -> Mapping[str, Any]:
    return {
        "PhanTu": rejection.row,
        "MaHoSo": codes.get(rejection.row, ""),
        "Truong": rejection.column,
        "GiaTri": rejection.value,
        "MaLoi": rejection.code,
        "LyDo": rejection.message,
    }
