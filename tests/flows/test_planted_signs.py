"""Planted cases of every kind among honest dossiers that look alike, told by daily exports of four months: what is found."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests import databases
from tests.sign_series import Score, load_series, scores
from tracker.pipeline.findings import look
from tracker.store import finding_lists
from tracker.store.calendars import load_history
from tracker.store.session import Store, open_store
from tracker.synthetic.sign_exports import make_lives, write_series
from tracker.synthetic.sign_noise import UNTELLABLE
from tracker.types.finding_lists import FindingQuestion, HiddenRow
from tracker.types.findings import FindingKind, evidence_json

SIZE = 6
# Told apart only by exports that were never made: evenings on which the source was down.
MAY_MISS = 1


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[FindingKind, Score]:
    folder = tmp_path_factory.mktemp("signs")
    series = write_series(folder / "exports", 3, SIZE)
    store = open_store(databases.chosen().furnished(folder / "store"))
    now = load_series(store, series)
    with store.read() as session:
        calendars = load_history(session, "B")
    look(store, calendars, now, whole=True)
    result = scores(store, series.lives)
    store.close()
    return result


EITHER = pytest.mark.either_database(
    "what is seen in a dossier's past; how it is asked for is compared below"
)


@EITHER
@pytest.mark.parametrize("kind", list(FindingKind))
def test_planted_cases_of_a_kind_are_found(found: Mapping[FindingKind, Score], kind: FindingKind):
    score = found[kind]
    assert score.planted >= SIZE
    assert len(score.missed) <= MAY_MISS, score.missed


@EITHER
@pytest.mark.parametrize("kind", list(FindingKind))
def test_no_sort_of_honest_dossier_is_pointed_out(found: Mapping[FindingKind, Score], kind: FindingKind):
    planted = {life.sort for life in make_lives(3, SIZE) if life.kinds}
    honest = [one for one in found[kind].false if one[1] not in planted | UNTELLABLE]
    assert honest == []


def test_the_same_seed_makes_the_same_lives():
    assert make_lives(5, 2) == make_lives(5, 2)
    assert make_lives(5, 2) != make_lives(6, 2)


def test_looking_after_each_load_finds_what_one_look_at_everything_finds(store: Store, tmp_path: Path):
    series = write_series(tmp_path, 4, 3, every=3)
    with store.read() as session:
        calendars = load_history(session, "B")

    def standing() -> set[tuple[str, str, str]]:
        with store.read() as session:
            rows = finding_lists.all_findings(session, FindingQuestion())
            return {(row.code, row.kind.value, str(evidence_json(row.evidence))) for row in rows}

    def hidden() -> list[HiddenRow]:
        with store.read() as session:
            return finding_lists.hidden_rows(session, None, 0, 999_999)

    now = load_series(store, series, after_each=lambda at: look(store, calendars, at))
    look(store, calendars, now)
    piece_by_piece = standing(), hidden()
    look(store, calendars, now, whole=True)
    assert piece_by_piece[0] ^ standing() == set()
    assert piece_by_piece[1] == hidden()
    assert len(piece_by_piece[0]) > 20
