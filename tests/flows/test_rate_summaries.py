"""Summary tables against a recount of the dossiers: after random imports, corrections, reopenings and changes of the calendar."""

import random
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.flows.office import LAND_PROCEDURE, NOW, OTHER_PROVINCIAL, PROVINCIAL, Office, csv_text, row
from tracker.pipeline import IngestPlan, RatesQuestion, calendar_changes, ingest, rates
from tracker.pipeline import summaries as keeping
from tracker.pipeline.summaries import check, is_behind, refresh
from tracker.store import rate_queries
from tracker.store.rate_marks import mark
from tracker.store.rate_queries import Period
from tracker.store.rate_reading import Counting, summaries
from tracker.store.session import Store, open_store
from tracker.types import VN, Basis
from tracker.types.calendars import AddDay

UNITS = (PROVINCIAL, OTHER_PROVINCIAL, "UBND thành phố Buôn Ma Thuột", "Phòng không ai biết", "")
PROCEDURES = (LAND_PROCEDURE, "9.999999", "")
CHANNELS = ("Trực tiếp", "Trực tuyến", "")
STATUSES = ("Đang xử lý", "Đang xử lý", "Mới đăng ký", "Yêu cầu bổ sung giấy tờ", "Dừng xử lý")
FIRST = datetime(2025, 5, 20, 8, tzinfo=VN)
BY = (("unit",), ("level", "field"), ("channel",), ("procedure",), ("unit", "procedure", "channel"), ())


def cell(moment: datetime | None) -> str:
    return f"{moment:%d/%m/%Y %H:%M:%S}" if moment else ""


