"""Faults and measures by the command line: nothing is overwritten, everything is logged, figures propose with their fractions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

import pytest

from app.remedy_acts import RemedyDesk, Seen
from letters.moving import Asker
from tests.flows.office import NOW, OTHER_PROVINCIAL, PROVINCIAL, Office, StandingContext, row
from tracker.errors import UsageError
from tracker.store import catalogue, remedy_store
from tracker.store.session import open_store
from tracker.types import VN
from tracker.types.remedies import RemedyTold

ADD = (
    "remedies",
    "add",
    "--unit",
    PROVINCIAL,
    "--year",
    "2022",
    "--fault",
    "Trễ hạn nhiều",
    "--due",
    "2026-08-01",
)


@pytest.fixture
def context(office: Office) -> Iterator[StandingContext]:
    """The office's program, for acts of people whose units are bounded."""
    made = StandingContext(office.config, instant=NOW)
    made.store = open_store(office.url)
    yield made
    made.store.close()


def unit_id(context: StandingContext, name: str) -> int:
    with context.store.read() as session:
        found = catalogue.find_unit(session, name)
    assert found is not None
    return found


def test_every_telling_stays_and_is_logged_without_its_words(office: Office):
    number = office.ask(*ADD)["remedy"]
    office.ask("remedies", "done", str(number), "--on", "2026-08-20", "--note", "đủ người")
    office.ask("remedies", "reopen", str(number), "--reason", "ghi nhầm")
    office.ask("remedies", "drop", str(number), "--reason", "giao nơi khác")
    rows = office.query("SELECT seq, done_on, done_note, is_dropped FROM remedy ORDER BY seq")
    assert [(seq, str(done) if done else None, note, bool(gone)) for seq, done, note, gone in rows] == [
        (1, None, "", False),
        (2, "2026-08-20", "đủ người", False),
        (3, None, "ghi nhầm", False),
        (4, None, "giao nơi khác", True),
    ]
    logged = office.query("SELECT action, detail FROM audit_entry WHERE subject = 'remedy:1' ORDER BY id")
    assert [action for action, _ in logged] == ["remedy_add", "remedy_done", "remedy_reopen", "remedy_drop"]
    assert "đủ người" not in str(logged)


def test_the_list_says_what_is_overdue_and_what_nobody_has_told_yet(office: Office):
    office.ask(*ADD)
    office.ask("remedies", "add", "--year", "2023", "--fault", "Thiếu người", "--measure", "Bố trí thêm")
    first, second = office.ask("remedies", "list")["remedies"]
    assert (first["state"], first["unit_name"], first["due_on"]) == ("overdue", PROVINCIAL, "2026-08-01")
    assert (first["cause"], first["measure"], first["done_on"]) == (None, None, None)
    assert (second["state"], second["unit"], second["unit_name"]) == ("open", None, "Toàn tỉnh")
    assert [each["year"] for each in office.ask("remedies", "list", "--state", "open")["remedies"]] == [2023]
    assert len(office.ask("remedies", "list", "--unit", PROVINCIAL, "--year", "2022")["remedies"]) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ("remedies", "done", "7"),
        ("remedies", "add", "--year", "2022", "--fault", "x", "--unit", "Sở Không Có"),
        ("remedies", "add", "--year", "2022", "--fault", "x", "--field", "không có"),
        ("remedies", "add", "--year", "1999", "--fault", "x"),
        ("remedies", "propose", "--year", "2027"),
    ],
)
def test_what_cannot_be_told_is_refused_and_nothing_is_written(office: Office, wrong: tuple[str, ...]):
    assert office.run(*wrong).status == 2
    assert office.query("SELECT count(*) FROM remedy") == [(0,)]


