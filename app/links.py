"""Addresses of pages in templates: made once for the same endpoint and values, since a list asks for a hundred of them."""

from typing import Any

from flask import Flask, current_app, request

# An address takes half a kilobyte with what it is known by: four megabytes in each process.
MOST = 8_000
LONGEST = 60  # what somebody typed is not kept


class Links:
    """The memory of one application; templates know `Links.to` as `url_for`."""

    def __init__(self) -> None:
        self._kept: dict[tuple[Any, ...], str] = {}

    def to(self, endpoint: str, **values: Any) -> str:
        """As Flask's `url_for`. An address is made of the endpoint, its values and the path of the program, and of nothing
        else; whatever else may count is not kept.
        """
        if endpoint[0] == "." or not all(map(_is_plain, values.values())) or not _are_names(values):
            return current_app.url_for(endpoint, **values)
        key = (request.script_root, endpoint, *values.items())
        found = self._kept.get(key)
        if found is None:
            found = current_app.url_for(endpoint, **values)
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[key] = found
        return found


def install(app: Flask) -> None:
    """Put it in the place of Flask's own function in the templates."""
    app.jinja_env.globals["url_for"] = Links().to


def _is_plain(value: Any) -> bool:
    # True and 1 are the same key and not the same address.
    kind = type(value)
    return (kind is str and len(value) <= LONGEST) or kind is int or value is None


def _are_names(values: dict[str, Any]) -> bool:
    return not any(name[0] == "_" and name != "_anchor" for name in values)
