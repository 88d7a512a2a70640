"""Where the province's systems push their dossiers by the national portal's own calls: another program's door, not a page.

No cookie, no form, and no HTML, whatever happens. Off until the office says so (`[receiver] enabled`).
"""

from http import HTTPStatus

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app import current, receiver
from app.access import KEY_CHECKS, PUSHES, Limit, Permission
from app.guard import TRIES
from app.oplog import requests as request_lines
from app.oplog import write
from app.pages import Pages
from app.proxies import rate_key
from app.receiver_answers import DONE, Code, Refused, bad_call, pushed, refusal, response
from app.receiver_calls import OPERATIONS, Call, Operation, Service, read_call, read_json
from app.receiver_keys import Door, key_of_secret, key_of_session, not_known, open_session
from tracker.errors import TrackerError, WorkFailed
from tracker.store.source_keys import Key

PREFIX = "/lien-thong"
blueprint = Pages("receiver", __name__, url_prefix=PREFIX)
CALLS = Permission(public=True, signed=True, limit=PUSHES)
DOOR = "receiver"
LARGEST_LOGIN = 16 * 1024
# What senders write over their JSON; anything else is none.
TYPES = frozenset({"", "application/json", "text/json", "text/plain", "application/octet-stream"})
RETRY_SECONDS = 5
BUSY = "Hệ thống đang nạp dữ liệu khác; chưa ghi gì, hãy gửi lại"


@blueprint.post("/dang-nhap", permission=CALLS)
def login() -> Response:
    """Name and secret of a key -> a session."""
    document = read_json(_body(LARGEST_LOGIN))
    given = {name.lower(): value for name, value in document.items()} if isinstance(document, dict) else {}
    name, secret = given.get("username"), given.get("password")
    if not isinstance(name, str) or not isinstance(secret, str):
        raise bad_call("cần username và password, đều là chữ")
    key = _of_secret(name, secret)
    minutes = current.context().config.receiver.session_minutes
    token = open_session(current.context().store, key, now=current.now(), minutes=minutes)
    return response({"session": token, "error_code": 0, "message": DONE})


@blueprint.post("", permission=CALLS)
def envelope() -> Response:
    """A call whose body names its service (variants A and D)."""
    return _answered(None)


@blueprint.post("/<name>", permission=CALLS)
def operation(name: str) -> Response:
    """A call whose address names its service (variants B and C)."""
    found = OPERATIONS.get(name.lower())
    if found is None:
        raise Refused(HTTPStatus.NOT_FOUND, Code.OFF, f"không có địa chỉ này; có: {', '.join(Service)}")
    return _answered(found)


def _answered(operation: Operation | None) -> Response:
    slots = _door().slots
    if not slots.acquire(blocking=False):
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, Code.BUSY, BUSY, retry_after=RETRY_SECONDS)
    try:
        return _carried_out(operation)
    finally:
        slots.release()


def _carried_out(operation: Operation | None) -> Response:
    context = current.context()
    by_header = _by_header()
    body = _body(context.config.receiver.max_body_mib * 1024 * 1024)
    call = read_call(body, request.args, operation)
    key = by_header or _of_session(call)
    _hold_back(f"receiver key {key.key_id}", Limit(context.config.receiver.per_minute, 60))
    caller = receiver.caller_of(context, key, current.now())
    receiver.check_unit(context, caller, call)
    if call.service == Service.LOOKUP:
        return response(receiver.look_up(context, caller, call))
    return response(pushed(receiver.push(context, caller, call, body)))


# ---------------------------------------------------------------- who calls


def _by_header() -> Key | None:
    """The key of a call that says so in its head: Basic, or Bearer with `name:secret` or the token of a session."""
    given = request.authorization
    if given is None:
        return None
    if given.type == "basic":
        return _of_secret(given.username or "", given.password or "")
    if given.type != "bearer" or not given.token:
        raise not_known("Authorization: cần Basic hoặc Bearer")
    name, colon, secret = given.token.partition(":")
    return _of_secret(name, secret) if colon else _of_token(given.token)


