"""A toy page, for auditors."""

from app.access import Permission, Role
from app.pages import Pages

blueprint = Pages("toy", __name__)


@blueprint.get("/trang-thu", permission=Permission(frozenset({Role.AUDITOR})))
def page() -> str:
    """Says one word."""
    return "Trang thử"
