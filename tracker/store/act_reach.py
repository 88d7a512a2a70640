"""Which entries of the log belong to some units: what their people did, and what was done to what is theirs.

An entry names its subject as text (`dossier:12`). Whoever reads for some units is told of entries whose actor is an account
of these units, and of those about their dossiers, the letters and alerts of these, and their accounts. Everything else
(loads, jobs, catalogues, calendars, lists of others) is left out, since an entry does not say whose it is.
"""

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, exists, func, or_, select

from tracker.store.models import Alert, AuditEntry, Dossier, Letter, User

# More digits than an id can have are no id; a number of PostgreSQL would not hold them.
MOST_DIGITS = 18


def belongs_to(unit_ids: frozenset[int]) -> ColumnElement[bool]:
    """The condition on an entry; the ids are those of the units and of all below them."""
    units = sorted(unit_ids)
    of_dossier = Dossier.resolving_unit_id.in_(units)
    letters = exists().where(Letter.id == _subject_id("letter"), Dossier.id == Letter.dossier_id, of_dossier)
    alerts = exists().where(
        Alert.id == _subject_id("alert"),
        Alert.subject_kind == "dossier",
        Dossier.id == Alert.subject_id,
        of_dossier,
    )
    return or_(
        AuditEntry.actor.in_(select(User.login).where(User.unit_id.in_(units))),
        exists().where(Dossier.id == _subject_id("dossier"), of_dossier),
        exists().where(User.id == _subject_id("user"), User.unit_id.in_(units)),
        letters,
        alerts,
    )


def _subject_id(kind: str) -> ColumnElement[int | None]:
    """The number of a subject of this kind; null for any other, and for one that somebody spoilt past the program."""
    prefix = f"{kind}:"
    digits = func.substr(AuditEntry.subject, len(prefix) + 1)
    is_number = and_(
        AuditEntry.subject.startswith(prefix, autoescape=True),
        func.length(digits).between(1, MOST_DIGITS),
        func.trim(digits, "0123456789") == "",
    )
    return case((is_number, cast(digits, BigInteger)))