def made_up(chance: random.Random, number: int, now: datetime) -> dict[str, str]:
    """One dossier as its source may tell of it at a moment: open or ended, suspended, with and without due dates."""
    received = FIRST + timedelta(minutes=chance.randrange(int((now - FIRST).total_seconds() // 60)))
    ended = received + timedelta(days=chance.choice((0, 1, 3, 20, 45, 130, 300)), hours=chance.randrange(9))
    due = received + timedelta(days=chance.randrange(1, 40))
    told = row(
        number, resolving_unit=chance.choice(UNITS), procedure_code=chance.choice(PROCEDURES),
        field_name=chance.choice(("Đất đai", "Hộ tịch", "")), channel=chance.choice(CHANNELS),
        received_at="" if chance.random() < 0.05 else cell(received),
        due_at="" if chance.random() < 0.1 else cell(due),
        status=chance.choice(STATUSES), updated_at=cell(now),
        limit_text=chance.choice(("10 ngày làm việc", "Không quy định")),
    )  # fmt: skip
    if ended <= now and chance.random() < 0.75:
        how = chance.choice(("finished_at", "finished_at", "finished_at", "withdrawn_at", "refused_at"))
        told |= {how: cell(ended), "status": "Đã xử lý xong" if how == "finished_at" else told["status"]}
    elif chance.random() < 0.3:
        start = received + timedelta(days=chance.randrange(0, 10))
        end = "" if chance.random() < 0.5 else cell(start + timedelta(days=chance.randrange(1, 60)))
        told["suspensions"] = f"tạm dừng: {cell(start)} - {end}"
    return told


def corrected(chance: random.Random, told: dict[str, str], now: datetime) -> dict[str, str]:
    """The same dossier told again, with one thing otherwise: its end or its suspensions."""
    again = told | {"updated_at": cell(now)}
    received = datetime.strptime(told["received_at"], "%d/%m/%Y %H:%M:%S").replace(tzinfo=VN)
    later = received + timedelta(days=chance.randrange(1, 90))
    if chance.random() < 0.5:
        start = received + timedelta(days=chance.randrange(1, 40))
        return again | {
            "suspensions": "" if told.get("suspensions") else f"tạm dừng: {cell(start)} - {cell(later)}"
        }
    return again | {"finished_at": "" if told.get("finished_at") else cell(min(later, now))}


class World:
    """An office that lives on: batches of dossiers, changes of the calendar, time."""

    def __init__(self, office: Office, store: Store, seed: int) -> None:
        self.office, self.store = office, store
        self.chance = random.Random(seed)
        self.now = NOW
        self.batches = 0
        self.told: dict[int, dict[str, str]] = {}

    def load(self, numbers: range, how_many: int) -> None:
        """A batch of new, corrected, ended and reopened dossiers."""
        self.batches += 1
        chosen = self.chance.sample(numbers, how_many)
        rows = []
        for number in chosen:
            before = self.told.get(number)
            if before and before["received_at"] and self.chance.random() < 0.6:
                self.told[number] = corrected(self.chance, before, self.now)
            else:
                self.told[number] = made_up(self.chance, number, self.now)
            rows.append(self.told[number])
        path = self.office.write(f"lo-{self.batches}.csv", csv_text(rows))
        ingest(self.store, "B", IngestPlan((path,), self.now), lambda _: None)

    def change_calendar(self) -> None:
        """A day off, by two persons."""
        day = self.now.date() - timedelta(days=self.chance.randrange(60))
        day -= timedelta(days=max(0, day.weekday() - 4))
        asked = (AddDay("B", day, f"nghỉ thử {self.batches}", "thông báo thử"),)
        change = calendar_changes.propose(
            self.store, asked, calendar_key="B", reason="thử", actor="hoa", now=self.now
        )
        calendar_changes.approve(
            self.store, change.change_id, calendar_key="B", actor="minh", now=self.now, digest=change.preview.digest
        )  # fmt: skip

    def pass_time(self) -> None:
        self.now += timedelta(hours=self.chance.choice((1, 5, 30, 24 * 9, 24 * 33)))

    def questions(self) -> list[tuple[Period, tuple[str, ...], Basis]]:
        """Periods of whole months to this moment or before, and some that are not."""
        made = []
        for _ in range(6):
            start = date(2025, 5, 1) + timedelta(days=31 * self.chance.randrange(14))
            first = datetime(start.year, start.month, self.chance.choice((1, 1, 1, 7)), tzinfo=VN)
            last = first + timedelta(days=self.chance.choice((0, 27, 92, 365, 800)), hours=23)
            end = min(int(last.timestamp()), int(self.now.timestamp()))
            if self.chance.random() < 0.6:
                year, month = divmod(last.year * 12 + last.month, 12)
                month_end = datetime(year, month + 1, 1, tzinfo=VN) - timedelta(seconds=1)
                end = min(int(month_end.timestamp()), int(self.now.timestamp()))
            if end >= int(first.timestamp()):
                period = Period(int(first.timestamp()), end)
                made.append((period, self.chance.choice(BY), self.chance.choice(list(Basis))))
        return made


def sums(counts: list) -> set:
    """What is told of each group, without groups of which nothing is told."""
    told = set()
    for one in counts:
        values = (
            (one.open, one.late, one.no_due, one.suspended) if hasattr(one, "suspended")
            else (one.received, one.carried_over, one.withdrawn, one.refused,
                  *(one.verdicts[basis] for basis in Basis))
        )  # fmt: skip
        if any(any(v) if isinstance(v, tuple) else v for v in values):
            told.add((one.keys, values))
    return told


def agree(world: World) -> int:
    """Every question has one answer; how many of them the tables told."""
    told = 0
    with world.store.read() as session:
        counting, tables = Counting(session, None), summaries(session)
        for period, by, basis in world.questions():
            ended = rate_queries.ended_counts(session, period, by, basis, None)
            standing = rate_queries.open_counts(session, period, by, basis, None)
            assert sums(counting.ended(period, by, basis)) == sums(ended), (period, by, basis)
            assert sums(counting.open(period, by, basis)) == sums(standing), (period, by, basis)
            told += tables is not None and tables.ended(period, by, basis) is not None
    return told


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.long) for seed in (2, 3))])
def test_the_tables_say_what_a_recount_says_after_anything_that_happens(tmp_path: Path, seed: int) -> None:
    office = Office(tmp_path).furnished()
    with closing(open_store(office.url)) as store:
        world = World(office, store, seed)
        told = 0
        for step in range(9):
            world.load(range(1, 160), 90 if step == 0 else world.chance.choice((3, 12, 40)))
            if world.chance.random() < 0.3:
                world.change_calendar()
            agree(world)  # not counted yet: the dossiers answer
            if world.chance.random() < 0.8:
                refresh(store, world.now)
                assert not is_behind(store, world.now)
            told += agree(world)
            world.pass_time()
            told += agree(world)
        refresh(store, world.now)
        found = check(store, world.now, months=18)
        assert found.differences == ()
        assert found.compared > 60
        assert office.query("SELECT count(*) FROM suspension")[0][0] > 5
        assert told > 20  # else this test compared a recount with itself


def test_a_suspension_that_is_told_later_moves_the_ends_of_past_months(tmp_path: Path) -> None:
    office = Office(tmp_path).furnished()
    ended = row(1, due_at="15/08/2026 17:00:00", received_at="03/06/2026 08:00:00",
                finished_at="20/08/2026 09:00:00", limit_text="", procedure_code="")  # fmt: skip
    office.ingest([ended])
    july = RatesQuestion(date(2026, 7, 1), date(2026, 7, 31), NOW)
    with closing(open_store(office.url)) as store:
        refresh(store, NOW)
        assert rates(store, july).rows[0].counts.suspended == 0
        again = ended | {
            "suspensions": "tạm dừng: 20/07/2026 08:00:00 - 05/08/2026 08:00:00",
            "updated_at": cell(NOW),
        }
        path = office.write("lai.csv", [again])
        ingest(store, "B", IngestPlan((path,), NOW + timedelta(hours=1)), lambda _: None)
        refresh(store, NOW + timedelta(hours=1))
        assert rates(store, july).rows[0].counts.suspended == 1
        assert check(store, NOW + timedelta(hours=1)).differences == ()


