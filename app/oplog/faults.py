"""An error as the operating log tells it: its class, a code where it has one, and the places it went through.

Never its message: "UNIQUE constraint failed", "No such file" and "invalid literal" all repeat what was typed, read or sent.
What the message would say more is in codes: of the system (ENOSPC), of the database (sqlite_errorname, SQLSTATE with the
constraint), of SMTP and HTTP, of our own errors (`TrackerError.code`).
"""

import errno
import sys
from collections.abc import Iterator
from pathlib import Path
from traceback import walk_tb
from typing import Any

from tracker.errors import TrackerError

# Of the errors that caused one another so many are told.
MOST_CAUSES = 4
ROOT = Path(__file__).parents[2]
# Codes of ours that say no more than that something went wrong: the code of the cause says more.
BROAD = frozenset({"ERROR", "FAILED", "MACHINE"})
# attribute of an error -> how it is told; only values of protocols and databases, and names of our own schema.
CODES = (
    ("sqlite_errorname", "{}"),
    ("sqlstate", "SQLSTATE_{}"),
    ("smtp_code", "SMTP_{}"),
)


def told(error: BaseException) -> dict[str, Any]:
    """The fields `error`, `reason`, `place` and `trace`: values of the forms word, word, place, places."""
    chain = list(_causes(error))
    trace = [place for each in reversed(chain) for place in _places(each)]
    return {
        "error": type(error).__name__,
        "reason": _most_telling([code for each in chain if (code := reason_of(each))]),
        "place": trace[-1].partition(" ")[0] if trace else "unknown:0",
        "trace": trace,
    }


def _most_telling(codes: list[str]) -> str:
    return next((code for code in codes if code not in BROAD), codes[0] if codes else "none")


def reason_of(error: BaseException) -> str:
    """What it says of itself as a code; empty where it has none."""
    if isinstance(error, TrackerError):
        return error.code
    for holder in (error, getattr(error, "orig", None)):
        for name, form in CODES:
            value = getattr(holder, name, None)
            if isinstance(value, (str, int)) and value:
                return form.format(value)
    if isinstance(error, OSError) and error.errno is not None:
        return errno.errorcode.get(error.errno, f"ERRNO_{error.errno}")
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, the outermost first."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen and len(seen) < MOST_CAUSES:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _places(error: BaseException) -> Iterator[str]:
    for frame, line in walk_tb(error.__traceback__):
        yield f"{module_of(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"


def module_of(file: str) -> str:
    """The name by which a file is imported; of a file elsewhere its own name alone, never the folders of this machine."""
    path = Path(file)
    for folder in (ROOT, *map(Path, sys.path)):
        if folder.is_absolute() and path.is_relative_to(folder):
            parts = path.relative_to(folder).with_suffix("").parts
            if "site-packages" not in parts and "lib" not in parts:
                return ".".join(parts).removesuffix(".__init__")
    return path.stem
