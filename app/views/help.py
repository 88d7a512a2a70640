"""All help in one place: the topics of the pages that the reader may open, and how to do things, searched without accents."""

from flask import current_app, render_template, request

from app import current
from app.access import ALL, ROLE_NAMES, Permission, Role, may
from app.help.topics import AREAS, Topic, recipes, topics
from app.pages import Pages, permission_of
from tracker.text import fold

blueprint = Pages("help", __name__)

MOST_QUERY = 100


@blueprint.get("/tro-giup", permission=Permission(ALL))
def page() -> str:
    """Topics by area, recipes of the reader's role first; with a query only those that say all of its words."""
    query, role = request.args.get("q", "").strip()[:MOST_QUERY], Role(current.account().role)
    words = fold(query).split()
    shown = [each for each in topics().values() if _may_read(each, role) and _says(each.folded, words)]
    listed = [each for each in recipes() if role in each.roles and _says(each.folded, words)]
    groups = [(title, [each for each in shown if each.area == area]) for area, title in AREAS.items()]
    return render_template(
        "help.html", query=query, groups=[group for group in groups if group[1]], recipes=listed, role_words=ROLE_NAMES[role],
        count=len(shown) + len(listed), plain=_plain,
    )  # fmt: skip


def _may_read(topic: Topic, role: Role) -> bool:
    return may(role, permission_of(current_app, topic.endpoint))


def _says(folded: str, words: list[str]) -> bool:
    return all(word in folded for word in words)


def _plain(endpoint: str) -> bool:
    """Has the page an address of its own, without the number of a thing?"""
    rules = current_app.url_map.iter_rules(endpoint)
    return any("GET" in (rule.methods or ()) and not rule.arguments for rule in rules)
