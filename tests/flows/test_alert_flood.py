"""Thousands of dossiers become overdue in one night: each head gets one digest with ten rows and the right counts."""

from collections.abc import Iterator

import pytest

from tests import databases
from tests.quarter.counting import COUNT, MORE, ROW, number
from tests.quarter.flooding import Flood, Flooded
from tests.quarter.post import Taken, post

COUNT_OF_DOSSIERS = 3_000


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flooded]:
    """Lived through once."""
    folder = tmp_path_factory.mktemp("flood")
    with databases.forgotten_afterwards(), post() as server:
        yield Flood(folder, databases.chosen().furnished(folder), COUNT_OF_DOSSIERS, server).go()


def counts(mail: Taken) -> list[int]:
    return [number(found[1]) for line in mail.text.splitlines() if (found := COUNT.fullmatch(line))]


def test_the_morning_after_each_head_gets_one_digest_that_counts_the_own_dossiers(flooded: Flooded):
    heads = {address: mails for address, mails in flooded.second.items() if address.startswith("truong")}
    assert set(heads) == set(flooded.counts)
    for address, mails in heads.items():
        (mail,) = mails
        assert counts(mail)[0] == flooded.counts[address]
        assert f"{flooded.counts[address]} quá hạn từ 1 ngày làm việc" in mail.subject


def test_it_shows_the_worst_ten_and_says_how_many_there_are_more(flooded: Flooded):
    for address, count in flooded.counts.items():
        lines = flooded.second[address][0].text.splitlines()
        assert sum(bool(ROW.fullmatch(line)) for line in lines) == 10
        (more,) = [number(found[1]) for line in lines if (found := MORE.fullmatch(line))]
        assert more == count - 10


def test_the_load_that_brought_them_was_one_summary_a_head_and_one_of_the_province(flooded: Flooded):
    assert set(flooded.first) == {*flooded.counts, "cai-cach@vi-du.vn"}
    totals = {**flooded.counts, "cai-cach@vi-du.vn": COUNT_OF_DOSSIERS}
    for address, mails in flooded.first.items():
        (mail,) = mails
        told = f"{totals[address]:,}".replace(",", ".")
        assert f"mang vào {told} hồ sơ" in " ".join(mail.text.split())


def test_the_province_is_not_told_of_what_is_a_day_late(flooded: Flooded):
    assert "cai-cach@vi-du.vn" not in flooded.second
