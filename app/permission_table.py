"""The permissions of all routes as a page of the docs: docs/permissions.md is written by `make permissions`."""

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

from app.access import Permission, Role
from app.pages import permission_of

HEAD = """# Permissions

Written from the route map by `make permissions`; a test fails when it is stale. Who may open what was decided twice: on the
route itself (`app/views`), and by hand in `tests/web/test_access.py`.

- **roles**: who may call it; *everybody* = without log-in. A role that is not named gets 403, a route without a permission is 404 for all.
- **own units**: an account with a unit reaches only dossiers of that unit and those below it; others are 404.
- **limit**: POSTs by account, of a public route by address; of what anybody may read, questions as well.
- **notes**: *signed* = called by another program that signs what it sends or brings its key, so no token of a form; *polled* = keeps no idle session alive; *here_only* = refused when a page of another site causes it; *uploads* = takes files, read only once the account is known to be allowed; *token: scope* = by a program's token that is good for it, no cookie counts ([API](api.md)).

| route | address | methods | roles | own units | limit | notes |
|---|---|---|---|---|---|---|
"""
SHOWN = ("GET", "POST", "PUT", "PATCH", "DELETE")


def permission_table(app: Flask) -> str:
    """The whole page, one line a route."""
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule))
    return HEAD + "".join(f"| {' | '.join(_cells(app, rule))} |\n" for rule in rules)


def _cells(app: Flask, rule: Rule) -> Iterator[str]:
    permission = permission_of(app, rule.endpoint)
    if permission is None:
        raise ValueError(f"{rule.endpoint} has no permission")
    yield f"`{rule.endpoint}`"
    yield f"`{rule.rule}`"
    yield ", ".join(method for method in SHOWN if method in (rule.methods or ()))
    yield _roles(permission)
    yield "yes" if permission.scoped else ""
    yield f"{permission.limit.count} in {permission.limit.seconds} s" if permission.limit else ""
    notes = [name for name in ("signed", "polled", "here_only", "uploads") if getattr(permission, name)]
    yield ", ".join([*notes, *([f"token: {permission.scope}"] if permission.scope else [])])


def _roles(permission: Permission) -> str:
    if permission.public:
        return "*everybody*"
    return ", ".join(role.value for role in Role if role in permission.roles)
