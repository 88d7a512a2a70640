"""The same files give the same answers, byte for byte, whether the store is a SQLite file or on PostgreSQL."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.web import create_app
from tests.databases import SqliteFiles, chosen
from tests.flows.office import NOW, Office, csv_text, row
from tests.web.conftest import TOKEN, log_in
from tests.web.world import ROLES, StandingContext, make_context
from tests.web.world import fill as fill_world
from tracker.synthetic.generate import GenerateResult

pytestmark = [pytest.mark.postgresql_only("compares the two"), pytest.mark.both_databases]

YEAR = ("--from", "2022-01-01", "--to", "2022-12-31")
RATES = (
    (),
    ("--by", "level"),
    ("--by", "unit"),
    ("--by", "field,channel"),
    ("--by", "procedure"),
    ("--by", "level,unit,field,procedure,channel", "--basis", "promised"),
    ("--by", "unit", "--basis", "documented", "--as-of", "2022-08-15"),
)
LATE = [
    ("--state", state, "--basis", basis)
    for state in ("open", "finished", "all")
    for basis in ("source", "promised", "documented")
]
QUESTIONS = [
    ("score", "3.4.1", "--year", "2022"),
    ("score", "3.4.1", "--year", "2022", "--as-of", "2022-06-30", "--basis", "promised"),
    *(("rates", *YEAR, *by) for by in RATES),
    *(("overdue", "--as-of", "2022-09-01", *which) for which in LATE),
    ("overdue", "--as-of", "2022-09-01", "--precision", "instant", "--state", "all"),
    ("overdue", "--as-of", "2022-09-01", "--known", "2026-08-25T00:00:00", "--state", "all"),
    ("letters", "due", "--as-of", "2023-01-01"),
    ("letters", "status", "--as-of", "2023-01-01"),
    ("rejections",),
    ("units", "list"),
]  # fmt: skip


def told_twice() -> list[list[dict[str, str]]]:
    """A batch, and a later one that changes due dates, ends, suspensions, units and one name that nobody knows."""
    first = [row(n, due_at="x" if n % 9 == 0 else "15/03/2022 17:00:00") for n in range(1, 40)]
    later = [
        row(
            n,
            due_at="20/04/2022 17:00:00",
            finished_at="25/04/2022 08:00:00" if n % 3 else "",
            suspensions="Tạm dừng: 05/03/2022 08:00:00 - 07/03/2022 08:00:00" if n % 4 == 0 else "",
            resolving_unit="Phòng không ai biết" if n % 5 == 0 else "",
            updated_at="26/04/2022 08:00:00",
        )
        for n in range(1, 40, 2)
    ]
    return [first, later]


@pytest.fixture(scope="module")
def files() -> Iterator[SqliteFiles]:
    """The other kind of database."""
    files = SqliteFiles()
    yield files
    files.close()


@pytest.fixture(scope="module")
def offices(
    tmp_path_factory: pytest.TempPathFactory, daklak: GenerateResult, files: SqliteFiles
) -> tuple[Office, Office]:
    """One office on each, that ingested the same files at the same moments."""
    folder = tmp_path_factory.mktemp("both")
    both = []
    for databases in (files, chosen()):
        (folder / databases.name).mkdir()
        office = Office(folder / databases.name, on=databases).furnished()
        office.ingest(*daklak.files)
        for days, rows in enumerate(told_twice(), 1):
            office.now = NOW + timedelta(days=days)
            # The same path for both: batches and rejections name it.
            path = folder / f"lan-{days}.csv"
            path.write_text(csv_text(rows), "utf-8")
            office.ingest(path)
        both.append(office)
    return both[0], both[1]


@pytest.mark.every_value("each value is a question")
@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
def test_a_question_has_the_same_answer(offices: tuple[Office, Office], question: tuple[str, ...]):
    mine, theirs = (office.run(*question, "--json") for office in offices)
    assert mine.status in (0, 1)
    assert mine == theirs


def test_a_dossier_is_told_alike(offices: tuple[Office, Office]):
    mine, theirs = offices
    codes = [code for (code,) in mine.query("SELECT code FROM dossier ORDER BY code")]
    assert [(code,) for code in codes] == theirs.query("SELECT code FROM dossier ORDER BY code")
    assert len(codes) > 1_000
    for code in [*codes[::500], "H15.03-220301-0001", "H15.03-220301-0004", "H15.03-220301-0005"]:
        for more in ((), ("--known", "2026-08-25T00:00:00")):
            assert mine.run("dossier", code, *more, "--json") == theirs.run("dossier", code, *more, "--json")


def test_what_is_stored_is_the_same_row_by_row(offices: tuple[Office, Office]):
    mine, theirs = (office.dump() for office in offices)
    as_text = {name: sorted([tuple(map(str, cells)) for cells in rows]) for name, rows in mine.items()}
    assert {name: sorted([_as_sqlite(cells) for cells in rows]) for name, rows in theirs.items()} == as_text


def _as_sqlite(cells: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(str(int(cell) if isinstance(cell, bool) else cell) for cell in cells)


@pytest.fixture
def worlds(tmp_path: Path, files: SqliteFiles) -> list[StandingContext]:
    """The small world of the page tests on each."""
    contexts = []
    for databases in (files, chosen()):
        folder = tmp_path / databases.name
        folder.mkdir()
        context = make_context(folder, databases.furnished(folder))
        fill_world(context, tmp_path)
        contexts.append(context)
    return contexts


PAGES = (
    "/ban-theo-doi", "/qua-han?trang-thai=all", "/thu-xin-loi", "/tieu-chi/3.4.1?nam=2026", "/tim?q=T01",
    "/ho-so/T01-260803-0001", "/ho-so/T01-260803-0005",
)  # fmt: skip


NUMBER = re.compile("Mã yêu cầu: <code>[^<]+</code>")  # of the request, on a page of an error


@pytest.mark.parametrize("role", ROLES)
def test_pages_are_the_same_for_every_role(worlds: list[StandingContext], role: str):
    answers = []
    for context in worlds:
        client = create_app(context, RATELIMIT_ENABLED=False).test_client()
        log_in(client, role)
        pages = [client.get(address) for address in PAGES]
        answers.append([(page.status_code, NUMBER.sub("", TOKEN.sub("", page.text))) for page in pages])
        context.store.close()
    assert answers[0] == answers[1]
    assert 200 in {status for status, _ in answers[0]}
