"""What the program is doing when a fault befalls it: commands and pages on a small office, each of which can be done again.

The office has letters that wait for a number, dossiers that wait for a letter, a file that waits for a worker, a message
that waits for a sender, and an account that writes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from app.context import AppContext
from app.web import create_app
from letters.moving import Asker, approve
from letters.series import register_series
from letters.signers import sign
from notifications.outbox import OutboxDraft, put
from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL, Answer, Office, csv_text, row
from tests.flows.toy_work import context_of
from tracker.store import letter_choice
from tracker.store.models import Unit
from tracker.store.number_store import NewSeries
from tracker.store.session import Store, open_store
from tracker.types import VN

NOW = datetime(2022, 4, 5, 9, 0, tzinfo=VN)
PASSWORD = "mat-khau-cua-ban-1"
LATE = {"late_reason": "Số lượng hồ sơ tăng đột biến"}
WITH_NUMBER, DRAFTED, LOADED = range(1, 13), range(13, 33), range(1, 351)
# Many rows a transaction and pieces of a file: a fault in the middle finds something in the middle.
PIECE = "100"
MESSAGE = OutboxDraft("watchdog", "k", "in_app", "user:1", "Thử", "Thử", "/")
OUT = "ra"


@dataclass(frozen=True, slots=True)
class ActKind:
    """One thing that is done; `do` may be repeated. `is_turn`: it does what there is to do, a repetition may be needed for
    what waits. `then`: what the morning's jobs do for what was left open. `may_repeat`: tables to which doing it again adds a row, even where all was done.
    """

    name: str
    do: Callable[[Office], Answer]
    then: Callable[[Office], Answer] | None = None
    is_turn: bool = False
    may_repeat: frozenset[str] = frozenset()


def made(office: Office) -> Office:
    """Furnish an empty office with what the acts need."""
    office.now = NOW - timedelta(days=1)
    office.configure(chunk_rows=PIECE)
    _load(office, "dau-tien.csv", WITH_NUMBER)
    _load(office, "tiep-theo.csv", DRAFTED)
    office.now = NOW
    assert office.run("letters", "draft", "--unit", PROVINCIAL).status == 0
    store = open_store(office.url)
    _sign(store)
    store.close()
    _write_files(office)
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    told = ("--role", "desk", "--name", "Cán bộ", "--unit", PROVINCIAL)
    assert office.run("user", "add", "can-bo", *told, typed=typed).status == 0
    assert office.run("ingest", office.folder / "se-nap.csv", "--later").status == 0
    store = open_store(office.url)
    with store.transaction() as session:
        put(session, MESSAGE, NOW)
    store.close()
    return office


def copied(base: Office, folder: Path) -> Office:
    """The same office elsewhere: its database and its files."""
    office = Office(folder, chunk_rows=PIECE).like(base)
    office.now = base.now
    _write_files(office)
    return office


def _load(office: Office, name: str, numbers: range) -> None:
    unit = PROVINCIAL if numbers is WITH_NUMBER else OTHER_PROVINCIAL
    rows = [row(number, resolving_unit=unit, **LATE) for number in numbers]
    answer = office.run("ingest", office.write(name, rows))
    assert answer.status == 0, answer.err


def _write_files(office: Office) -> None:
    known = [_again(number) for number in LOADED if number <= max(DRAFTED)]
    office.write("thang-tu.csv", csv_text([*known, *(row(n, **LATE) for n in LOADED if n > max(DRAFTED))]))
    # By a worker, which finds the file where it lay when it was asked for.
    office.write("se-nap.csv", csv_text([row(n) for n in range(500, 560)]))
    (office.folder / OUT).mkdir(exist_ok=True)


def _again(number: int) -> dict[str, str]:
    """A dossier that was loaded before; of three, two have changed."""
    unit = PROVINCIAL if number in WITH_NUMBER else OTHER_PROVINCIAL
    return row(number, resolving_unit=unit, **LATE, **({"note": "đã gọi"} if number % 3 else {}))


def _sign(store: Store) -> None:
    with store.read() as session:
        drafts = letter_choice.in_states(session, ("drafted",))
        unit = session.query(Unit.id).filter(Unit.name == PROVINCIAL).scalar()
    register_series(
        store, NewSeries(unit, "PXL", "Quyết định số 1", 1, date(2022, 1, 1)), Asker("van-thu", NOW)
    )
    assert not approve(store, drafts, Asker("duyet", NOW)).refused
    assert not sign(store, drafts, NOW.date(), Asker("van-thu", NOW)).refused


# ---------------------------------------------------------------- acts


def command(*words: str, out: str = "") -> Callable[[Office], Answer]:
    """A command of the program; `out` names the file that it writes."""

    def do(office: Office) -> Answer:
        given = (*words, str(office.folder / OUT / out)) if out else words
        return office.run(*given)

    return do


def load(office: Office) -> Answer:
    """An export is loaded: new dossiers, changed ones, unchanged ones."""
    return office.run("ingest", office.folder / "thang-tu.csv")


def watch_page(office: Office) -> Answer:
    """A person logs in and reads the list of late dossiers, which is written down."""
    return _at_the_desk(office, lambda browse: browse.get("/qua-han"))


def note_on_page(office: Office) -> Answer:
    """A person writes a note beside a dossier, unless it stands there."""

    def write(browse):
        page = browse.get(DOSSIER)
        if page.status_code != 200 or "đã gọi lúc chín giờ" in page.text:
            return page
        return browse.post(f"{DOSSIER}/ghi-chu", data={"noi-dung": "đã gọi lúc chín giờ"})

    return _at_the_desk(office, write)


DOSSIER = "/ho-so/H15.03-220301-0001"


def _at_the_desk(office: Office, go: Callable) -> Answer:
    context: AppContext = context_of(office, office.now)
    app = create_app(context, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    try:
        browse = app.test_client()
        entered = browse.post("/dang-nhap", data={"login": "can-bo", "password": PASSWORD})
        answer = go(browse) if entered.status_code == 302 else entered
    finally:
        if "store" in vars(context):
            context.store.close()
    is_well = answer.status_code in (200, 302)
    return Answer(0 if is_well else 3, answer.text if is_well else "", "" if is_well else answer.text)


def morning(office: Office) -> Answer:
    """The job of each morning, which writes what was numbered and not yet written."""
    return office.run("jobs", "run", "ledger", "--day", f"{office.now:%Y-%m-%d}")


ACTS: Mapping[str, ActKind] = {
    kind.name: kind
    for kind in (
        ActKind("load", load, may_repeat=frozenset({"batch", "batch_seen", "office_event"})),
        ActKind("draft", command("letters", "draft")),
        ActKind("number", command("letters", "number", "--own", "--all"), then=morning),
        ActKind("ledger", command("letters", "keep")),
        ActKind("work", command("worker", "--until-idle", "--only", "work"), is_turn=True),
        ActKind("send", command("worker", "--until-idle", "--only", "outbox"), is_turn=True),
        ActKind("export", command("overdue", "--out", out="quá-hạn.xlsx")),
        ActKind("csv", command("overdue", "--out", out="quá-hạn.csv")),
        ActKind("form", command("report", "II.06a", "--from", "2022-01-01", "--to", "2022-04-05", "--out", out="a.docx")),
        ActKind("backup", command("backup", out="sao-luu.zip")),
        ActKind("page", watch_page),
        ActKind("note", note_on_page),
    )
}  # fmt: skip
