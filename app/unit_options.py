"""The choice of a unit in a form: a province has hundreds of them, and their names rarely change."""

from markupsafe import Markup, escape

from app import current
from tracker.store import catalogue
from tracker.store.session import Session, kept


def own_unit_options(session: Session, chosen: int | None = None) -> Markup:
    """An option for each unit that the account may look at, the chosen one marked; in the order of the catalogue."""
    own = current.scope()
    every = kept(session, ("unit options", own), lambda: _options(session, own))
    if chosen is None:
        return Markup(every)
    option = _opening(chosen)
    return Markup(every.replace(f"{option}>", f"{option} selected>", 1))


def _options(session: Session, own: frozenset[int] | None) -> str:
    units = catalogue.units(session).items()
    return "".join(
        f"{_opening(key)}>{escape(unit.name)}</option>" for key, unit in units if own is None or key in own
    )


def _opening(unit_id: int) -> str:
    return f'<option value="{unit_id}"'
