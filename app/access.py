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

# Two persons of these change the working calendar: one asks, another decides.
CALENDAR = frozenset({Role.REFORM, Role.ADMIN})

# Roles that work with the applicant in person; the others read initials and hidden numbers.
SEES_NAMES = OFFICE


@dataclass(frozen=True, slots=True)
class Permission:
    """Roles that may call an endpoint; `public` = without log-in; `scoped` = only dossiers of the own units."""

    roles: frozenset[Role] = frozenset()
    scoped: bool = False
    public: bool = False


PUBLIC = Permission(public=True)


# Where a role begins its day.
HOME: Mapping[Role, str] = {
    Role.DESK: "desk.board",
    Role.HEAD: "desk.board",
    Role.AUDITOR: "late.late_list",
    Role.REFORM: "score.criterion",
    Role.ADMIN: "score.criterion",
}


def may(role: str | None, permission: Permission | None) -> bool:
    """May an account of this role (None: nobody logged in) call a route of this permission? Without one: nobody."""
    if permission is None:
        return False
    return permission.public or (role is not None and Role(role) in permission.roles)


def sees_names(role: str) -> bool:
    """Does this role read applicants' names, addresses and phones in full?"""
    return Role(role) in SEES_NAMES
