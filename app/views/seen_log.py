"""Who looked at dossiers and who took them out: for who inspects and who administers; looking here is logged as well."""

from io import BytesIO

from flask import render_template, request, send_file
from werkzeug.wrappers import Response

from app import current, log_page, seen_files, seen_kinds, seen_log
from app.access import LOG_READERS, ROLE_NAMES, Permission, Role
from app.pages import Pages
from app.seen_log import Reach, SeenFilters, SeenPage, read_filters, seen_page
from app.typed_numbers import row_asked
from app.works.exporting import XLSX
from tracker.store import account_lists
from tracker.store.account_lists import AccountFilter

blueprint = Pages("seen_log", __name__, url_prefix="/nhat-ky")

PAGE = 50


@blueprint.get("/xem-va-xuat", permission=Permission(LOG_READERS, scoped=True))
def page() -> str:
    """Totals by person and day, what stands out, and the entries, 50 a page; or all about one dossier."""
    chosen = read_filters(request.args, current.now().date())
    shown = _shown(chosen, before=row_asked(request.args, "sau"), limit=PAGE)
    current.log("seen_view", _subject(shown), chosen.as_logged())
    with current.context().store.read() as session:
        people = account_lists.listed(session, AccountFilter(unit_ids=current.scope()), current.now())
    units = {each.unit_id: each.unit_name for each in people if each.unit_id is not None}
    return render_template(
        "seen_log.html", shown=shown, chosen=chosen, units=sorted(units.items(), key=lambda unit: unit[1] or ""),
        kinds=seen_kinds.KINDS, words=seen_log, log_words=log_page, roles=ROLE_NAMES, role_of=Role, first_page="sau" not in request.args,
    )  # fmt: skip


@blueprint.get("/xem-va-xuat.xlsx", permission=Permission(LOG_READERS, scoped=True, here_only=True))
def export() -> Response:
    """What the page shows, whole, as a workbook."""
    chosen = read_filters(request.args, current.now().date())
    shown = _shown(chosen, before=None, limit=seen_files.MOST_ROWS)
    file = BytesIO()
    rows = seen_files.write_seen(file, chosen, shown.lines, shown.totals)
    file.seek(0)
    current.log("seen_export", _subject(shown), {**chosen.as_logged(), "rows": rows})
    name = f"ai-da-xem-{chosen.first:%Y%m%d}-{chosen.last:%Y%m%d}.xlsx"
    return send_file(file, XLSX, as_attachment=True, download_name=name)


def _shown(chosen: SeenFilters, *, before: int | None, limit: int) -> SeenPage:
    reach = Reach(current.scope(), current.units_asked(chosen.unit_id))
    return seen_page(current.context(), chosen, reach, now=current.now(), before=before, limit=limit)


def _subject(shown: SeenPage) -> str:
    return f"dossier:{shown.trace.dossier_id}" if shown.trace else "log"