def test_a_day_off_that_is_declared_later_moves_who_was_late_at_the_end_of_a_month(tmp_path: Path) -> None:
    office = Office(tmp_path).furnished()
    # Ten working days from the 16th: due on Thursday the 30th and late on the 31st; with a day off before, due that day.
    office.ingest([row(1, received_at="16/07/2026 08:00:00", due_at="", updated_at="16/07/2026 09:00:00")])
    asked = RatesQuestion(date(2026, 7, 1), date(2026, 7, 31), NOW, basis=Basis.DOCUMENTED)
    with closing(open_store(office.url)) as store:
        refresh(store, NOW)
        assert rates(store, asked).rows[0].counts.open_late == 1
        change = calendar_changes.propose(
            store, (AddDay("B", date(2026, 7, 28), "nghỉ", "thông báo thử"),),
            calendar_key="B", reason="thử", actor="hoa", now=NOW,
        )  # fmt: skip
        calendar_changes.approve(
            store, change.change_id, calendar_key="B", actor="minh", now=NOW, digest=change.preview.digest
        )
        assert is_behind(store, NOW)
        refresh(store, NOW)
        assert rates(store, asked).rows[0].counts.open_late == 0
        assert check(store, NOW).differences == ()


def test_a_wrong_row_is_found_and_named(tmp_path: Path) -> None:
    office = Office(tmp_path).furnished()
    office.ingest([row(1, finished_at="16/03/2022 09:00:00"), row(2)])
    with closing(open_store(office.url)) as store:
        refresh(store, NOW)
        with store.transaction() as session:
            connection = session.connection()
            connection.exec_driver_sql(
                "UPDATE rate_summary SET late_s = 7 WHERE span = 202200 AND grain = 'unit_field_channel'"
            )
        found = check(store, NOW)
    assert {difference.span for difference in found.differences} == {"2022"}
    assert found.differences[0].group[1] == PROVINCIAL


def test_what_is_counted_is_read_and_what_changed_is_counted_anew(tmp_path: Path) -> None:
    office = Office(tmp_path).furnished()
    office.ingest([row(1, finished_at="16/03/2022 09:00:00"), row(2), row(3, due_at="01/03/2023 17:00:00")])
    with closing(open_store(office.url)) as store:
        assert refresh(store, NOW) > 50  # from March 2022 to this day
        assert refresh(store, NOW) == 0
        later = datetime(2026, 8, 24, 12, tzinfo=VN)
        path = office.write(
            "sua.csv", [row(2, finished_at="24/08/2026 08:00:00", updated_at="24/08/2026 10:00:00")]
        )
        ingest(store, "B", IngestPlan((path,), later), lambda _: None)
        # A change of few dossiers is in the tables with its own step: nothing is left to be counted.
        assert not is_behind(store, later)
        assert refresh(store, later) == 0
        answer = rates(store, RatesQuestion(date(2026, 1, 1), date(2026, 12, 31), later))
    (found,) = answer.rows
    assert (found.counts.carried_over, found.counts.late, found.counts.open) == (2, 1, 1)


def test_between_any_two_pieces_of_a_count_the_answers_are_right_and_a_kill_loses_nothing(
    tmp_path: Path,
) -> None:
    office = Office(tmp_path).furnished()
    office.ingest(
        [row(1, finished_at="16/03/2022 09:00:00"), row(2, finished_at="17/05/2022 09:00:00"), row(3)]
    )
    question = RatesQuestion(date(2022, 1, 1), date(2022, 12, 31), NOW)
    with closing(open_store(office.url)) as store:
        refresh(store, NOW)
        office.ingest([row(1, finished_at="14/03/2022 09:00:00"), row(2, finished_at="18/04/2022 09:00:00")])
        with store.transaction() as session:
            mark(session, [(202203, 202205)])
            session.connection().exec_driver_sql("UPDATE rate_summary SET late_s = 7 WHERE span = 202204")
        right = rates(store, question).rows  # told from the dossiers, since three months are marked
        with store.read() as session:
            step = keeping._look(session, NOW)
        assert step.months
        for write in keeping._pieces(step, NOW):
            assert rates(store, question).rows == right
            assert is_behind(store, NOW)  # whoever is killed here leaves it to be counted
            with store.transaction() as session:
                write(session)
        assert rates(store, question).rows == right
        assert not is_behind(store, NOW)
        assert check(store, NOW, months=120).differences == ()
