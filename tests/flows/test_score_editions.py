"""`dunghen score` by every criterion and edition: what holds in a year, what two persons entered, what was known then."""

from datetime import datetime
from fractions import Fraction

import pytest

from app import two_person
from app.accounts import new_salt
from app.edition_page import edition_change, effect, result_change
from app.two_person import Person
from app.two_person_kinds import Payload
from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL, Office, row
from tracker.criteria_data import edition_values, load_editions, load_published, read_edition
from tracker.errors import UsageError
from tracker.pipeline.editions import editions, published
from tracker.pipeline.scores import ScoreQuestion, YearQuestion
from tracker.pipeline.scores import score as score_of
from tracker.store import edition_store, people
from tracker.store.people import NewAccount
from tracker.store.session import Store, open_store
from tracker.types import VN
from tracker.types.editions import EditionKind

DONE = {"status": "Đã trả kết quả"}
DISTRICT = "UBND thành phố Buôn Ma Thuột"
END = ("--as-of", "2022-12-31")
AN, BINH = Person("an"), Person("binh")
REASON = "Đối chiếu với văn bản số 1 (thử nghiệm)"
RESOLVED = next(e for e in load_editions() if (e.criterion, e.key) == ("3.4.1", "resolved"))


def at(day: int, month: int) -> datetime:
    """A moment of 2022."""
    return datetime(2022, month, day, 8, tzinfo=VN)


@pytest.fixture
def year(office: Office) -> Office:
    """19 provincial dossiers in time, one late and one open overdue of two units; of a district one in time."""
    office.now = at(1, month=7)
    in_time = {"received_at": "01/07/2022 08:00:00", "due_at": "15/07/2022 17:00:00"}
    rows = [row(n, finished_at="10/07/2022 09:00:00", **DONE, **in_time) for n in range(1, 20)]
    other = {**in_time, "resolving_unit": OTHER_PROVINCIAL}
    rows += [row(20, finished_at="30/07/2022 09:00:00", **DONE, **other), row(21, **other)]
    rows += [row(22, finished_at="10/07/2022 09:00:00", resolving_unit=DISTRICT, **DONE, **in_time)]
    office.now = at(1, month=8)
    office.ingest(rows)
    office.now = at(31, month=12)
    return office


@pytest.fixture
def kept(year: Office) -> Store:
    """Its store, with two persons of the reform office."""
    store = open_store(year.url)
    with store.transaction() as session:
        for login in ("an", "binh"):
            people.add_account(
                session, NewAccount(login, login, "reform", None, "hash", new_salt()), year.now
            )
    yield store
    store.close()


def score(office: Office, *arguments: str) -> dict:
    return office.ask("score", *arguments, "--year", "2022", *END)


def decide(store: Store, change: Payload, now: datetime) -> None:
    asked = two_person.propose(store, change, person=AN, reason=REASON, now=now)
    two_person.approve(store, asked.change_id, person=BINH, now=now)


def changed(**values: object) -> dict:
    return {**edition_values(RESOLVED), **values}


# ---------------------------------------------------------------- criteria and years


def test_each_criterion_counts_its_own_levels(year: Office):
    province, district = score(year, "3.4.1"), score(year, "3.4.2")
    assert (province["numerator"], province["denominator"], province["points"]) == (19, 20, 1.425)
    assert (district["numerator"], district["denominator"]) == (1, 1)
    assert score(year, "3.4.3")["denominator"] == 0


def test_where_points_are_unknown_the_rate_and_the_threshold_are_still_told(year: Office):
    answer = score(year, "3.4.2")
    assert (answer["points"], answer["max_points"], answer["points_at_threshold"]) == (None, None, None)
    assert (answer["rate"], answer["threshold"], answer["headroom"]) == (1.0, 0.95, 0)
    assert "điểm tối đa" in answer["points_unknown"]


def test_the_keys_of_3_4_1_are_those_that_kept_months_hold(year: Office):
    assert not {"points_unknown", "ranking", "counted"} & score(year, "3.4.1").keys()


def test_the_progress_group_counts_every_level_and_what_is_open_and_overdue(year: Office):
    answer = score(year, "766-tien-do")
    assert (answer["numerator"], answer["denominator"], answer["late"]) == (20, 22, 2)
    assert answer["points"] == pytest.approx(20 * 20 / 22)
    assert (answer["threshold"], answer["budget_late"], answer["headroom"]) == (None, None, None)
    assert answer["counted"] == {"from": "2022-06-23", "to": "2022-12-31"}


