"""What the page of API tokens shows: tokens in words, the scopes to choose from, the form as it was sent. Knows no request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.api.scopes import WORDS, Scope
from app.key_forms import Typed
from app.own_proof import OwnProof, ProofFaults
from app.presenters import Chip, sentence
from app.token_acts import LONGEST_NAME, USUAL_DAYS, TokenWanted
from app.typed_numbers import row_number
from tracker.store.api_tokens import BY_OWN_PASSWORD, BY_PASSWORD, BY_ROLE, TokenRow

IN_USE, UNUSED = Chip("tick", "Đang dùng", "kept"), Chip("hollow-circle", "Chưa dùng", "plain")
OVER, REVOKED = Chip("clock", "Hết hạn", "plain"), Chip("dash", "Đã thu hồi", "plain")
ENDED: Mapping[str, str] = {
    BY_ROLE: "vì tài khoản bị khóa, đổi vai trò hoặc đơn vị",
    BY_PASSWORD: "vì người khác đặt lại mật khẩu của tài khoản",
    BY_OWN_PASSWORD: "khi chủ tài khoản đổi mật khẩu",
}
NOTHING_TYPED, PROVED = OwnProof(), ProofFaults()
# How long a token may last, as the form offers it.
SPANS: Mapping[int, str] = {30: "30 ngày", 90: "90 ngày", 180: "180 ngày", 366: "một năm"}


@dataclass(frozen=True, slots=True)
class ShownToken:
    """A token as its line shows it; `by`: who ended it, in words, empty while it is good."""

    token: TokenRow
    state: Chip
    by: str
    is_good: bool


def shown(tokens: Sequence[TokenRow], now: datetime) -> list[ShownToken]:
    """Tokens, those that open something first."""
    lines = [_shown(each, now) for each in tokens]
    return sorted(lines, key=lambda each: (not each.is_good, -each.token.token_id))


def _shown(token: TokenRow, now: datetime) -> ShownToken:
    by = ENDED.get(token.revoked_by, f"bởi {token.revoked_by}" if token.revoked_by else "")
    if token.revoked_by:
        return ShownToken(token, REVOKED, by, is_good=False)
    if not token.is_good(now):
        return ShownToken(token, OVER, "", is_good=False)
    return ShownToken(token, IN_USE if token.last_used_at else UNUSED, "", is_good=True)


def words_of(scopes: Sequence[str]) -> str:
    """Scopes as a list names them."""
    return ", ".join(scopes)


def scope_words(scope: str) -> str:
    """What a scope lets a program do; one that there is no more is shown by its name."""
    return WORDS[Scope(scope)] if scope in set(Scope) else scope


@dataclass(frozen=True, slots=True)
class TokenForm:
    """The form of a new token as it stands on the page; `fault`: what is wrong with it, `unproved`: with who asks."""

    name: str = ""
    scopes: tuple[str, ...] = ()
    days: int = USUAL_DAYS
    proof: OwnProof = field(default=NOTHING_TYPED, repr=False)
    fault: str = ""
    unproved: ProofFaults = PROVED

    def wanted(self) -> TokenWanted:
        """What it asks for."""
        return TokenWanted(self.name, self.scopes, self.days)

    def with_fault(self, fault: object) -> "TokenForm":
        """The same with what was found wrong."""
        return replace(self, fault=sentence(fault))

    def not_proved(self, unproved: ProofFaults) -> "TokenForm":
        """The same where it was not shown that it is the person who asks."""
        return replace(self, unproved=unproved)


def read_form(typed: Typed) -> TokenForm:
    """The form as it was sent."""
    scopes = tuple(dict.fromkeys(each[:40] for each in typed.getlist("quyen")[: len(Scope)]))
    days = row_number(typed.get("han", "")) or 0
    proof = OwnProof(typed.get("mat-khau", ""), typed.get("ma", ""))
    return TokenForm(typed.get("ten", "")[:LONGEST_NAME], scopes, days, proof)
