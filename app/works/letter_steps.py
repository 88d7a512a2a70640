"""Thousands of letters that take one step, by a worker: some hundreds a transaction, with the place where it goes on in it."""

from collections.abc import Mapping
from typing import Any

from app.access import Role
from app.grip import Grip
from app.letter_acts import LetterDesk
from app.letter_forms import Filled
from app.letter_offers import OFFERS, Offer, Subject
from app.letter_page import OF_DUTIES, OF_LETTERS, read_filters
from letters.deciding import DecisionReport
from letters.moving import Asker, MoveReport
from tracker.errors import UsageError
from tracker.store import catalogue, letter_rows, people
from tracker.store.letter_rows import RowFilter
from tracker.store.session import Session
from tracker.types.work import WorkRow

SLICE = 500
# So many of those that were refused are told one by one.
TOLD = 200


def take_letter_steps(grip: Grip) -> Mapping[str, Any]:
    """Carry an act out on a whole list, as it was when it was asked for; what was done before a kill is not done again."""
    offer, form = OFFERS[grip.params["act"]], Filled(grip.params["values"])
    chosen, asker = _chosen(grip.params, offer), _asker(grip, offer)
    so_far: dict[str, Any] = {"after": 0, "moved": 0, "refused": 0, "rows": [], **grip.row.checkpoint}
    while ids := _next(grip, offer, chosen, so_far["after"]):
        grip.progress(so_far["moved"] + so_far["refused"], grip.params["count"], offer.word)

        def remember(session: Session, report: MoveReport | DecisionReport, last: int = ids[-1]) -> None:
            _count(so_far, report, last)
            grip.checkpoint_in(session, so_far)

        before = dict(so_far)
        desk = LetterDesk(grip.context, asker, remember)
        try:
            offer.run(desk, ids, form)
        except BaseException:
            so_far.update(before)
            raise
    return {"moved": so_far["moved"], "refused": so_far["refused"], "rows": so_far["rows"], "act": offer.key}


def _count(so_far: dict[str, Any], report: MoveReport | DecisionReport, last: int) -> None:
    if isinstance(report, MoveReport):
        moved, rows = len(report.moved), [[line.code, line.why] for line in report.refused]
    else:
        moved, rows = len(report.decided), [[f"số {line.dossier_id}", line.why] for line in report.refused]
    so_far["after"] = last
    so_far["moved"] += moved
    so_far["refused"] += len(rows)
    so_far["rows"] = [*so_far["rows"], *rows][:TOLD]


def _chosen(params: Mapping[str, Any], offer: Offer) -> RowFilter:
    states = OF_LETTERS if offer.subject is Subject.LETTERS else OF_DUTIES
    units = None if params["units"] is None else frozenset(params["units"])
    return read_filters(params["filters"], states).rows(units)


def _next(grip: Grip, offer: Offer, chosen: RowFilter, after: int) -> list[int]:
    listed = letter_rows.letter_ids if offer.subject is Subject.LETTERS else letter_rows.duty_ids
    with grip.context.store.read() as session:
        ids = listed(session, chosen, after=after, limit=SLICE)
    return [number for number in ids if number <= grip.params["last"]]


def _asker(grip: Grip, offer: Offer) -> Asker:
    """Who asked, as that account is now: an account that was closed or moved since does nothing any more.

    Raises:
        UsageError: it may not do this (any more).
    """
    asked = grip.params["units"]
    with grip.context.store.read() as session:
        account = people.find_login(session, grip.row.asked_by)
        if account is None or account.disabled_at is not None or Role(account.role) not in offer.roles:
            raise UsageError("tài khoản đã yêu cầu không còn được làm việc này")
        own = None if account.unit_id is None else catalogue.unit_subtree(session, account.unit_id)
    units = own if asked is None else frozenset(asked) if own is None else own & frozenset(asked)
    return Asker(account.login, grip.now(), units)


def about(row: WorkRow) -> str:
    """Which act, for how many."""
    offer = OFFERS.get(row.params.get("act", ""))
    return f"{offer.word}, {row.params['count']} {offer.noun}" if offer else ""
