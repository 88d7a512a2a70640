"""Every name that a page reads from an address or a form, found by asking: what the views look for, what links and forms carry."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from html import unescape
from re import compile as pattern
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import HTTPException

from app.pages import by_token, matrix

Asked = tuple[str, str]  # endpoint, method
FORM = pattern(r"<form\b([^>]*)>(.*?)</form>", 16)  # with dots for line ends
ACTION, POSTS = pattern(r'action="([^"]*)"'), pattern(r'method="post"')
NAME, LINK = pattern(r'\bname="([^"]+)"'), pattern(r'\bhref="(/[^"]*\?[^"]*)"')
LOOKED_FOR: set[str] = set()


class Watched(ImmutableMultiDict[str, Any]):
    """What was sent, which notes every name that somebody looks for."""

    def get(self, key: str, *args: Any, **kwargs: Any) -> Any:
        """As usual, noted."""
        LOOKED_FOR.add(key)
        return super().get(key, *args, **kwargs)

    def getlist(self, key: str, *args: Any, **kwargs: Any) -> Any:
        """As usual, noted."""
        LOOKED_FOR.add(key)
        return super().getlist(key, *args, **kwargs)

    def __contains__(self, key: object) -> bool:
        LOOKED_FOR.add(str(key))
        return super().__contains__(key)


class WatchedRequest(Request):
    """A request whose address and form are watched."""

    parameter_storage_class = Watched


class Inputs:
    """The names by endpoint and method; grows with every answer that is read."""

    def __init__(self, app: Flask) -> None:
        self._urls = app.url_map.bind("localhost")
        self._pages = {
            name for name, permission in matrix(app).items() if permission and name not in by_token(app)
        }
        self.names: dict[Asked, set[str]] = defaultdict(set)

    def read(self, asked: Asked, text: str) -> None:
        """Take what the views looked for since the last time, and what the page's links and forms carry."""
        self.names[asked] |= LOOKED_FOR - {"csrf_token"}
        LOOKED_FOR.clear()
        for link in LINK.findall(text):
            self._note(unescape(link), "GET", {})
        for head, body in FORM.findall(text):
            action = ACTION.search(head)
            method = "POST" if POSTS.search(head) else "GET"
            fields = dict.fromkeys(unescape(name) for name in NAME.findall(body))
            self._note(unescape(action[1]) if action else "", method, fields, here=asked[0])

    def _note(self, address: str, method: str, fields: Mapping[str, Any], here: str = "") -> None:
        parts = urlsplit(address)
        try:
            endpoint = self._urls.match(parts.path, method=method)[0] if parts.path else here
        except HTTPException:
            return
        if endpoint in self._pages:
            carried = {name for name, _ in parse_qsl(parts.query)}
            self.names[endpoint, method] |= (carried | set(fields)) - {"csrf_token"}

    def __iter__(self) -> Iterator[tuple[Asked, list[str]]]:
        return iter([(asked, sorted(names)) for asked, names in sorted(self.names.items())])