def test_a_ranking_lists_units_with_their_fractions(year: Office):
    answer = score(year, "xep-hang")
    assert answer["points"] is None
    assert [(each["unit"], each["numerator"], each["denominator"]) for each in answer["ranking"]] == [
        (PROVINCIAL, 19, 19),
        (OTHER_PROVINCIAL, 0, 1),
    ]
    assert {each["rank"] for each in answer["ranking"]} == {None}  # fewer than 30 each


def test_editions_stand_side_by_side(year: Office):
    found = score(year, "3.4.1", "--all-editions")["editions"]
    assert [(each["key"], each["score"]["numerator"], each["score"]["denominator"]) for each in found] == [
        ("resolved", 19, 20),
        ("received", 19, 21),
    ]
    assert [each["score"] for each in found] == [
        score(year, "3.4.1", "--edition", key) for key in ("resolved", "received")
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("3.4.2", "--year", "2026"), "áp dụng đến 30/06/2025, không áp dụng cho năm 2026"),
        (("766-tien-do", "--year", "2021"), "áp dụng từ 23/06/2022"),
        (("9.9", "--year", "2022"), "có: 3.4.1, 3.4.2, 3.4.3, 766-tien-do, xep-hang"),
        (("9.9", "--year", "2022", "--all-editions"), "có: 3.4.1, 3.4.2"),
        (("3.4.1", "--year", "2022", "--edition", "x"), "3.4.1/resolved"),
        (("3.4.1", "--year", "2022", "--edition", "resolved", "--all-editions"), "--edition"),
    ],
)
def test_what_cannot_be_scored_is_said_with_what_can(year: Office, arguments: tuple[str, ...], said: str):
    answer = year.run("score", *arguments)
    assert answer.status == 2
    assert said in answer.err


def test_side_by_side_an_edition_that_does_not_hold_stands_without_a_score(year: Office):
    found = year.ask("score", "3.4.2", "--year", "2026", "--all-editions")["editions"]
    assert [each["score"] for each in found] == [None, None]
    assert "không áp dụng cho năm 2026" in year.run("score", "3.4.2", "--year", "2026", "--all-editions").out


# ---------------------------------------------------------------- what the office entered


def test_what_two_persons_entered_governs_and_what_was_known_before_stays(year: Office, kept: Store):
    before = score(year, "3.4.1")
    wanted = read_edition(changed(max_points="2", threshold="0.9"))
    decide(kept, edition_change(wanted, ()), at(1, month=9))
    answer = score(year, "3.4.1")
    assert (answer["points"], answer["max_points"], answer["threshold"]) == (1.9, 2.0, 0.9)
    then = score(year, "3.4.1", "--known", "2022-08-31")
    assert then == before
    decide(kept, edition_change(RESOLVED, ()), at(1, month=10))
    assert score(year, "3.4.1") == before


def test_an_edition_of_another_key_stands_beside_the_others(year: Office, kept: Store):
    wanted = read_edition(changed(key="nam-2022", threshold="0.96"))
    decide(kept, edition_change(wanted, ()), at(1, month=9))
    found = score(year, "3.4.1", "--all-editions")["editions"]
    assert [(each["key"], each["score"]["points"]) for each in found] == [
        ("resolved", 1.425),
        ("received", 0.0),
        ("nam-2022", 0.0),
    ]
    assert (found[0]["entered"], found[2]["entered"]["asked_by"]) == (None, "an")
    assert found[2]["entered"]["decided_by"] == "binh"
    assert year.run("score", "3.4.1", "--year", "2022", "--edition", "nam-2022").status == 0


def test_where_the_edition_of_the_configuration_ends_the_next_one_is_taken_and_a_wanted_one_is_not_replaced(
    year: Office, kept: Store
):
    for values in (
        {"valid_to": "2021-12-31"},
        {"key": "tu-2022", "valid_from": "2022-01-01", "max_points": "2"},
    ):
        decide(kept, edition_change(read_edition(changed(**values)), ()), at(1, month=9))
    asked = ScoreQuestion("3.4.1", 2022, year.now, "resolved")
    assert score_of(kept, asked).edition == score(year, "3.4.1")["edition"] == "tu-2022"
    assert year.run("score", "3.4.1", "--year", "2022", "--edition", "resolved").status == 2
    assert score(year, "3.4.1", "--edition", "received")["edition"] == "received"


def test_where_no_edition_holds_nothing_is_known_with_the_reason(year: Office, kept: Store):
    answer = score_of(kept, ScoreQuestion("3.4.2", 2026, year.now, "resolved"))
    assert (answer.numerator, answer.points, answer.headroom) == (None, None, None)
    assert "không áp dụng cho năm 2026" in answer.unknown


