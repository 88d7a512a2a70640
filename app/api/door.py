"""Who calls: the token of `Authorization: Bearer`, and nothing else. No cookie is looked at, no form, no other header."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from flask import current_app, g, request

from app import current
from app.access import ANY, Limit, Permission, Role
from app.api.faults import ApiFault
from app.api.scopes import Scope
from app.proxies import is_from_this_machine, rate_key
from app.tries import Tries
from tracker.store import api_tokens, people
from tracker.store.api_tokens import TokenRow

TRIES = "tries"
FORM = re.compile(r"dh1_([a-z0-9]{10})_([A-Za-z0-9_-]{43})")
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
SECRET_BYTES, PREFIX_LETTERS = 32, 10
WINDOW = 60
# How often an address may come with a token that opens nothing; a good one is not held back by it.
BAD_TOKENS = Limit(60, 60)
INVALID = 'Bearer realm="dunghen", error="invalid_token"'


@dataclass(frozen=True, slots=True)
class Secret:
    """A new token: what is handed out once, and what is kept of it."""

    prefix: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        """As a program sends it."""
        return f"dh1_{self.prefix}_{self.secret}"

    @property
    def kept(self) -> str:
        """Of a random secret of 256 bits a plain hash is enough: nobody tries that many."""
        return hashed(self.secret)


def new_secret() -> Secret:
    """A token that nobody had before."""
    prefix = "".join(secrets.choice(LETTERS) for _ in range(PREFIX_LETTERS))
    return Secret(prefix, secrets.token_urlsafe(SECRET_BYTES))


def hashed(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def enter(permission: Permission) -> None:
    """Let a call through by its token, or say why not; from then on the request is that account's.

    Raises:
        ApiFault: no token or none that opens anything, a role or a scope that does not do, too many calls.
    """
    if not current.context().config.api.is_on:
        raise ApiFault("OFF", "Cơ quan đã tắt giao diện lập trình ([api] enabled)")
    token = _token()
    with current.context().store.read() as session:
        account = people.find_account(session, token.account_id)
    if account is None or account.disabled_at is not None:
        raise _invalid()
    if account.is_demo and not is_from_this_machine(request.environ):
        raise ApiFault("ONLY_HERE", "Khóa của tài khoản trình diễn chỉ dùng được trên máy này")
    if account.must_change_password:
        raise ApiFault("PASSWORD_FIRST", "Chủ khóa phải tự đổi mật khẩu trên trang web trước")
    g.caller = current.Caller(account, token.token_id, Scope.NAMES in token.scopes)
    _count(token)
    if Role(account.role) not in permission.roles:
        raise ApiFault("ROLE_NOT_ALLOWED", "Vai trò của tài khoản không được làm việc này")
    if permission.scope != ANY and permission.scope not in token.scopes:
        needed = f'Bearer error="insufficient_scope", scope="{permission.scope}"'
        raise ApiFault(
            "SCOPE_MISSING", f"Khóa thiếu quyền {permission.scope}", headers={"WWW-Authenticate": needed}
        )
    _note_use(token)


def _token() -> TokenRow:
    given = request.headers.get("Authorization", "")
    if not given:
        raise ApiFault(
            "TOKEN_MISSING",
            "Cần Authorization: Bearer <khóa>; tạo khóa ở trang Tài khoản, mục Khóa API",
            headers={"WWW-Authenticate": 'Bearer realm="dunghen"'},
        )
    kind, _, text = given.partition(" ")
    found = FORM.fullmatch(text.strip(" ")) if kind.lower() == "bearer" else None
    if found is None:
        raise _invalid()
    with current.context().store.read() as session:
        token = api_tokens.find_prefix(session, found[1])
    # Compared even where there is none, so that the time tells nothing.
    fits = hmac.compare_digest(token.secret_hash if token else hashed(""), hashed(found[2]))
    if token is None or not fits or not token.is_good(current.now()):
        raise _invalid()
    return token


def _invalid() -> ApiFault:
    """One answer for every token that opens nothing: which part was wrong is nobody's business."""
    who = rate_key(request.remote_addr)
    if _tries_on() and _tries().are_too_many(f"api token {who}", BAD_TOKENS, current.now()):
        return ApiFault(
            "TOO_MANY", "Gọi quá nhanh với khóa không dùng được", headers={"Retry-After": str(WINDOW)}
        )
    return ApiFault(
        "TOKEN_INVALID",
        "Khóa sai, đã thu hồi, hết hạn, hoặc tài khoản đã đổi vai trò, đơn vị, bị khóa",
        headers={"WWW-Authenticate": INVALID},
    )


def _count(token: TokenRow) -> None:
    """One more call of this token in its minute; what is left is told in every answer."""
    limit = Limit(current.context().config.api.per_minute, WINDOW)
    used = _tries().counted(f"api {token.token_id}", limit, current.now()) if _tries_on() else 0
    g.quota = (limit.count, max(0, limit.count - used))
    if used > limit.count:
        raise ApiFault(
            "TOO_MANY",
            f"Khóa này đã gọi quá {limit.count} lần trong một phút; hãy chờ rồi gọi lại",
            headers={"Retry-After": str(WINDOW)},
        )


def quota_headers() -> dict[str, str]:
    """How many calls the token has left, as far as it was counted."""
    if "quota" not in g:
        return {}
    limit, left = g.quota
    return {"RateLimit-Policy": f'"token";q={limit};w={WINDOW}', "RateLimit": f'"token";r={left};t={WINDOW}'}


def _note_use(token: TokenRow) -> None:
    """To the minute: a program that calls all the time costs one write a minute."""
    now, last = current.now(), token.last_used_at
    if last is None or now - last >= timedelta(seconds=WINDOW):
        with current.context().store.transaction() as session:
            api_tokens.note_use(session, token.token_id, now)


def _tries_on() -> bool:
    return bool(current_app.config["RATELIMIT_ENABLED"])


def _tries() -> Tries:
    return current_app.extensions[TRIES]  # type: ignore[no-any-return]
