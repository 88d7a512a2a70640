"""The keys to find dossiers by against a slow oracle: after random loads, corrections, joins and changes of units."""

import random
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.flows.office import NOW, OTHER_PROVINCIAL, PROVINCIAL, Office, csv_text, row
from tracker.pipeline import IngestPlan, ingest
from tracker.pipeline import search_keeping as keeping
from tracker.pipeline.search_checking import check
from tracker.store.session import Store, open_store

NAMES = ("Nguyễn Thị Bích Ngọc", "Đặng Văn Đức", "Công ty TNHH Thử Nghiệm 36", "", "Y Bhiu Ktla")
PHONES = ("0912345678", "+84 987 654 321", "", "0262 3851234; 0912345678")
UNITS = (PROVINCIAL, OTHER_PROVINCIAL, "Phòng không ai biết", "")


class World:
    """An office whose dossiers are told again and again, each time a little otherwise."""

    def __init__(self, office: Office, store: Store, seed: int) -> None:
        self.office, self.store, self.chance = office, store, random.Random(seed)
        self.now, self.batches = NOW, 0

    def load(self, how_many: int, *, twice: bool = False) -> None:
        """A batch of new and changed dossiers; `twice`: some are told two times in it."""
        self.batches += 1
        numbers = self.chance.sample(range(1, 60), how_many)
        if twice:
            numbers += numbers[: how_many // 2]
        rows = [
            row(
                number,
                applicant_name=self.chance.choice(NAMES),
                phone=self.chance.choice(PHONES),
                resolving_unit=self.chance.choice(UNITS),
                updated_at=f"{self.now + timedelta(seconds=at):%d/%m/%Y %H:%M:%S}",
            )
            for at, number in enumerate(numbers)
        ]
        path = self.office.write(f"lo-{self.batches}.csv", csv_text(rows))
        ingest(self.store, "B", IngestPlan((path,), self.now, chunk_rows=7), lambda _: None)

    def pass_time(self) -> None:
        self.now += timedelta(seconds=self.chance.choice((0, 60, 86_400)))

    def refresh(self) -> int:
        return keeping.refresh(self.store, self.office.folder / "scratch")


def kept(office: Office) -> set[tuple[int, str, int]]:
    return set(office.query("SELECT unit_id, key, dossier_id FROM search_key"))


def slow(office: Office) -> set[tuple[int, str, int]]:
    """The same by the plainest way there is: a name letter by letter, a number digit by digit."""
    found = set()
    told = office.query("SELECT id, coalesce(resolving_unit_id, 0), code, applicant_name, phone FROM dossier")
    for number, unit, code, name, phone in told:
        keys = [f"#{code[::-1][:20]}", f"={code}"]
        words = "".join(PLAIN.get(letter, letter) for letter in name.lower()).split()
        keys += [" ".join(words[at:])[:32] for at in range(len(words))]
        for cell in phone.replace("+84", "0").split(";"):
            digits = "".join(filter(str.isdigit, cell))
            keys += [f"+{digits}", f"-{digits[::-1]}"] if digits else []
        found |= {(unit, key, number) for key in keys}
    return found


PLAIN = dict(zip("ễịíọđặăứửệôá", "eiiodaauueoa", strict=True))  # the letters with marks of the names above


@pytest.mark.parametrize("seed", range(4))
def test_keys_are_those_of_the_dossiers_in_whatever_order_they_change(tmp_path: Path, seed: int):
    office = Office(tmp_path).furnished()
    with closing(open_store(office.url)) as store:
        world = World(office, store, seed)
        for step in range(8):
            world.load(world.chance.randrange(1, 30), twice=world.chance.random() < 0.4)
            if world.chance.random() < 0.5:
                world.refresh()
                assert kept(office) == slow(office), step
            world.pass_time()
        world.refresh()
        assert kept(office) == slow(office)
        found = check(store)
        assert (found.ok, found.waiting, found.too_many, found.missing) == (True, 0, 0, 0)
        assert found.compared == len(kept(office))


def test_a_telling_that_no_revision_keeps_leaves_no_key(tmp_path: Path):
    """Two loads within one second: what the first one said is in no revision."""
    office = Office(tmp_path).furnished()
    with closing(open_store(office.url)) as store:
        world = World(office, store, 1)
        for name in ("Nguyễn Thị Bích Ngọc", "Đặng Văn Đức"):
            world.batches += 1
            told = row(1, applicant_name=name, updated_at=f"0{world.batches}/03/2022 08:00:00")
            path = office.write(f"ten-{world.batches}.csv", csv_text([told]))
            ingest(store, "B", IngestPlan((path,), NOW), lambda _: None)
            world.refresh()
        assert not [key for _, key, _ in kept(office) if "ngoc" in key]
        assert kept(office) == slow(office)


def test_a_load_that_changes_nothing_findable_marks_nothing(tmp_path: Path):
    office = Office(tmp_path).furnished()
    office.ingest([row(1)])
    with closing(open_store(office.url)) as store:
        assert keeping.is_behind(store)
        keeping.refresh(store, tmp_path)
        office.ingest([row(1, finished_at="16/03/2022 09:00:00")])
        assert not keeping.is_behind(store)


def test_many_keys_are_sorted_in_files_and_written_newest_dossiers_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    office = Office(tmp_path).furnished()
    for name, value in (("HELD", 10), ("READ_AT_ONCE", 3), ("WRITTEN_AT_ONCE", 4), ("ROUND", 20)):
        monkeypatch.setattr(keeping, name, value)
    with closing(open_store(office.url)) as store:
        world = World(office, store, 5)
        world.load(50)
        rounds: list[str] = []
        assert keeping.refresh(store, tmp_path / "scratch", rounds.append) == 50
        assert len(rounds) == 3
        assert kept(office) == slow(office)
        assert not list((tmp_path / "scratch").iterdir())


class Killed(Exception):
    """The process is gone."""


@pytest.mark.every_value("each moment leaves another state")
@pytest.mark.parametrize("moment", range(1, 60, 7))
def test_a_refresh_that_is_killed_anywhere_is_made_up_for_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
):
    monkeypatch.setattr(keeping, "WRITTEN_AT_ONCE", 6)
    office = Office(tmp_path).furnished()
    with closing(open_store(office.url)) as store:
        world = World(office, store, 7)
        world.load(25)
        world.refresh()
        world.now += timedelta(days=1)
        world.load(25)
        seen = 0

        def die(*_told: object) -> None:
            nonlocal seen
            seen += 1
            if seen == moment:
                raise Killed

        event.listen(store.engine, "before_cursor_execute", die)
        try:
            world.refresh()
        except Killed:
            pass
        finally:
            event.remove(store.engine, "before_cursor_execute", die)
        world.load(10)
        world.refresh()
        assert kept(office) == slow(office)


def test_keys_that_were_lost_or_are_too_many_are_told_and_a_rebuild_mends_them(tmp_path: Path):
    office = Office(tmp_path).furnished()
    with closing(open_store(office.url)) as store:
        world = World(office, store, 9)
        world.load(20)
        world.refresh()
        good = kept(office)
        with store.transaction() as session:
            session.connection().exec_driver_sql("DELETE FROM search_key WHERE substr(key, 1, 1) = '#'")
            session.connection().exec_driver_sql("INSERT INTO search_key VALUES (0, 'nobody', 1)")
        found = check(store)
        assert (found.ok, found.missing, found.too_many) == (False, 20, 1)
        assert len(found.examples) == 20
        assert keeping.rebuild(store, tmp_path) == 20
        assert kept(office) == good
        assert check(store).ok
