"""docs/threat-model.md names only guards that stand in docs/security.md, by their names there."""

import re
from pathlib import Path

from scripts.guards import guards

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
# What is told in words of its own: it has a link, or says that there is no guard.
IN_WORDS = re.compile(r"\]\(|no single guard|are locked|fuzzed")


def named() -> list[str]:
    """The guards of the table of threats."""
    table = PAGE.split("## Threats and guards")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if re.match(r"\| [STRIDE] ", line)]
    assert len(rows) > 20
    return [name.strip() for row in rows for name in row[2].split(";")]


def test_every_guard_of_the_threat_model_is_a_guard_with_a_test():
    known = {guard.name for guard in guards()}
    assert {name for name in named() if name not in known and not IN_WORDS.search(name)} == set()


def test_every_kind_of_threat_and_every_actor_has_its_row():
    table = PAGE.split("## Threats and guards")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if re.match(r"\| [STRIDE] ", line)]
    assert {row[0][0] for row in rows} == set("STRIDE")
    assert {actor for row in rows for actor in row[1].split() if len(actor) == 1} == set("ABCDEFGHIJ")
