"""Whatever a file holds, it is read or refused in words: samples changed by chance, and the corpus of those worth a thought.

More of them: `python -m tests.fuzzing SECONDS [SEED]`.
"""

import random
import resource
from pathlib import Path

import pytest

from tests.fuzzing import corpus, mutated, read_whole, samples

KEPT = dict(corpus())
# The process of the tests holds other things as well: what is looked for is a file that fills the memory.
MOST_MORE_MIB = 300


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return samples(tmp_path_factory.mktemp("mau"))


def test_every_sample_itself_is_read(made: list[bytes], tmp_path: Path):
    path = tmp_path / "tep"
    for number, data in enumerate(made):
        path.write_bytes(data)
        assert read_whole(path) == "", number


@pytest.mark.parametrize("name", KEPT)
def test_a_file_of_the_corpus_is_read_or_refused(name: str, tmp_path: Path):
    path = tmp_path / "tep"
    path.write_bytes(KEPT[name])
    read_whole(path)


@pytest.mark.parametrize("seed", range(4))
def test_samples_changed_by_chance_are_read_or_refused_within_bounds(
    made: list[bytes], tmp_path: Path, seed: int
):
    chance, path = random.Random(seed), tmp_path / "tep"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read = 0
    for _ in range(100):
        path.write_bytes(mutated(chance, made))
        read += read_whole(path) == ""
    assert 0 < read < 100
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_MORE_MIB * 1024
