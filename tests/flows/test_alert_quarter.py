"""Some weeks of a small province with everything that goes wrong: every rung once, nothing lost, doubled, or at night."""

from pathlib import Path

import pytest

from tests import databases
from tests.quarter.counting import Count, told
from tests.quarter.living import Living
from tests.quarter.oracle import LADDERS
from tests.quarter.post import post
from tests.quarter.scenario import SHORT

pytestmark = pytest.mark.either_database(
    "each of its steps, claims and kills is tried on both by itself; the whole takes a minute"
)


def test_weeks_of_faults_end_with_every_rung_claimed_once_and_everybody_told_once_by_day(tmp_path: Path):
    url = databases.chosen().furnished(tmp_path)
    with post() as server:
        living = Living(tmp_path, url, SHORT, server)
        living.go()
    outcome = Count(living).outcome()
    living.context.store.close()
    assert outcome.faults == {}, told(outcome)
    assert outcome.kills == len(SHORT.kills)
    # Everything did happen: rungs of every fate, mails in doubt and refused, urgent ones, some that were true no longer.
    assert min(outcome.claims[fate] for fate in ("told", "overtaken", "passed", "nobody")) > 0, told(outcome)
    assert set(outcome.measures) == set(LADDERS)
    assert min(outcome.unsure, outcome.refused, outcome.urgent, outcome.dropped, outcome.in_app_only) > 0, (
        told(outcome)
    )