def test_a_confirmed_edition_is_verified(year: Office, kept: Store):
    wanted = read_edition(changed(verified=True, document="QĐ 1", document_date="2022-11-10", to_check=[]))
    decide(kept, edition_change(wanted, ()), at(1, month=9))
    assert score(year, "3.4.1")["edition_verified"] is True
    assert "CHƯA ĐỐI CHIẾU" not in year.run("score", "3.4.1", "--year", "2022", *END).out


def test_a_proposal_alone_changes_nothing_and_who_asked_does_not_decide(year: Office, kept: Store):
    before = score(year, "3.4.1")
    change = edition_change(read_edition(changed(threshold="0.9")), ())
    asked = two_person.propose(kept, change, person=AN, reason=REASON, now=at(1, month=9))
    with pytest.raises(UsageError, match="người thứ hai"):
        two_person.approve(kept, asked.change_id, person=AN, now=at(2, month=9))
    assert score(year, "3.4.1") == before


def test_what_changed_since_it_was_asked_for_is_not_overwritten(kept: Store):
    first, second = (edition_change(read_edition(changed(threshold=each)), ()) for each in ("0.9", "0.8"))
    asked = two_person.propose(kept, first, person=AN, reason=REASON, now=at(1, month=9))
    with pytest.raises(UsageError, match="cùng phiên bản"):
        two_person.propose(kept, second, person=BINH, reason=REASON, now=at(1, month=9))
    with kept.transaction() as session:
        entry = edition_store.NewEntry(
            EditionKind.CRITERION, "3.4.1", "resolved", second.body, REASON, "an", "binh"
        )
        edition_store.add_entry(session, entry, at(2, month=9))
    with pytest.raises(UsageError, match="đã thay đổi từ khi có đề nghị"):
        two_person.approve(kept, asked.change_id, person=BINH, now=at(3, month=9))


def test_a_change_that_changes_nothing_or_cannot_be_is_refused(kept: Store):
    broken = edition_change(RESOLVED, ())
    for body, said in ((edition_values(RESOLVED), "không đổi gì"), ({"key": "x"}, "chưa dùng được")):
        change = type(broken)(broken.kind, broken.subject, broken.key, body)
        with pytest.raises(UsageError, match=said):
            two_person.propose(kept, change, person=AN, reason=REASON, now=at(1, month=9))


def test_a_change_tells_its_values_and_what_they_do_to_the_points(year: Office, kept: Store):
    wanted = read_edition(changed(threshold="0.96"))
    told = effect(kept, YearQuestion(2022, year.now), RESOLVED, wanted)
    asked = two_person.propose(kept, edition_change(wanted, told), person=AN, reason=REASON, now=year.now)
    lines = {line.label: (line.before, line.after) for line in two_person.told(kept, asked)}
    assert lines["Ngưỡng"] == ("95 %", "96 %")
    (counted,) = [parts for label, parts in lines.items() if label.startswith("Năm 2022")]
    assert counted[0].startswith("1,425/1,5 điểm")
    assert counted[1].startswith("0/1,5 điểm")
    assert "Nguồn" not in lines


def test_history_keeps_every_entry(kept: Store):
    for month, threshold in ((9, "0.9"), (10, "0.8")):
        decide(kept, edition_change(read_edition(changed(threshold=threshold)), ()), at(1, month=month))
    with kept.read() as session:
        rows = edition_store.history(session, EditionKind.CRITERION, "3.4.1", "resolved")
        governing = {(e.criterion, e.key): e for e in editions(session, at(15, month=9))}
    assert [row.new.body["threshold"] for row in rows] == ["4/5", "9/10"]
    assert governing["3.4.1", "resolved"].threshold == Fraction(9, 10)


def test_published_results_are_added_and_corrected_by_two_persons(kept: Store):
    sipas = next(result for result in load_published() if result.index == "sipas")
    newer = type(sipas)("sipas", 2022, sipas.name, "84 %", 50, 63, "", "Công văn số 2")
    mended = type(sipas)("sipas", 2021, sipas.name, "83,65 %", 59, 63, "", "Công văn số 1")
    for result in (newer, mended):
        decide(kept, result_change(result), at(1, month=9))
    with kept.read() as session:
        now = {result.subject: result for result in published(session)}
        then = published(session, at(1, month=8))
    assert (now["sipas/2022"], now["sipas/2021"], len(now)) == (newer, mended, len(load_published()) + 1)
    assert set(then) == set(load_published())
    assert [result.year for result in now.values()] == sorted((r.year for r in now.values()), reverse=True)
