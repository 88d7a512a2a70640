"""The house's own rules that no linter holds: sizes, the one clock, no POSIX, no foreign addresses, locked packages."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "tracker", "letters", "notifications", "migrations")
PRODUCT = [
    *sorted(path.relative_to(ROOT) for name in PACKAGES for path in (ROOT / name).rglob("*.py")),
    Path("wsgi.py"),
]
PAGES = sorted(
    path.relative_to(ROOT)
    for folder in ("app/static", "app/templates")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".html", ".css", ".js", ".svg"}
)
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60
CLOCK = Path("tracker/clock.py")
CLOCK_CALLS = re.compile(
    r"\b(datetime\.now|datetime\.today|datetime\.utcnow|date\.today|time\.time|time\.time_ns|time\.localtime)\("
)
# These exist on Linux alone; Windows has no such module or name.
POSIX_MODULES = {"fcntl", "pwd", "grp", "resource", "termios", "pty", "syslog"}
POSIX_NAMES = re.compile(
    r"\b(signal\.SIGKILL|signal\.SIGHUP|os\.(fork|getuid|geteuid|setsid|killpg|chown|nice)\b)"
)
NAMESPACES = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
HEAVY = ("pandas", "plotly", "docx", "xlsxwriter", "matplotlib", "waitress")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text("utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def test_there_is_a_product_to_look_at():
    assert len(PRODUCT) > 100
    assert len(PAGES) > 10


@pytest.mark.parametrize("path", [*PRODUCT, *PAGES], ids=str)
def test_no_file_of_the_product_is_longer_than_500_lines(path: Path):
    assert len((ROOT / path).read_text("utf-8").splitlines()) <= MAX_FILE_LINES


def test_no_function_is_longer_than_60_lines():
    long = {
        f"{path}:{node.lineno} {node.name}": length
        for path in PRODUCT
        if path.parts[0] != "migrations"  # a revision is one list of tables
        for node in functions(path)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > MAX_FUNCTION_LINES
    }
    assert long == {}


def test_nobody_but_the_clock_reads_the_clock():
    found = {
        f"{path}:{number}"
        for path in PRODUCT
        if path != CLOCK
        for number, line in enumerate((ROOT / path).read_text("utf-8").splitlines(), 1)
        if CLOCK_CALLS.search(line)
    }
    assert found == set()


def test_no_module_needs_posix():
    found = {str(path): sorted(imported(path) & POSIX_MODULES) for path in PRODUCT}
    named = {str(path) for path in PRODUCT if POSIX_NAMES.search((ROOT / path).read_text("utf-8"))}
    assert {path for path, modules in found.items() if modules} | named == set()


def test_everything_public_says_what_it_is_for():
    silent = []
    for path in PRODUCT:
        if path.parts[0] == "migrations":
            continue
        if tree(path).body and not ast.get_docstring(tree(path)):
            silent.append(str(path))
        for parent in ast.walk(tree(path)):
            if not isinstance(parent, ast.Module | ast.ClassDef):
                continue
            if isinstance(parent, ast.ClassDef) and parent.name.startswith("_"):
                continue
            silent += [
                f"{path}:{node.lineno} {node.name}"
                for node in parent.body
                if isinstance(node, ast.FunctionDef | ast.ClassDef)
                and not node.name.startswith("_")
                and not ast.get_docstring(node)
            ]
    assert silent == []


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_pages_take_nothing_from_other_machines(path: Path):
    text = (ROOT / path).read_text("utf-8")
    addresses = set(re.findall(r"""https?://[^\s"'<>)]+""", text)) - NAMESPACES
    assert addresses == set()
    assert not re.search(r"""(?:src|href|url\()\s*=?\s*["']?//""", text)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_locked_package_has_a_version_and_hashes_and_no_index(name: str):
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|^-[if] ", text, flags=re.MULTILINE)
    entries = [each for each in re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE) if each.strip()]
    entries = [each for each in entries if not each.startswith("#")]
    assert len(entries) > 10
    for entry in entries:
        first = entry.splitlines()[0]
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+", first), first
        assert "--hash=sha256:" in entry, first


def test_what_the_program_asks_for_is_what_is_locked():
    wanted = {
        re.split(r"[\s<>=!~;\[]", line, maxsplit=1)[0].lower().replace("_", "-")
        for line in (ROOT / "requirements.in").read_text("utf-8").splitlines()
        if line.strip() and not line.lstrip().startswith(("#", "-"))
    }
    locked = set(
        re.findall(
            r"^([a-z0-9.-]+)(?:\[[^\]]*\])?==", (ROOT / "requirements.txt").read_text("utf-8"), re.MULTILINE
        )
    )
    assert wanted <= locked


def test_the_command_line_starts_without_the_heavy_libraries():
    code = f"import sys, app.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_tests_neither_sleep_nor_replace_our_own_functions():
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(r"^\s*(from|import) (unittest\.)?mock\b|\bsleep\(\d|\bmocker\b", line)
    ]
    assert found == []
