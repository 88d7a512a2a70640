"""What the rest of the program asks of the first day: from when letters are owed, is the office ready, who sets it up.

Cheap enough for any page: the words of the first day are read anew only after one was said.
"""

from datetime import date

from app.access import ADMINS, Role
from app.context import AppContext
from tracker.store import first_day_store, people
from tracker.store.first_day_store import READY, START
from tracker.types.editions import EditionEntryRow


def start_of(context: AppContext, said: EditionEntryRow | None) -> tuple[date | None, bool]:
    """From which day the office owes letters, and whether the configuration says so, which goes before the page's word."""
    configured = context.config.letters.letters_from
    if configured is not None:
        return configured, True
    day = said.new.body.get("day") if said else None
    return (date.fromisoformat(day) if day else None), False


def letters_from(context: AppContext) -> date | None:
    """Dossiers that ended before this day owe no letter; None: all do."""
    if context.config.letters.letters_from is not None:
        return context.config.letters.letters_from
    with context.store.read() as session:
        return start_of(context, first_day_store.words(session).get(START))[0]


def is_ready(context: AppContext) -> bool:
    """Has somebody said that the late list is true, or is the office at work already? Costs nothing once it is so."""
    with context.store.read() as session:
        return READY in first_day_store.words(session) or first_day_store.has_letters(session)


def being_set_up(context: AppContext) -> tuple[str, ...] | None:
    """Who sets the office up, by name, as long as it is not ready; None once it is."""
    if is_ready(context):
        return None
    with context.store.read() as session:
        accounts = people.list_accounts(session)
    usable = (each for each in accounts if each.disabled_at is None and not each.is_demo)
    return tuple(each.full_name for each in usable if Role(each.role) in ADMINS)