def _of_session(call: Call) -> Key:
    token = call.session or request.headers.get("session", "")
    if not token:
        raise not_known("thiếu session; hãy đăng nhập, hoặc gửi khóa trong Authorization")
    return _of_token(token)


def _of_token(token: str) -> Key:
    key = key_of_session(current.context().store, token, current.now())
    if key is None:
        raise not_known("session không đúng hoặc đã hết hạn; hãy đăng nhập lại")
    return key


def _of_secret(name: str, secret: str) -> Key:
    name = name.strip().lower()
    if _door().fitted(name, secret) is None:
        # Each look at an unknown secret costs a tenth of a second of the processor.
        _hold_back(f"receiver secret {rate_key(request.remote_addr)}", KEY_CHECKS)
    key = key_of_secret(current.context().store, _door(), name, secret)
    if key is None:
        raise not_known("sai tên hoặc mật khẩu của khóa")
    return key


def _door() -> Door:
    return current_app.extensions.setdefault(DOOR, Door())  # type: ignore[no-any-return]


# ---------------------------------------------------------------- bounds


def _body(largest: int) -> bytes:
    """The bytes of the call, within their bound; 413 beyond it."""
    if request.mimetype not in TYPES or request.content_encoding:
        raise Refused(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            Code.BAD_CALL,
            "cần JSON không nén (Content-Type: application/json)",
        )
    request.max_content_length = largest
    return request.get_data(cache=False)


def _hold_back(key: str, limit: Limit) -> None:
    if not current_app.config["RATELIMIT_ENABLED"]:
        return
    if current_app.extensions[TRIES].are_too_many(key, limit, current.now()):
        raise too_many(limit.seconds)


def too_many(seconds: int) -> Refused:
    """One call too many."""
    return Refused(
        HTTPStatus.TOO_MANY_REQUESTS, Code.TOO_MANY, "gửi quá nhanh; hãy chờ rồi gửi lại", retry_after=seconds
    )


@blueprint.before_request
def only_when_on() -> None:
    """404 for everything until the office has switched the receiver on."""
    if not current.context().config.receiver.is_on:
        raise Refused(HTTPStatus.NOT_FOUND, Code.OFF, "cổng nhận dữ liệu đang tắt")


# ---------------------------------------------------------------- what went wrong


def is_ours(path: str) -> bool:
    """Does an address lie here, whether there is such a one or not?"""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


@blueprint.errorhandler(Refused)
def _refused(error: Refused) -> Response:
    return refusal(error)


@blueprint.errorhandler(HTTPException)
def http_error(error: HTTPException) -> Response:
    """An answer to what failed before or within a call here."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return refusal(too_many(PUSHES.seconds))
    words = {
        HTTPStatus.NOT_FOUND: "không có địa chỉ này",
        HTTPStatus.METHOD_NOT_ALLOWED: "chỉ nhận POST",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "gói tin quá lớn; hãy chia nhỏ",
    }
    code = Code.OFF if status == HTTPStatus.NOT_FOUND else Code.BAD_CALL
    code = Code.FAULT if status >= HTTPStatus.INTERNAL_SERVER_ERROR else code
    return refusal(Refused(status, code, words.get(status, "không nhận được lời gọi này")))


@blueprint.errorhandler(TrackerError)
def _told(error: TrackerError) -> Response:
    write("push_refused", error=error)
    if isinstance(error, WorkFailed):
        busy = Refused(HTTPStatus.SERVICE_UNAVAILABLE, Code.BUSY, BUSY, retry_after=RETRY_SECONDS)
        return refusal(busy)
    return refusal(bad_call(str(error)))


@blueprint.errorhandler(Exception)
def _unexpected(error: Exception) -> Response:
    write("request_failed", method=request_lines.method(), rule=request_lines.rule(), error=error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return refusal(Refused(status, Code.FAULT, "chương trình gặp lỗi; chưa ghi gì, hãy báo quản trị"))
