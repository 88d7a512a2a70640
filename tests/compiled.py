"""What one test had compiled serves the next ones of its process: templates, rules of addresses, SQL.

Nearly every test opens a database and makes an application of its own. To compile the same texts again for each of them
was two thirds of what a test of a page took.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

# More statements than all tests together make.
MOST_STATEMENTS = 20_000


class Templates(BytecodeCache):
    """Templates compiled by one application; the checksum is that of their text."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """What an earlier application left, if the text is still the same."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Leave it to the next."""
        self._codes[bucket.key, bucket.checksum] = bucket.code


class Known(Rule):
    """A rule of addresses whose builders and parts one application compiles for all of them.

    A builder is a function of the rule's words alone: it is told the rule that it works for when it is called. So are the
    parts, once it is said which converters there are.
    """

    _builders: ClassVar[dict[Any, Callable[..., tuple[str, str]]]] = {}
    _parsed: ClassVar[dict[Any, tuple[Any, ...]]] = {}

    def _parse_rule(self, rule: str) -> Any:
        assert self.map is not None
        words = (rule, tuple(self._trace), tuple(sorted(self.map.converters.items())))
        if words not in self._parsed:
            parts = tuple(super()._parse_rule(rule))
            self._parsed[words] = (parts, tuple(self._trace), dict(self._converters), set(self.arguments))
        parts, self._trace[:], converters, arguments = self._parsed[words]
        self._converters.update(converters)
        self.arguments |= arguments
        return parts

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        words = (self.rule, self.subdomain, repr(self.defaults), tuple(self._trace), append_unknown)
        if words not in self._builders:
            self._builders[words] = super()._compile_builder(append_unknown)
        return self._builders[words]


_statements: LRUCache[Any, Any] = LRUCache(MOST_STATEMENTS)


def _same(one: DefaultDialect, other: object) -> bool:
    return type(one) is type(other) and one.server_version_info == other.server_version_info


def _kind(one: DefaultDialect) -> int:
    return hash(type(one))


def _share_statements(connection: Connection) -> None:
    connection.engine._compiled_cache = _statements


def share() -> None:
    """Let everything that this process compiles be compiled once."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Templates()}
    Flask.url_rule_class = Known
    # Statements are kept by the dialect they are compiled for; that of one database is as good as that of the next.
    DefaultDialect.__eq__ = _same  # type: ignore[method-assign,assignment]
    DefaultDialect.__hash__ = _kind  # type: ignore[method-assign,assignment]
    event.listen(Engine, "engine_connect", _share_statements)
