"""What a page brings of scripts: all its modules with what they import, without the library of the charts."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.browsing import pages_of
from tests.web.test_access import ROLES

pytestmark = pytest.mark.sqlite_only("what a page brings does not depend on the database")

SCRIPTS = Path(__file__).parents[2] / "app" / "static" / "js"
MOST_BYTES = 25 * 1024  # uncompressed: an old office PC reads every one of them
NAMED = re.compile(r'src="[^"]*?/static/js/([\w-]+\.js)')
IMPORTED = re.compile(r'(?:from|import)\s*\(?"\./([\w-]+\.js)"')
ANY = re.compile(r'<script[^>]*src="([^"]+)"')


def brought(name: str, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """A module and what it imports, and so on."""
    if name in known:
        return known
    known |= {name}
    for imported in IMPORTED.findall((SCRIPTS / name).read_text("utf-8")):
        known = brought(imported, known)
    return known


def sizes(text: str) -> int:
    """The bytes of all modules of a page."""
    modules: set[str] = set()
    for name in NAMED.findall(text):
        modules |= brought(name)
    return sum((SCRIPTS / name).stat().st_size for name in modules)


def strange(text: str) -> Iterator[str]:
    """Scripts of a page that are neither ours nor the library of the charts."""
    yield from (
        address for address in ANY.findall(text) if "/static/js/" not in address and "plotly" not in address
    )


@pytest.mark.parametrize("role", ROLES)
def test_no_page_brings_more_than_25_kib_of_scripts(shared_role, shared_app, role: str):
    client = shared_role(role)
    texts = {path: client.get(path).text for path in pages_of(shared_app, role)}
    measured = {path: sizes(text) for path, text in texts.items()}
    assert {path: size for path, size in measured.items() if size > MOST_BYTES} == {}
    assert {path: found for path, text in texts.items() if (found := list(strange(text)))} == {}
    assert min(measured.values()) > 0  # the measure sees them


def test_a_module_counts_with_what_it_imports():
    assert brought("table.js") >= {"table.js", "copying.js", "words.js"}


def test_all_modules_together_are_few():
    assert sum(path.stat().st_size for path in SCRIPTS.glob("*.js")) < 40 * 1024
