"""Causes of lateness by month: what a month's rows say of dossiers, which months a batch marks, and the recount."""

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.flows.office import NOW, OTHER_PROVINCIAL, PROVINCIAL, Office, row
from tests.flows.test_rate_summaries import World
from tracker.config import load_config
from tracker.pipeline import IngestPlan, LateQuestion, ingest, overdue
from tracker.pipeline.cause_checking import check_causes
from tracker.pipeline.cause_counting import is_behind, mark_all, refresh
from tracker.pipeline.causes import causes
from tracker.store import calendars as calendar_store
from tracker.store import catalogue, catalogue_edits
from tracker.store.models import CauseMonth, CauseStale, Dossier
from tracker.store.session import Store, open_store
from tracker.timekeeping.calendars import CalendarHistory
from tracker.types import VN
from tracker.types.causes import CauseQuestion, CauseSums, StepKind, Undivided

DAY = 480
DESK, TAX = "Bộ phận Một cửa huyện Bịa", "Chi cục Thuế khu vực Bịa"
CODE = "H15.03-220301-0001"
# Received 01/03/2022 08:00, due 15/03 17:00; the 16th to the 18th are a Wednesday to a Friday.
LATE = {"finished_at": "18/03/2022 17:00:00"}
IN_TIME = {"finished_at": "14/03/2022 17:00:00"}
YEAR = CauseQuestion(202201, 202212)


def step(department: str, begun: str, done: str, due: str = "", code: str = CODE) -> dict[str, str]:
    """A progress event; moments as "04 09:00" of March 2022."""

    def moment(text: str) -> str:
        day, hour = text.split()
        return f"202203{day}{hour.replace(':', '')}00"

    told = {"MaHoSo": code, "PhongBanXuLy": department, "TrangThai": "4", "NguoiXuLy": "Cán bộ Bịa",
            "ThoiDiemXuLy": moment(done), "NoiDungXuLy": "Xong"}  # fmt: skip
    if begun:
        told["NgayBatDau"] = moment(begun)
    if due:
        told["NgayKetThucTheoQuyDinh"] = moment(due)
    return told


def tell(office: Office, name: str, *steps: dict[str, str]) -> Any:
    body = json.dumps({"session": "s-1", "service": "x", "data": list(steps)})
    return office.ask("ingest", office.write(name, body))


@pytest.fixture
def opened(office: Office) -> Iterator[tuple[Office, Store]]:
    told = {name: value for name, value in office.environment.items() if value}
    store = open_store(load_config(office.config, told).database_url)
    yield office, store
    store.close()


def history(store: Store) -> CalendarHistory:
    with store.read() as session:
        return calendar_store.load_history(session, "B")


def count(store: Store) -> int:
    return refresh(store, history(store))


def marked(store: Store) -> list[tuple[int, int]]:
    with store.read() as session:
        return [(first, last) for first, last in session.execute(select(CauseStale.first, CauseStale.last))]


def table(store: Store) -> list[tuple[Any, ...]]:
    with store.read() as session:
        return sorted(tuple(each) for each in session.execute(select(CauseMonth.__table__)))


def test_lateness_falls_to_the_steps_that_overran_and_the_rest_to_nobody(
    opened: tuple[Office, Store],
) -> None:
    office, store = opened
    office.ingest([row(1, late_reason="Chờ thuế", **LATE)])
    tell(
        office, "tien-do.json",
        step(DESK, "01 08:00", "02 17:00", "02 17:00"),
        step(TAX, "03 07:00", "08 17:00", "07 17:00"),  # four days of which three were its share
        step(PROVINCIAL, "10 07:00", "18 17:00", "17 17:00"),
    )  # fmt: skip
    assert count(store) == 1
    found = causes(store, YEAR)
    assert found.total == CauseSums(
        late=1, late_held=14 * DAY - 60, late_share=11 * DAY - 60, overrun=3 * DAY, overran=1
    )
    assert [(line.kind, line.name, line.sums.overrun, line.sums.first) for line in found.holders] == [
        (StepKind.OTHER, PROVINCIAL, DAY, 0),
        (StepKind.TAX, TAX, DAY, 1),
        (StepKind.DESK, DESK, 0, 0),
    ]
    assert found.holders[0].unit_id is not None
    assert found.holders[1].unit_id is None
    assert found.between.late_held == DAY  # the 9th
    assert found.undivided == {Undivided.WAITING: CauseSums(late=1, overrun=DAY, overran=1)}
    assert (found.known.late, found.divided) == (1, 2 * DAY)
    assert [(line.name, line.sums.overrun) for line in found.reasons] == [("Chờ thuế", 3 * DAY)]
    assert {line.name for line in found.flows} == {"received>desk", "desk>tax", "tax>other", "other>ended"}
    (worst, *_) = found.worst
    assert (worst.month, worst.line.sums.overrun) == (202203, DAY)


