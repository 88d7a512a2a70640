"""For everybody, without log-in: is this letter genuine, and the public list of apologies where the office shows one."""

from flask import render_template, request
from werkzeug.exceptions import abort

from app import current
from app.access import CHECKS, PUBLIC_LISTS, Permission
from app.check_page import answer_of, public_row, quarters_between, read_code, read_public_filters
from app.pages import Pages
from app.typed_numbers import page_asked
from app.works.drafting import letter_policy
from letters.content import CHECK_PAGE
from letters.ledger_cases import office_day
from tracker.store import letter_check

blueprint = Pages("letter_check", __name__)

PAGE = 50
MOST_TYPED = 40


@blueprint.get(CHECK_PAGE, permission=Permission(public=True, limit=CHECKS))
def check() -> str:
    """The form, and of a code that is asked for what anybody may know; no log of who asked for which."""
    typed = request.args.get("ma", "")[:MOST_TYPED].strip()
    code = read_code(typed)
    answer = None
    if code:
        with current.context().store.read() as db:
            answer = answer_of(code, letter_check.letter_by_code(db, code))
    has_list = current.context().config.letters.has_public_list
    return render_template("check.html", typed=typed, code=code, answer=answer, has_list=has_list)


@blueprint.get("/cong-khai-xin-loi", permission=Permission(public=True, limit=PUBLIC_LISTS))
def public_list() -> str:
    """Issued letters without any person, 50 a page; 404 until the office decides to show them."""
    context = current.context()
    if not context.config.letters.has_public_list:
        abort(404)
    page = page_asked(request.args)
    with context.store.read() as db:
        units, span = letter_check.public_units(db), letter_check.issued_span(db)
        chosen = read_public_filters(request.args, units)
        count = letter_check.public_count(db, chosen.chosen())
        lines = letter_check.public_lines(db, chosen.chosen(), skip=PAGE * (page - 1), limit=PAGE)
    policy, today = letter_policy(context), office_day(current.now())
    return render_template(
        "check_list.html", rows=[public_row(line, policy, today) for line in lines], chosen=chosen, units=units,
        quarters=dict(quarters_between(*span)) if span else {}, count=count, page=page, pages=-(-count // PAGE),
        today=today,
    )  # fmt: skip
