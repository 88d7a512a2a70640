"""The Flask application: one factory that ties views, guards and formatting together; no rule of the domain."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, redirect, render_template, request, session, url_for
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user, logout_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException, SecurityError, abort
from werkzeug.wrappers import Response as AnyResponse

from app import current, presenters
from app.access import ROLE_NAMES, Role, may
from app.context import AppContext
from app.current import SessionUser
from app.pages import permission_of
from app.security import CookieSession, add_headers, session_secret, trusted_hosts
from app.views import BLUEPRINTS, auth
from tracker.errors import TrackerError, WorkFailed
from tracker.store import people

# A whole office may come from one address; password guessing is held by the lock of the account.
LOGINS_PER_MINUTE = "30 per minute"
FORM_BYTES = 256 * 1024
SEEN = "seen"


def create_app(context: AppContext, **overrides: Any) -> Flask:
    """The application for one context; `overrides` are Flask settings (tests switch the rate limit off)."""
    app = Flask(__name__)
    app.extensions[current.EXTENSION] = context
    app.session_interface = CookieSession()
    app.config.update(_settings(context), **overrides)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _add_accounts(app)
    CSRFProtect(app)
    _limit_logins(app)
    app.before_request(_guard)
    app.after_request(add_headers)
    app.context_processor(_page_values)
    app.jinja_env.filters.update(_filters())
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(TrackerError, _told)
    app.register_error_handler(Exception, _unexpected)
    return app


def _limit_logins(app: Flask) -> None:
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://")
    app.extensions["login_limiter"] = limiter  # the wrapped view holds it only weakly
    app.view_functions["auth.login"] = limiter.limit(LOGINS_PER_MINUTE, methods=["POST"])(auth.login)


def _settings(context: AppContext) -> dict[str, Any]:
    web = context.config.web
    return {
        "SECRET_KEY": session_secret(context.data_dir),
        "TRUSTED_HOSTS": trusted_hosts(web.allowed_hosts, web.host),
        "MAX_CONTENT_LENGTH": FORM_BYTES,
        "PERMANENT_SESSION_LIFETIME": timedelta(minutes=web.session_minutes),
        "SESSION_COOKIE_NAME": "dunghen",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(hours=1),
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session
    }


def _add_accounts(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # behind an office's proxy the address of a person may change
    manager.user_loader(_load_user)


def _load_user(session_id: str) -> SessionUser | None:
    account_id, _, salt = session_id.partition(".")
    if not account_id.isdigit():
        return None
    with current.context().store.read() as db:
        account = people.find_account(db, int(account_id))
    valid = account is not None and account.disabled_at is None and account.session_salt == salt
    return SessionUser(account) if account is not None and valid else None


def _guard() -> AnyResponse | None:
    """Let a request through only by the permission of its route; nobody logged in is sent to the log-in page."""
    endpoint = request.endpoint
    if request.routing_exception is not None:
        raise request.routing_exception
    permission = permission_of(current_app, endpoint) if endpoint else None
    if permission is None:
        abort(HTTPStatus.NOT_FOUND)
    if permission.public:
        return None
    if not current_user.is_authenticated:
        return redirect(url_for("auth.login", next=_came_from()))
    if _idle_too_long():
        logout_user()
        session.clear()
        return redirect(url_for("auth.login", next=_came_from(), het_phien=1))
    if not may(current.account().role, permission):
        abort(HTTPStatus.FORBIDDEN)
    return None


def _idle_too_long() -> bool:
    now = int(current.now().timestamp())
    idle = now - int(session.get(SEEN, now))
    session[SEEN] = now
    return idle > current.context().config.web.session_minutes * 60


def _came_from() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None


def _page_values() -> dict[str, Any]:
    logged_in = current_user.is_authenticated
    role = current.account().role if logged_in else None
    return {
        "me": current.account() if logged_in else None,
        "role_name": ROLE_NAMES[Role(role)] if role else "",
        "may": lambda endpoint: may(role, permission_of(current_app, endpoint)),
        "names_visible": current.names_visible(),
        "now": current.now(),
        "ui": presenters,
    }


def _filters() -> dict[str, Any]:
    names = ("number", "moment", "day", "long_day", "percent", "decimal")
    return {name: getattr(presenters, name) for name in names}


def _http_error(error: HTTPException) -> AnyResponse | tuple[str, int]:
    if isinstance(error, CSRFError):
        return render_template("error.html", status=400, expired=True), HTTPStatus.BAD_REQUEST
    if error.response is not None:
        return error.response
    if isinstance(error, SecurityError):  # a foreign host name: no page, since no address can be made for it
        return "Tên máy chủ không được chấp nhận.", HTTPStatus.BAD_REQUEST
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    return render_template("error.html", status=int(status), expired=False), int(status)


def _told(error: TrackerError) -> tuple[str, int]:
    """An error of the domain in its own words: a calendar without that year, an option that cannot be, a lost database."""
    status = HTTPStatus.SERVICE_UNAVAILABLE if isinstance(error, WorkFailed) else HTTPStatus.BAD_REQUEST
    return render_template("error.html", status=status.value, expired=False, message=str(error)), status


def _unexpected(error: Exception) -> tuple[str, int]:
    current_app.logger.exception("unexpected error", exc_info=error)
    return render_template("error.html", status=500, expired=False), HTTPStatus.INTERNAL_SERVER_ERROR