def test_without_steps_all_lateness_is_nobodys(opened: tuple[Office, Store]) -> None:
    office, store = opened
    office.ingest([row(1, **LATE)])
    count(store)
    found = causes(store, YEAR)
    assert found.undivided == {Undivided.NO_STEPS: CauseSums(late=1, overrun=3 * DAY, overran=1)}
    assert (found.known.late, found.holders, found.total.overrun) == (0, (), 3 * DAY)


def test_dossiers_in_time_are_counted_where_their_steps_are_known(opened: tuple[Office, Store]) -> None:
    office, store = opened
    office.ingest([row(1, **IN_TIME), row(2, **IN_TIME)])
    tell(office, "tien-do.json", step(DESK, "01 08:00", "14 17:00"))
    count(store)
    found = causes(store, YEAR)
    assert (found.total.late, found.total.in_time) == (0, 1)
    assert found.holders[0].sums == CauseSums(in_time=1, in_time_held=10 * DAY - 60)


def test_a_batch_marks_the_months_of_the_ends_that_it_touches(opened: tuple[Office, Store]) -> None:
    office, store = opened
    office.ingest([row(1), row(2, **IN_TIME)])
    assert marked(store) == []  # open, and in time without steps
    office.ingest([row(1, **LATE)])
    assert marked(store) == [(202203, 202203)]
    count(store)
    tell(office, "tien-do.json", step(DESK, "01 08:00", "02 17:00", code="H15.03-220301-0002"))
    assert marked(store) == [(202203, 202203)]
    count(store)
    office.ingest([row(1, finished_at="20/04/2022 09:00:00")])
    assert marked(store) == [(202203, 202204)]
    count(store)
    office.ingest(
        [
            row(
                1,
                finished_at="20/04/2022 09:00:00",
                suspensions="tạm dừng: 02/03/2022 08:00:00 - 03/03/2022 08:00:00",
            )
        ]
    )
    assert marked(store) == [(202204, 202204)]


def test_steps_that_waited_for_their_dossier_count(opened: tuple[Office, Store]) -> None:
    office, store = opened
    tell(office, "tien-do.json", step(DESK, "01 08:00", "18 17:00", "15 17:00"))
    office.ingest([row(1, **LATE)])
    count(store)
    assert [(line.name, line.sums.overrun) for line in causes(store, YEAR).holders] == [(DESK, 3 * DAY)]


def test_done_twice_nothing_changes_and_after_a_stop_the_rest_is_still_marked(
    opened: tuple[Office, Store],
) -> None:
    office, store = opened
    office.ingest([row(n, finished_at=f"18/{n + 2:02d}/2022 17:00:00") for n in range(1, 5)])

    def stop(_: str) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        refresh(store, history(store), stop)
    assert marked(store) == [(202203, 202205)]
    assert [line[0] for line in table(store)] == [202206] * 3
    assert count(store) == 3
    whole = table(store)
    assert (is_behind(store), count(store)) == (False, 0)
    mark_all(store)
    assert count(store) == 4
    assert table(store) == whole


def test_no_officer_comes_into_the_counts(opened: tuple[Office, Store]) -> None:
    office, store = opened
    office.ingest([row(1, officer_name="Trần Thị Giả", **LATE)])
    own = step("CÁN BỘ  Bịa", "03 08:00", "10 17:00")  # where the department should stand, the officer does
    tell(office, "tien-do.json", step(DESK, "01 08:00", "02 17:00"), own)
    count(store)
    names = {line[5] for line in table(store)}
    assert DESK in names
    assert not [name for name in names if "Giả" in name or "bịa" in name.lower().replace("huyện bịa", "")]


@pytest.mark.parametrize("seed", [3, 8])
def test_after_random_batches_a_recount_gives_the_same_and_all_adds_up(tmp_path: Path, seed: int) -> None:
    office = Office(tmp_path).furnished()
    told = {name: value for name, value in office.environment.items() if value}
    store = open_store(load_config(office.config, told).database_url)
    world, chance = World(office, store, seed), random.Random(seed)
    for batch in range(5):
        world.load(range(1, 120), 40)
        body = json.dumps({"session": "s", "service": "x", "data": [event(chance, world) for _ in range(60)]})
        ingest(store, "B", IngestPlan((office.write(f"td-{batch}.json", body),), world.now), lambda _: None)
        if batch == 2:
            world.change_calendar()
        if chance.random() < 0.7:
            count(store)
            found = check_causes(store, history(store), months=60)
            assert (found.differences, found.behind) == ((), False)
        world.pass_time()
    count(store)
    before = table(store)
    mark_all(store)
    count(store)
    assert table(store) == before
    listed = overdue(
        store, history(store), LateQuestion(datetime(2027, 12, 31, tzinfo=VN), state="finished")
    ).count
    late = causes(store, CauseQuestion(0, 999_999)).total.late
    assert late == listed > 0  # the very dossiers of the late list
    assert any(line[1].startswith("step:") and line[10] for line in before)
    store.close()


