"""Due dates by a secret link: the files themselves, for whoever has the link, and the page where links are made and revoked."""

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, feed_acts, feed_page
from app.access import ADMINS, FEED_MAKERS, FEED_READERS, FEEDS, Permission, Role
from app.feed_files import ATOM, ICAL, FeedAsked, FeedFile, FeedForm, feed_file
from app.feed_page import NewFeedForm, NewLink, read_new_feed
from app.pages import Pages
from app.proxies import is_from_this_machine
from tracker.errors import UsageError
from tracker.store import feed_store

blueprint = Pages("feeds", __name__)

BY_LINK = Permission(public=True, limit=FEEDS)
# The reader may keep the file, but asks each time whether it is still so; no shared cache, no page that it led to, and no
# search engine learns of the link.
HEADERS = {
    "Cache-Control": "private, no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


@blueprint.get("/lich-hen/<token>.ics", permission=BY_LINK)
def calendar(token: str) -> Response:
    """The due dates of a link as a calendar; 404 for any that opens nothing."""
    return _answer(token, ICAL)


@blueprint.get("/lich-hen/<token>.atom", permission=BY_LINK)
def atom(token: str) -> Response:
    """The same as an Atom feed."""
    return _answer(token, ATOM)


def _answer(token: str, form: FeedForm) -> Response:
    made = _made(token, form)
    response = make_response(made.body)
    response.headers.update({**HEADERS, "Content-Type": form.content_type})
    response.set_etag(made.mark)
    return response.make_conditional(request)


def _made(token: str, form: FeedForm) -> FeedFile:
    context, now = current.context(), current.now()
    with context.store.read() as session:
        opened = feed_acts.open_feed(session, token)
        if opened is None or (opened.is_demo and not is_from_this_machine(request.environ)):
            abort(404)
        made = feed_file(context, session, opened, FeedAsked(form, _home(), request.path, now))
    feed_acts.note_read(context.store, opened.feed, count=made.count, form=form.ending, now=now)
    return made


def _home() -> str:
    return current.context().config.web.public_url or request.url_root.rstrip("/")


# ---------------------------------------------------------------- the page


@blueprint.get("/canh-bao/dang-ky", permission=Permission(FEED_READERS))
def page() -> str:
    """The own links, those of all accounts for administrators, and the form of a new one."""
    return _page(NewFeedForm())


@blueprint.post("/canh-bao/dang-ky", permission=Permission(FEED_MAKERS))
def make() -> str | tuple[str, int]:
    """A new link; its secret is in this very answer and nowhere else."""
    form, account, context = read_new_feed(request.form), current.account(), current.context()
    if form.fault:
        return _page(form), 400
    try:
        with context.store.read() as session:
            wanted = form.wanted(session)
        made = feed_acts.make_feed(context.store, account, wanted, actor=account.login, now=current.now())
    except UsageError as fault:
        return _page(form.with_fault(fault)), 400
    addresses = (_home() + url_for(f"feeds.{name}", token=made.token) for name in ("calendar", "atom"))
    return _page(NewFeedForm(), NewLink(made.name, *addresses))


@blueprint.post("/canh-bao/dang-ky/<int:feed_id>/thu-hoi", permission=Permission(FEED_READERS))
def revoke(feed_id: int) -> Response:
    """End a link at once; one of somebody else is 404 for all but administrators."""
    account, context = current.account(), current.context()
    with context.store.read() as session:
        feed = feed_store.find_feed(session, feed_id)
    if feed is None or (feed.account_id != account.account_id and Role(account.role) not in ADMINS):
        abort(404)
    was_open = feed_acts.revoke_feed(context.store, feed, actor=account.login, now=current.now())
    done = "Đã thu hồi đường dẫn “{}”; nó không mở được nữa."
    flash((done if was_open else "Đường dẫn “{}” đã được thu hồi từ trước.").format(feed.name))
    return redirect(url_for("feeds.page"))


def _page(form: NewFeedForm, made: NewLink | None = None) -> str:
    account = current.account()
    sees_all = Role(account.role) in ADMINS
    with current.context().store.read() as session:
        found = feed_page.shown_feeds(session, None if sees_all else account.account_id)
        groups = () if sees_all else feed_page.units_below(session, account, current.now())
    return render_template(
        "feeds.html", found=found, form=form, made=made, groups=groups, sees_all=sees_all, scopes=feed_store.SCOPES,
    )  # fmt: skip
