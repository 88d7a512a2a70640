"""The table of all operations: of these the routes, the document, the choice of scopes and the tests are made."""

from collections.abc import Mapping

from app.access import SEES_NAMES, Role
from app.api import (
    alerts,
    calendar,
    catalogue,
    dossiers,
    figures,
    findings,
    letters,
    notes,
    office,
    sources,
    works,
)
from app.api.scopes import Scope
from app.api.table import Operation

# In the order of the document.
TOPICS: Mapping[str, tuple[Operation, ...]] = {
    "Hồ sơ": (*dossiers.OPERATIONS, *notes.OPERATIONS),
    "Thư xin lỗi": letters.OPERATIONS,
    "Cảnh báo": alerts.OPERATIONS,
    "Số liệu": figures.OPERATIONS,
    "Dấu hiệu": findings.OPERATIONS,
    "Lịch và hạn": calendar.OPERATIONS,
    "Danh mục": catalogue.OPERATIONS,
    "Nguồn dữ liệu": sources.OPERATIONS,
    "Việc và tệp": works.OPERATIONS,
    "Chương trình": office.OPERATIONS,
}
OPERATIONS: tuple[Operation, ...] = tuple(each for topic in TOPICS.values() for each in topic)


def scopes_of(role: str) -> tuple[Scope, ...]:
    """What a token of this role can be good for: scopes by which at least one operation is open to the role."""
    own = Role(role)
    useful = {each.scope for each in OPERATIONS if each.scope and own in each.roles}
    useful |= {Scope.NAMES} if own in SEES_NAMES else set()
    return tuple(scope for scope in Scope if scope in useful)
