"""One operation of the API as a value: of these the routes, the document and the tests are made."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from flask import request
from msgspec import Meta

from app import current, presenters
from app.access import ANY, Permission, Role
from app.api import cursors
from app.api.scopes import Scope

T = TypeVar("T")
MOST = 200
LARGEST_ID = 2**63 - 1


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of everything that is answered: what the document does not name is not there."""


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Base of everything that is asked: what the document does not name is refused."""


RowId = Annotated[int, Meta(ge=1, le=LARGEST_ID)]
Limit = Annotated[int, Meta(ge=1, le=MOST, description="Số dòng của trang.")]
CursorText = Annotated[
    str, Meta(max_length=cursors.LONGEST, description="`next_cursor` của trang trước, để nguyên.")
]


class Paged(Asked, frozen=True):
    """What every list takes."""

    limit: Limit = 50
    cursor: CursorText | None = None


class Page(Answer, Generic[T], frozen=True):
    """Some lines of a list; `next` is the address of the next ones, null at the end."""

    items: list[T]
    next_cursor: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class File:
    """A file in place of JSON."""

    body: Any  # bytes, or the path of a file
    content_type: str
    name: str


@dataclass(slots=True)
class Call:
    """One call: what was asked, and what the log is to say of it."""

    operation: "Operation"
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Any = None
    body: Any = None
    subject: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    is_logged: bool = True

    def saw(self, subject: str = "", **detail: Any) -> None:
        """What the log says: ids, counts and words of the catalogue; never what was typed."""
        self.subject = subject or self.subject
        self.detail.update(detail)

    @property
    def limit(self) -> int:
        """Lines of the page: as asked, within what the office allows."""
        return min(int(self.query.limit), current.context().config.api.max_page)

    @property
    def question(self) -> str:
        """The operation with its filters, without place and length of the page: what a cursor belongs to."""
        told = {
            name: request.args.getlist(name)
            for name in sorted(request.args)
            if name not in ("cursor", "limit")
        }
        return f"{self.operation.name} {sorted(self.path.items())} {sorted(told.items())}"

    def after(self, *kinds: type) -> tuple[Any, ...] | None:
        """Where the page before ended; None for the first."""
        return cursors.read(self.question, self.query.cursor, kinds)

    def page(self, items: list[T], key: Sequence[int | str | bool] | None) -> Page[T]:
        """A page of the answer; `key`: of its last line where more follow."""
        if key is None:
            return Page(items, None, None)
        cursor = cursors.written(self.question, key)
        args = [
            (name, text) for name in request.args for text in request.args.getlist(name) if name != "cursor"
        ]
        return Page(items, cursor, f"{request.path}?{urlencode([*args, ('cursor', cursor)])}")


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked. `path` is a rule of Flask below /api/v1; `scope` None: for every token; `title` and `about`: for the document.

    `answer` None: a file. `kept`: answers carry a mark (ETag), since they change seldom.
    """

    name: str
    method: str
    path: str
    scope: Scope | None
    roles: frozenset[Role]
    run: Callable[[Call], Any]
    answer: Any
    title: str
    about: str = ""
    query: type[Asked] | None = None
    body: type[Asked] | None = None
    status: int = 200
    is_scoped: bool = True
    kept: bool = False
    takes_file: bool = False
    conflicts: bool = False

    @property
    def permission(self) -> Permission:
        """What the guard asks for."""
        return Permission(
            self.roles,
            scoped=self.is_scoped,
            scope=self.scope.value if self.scope else ANY,
            uploads=self.takes_file,
        )


class Share(Answer, frozen=True):
    """A share as its fraction; `percent` with two decimals, null where the denominator is 0."""

    numerator: int
    denominator: int
    percent: str | None


def share(numerator: int, denominator: int) -> Share:
    """The share of two counts."""
    if not denominator:
        return Share(numerator, denominator, None)
    hundredths = (2 * 10_000 * numerator + denominator) // (2 * denominator)
    return Share(numerator, denominator, f"{hundredths // 100}.{hundredths % 100:02}")


def person(text: str) -> str | None:
    """A name as the token may read it: in full, or initials as on the pages."""
    return presenters.name(text, visible=current.names_visible()) if text else None


def free(text: str | None) -> str | None:
    """What somebody wrote in own words: it may name people, so without names only that it is there."""
    return presenters.free_text(text, visible=current.names_visible()) or None
