"""Who may open which page: roles, what a route asks for, and what a role may see.

Each route says so itself (`app/pages.py`); the matrix is made from the route map. Whether a person sees a given dossier
is a second question: scoped endpoints look only at the units below the account's own unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an account is for."""

    DESK = "desk"
    HEAD = "head"
    AUDITOR = "auditor"
    REFORM = "reform"
    ADMIN = "admin"


ROLE_NAMES: Mapping[Role, str] = {
    Role.DESK: "Cán bộ một cửa",
    Role.HEAD: "Thủ trưởng đơn vị",
    Role.AUDITOR: "Kiểm tra, thanh tra",
    Role.REFORM: "Cải cách hành chính",
    Role.ADMIN: "Quản trị hệ thống",
}

ALL = frozenset(Role)
OFFICE = frozenset({Role.DESK, Role.HEAD})
READERS = OFFICE | {Role.AUDITOR}
OVERVIEW = ALL - {Role.ADMIN}

ADMINS = frozenset({Role.ADMIN})

# Two persons of these change the working calendar: one asks, another decides.
CALENDAR = frozenset({Role.REFORM, Role.ADMIN})
# Who fills in limits and units; everybody else reads them.
CATALOGUES = frozenset({Role.REFORM, Role.ADMIN})
# Who says what letters are made by: templates and series of numbers; who signs and why dossiers are late also the heads.
LETTER_SETTERS = frozenset({Role.REFORM, Role.ADMIN})
SIGNER_SETTERS = LETTER_SETTERS | {Role.HEAD}
REASON_SETTERS = frozenset({Role.HEAD, Role.REFORM})
# Faults and measures: heads for their own units, reform for the province; administering the machine is no part of it.
REMEDY_SETTERS = frozenset({Role.HEAD, Role.REFORM})
REMEDY_READERS = REMEDY_SETTERS | {Role.AUDITOR}
# Who says which alerts there are: heads for their own units. Alerts reach everybody but who inspects; they are on leave.
ALERT_RULE_SETTERS = LETTER_SETTERS | {Role.HEAD}
ALERTED = ALL - {Role.AUDITOR}
# Who reads the page of a unit (officers' figures only its head, app/unit_page.py), and who sets what is asked of units.
UNIT_READERS = frozenset({Role.HEAD, Role.AUDITOR, Role.REFORM})
TARGET_SETTERS = frozenset({Role.REFORM})
# Who reads how the year may end and whether to believe it; desks read the chances of their own dossiers alone.
FORECAST_READERS = frozenset({Role.HEAD, Role.AUDITOR, Role.REFORM})
# Two persons of these say by which edition a criterion is scored, and which results others published.
EDITION_SETTERS = frozenset({Role.REFORM, Role.ADMIN})
# Whoever decides on some kind of change by two persons; on which ones, the kind says (app/two_person_kinds.py).
CHANGES_DECIDERS = ADMINS | EDITION_SETTERS
# Who gave whom which rights is also looked at by those who look at everything else.
CHANGES_READERS = ADMINS | {Role.AUDITOR}

# Who has evidence packs made, takes and checks them; heads are judged by them, administrators open no dossiers.
# Who looks through late dossiers, keeps questions about them and draws samples.
CASE_READERS = frozenset({Role.AUDITOR, Role.REFORM})
PACK_MAKERS = frozenset({Role.AUDITOR, Role.REFORM})
# Signs that lateness was made to disappear: units and reform explain them, somebody who inspects draws the conclusion.
FINDING_EXPLAINERS = frozenset({Role.HEAD, Role.REFORM})
FINDING_JUDGES = frozenset({Role.AUDITOR})
FINDING_READERS = FINDING_EXPLAINERS | FINDING_JUDGES

# The log holds ids, no names; who administers the machine reads it under the eyes of who inspects it.
LOG_READERS = ADMINS | {Role.AUDITOR}