def event(chance: random.Random, world: World) -> dict[str, str]:
    """Any step of any dossier, whether anybody told of it or not."""
    done = NOW - timedelta(days=chance.randrange(450), minutes=chance.randrange(1440))

    def near(days: int) -> str:
        moment = done - timedelta(days=chance.randrange(-1, days), minutes=chance.randrange(600))
        return f"{min(moment, datetime(2026, 12, 1, tzinfo=VN)):%Y%m%d%H%M%S}"

    told = {
        "MaHoSo": row(chance.randrange(1, 130))["dossier_code"], "ThoiDiemXuLy": f"{done:%Y%m%d%H%M%S}",
        "PhongBanXuLy": chance.choice((DESK, TAX, PROVINCIAL, "")), "TrangThai": "4", "NguoiXuLy": "", "NoiDungXuLy": "x",
    }  # fmt: skip
    if chance.random() < 0.7:
        told["NgayBatDau"] = chance.choice((near(9), told["ThoiDiemXuLy"]))
    if chance.random() < 0.7:
        told["NgayKetThucTheoQuyDinh"] = near(6)
    return told


# ---------------------------------------------------------------- one dossier


def test_a_dossier_tells_who_had_it_in_hand_and_whose_its_lateness_is(office: Office) -> None:
    office.ingest([row(1, **LATE)])
    tell(
        office,
        "td.json",
        step(DESK, "01 08:00", "02 17:00", "02 17:00"),
        step(TAX, "03 07:00", "18 17:00", "15 17:00"),
    )
    told = office.ask("dossier", CODE)
    assert [
        (one["department"], one["kind"], one["minutes"], one["share"], one["part"]) for one in told["steps"]
    ] == [
        (DESK, "desk", 2 * DAY - 60, 2 * DAY - 60, 0),
        (TAX, "tax", 12 * DAY, 9 * DAY, 3 * DAY),
    ]
    assert [one["first"] for one in told["steps"]] == [False, True]
    assert told["undivided"] == {"minutes": 0, "why": None, "between": 0}
    assert sum(one["part"] for one in told["steps"]) == told["late"]["source"]["late_minutes"]


def test_what_happened_after_the_moment_asked_about_does_not_count(office: Office) -> None:
    office.ingest([row(1, **LATE)])
    tell(
        office, "td.json", step(DESK, "01 08:00", "02 17:00"), step(TAX, "03 07:00", "03 07:00", "07 17:00"),
        step(TAX, "03 07:00", "18 17:00", "15 17:00"),
    )  # fmt: skip
    told = office.ask("dossier", CODE, "--as-of", "2022-03-10T11:30:00+07:00")
    assert [(one["department"], one["to"]) for one in told["steps"]] == [
        (DESK, "2022-03-02T17:00+07:00"),
        (TAX, None),
    ]
    assert (
        told["steps"][1]["overrun"] == 2 * DAY + 270
    )  # open since the 3rd: two days and a half beyond the 7th


# ---------------------------------------------------------------- remembered answers


def test_an_answer_that_is_remembered_follows_every_change(opened: tuple[Office, Store]) -> None:
    office, store = opened
    office.ingest([row(1, **LATE)])
    count(store)
    assert causes(store, YEAR) is causes(store, YEAR)
    tell(office, "td.json", step(DESK, "01 08:00", "18 17:00", "15 17:00"))
    behind = causes(store, YEAR)
    assert (behind.is_behind, behind.holders) == (True, ())
    count(store)
    found = causes(store, YEAR)
    assert (found.is_behind, [line.unit_id for line in found.holders]) == (False, [None])
    assert causes(store, CauseQuestion(202201, 202202)).total.late == 0
    office.ingest([row(2, **LATE)])
    count(store)
    assert causes(store, YEAR).total.late == 2


def test_a_name_that_leads_to_another_unit_has_its_months_counted_anew(opened: tuple[Office, Store]) -> None:
    office, store = opened
    office.ingest([row(1, **LATE)])
    tell(office, "td.json", step(TAX, "01 08:00", "18 17:00", "15 17:00"))
    count(store)
    with store.transaction() as session:
        unit_id = catalogue.find_unit(session, OTHER_PROVINCIAL)
        assert unit_id is not None
        catalogue_edits.put_unit_aliases(session, {"Một tên khác": unit_id})
        catalogue_edits.put_unit_aliases(session, {TAX.upper(): unit_id})
        catalogue_edits.put_unit_aliases(session, {TAX: unit_id})
    assert marked(store) == [(202203, 202203)]
    assert count(store) == 1
    assert [line.unit_id for line in causes(store, YEAR).holders] == [unit_id]


def test_what_another_process_counted_anew_is_seen_without_a_batch(opened: tuple[Office, Store]) -> None:
    office, store = opened
    office.ingest([row(1, **LATE, late_reason="Người nộp Bịa chậm")])
    count(store)
    before = [line.name for line in causes(store, YEAR).reasons]
    with store.transaction() as session:
        session.execute(update(Dossier).values(late_reason="Đã bỏ"))
    office.ask("summaries", "refresh", "--all-causes")
    assert before != [line.name for line in causes(store, YEAR).reasons] == ["Đã bỏ"]
