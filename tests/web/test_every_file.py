"""Every file that a page or the API hands out: taken as a file, kept by nobody, and without a formula whatever the data say."""

import csv
import io
import re
from collections.abc import Iterator
from functools import cache
from zipfile import ZipFile, is_zipfile

import pytest
from flask import Flask

from app.web import create_app
from tests import databases
from tests.web.conftest import Client, log_in
from tests.web.test_access import EXPECTED
from tests.web.world import OVERDUE_A, StandingContext, make_context
from tracker.reports.sheet_xml import FORMULA_STARTS
from tracker.store import audit
from tracker.store.audit import Act
from tracker.store.models import Dossier, DossierNote, Letter, Procedure, Unit, User

pytestmark = pytest.mark.sqlite_only("files are made of what was read, and that has tests on both")

FORMULA = "=HYPERLINK(9)"
TEXTS = (FORMULA, "+1+9", "-1+9", "@SUM(9)", "\t=9", "\r=9")
# Beside the pages of test_access.py, each list as each kind of file.
MORE = (
    "/qua-han.xlsx?trang-thai=all", "/tiep-nhan.xlsx", "/ty-le/tai-ve?dang=xlsx", "/ty-le/tai-ve?dang=csv&chia=can-bo",
    "/kiem-tra/ho-so?tep=xlsx&trang-thai=all", "/kiem-tra/ho-so?tep=csv&trang-thai=all",
    "/thu-xin-loi/tuan-thu/tai-ve?tep=danh-sach", "/bao-cao/tai-ve?bao-cao=II.06a&tep=.csv",
)  # fmt: skip
CELL_FORMULA = re.compile(rb"<f[ >/]")


@pytest.fixture(scope="module")
def hostile(made_world: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandingContext]:
    """A world in which everything that people and sources write begins like a formula."""
    folder = tmp_path_factory.mktemp("hostile")
    context = make_context(folder, databases.chosen().copy(made_world, folder))
    with context.store.transaction() as session:
        for number, row in enumerate(session.query(Dossier)):
            text = TEXTS[number % len(TEXTS)]
            row.applicant_name = row.officer_name = row.late_reason = row.note = row.status_text = text
            row.address = row.limit_text = text
        for kind, names in (
            (Unit, ("name", "place")),
            (Procedure, ("name",)),
            (User, ("full_name",)),
            (Letter, ("reason",)),
        ):
            for row in session.query(kind):
                for name in names:
                    setattr(row, name, f"{FORMULA}{row.id}")
        session.add(
            DossierNote(id=1, dossier_id=1, account_id=1, text=FORMULA, written_at=context.now(), withdrawn_at=None, withdrawn_by="")
        )  # fmt: skip
        audit.append_acts(session, [Act(context.now(), "desk", "dossier", "dossier:1", {"reason": FORMULA})])
    yield context
    context.store.close()


@pytest.fixture(scope="module")
def hostile_app(hostile: StandingContext) -> Flask:
    """Its application."""
    app = create_app(hostile, RATELIMIT_ENABLED=False, WTF_CSRF_ENABLED=False)
    app.test_client_class = Client
    return app


def formulas(name: str, body: bytes) -> list[str]:
    """Cells of a table, also within an archive, that a spreadsheet would run."""
    if is_zipfile(io.BytesIO(body)):
        with ZipFile(io.BytesIO(body)) as archive:
            inner = [(each, archive.read(each)) for each in archive.namelist()]
        runs = [each for each, part in inner if "worksheets" in each and CELL_FORMULA.search(part)]
        return runs + [found for each, part in inner for found in formulas(each, part)]
    if not name.endswith(".csv"):
        return []
    rows = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    return [cell for row in rows for cell in row if cell.startswith(FORMULA_STARTS) and not _is_number(cell)]


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"-?[\d.,]+", cell) is not None


def test_no_file_holds_a_formula_and_each_is_taken_as_a_file(hostile_app: Flask):
    faults, tables = {}, 0

    @cache
    def client(role: str):
        made = hostile_app.test_client()
        assert log_in(made, role).status_code == 302
        return made

    for address in (*EXPECTED, *MORE):
        allowed = EXPECTED.get(address) or {"reform"}
        for role in sorted(allowed)[:2]:
            answer = client(role).get(address, follow_redirects=True)
            if answer.mimetype in ("text/html", "application/json") or "javascript" in answer.mimetype:
                continue
            told = answer.headers.get("Content-Disposition", "")
            name = re.search(r"filename=\"?([^\";]+)", told)
            found = formulas(name[1] if name else "", answer.data)
            tables += answer.mimetype == "text/csv" or "spreadsheet" in answer.mimetype
            found += [] if told.startswith("attachment") else ["shown, not taken"]
            found += [] if answer.headers["X-Content-Type-Options"] == "nosniff" else ["sniffed"]
            found += [] if answer.headers["Cache-Control"] == "no-store" else ["kept"]
            if found:
                faults[address] = found
    assert faults == {}
    assert tables > 12, "the tables are not taken any more"
    assert OVERDUE_A in client("head").get("/qua-han").text
