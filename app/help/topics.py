"""The help texts: one topic a page, found by its endpoint, and recipes by role ("làm thế nào để…"). Read once, checked then.

A topic says what its page is for and what to do there; words, the source of the numbers and what happens after pressing
where there is something to say. Who may read it says the permission of its page, not this module.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from app.access import Role
from tracker.errors import ConfigurationError
from tracker.text import fold

# The areas in the order of the page of all topics: file -> title.
AREAS: Mapping[str, str] = {
    "desk": "Theo dõi hồ sơ",
    "letters": "Thư xin lỗi",
    "alerts": "Cảnh báo và thông báo",
    "figures": "Số liệu, tiêu chí, báo cáo",
    "audit": "Kiểm tra và dấu vết",
    "sources": "Dữ liệu vào",
    "rules": "Danh mục, lịch, quy tắc",
    "office": "Quản trị",
    "account": "Tài khoản của bạn",
}
RECIPES = "recipes"


@dataclass(frozen=True, slots=True)
class Topic:
    """The help of one page. `words`: what words of the page mean; `see`: endpoints of pages without arguments."""

    endpoint: str
    area: str
    title: str
    purpose: str
    steps: tuple[str, ...]
    words: tuple[tuple[str, str], ...] = ()
    numbers: str = ""
    after: str = ""
    see: tuple[str, ...] = ()

    @property
    def folded(self) -> str:
        """All that it says, for a search without accents."""
        words = (f"{word} {meaning}" for word, meaning in self.words)
        return fold(" ".join((self.title, self.purpose, *self.steps, *words, self.numbers, self.after)))


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to do one thing: steps, each with the page that it is done on (empty: nowhere in particular)."""

    title: str
    roles: frozenset[Role]
    steps: tuple[tuple[str, str], ...]

    @property
    def folded(self) -> str:
        """All that it says, for a search without accents."""
        return fold(" ".join((self.title, *(text for text, _ in self.steps))))


@cache
def topics() -> Mapping[str, Topic]:
    """Every topic by the endpoint of its page, area by area.

    Raises:
        ConfigurationError: a text cannot be used.
    """
    found: dict[str, Topic] = {}
    for area in AREAS:
        for endpoint, values in _read(area).items():
            found[endpoint] = _topic(endpoint, area, values)
    return found


@cache
def recipes() -> tuple[Recipe, ...]:
    """The recipes, in the order of their file.

    Raises:
        ConfigurationError: one cannot be used.
    """
    return tuple(_recipe(values) for values in _read(RECIPES)["recipe"])


def topic_of(endpoint: str | None) -> Topic | None:
    """The help of a page; None for one that needs none (a download, the door)."""
    return topics().get(endpoint or "")


def _read(name: str) -> Mapping[str, Any]:
    return tomllib.loads(files("app.help").joinpath(f"{name}.toml").read_text("utf-8"))


def _topic(endpoint: str, area: str, values: Mapping[str, Any]) -> Topic:
    try:
        return Topic(
            endpoint,
            area,
            values["title"],
            values["purpose"],
            tuple(values["steps"]),
            tuple(values.get("words", {}).items()),
            values.get("numbers", ""),
            values.get("after", ""),
            tuple(values.get("see", ())),
        )
    except (KeyError, TypeError, AttributeError) as fault:
        raise ConfigurationError([f"app/help/{area}.toml: {endpoint}: {fault!r}"]) from fault


def _recipe(values: Mapping[str, Any]) -> Recipe:
    try:
        steps = tuple((step["text"], step.get("page", "")) for step in values["steps"])
        return Recipe(values["title"], frozenset(map(Role, values["roles"])), steps)
    except (KeyError, TypeError, ValueError) as fault:
        raise ConfigurationError([f"app/help/{RECIPES}.toml: {values.get('title')}: {fault!r}"]) from fault
