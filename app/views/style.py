"""All pieces of the interface on one page, for those who look after it."""

from flask import render_template

from app.access import Permission, Role
from app.gallery import samples
from app.pages import Pages

blueprint = Pages("style", __name__)


@blueprint.get("/kieu-dang", permission=Permission(frozenset({Role.ADMIN})))
def gallery() -> str:
    """Invented values only; reads nothing from the store."""
    return render_template("gallery.html", samples=samples())