# Who brings data in and mends it: reform answers for the figures, administrators for the machine. Desks type into the
# one-stop system, whose export is what counts; one desk's file must not change the figures of others.
IMPORTERS = frozenset({Role.REFORM, Role.ADMIN})
# Whose due dates can be subscribed to by a secret link; administrators, who open no dossiers, see and revoke the links.
FEED_MAKERS = OFFICE | {Role.REFORM}
FEED_READERS = FEED_MAKERS | ADMINS
# Who looks at what was loaded, when and by whom.
SOURCES_READERS = IMPORTERS | {Role.AUDITOR}

# Roles that work with the applicant in person; the others read initials and hidden numbers.
SEES_NAMES = OFFICE
# Of those others, who may read one applicant's name with a reason that is logged. Administrators open no dossiers.
REVEALERS = OVERVIEW - SEES_NAMES


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` POSTs within `seconds`, for all processes together; with `reads` also GETs that ask for something.

    A GET asks by its query string or by a part of its path; with `always` every GET counts.
    """

    count: int
    seconds: int
    reads: bool = False
    always: bool = False


# A whole office may come from one address; guessing one account's password is held by the lock of the account.
LOGINS = Limit(30, 60)
PASSWORDS = Limit(10, 900)
# Each has the identity provider asked some times.
SIGN_ONS = Limit(30, 60, always=True)
REVEALS = Limit(30, 3600)
# What a search may be asked, and its box while somebody types: faster than any hand, slower than a program that reads
# names through.
SEARCHES = Limit(120, 60, reads=True)
RECEIPTS = Limit(600, 60)
# What anybody may ask without log-in: letters by their code, and the public list. Neither is for machines to read through.
CHECKS = Limit(30, 60, reads=True)
PUBLIC_LISTS = Limit(60, 60, reads=True)
# Calendars of a whole office ask from one address, each some times a day; together at the hour when machines are switched on.
FEEDS = Limit(120, 60, reads=True)
# Calls of systems that push, by address; each key has its own limit in the configuration.
PUSHES = Limit(3000, 60)
# How often an address may bring a secret that this process does not know yet: each costs the time of argon2.
KEY_CHECKS = Limit(10, 60)


@dataclass(frozen=True, slots=True)
class Permission:
    """Roles that may call an endpoint, and how.

    `scoped`: only dossiers of the own units. `public`: without log-in. `limit`: by account, of a public endpoint by
    address. `signed`: called by another program that signs what it sends or brings its key, so no token of a form is asked for.
    `polled`: asked for again and again by a script, so it does not keep an idle session alive. `here_only`: a GET that
    leaves something behind (an entry, work, a file), so no page of another site may cause it. `uploads`: takes files, so
    its body may be large, and is not read before the account is known to be allowed. `scope`: called by a program with a
    token that is good for it; no cookie is looked at.
    """

    roles: frozenset[Role] = frozenset()
    scoped: bool = False
    public: bool = False
    limit: Limit | None = None
    signed: bool = False
    polled: bool = False
    here_only: bool = False
    uploads: bool = False
    scope: str = ""


PUBLIC = Permission(public=True)
# The scope of what every token may ask.
ANY = "*"


# Where a role begins its day.
HOME: Mapping[Role, str] = {
    Role.DESK: "desk.board",
    Role.HEAD: "unit_home.page",
    Role.AUDITOR: "audit_cases.page",
    Role.REFORM: "score.criterion",
    Role.ADMIN: "admin_home.page",
}


def may(role: str | None, permission: Permission | None) -> bool:
    """May an account of this role (None: nobody logged in) call a route of this permission? Without one: nobody."""
    if permission is None:
        return False
    return permission.public or (role is not None and Role(role) in permission.roles)


def sees_names(role: str) -> bool:
    """Does this role read applicants' names, addresses and phones in full?"""
    return Role(role) in SEES_NAMES


def may_reveal(role: str) -> bool:
    """May this role have one applicant's name shown, for a reason?"""
    return Role(role) in REVEALERS
