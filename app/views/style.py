"""All pieces of the interface on one page, for those who look after it."""

from flask import Blueprint, render_template

from app.gallery import samples

blueprint = Blueprint("style", __name__)


@blueprint.get("/kieu-dang")
def gallery() -> str:
    """Invented values only; reads nothing from the store."""
    return render_template("gallery.html", samples=samples())