def test_somebody_bound_to_units_tells_of_them_alone(context: StandingContext):
    own, other = unit_id(context, PROVINCIAL), unit_id(context, OTHER_PROVINCIAL)
    head = RemedyDesk(context, Asker("truong", NOW, frozenset({own})))
    anyone = RemedyDesk(context, Asker("cchc", NOW))
    told = RemedyTold(own, None, 2022, "Trễ hạn")
    number = head.add(told)
    foreign = anyone.add(replace(told, unit_id=other))
    for act in (
        lambda: head.add(replace(told, unit_id=None)),
        lambda: head.edit(Seen(number), replace(told, unit_id=other)),
        lambda: head.done(Seen(foreign), date(2026, 8, 1)),
    ):
        with pytest.raises(UsageError):
            act()
    with context.store.read() as session:
        mine = remedy_store.remedies(session, frozenset({own}))
        assert [(each.remedy_id, each.seq) for each in mine] == [(number, 1)]


def test_who_saw_an_older_telling_is_asked_to_look_again(context: StandingContext):
    desk = RemedyDesk(context, Asker("cchc", NOW))
    number = desk.add(RemedyTold(None, None, 2022, "Trễ hạn"))
    desk.edit(Seen(number, 1), RemedyTold(None, None, 2022, "Trễ hạn", cause="thiếu người"))
    with pytest.raises(UsageError, match="người khác vừa ghi"):
        desk.drop(Seen(number, 1), "thôi")


def test_what_was_known_then_is_the_telling_of_then(context: StandingContext):
    then = datetime(2026, 8, 1, 9, tzinfo=VN)
    number = RemedyDesk(context, Asker("cchc", then)).add(RemedyTold(None, None, 2022, "Trễ hạn"))
    RemedyDesk(context, Asker("cchc", NOW)).done(Seen(number), date(2026, 8, 20))
    with context.store.read() as session:
        (before,) = remedy_store.remedies(session, known=datetime(2026, 8, 2, tzinfo=VN))
        assert (before.seq, before.told.done_on) == (1, None)
        assert remedy_store.remedies(session, known=datetime(2026, 7, 31, tzinfo=VN)) == []


# ---------------------------------------------------------------- what the figures propose

LATE = {"finished_at": "20/03/2022 10:00:00", "status": "Đã xử lý xong"}
IN_TIME = {"finished_at": "14/03/2022 10:00:00", "status": "Đã xử lý xong"}


def test_figures_propose_faults_with_the_numbers_of_the_rates_and_no_cause(office: Office):
    office.ingest(
        [
            row(1, **LATE),
            row(2, **LATE),
            row(3, **IN_TIME),
            row(4, **IN_TIME, resolving_unit=OTHER_PROVINCIAL),
        ]
    )
    by_field, by_unit = office.ask("remedies", "propose", "--year", "2022")["rows"]
    assert (by_field["level"], by_field["unit"], by_field["late"], by_field["finished"]) == (
        "province",
        None,
        2,
        4,
    )
    assert by_field["text"].startswith(
        "Lĩnh vực Đất đai, cấp tỉnh: 2 hồ sơ giải quyết quá hạn trong năm 2022, chiếm 50,00\u00a0% (2/4) hồ sơ đã giải "
        "quyết và 100,00\u00a0% (2/2) hồ sơ quá hạn của cấp tỉnh"
    )  # fmt: skip
    assert by_unit["text"].startswith(
        f"{PROVINCIAL}, lĩnh vực Đất đai: 2 hồ sơ giải quyết quá hạn trong năm 2022, chiếm 66,67\u00a0% (2/3)"
    )
    rates = office.ask("rates", "--from", "2022-01-01", "--to", "2022-12-31", "--by", "unit")["rows"]
    assert {each["unit"]: (each["late"], each["finished"]) for each in rates}[PROVINCIAL] == (2, 3)
    assert office.ask("remedies", "propose", "--year", "2022", "--unit", OTHER_PROVINCIAL)["rows"] == []


def test_before_the_first_load_nothing_is_proposed_and_the_reason_is_told(office: Office):
    answer = office.ask("remedies", "propose", "--year", "2022")
    assert (answer["rows"], bool(answer["unknown"])) == ([], True)
