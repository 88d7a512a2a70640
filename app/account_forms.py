"""The forms by which administrators ask for accounts, roles and scopes; a second person decides (`app/two_person.py`)."""

from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from app import current
from app.access import ROLE_NAMES
from app.accounts import checked_email, checked_login
from app.two_person_kinds import WHOLE_PROVINCE, AccountNew, AccountOpen, AccountRole
from tracker.store import catalogue
from tracker.store.people import Account

NO_UNIT = 0
ROLES = [SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()]


def _needed(label: str) -> list[Any]:
    return [InputRequired(f"Hãy điền {label}."), Length(max=200)]


class ReasonForm(FlaskForm):
    """Why; also the whole form for closing an account and opening it again."""

    reason = TextAreaField("Lý do (văn bản, quyết định phân công)", _needed("lý do"))


class RightsForm(ReasonForm):
    """What an account may do and see."""

    role = SelectField("Vai trò", choices=ROLES)
    unit = SelectField("Phạm vi (đơn vị và các đơn vị bên dưới)", coerce=int)

    def offer_units(self) -> None:
        """Fill the choice of units; not the ones that nobody knows, which have no people."""
        with current.context().store.read() as session:
            known = [unit for unit in catalogue.units(session).values() if unit.kind != "unknown"]
        known.sort(key=lambda unit: unit.name)
        units = [SelectChoice(unit.unit_id, unit.name) for unit in known]
        self.unit.choices = [SelectChoice(NO_UNIT, WHOLE_PROVINCE), *units]

    def unit_id(self) -> int | None:
        """The unit chosen; None = the whole province."""
        return None if self.unit.data == NO_UNIT else int(self.unit.data)

    def in_order(self) -> list[Field]:
        """The fields as a page shows them: the reason last."""
        told = [field for field in self if field.type != "CSRFTokenField"]
        return [*(field for field in told if field.name != "reason"), self.reason]


class RoleForm(RightsForm):
    """Another role or scope of an account."""

    def payload(self, account: Account) -> AccountRole:
        """What the form asks for, once it is valid."""
        return AccountRole(account.account_id, self.role.data, self.unit_id())


class NewAccountForm(RightsForm):
    """A new account."""

    login = StringField("Tên đăng nhập", _needed("tên đăng nhập"))
    full_name = StringField("Họ tên", _needed("họ tên"))
    email = StringField("Thư điện tử (nhận thông báo; có thể bỏ trống)", [Length(max=200)])

    def in_order(self) -> list[Field]:
        """Who first, then what that person may do."""
        return [self.login, self.full_name, self.email, self.role, self.unit, self.reason]

    def payload(self) -> AccountNew:
        """What the form asks for, once it is valid.

        Raises:
            UsageError: login or address cannot be such.
        """
        return AccountNew(
            checked_login(self.login.data),
            self.full_name.data.strip(),
            checked_email(self.email.data or ""),
            self.role.data,
            self.unit_id(),
        )


def opened(account: Account) -> AccountOpen:
    """What asking for a closed account to be opened again means."""
    return AccountOpen(account.account_id)
