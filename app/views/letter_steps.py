"""Letters and obligations take a step: what will happen told in numbers, carried out, and what became of each."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.exceptions import abort
from werkzeug.wrappers import Response

from app import current, obligation_page
from app.access import OFFICE, Permission, Role
from app.letter_acts import LetterDesk
from app.letter_forms import FIELDS, Filled, empty, read
from app.letter_offers import HEADS, OFFERS, Done, Offer, Subject
from app.letter_picks import AT_ONCE, Pick, ask_worker, mark_of, read_pick
from app.pages import Pages
from app.presenters import number, sentence
from app.views.work import go_on, is_within_scope
from letters.moving import Asker
from tracker.errors import UsageError
from tracker.store import work
from tracker.types.work import WorkState

blueprint = Pages("letter_steps", __name__, url_prefix="/thu-xin-loi")

NOTHING = "Chưa chọn {noun} nào. Hãy đánh dấu các dòng, hoặc chọn tất cả của danh sách."
CHANGED = "Danh sách đã thay đổi từ lúc bạn xem. Hãy xem lại số lượng rồi xác nhận."


@blueprint.get("/xac-nhan", permission=Permission(OFFICE, scoped=True))
def confirm() -> str | Response:
    """What an act will do to what was picked, in numbers, with the fields that it asks for."""
    pick, ids = _picked(request.args.get("viec", ""))
    if not ids:
        flash(NOTHING.format(noun=pick.offer.noun), "fault")
        return redirect(_list_of(pick))
    current.log("letter_confirm", pick.offer.subject.value, {"count": len(ids)})
    return _asked(pick, ids, empty(pick.offer.fields, current.now()))


@blueprint.post("/viec/<act>", endpoint="act", permission=Permission(OFFICE, scoped=True))
def act_by_office(act: str) -> str | Response | tuple[str, int]:
    """What desk and head may both do."""
    return _carried_out(act, OFFICE)


@blueprint.post("/quyet-dinh/<act>", permission=Permission(HEADS, scoped=True))
def decide(act: str) -> str | Response | tuple[str, int]:
    """What the head alone may do."""
    return _carried_out(act, HEADS)


@blueprint.get("/ket-qua/<int:work_id>", permission=Permission(OFFICE, scoped=True))
def result(work_id: int) -> str:
    """What became of thousands of letters that a worker moved; for who asked for it."""
    with current.context().store.read() as session:
        row = work.find_work(session, work_id)
    if row is None or row.kind != "letter_step" or row.state is not WorkState.DONE:
        abort(404)
    if row.asked_by != current.account().login or not is_within_scope(row.params["units"]):
        abort(403)
    offer = OFFERS[row.result["act"]]
    refused = tuple((code, why) for code, why in row.result["rows"])
    return _told(offer, Done(row.result["moved"], refused), row.result["refused"], row.params["filters"])


# ---------------------------------------------------------------- gather


def _picked(key: str) -> tuple[Pick, list[int]]:
    """What was picked, of the own units; 404 for an act that is none, 403 for one of other roles."""
    pick = read_pick(request.values, key)
    if pick is None:
        abort(404)
    if Role(current.account().role) not in pick.offer.roles:
        abort(403)
    units = current.units_asked(pick.filters.unit_id)
    with current.context().store.read() as session:
        return pick, pick.ids(session, units)


def _list_of(pick: Pick) -> str:
    endpoint = "letters.register" if pick.offer.subject is Subject.LETTERS else "obligations.page"
    return url_for(endpoint, **pick.filters.as_address())


# ---------------------------------------------------------------- carry out


def _carried_out(key: str, roles: frozenset[Role]) -> str | Response | tuple[str, int]:
    if key not in OFFERS or OFFERS[key].roles != roles:
        abort(404)
    pick, ids = _picked(key)
    if not ids:
        flash(NOTHING.format(noun=pick.offer.noun), "fault")
        return redirect(_list_of(pick))
    form = read(pick.offer.fields, request.form)
    if form.faults or not _is_unit_known(form):
        return _asked(pick, ids, form, "" if form.faults else "Hãy chọn một đơn vị trong danh sách."), 400
    if pick.is_all and pick.seen != mark_of(ids):
        return _asked(pick, ids, form, CHANGED), 409
    asker = Asker(current.account().login, current.now(), current.units_asked(pick.filters.unit_id))
    if len(ids) > AT_ONCE:
        return go_on(ask_worker(current.context(), pick, form, ids, asker=asker, now=current.now()))
    try:
        done = pick.offer.run(LetterDesk(current.context(), asker), ids, form)
    except UsageError as fault:
        return _asked(pick, ids, form, sentence(fault)), 400
    return _answered(pick, done, ids)


def _is_unit_known(form: Filled) -> bool:
    """A unit at fault is one of the catalogue."""
    if "don-vi-loi" not in form.values:
        return True
    with current.context().store.read() as session:
        offered = obligation_page.units_to_choose(session, current.now().date())
    return form.unit_id() in {unit.unit_id for unit in offered}


# ---------------------------------------------------------------- answer


def _asked(pick: Pick, ids: list[int], form: Filled, fault: str = "") -> str:
    units = []
    if "don-vi-loi" in form.values:
        with current.context().store.read() as session:
            units = obligation_page.units_to_choose(session, current.now().date())
    return render_template(
        "letter_confirm.html", pick=pick, offer=pick.offer, count=len(ids), hidden=pick.as_fields(ids), form=form,
        fault=fault, fields=FIELDS, units=units, back=_list_of(pick), at_once=AT_ONCE,
    )  # fmt: skip


def _answered(pick: Pick, done: Done, ids: list[int]) -> str | Response:
    """Back to where it was asked, or, where some did not take the step, a page that says which and why."""
    single = request.form.get("ve") == "mot" and len(ids) == 1
    if done.moved:
        flash(pick.offer.did.format(count=number(done.moved)) + _voided(done))
    if single:
        for _code, why in done.refused:
            flash(f"Không thực hiện được: {why}.", "fault")
        return redirect(_page_of(pick, ids[0]))
    if not done.refused:
        return redirect(_list_of(pick))
    return _told(pick.offer, done, len(done.refused), pick.filters.as_address())


def _page_of(pick: Pick, row_id: int) -> str:
    """Of the one; a dossier that another unit answers for now is not to be seen any more."""
    if pick.offer.subject is Subject.LETTERS:
        return url_for("letters.show", letter_id=row_id)
    if "don-vi-loi" in pick.offer.fields:
        return _list_of(pick)
    return url_for("obligations.show", dossier_id=row_id)


def _voided(done: Done) -> str:
    return f" {number(done.voided)} thư chưa ký đã hủy." if done.voided else ""


def _told(offer: Offer, done: Done, refused: int, address: dict[str, str]) -> str:
    endpoint = "letters.register" if offer.subject is Subject.LETTERS else "obligations.page"
    return render_template(
        "letter_done.html", offer=offer, done=done, refused=refused, back=url_for(endpoint, **address)
    )
