"""The Flask application: one factory that ties views, guards and formatting together; no rule of the domain."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, g, request
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.wrappers import Response as AnyResponse

from app import current, error_pages, guard, links, navigation, presenters, replica_pages
from app.access import ROLE_NAMES, Role, may, sees_names
from app.api import faults
from app.api.faults import ApiFault
from app.context import AppContext
from app.current import SessionUser
from app.drawn import Drawn
from app.english.pages import TwoLanguages, language
from app.first_day_standing import being_set_up
from app.help.topics import topic_of, topics
from app.metrics import Metrics
from app.oplog import requests as request_lines
from app.oplog import write
from app.pages import RowNumber, matrix, permission_of
from app.proxies import TrustedProxies, is_from_this_machine
from app.security import COOKIE, CookieSession, add_headers, session_secret, trusted_hosts
from app.tries import Tries
from app.views import BLUEPRINTS, receiver
from app.views.inbox import MOST_UNREAD
from tracker.errors import BeingCounted, DiskFull, TrackerError, WorkFailed
from tracker.machine import machine_fault
from tracker.store import people
from tracker.store.people import Account

FORM_BYTES = 256 * 1024


def create_app(context: AppContext, **overrides: Any) -> Flask:
    """The application for one context; `overrides` are Flask settings (tests switch the rate limit off)."""
    app = TwoLanguages(__name__)
    app.extensions[current.EXTENSION] = context
    context.memory = current.memory
    app.extensions[guard.TRIES] = Tries(context)
    app.wsgi_app = TrustedProxies(app.wsgi_app, context.config.web.trusted_proxies)  # type: ignore[method-assign]
    app.session_interface = CookieSession()
    app.config.update(_settings(context), **overrides)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.converters["int"] = RowNumber
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    request_lines.install(app)
    _add_accounts(app)
    _ask_for_tokens(app)
    Metrics().install(app)
    replica_pages.install(app)
    app.before_request(current.hold)
    app.before_request(guard.guard)
    app.teardown_request(current.let_go)
    app.after_request(add_headers)
    app.context_processor(_page_values)
    app.jinja_env.filters.update(_filters())
    app.jinja_env.globals.update(_template_words(), drawn=Drawn())
    links.install(app)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(TrackerError, _told)
    app.register_error_handler(ApiFault, faults.problem)
    app.register_error_handler(OSError, _refused_by_the_machine)
    app.register_error_handler(Exception, _unexpected)
    return app


def _ask_for_tokens(app: Flask) -> None:
    """Every form carries its token (CSRF), but for calls that another program signs; that of a file is asked for by the
    guard, since looking for it reads the whole body.
    """
    tokens = CSRFProtect(app)
    for endpoint, permission in matrix(app).items():
        if permission is not None and (permission.signed or permission.uploads or permission.scope):
            tokens.exempt(app.view_functions[endpoint])


def _settings(context: AppContext) -> dict[str, Any]:
    web = context.config.web
    return {
        "SECRET_KEY": session_secret(context.data_dir),
        "TRUSTED_HOSTS": trusted_hosts(web.allowed_hosts, web.host),
        "MAX_CONTENT_LENGTH": FORM_BYTES,
        "PERMANENT_SESSION_LIFETIME": timedelta(minutes=web.session_minutes),
        "SESSION_COOKIE_NAME": COOKIE,
        "SESSION_COOKIE_PATH": "/",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=1),
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
        "RATELIMIT_ENABLED": True,
    }


def _add_accounts(app: Flask) -> None:
    # Templates know the reader as `me`: the library's own look-up would fail the page that says that the database is away.
    manager = LoginManager(app, add_context_processor=False)
    manager.session_protection = None  # behind an office's proxy the address of a person may change
    manager.user_loader(_load_user)


def _load_user(session_id: str) -> SessionUser | None:
    account_id, _, salt = session_id.partition(".")
    if not account_id.isdigit():
        return None
    with current.context().store.read() as db:
        reader = people.find_reader(db, int(account_id), cap=MOST_UNREAD + 1)
    account = reader.account if reader else None
    if reader is None or account is None or account.disabled_at is not None or account.session_salt != salt:
        return None
    # A cookie of a demonstration is worth nothing on another machine either.
    if account.is_demo and not is_from_this_machine(request.environ):
        return None
    current.remember(reader)
    return SessionUser(account)


def _page_values() -> dict[str, Any]:
    account = _reader()
    role = account.role if account else None
    g.reader_role = role
    return {
        "me": account,
        "role_name": ROLE_NAMES[Role(role)] if role else "",
        "names_visible": role is not None and sees_names(role),
        "now": current.now(),
        "read_from": replica_pages.read_from,
        "language": language(),
        "being_set_up": lambda: being_set_up(current.context()),
    }


def _template_words() -> dict[str, Any]:
    """What templates know everywhere, the pieces that they import among them: those are made once, not anew for each page."""

    def may_open(endpoint: str) -> bool:
        return may(g.get("reader_role"), permission_of(current_app, endpoint))

    return {
        "may": may_open,
        "ui": presenters,
        "role_names": ROLE_NAMES,
        "help_topic": lambda: topic_of(request.endpoint),
        "help_title": lambda endpoint: topics()[endpoint].title,
        "top_bar": lambda: navigation.bar(
            Role(g.get("reader_role") or Role.DESK), request.endpoint, may_open
        ),
    }


def _reader() -> Account | None:
    """Whose page it is. The page that says that the database is away must not need it: then it is nobody's."""
    try:
        return current.account() if current_user.is_authenticated else None
    except WorkFailed:
        return None


def _filters() -> dict[str, Any]:
    names = ("number", "moment", "day", "long_day", "percent", "decimal")
    return {name: getattr(presenters, name) for name in names}


def _http_error(error: HTTPException) -> AnyResponse | tuple[str, int]:
    if isinstance(error, CSRFError):
        return error_pages.error_page(HTTPStatus.BAD_REQUEST, expired=True)
    if error.response is not None:
        return error.response
    if receiver.is_ours(request.path):
        return receiver.http_error(error)
    if faults.is_ours(request.path):
        return faults.http_error(error)
    if isinstance(error, SecurityError):  # a foreign host name: no page, since no address can be made for it
        return "Tên máy chủ không được chấp nhận.", HTTPStatus.BAD_REQUEST
    return error_pages.of_http(error)


def _told(error: TrackerError) -> AnyResponse:
    """An error of the domain in its own words: a calendar without that year, an option that cannot be, a lost database."""
    if isinstance(error, WorkFailed):
        write("request_unserved", method=request_lines.method(), rule=request_lines.rule(), error=error)
    if faults.is_ours(request.path):
        return faults.told(error)
    if isinstance(error, BeingCounted):
        return error_pages.error_page(
            HTTPStatus.SERVICE_UNAVAILABLE, counting=str(error), wait=error_pages.COUNTING_SECONDS
        )
    status = HTTPStatus.SERVICE_UNAVAILABLE if isinstance(error, WorkFailed) else HTTPStatus.BAD_REQUEST
    return error_pages.error_page(status, message=str(error), full=isinstance(error, DiskFull))


def _refused_by_the_machine(error: OSError) -> AnyResponse:
    """A full disk or a file that may not be written, while an upload, a letter or a report was kept."""
    fault = machine_fault(error)
    return _unexpected(error) if fault is None else _told(fault)


def _unexpected(error: Exception) -> AnyResponse:
    write("request_failed", method=request_lines.method(), rule=request_lines.rule(), error=error)
    if faults.is_ours(request.path):
        return faults.unexpected()
    return error_pages.error_page(HTTPStatus.INTERNAL_SERVER_ERROR)
