"""Routes that say who may call them: a blueprint that takes no route without its permission, and the matrix of an app."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Flask
from werkzeug.routing import IntegerConverter

from app.access import PUBLIC, Permission
from app.typed_numbers import LARGEST


class RowNumber(IntegerConverter):
    """`<int:...>` of every address: a number that a row can have. A larger one is the address of nothing: 404."""

    regex = r"\d{1,19}"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max": LARGEST, **options})


class Pages(Blueprint):
    """A blueprint whose routes name their permission: `@blueprint.get("/x", permission=Permission(OFFICE))`."""

    def __init__(self, name: str, import_name: str, **options: Any) -> None:
        super().__init__(name, import_name, **options)
        self.permissions: dict[str, Permission] = {}

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """As Flask's, with `permission` among the options.

        Raises:
            TypeError: it is missing: a page that nobody thought about is open to nobody.
        """
        permission = options.pop("permission", None)
        if not isinstance(permission, Permission):
            raise TypeError(f"{self.name}: route {rule} has no permission")
        name = endpoint or getattr(view_func, "__name__", "")
        self.permissions[name] = permission
        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)


def permission_of(app: Flask, endpoint: str) -> Permission | None:
    """What a route asks for; None for one that came in by another way, which nobody may call."""
    if endpoint == "static":
        return PUBLIC
    blueprint, _, name = endpoint.rpartition(".")
    pages = app.blueprints.get(blueprint)
    return pages.permissions.get(name) if isinstance(pages, Pages) else None


def matrix(app: Flask) -> Mapping[str, Permission | None]:
    """Every endpoint of the route map with its permission, in order of name."""
    names = sorted({rule.endpoint for rule in app.url_map.iter_rules()})
    return {name: permission_of(app, name) for name in names}


def by_token(app: Flask) -> frozenset[str]:
    """The endpoints that programs call with a token: no page leads there, and no cookie."""
    return frozenset(name for name, permission in matrix(app).items() if permission and permission.scope)
