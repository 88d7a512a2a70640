"""docs/permissions.md says what the routes say; docs/security.md names tests that there are and guards that can be taken out."""

import re
from pathlib import Path

from app.permission_table import permission_table
from app.web import create_app
from scripts import guards
from tests.web.world import make_context

ROOT = Path(__file__).parents[2]


def test_the_page_of_permissions_is_that_of_the_routes(tmp_path: Path):
    written = (ROOT / "docs" / "permissions.md").read_text("utf-8")
    assert written == permission_table(create_app(make_context(tmp_path))), "run `make permissions`"


def test_every_guard_of_the_docs_has_the_test_that_it_names():
    told = (ROOT / "docs" / "security.md").read_text("utf-8")
    named = re.findall(r"`(tests/[a-z_/]+\.py)::(test_\w+)`", told)
    assert len(named) > 20
    missing = [name for path, name in named if f"def {name}(" not in (ROOT / path).read_text("utf-8")]
    assert missing == []


def test_every_guard_of_the_docs_can_be_taken_out_where_it_says():
    named = re.findall(
        r"^\| .* `tests/.*\|$", (ROOT / "docs" / "security.md").read_text("utf-8"), re.MULTILINE
    )
    assert len(guards.guards()) == len(named) > 40
    assert guards.faults() == [], "`make guards` would not find these"
