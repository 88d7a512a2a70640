"""The docs name what exists: configuration, commands, codes, folders, columns; their links lead somewhere."""

import ast
import re
import tomllib
import unicodedata
from importlib import import_module
from pathlib import Path

import click
import pytest

from app.commands import MODULES, command
from app.presenters import BASES, CHIPS
from tracker.ingest.checks import NEVER_IN_FUTURE

ROOT = Path(__file__).parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
PAGES = {path.name: path.read_text("utf-8") for path in DOCS}
HANDBOOK = sorted((ROOT / "docs" / "so-tay").glob("*.md"))
CODE = re.compile(r"[A-Z]+(?:_[A-Z0-9]+)+")
LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
CODE_FOLDERS = ("tracker/ingest", "tracker/pipeline", "tracker/timekeeping")
HOME_PATHS = re.compile(r"/(?:work|home|root|tmp)/")


def keys_of(toml: Path) -> set[str]:
    table = tomllib.loads(toml.read_text("utf-8"))
    return {f"{section}.{key}" for section, keys in table.items() for key in keys}


def words_of(name: str) -> dict:
    return tomllib.loads((ROOT / "tracker" / "data" / name).read_text("utf-8"))


def command_lines() -> set[str]:
    """`dunghen deadline`, and for a group each of its commands: `letters draft`."""
    lines = set()
    for name in MODULES:
        lines.add(f"dunghen {name}")
        if isinstance(group := command(name), click.Group):
            lines |= {f"{name} {inner}" for inner in group.commands}
    return lines


def test_every_command_of_every_module_can_be_called():
    folder = ROOT / "app" / "commands"
    modules = {path.stem: import_module(f"app.commands.{path.stem}") for path in folder.glob("[a-z]*.py")}
    exported = {one.name: stem for stem, module in modules.items() for one in getattr(module, "COMMANDS", ())}
    assert exported == MODULES


def codes_in(folder: str) -> set[str]:
    """Every text of the code that is shaped like a flag or a reason."""
    texts = (
        node.value
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    return {text for text in texts if CODE.fullmatch(text)}


def links(page: Path, *, pictures: bool) -> list[str]:
    found = LINK.findall(page.read_text("utf-8"))
    return [target for mark, target in found if bool(mark) is pictures and "://" not in target]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as code hosting sites make them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_key_of_the_configuration_stands_in_operations():
    told = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", PAGES["operations.md"], re.MULTILINE))
    assert told == keys_of(ROOT / "config.toml")


def test_every_command_is_named_where_its_user_reads():
    handbook = "".join(path.read_text("utf-8") for path in HANDBOOK)
    told = PAGES["README.md"] + handbook + PAGES["operations.md"]
    told = re.sub(r"`dunghen (\w+) (\w+)`((?:, `\w+`)+)", _spelled_out, told)
    assert {line for line in command_lines() if line not in told} == set()


def _spelled_out(found: re.Match[str]) -> str:
    """`dunghen user add`, `passwd` -> each with its group."""
    group, first, others = found.groups()
    return " ".join(f"dunghen {group} {name}" for name in (first, *re.findall(r"\w+", others)))


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_both_readmes_name_both_commands_and_the_way_without_make(name: str):
    for wanted in ("make run", "make test", "python -m app.cli demo"):
        assert wanted in PAGES[name]


def test_the_two_readmes_tell_the_same():
    english, vietnamese = PAGES["README.md"], PAGES["README.vi.md"]
    for shape in (r"^## ", r"^- ", r"^\|", r"^!\[", r"^dunghen "):
        counted = [len(re.findall(shape, page, re.MULTILINE)) for page in (english, vietnamese)]
        assert counted[0] == counted[1], shape


def test_every_code_that_the_program_raises_stands_in_the_glossary():
    codes = set().union(*map(codes_in, CODE_FOLDERS))
    codes |= {f"{name.removesuffix('_at').upper()}_IN_FUTURE" for name in NEVER_IN_FUTURE}
    codes.discard("_IN_FUTURE")
    assert {"END_EQ_DUE", "DUE_MISSING", "DATE_INVALID", "FINISHED_IN_FUTURE"} <= codes
    assert {code for code in codes if f"`{code}`" not in PAGES["glossary.md"]} == set()


def test_every_state_and_basis_stands_in_the_glossary_in_both_languages():
    glossary = PAGES["glossary.md"].lower()
    assert {chip.word for chip in CHIPS.values() if chip.word.lower() not in glossary} == set()
    assert {state for state in CHIPS if f"`state.{state.value}`" not in glossary} == set()
    assert {word for word in BASES.values() if word.lower() not in glossary} == set()
    assert {basis for basis in BASES if f"`basis.{basis.value}`" not in glossary} == set()


def test_every_folder_of_code_stands_in_the_architecture():
    packages = [path.parent for path in ROOT.glob("*/__init__.py")]
    folders = {f"{path.name}/" for path in packages}
    folders |= {f"{path.parent.name}/" for path in (ROOT / "tracker").glob("*/__init__.py")}
    assert {"app/", "tracker/", "timekeeping/"} <= folders
    assert {folder for folder in folders if f"{folder}`" not in PAGES["architecture.md"]} == set()


def test_every_column_and_word_that_is_understood_stands_in_sources():
    words = words_of("words.toml")
    told = {*words_of("headers.toml"), *(value for table in words.values() for value in table)}
    assert {name for name in told if f"`{name}`" not in PAGES["sources.md"]} == set()


@pytest.mark.parametrize("page", [*DOCS, *HANDBOOK], ids=lambda page: f"{page.parent.name}/{page.name}")
def test_a_link_between_docs_leads_to_a_page_and_heading(page: Path):
    for target in links(page, pictures=False):
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.is_file(), target
        assert not anchor or anchor in anchors(there), target


@pytest.mark.parametrize("page", [*DOCS, *HANDBOOK], ids=lambda page: f"{page.parent.name}/{page.name}")
def test_a_picture_of_the_docs_is_there(page: Path):
    assert [target for target in links(page, pictures=True) if not (page.parent / target).is_file()] == []


@pytest.mark.parametrize("page", [*DOCS, *HANDBOOK], ids=lambda page: f"{page.parent.name}/{page.name}")
def test_a_page_is_composed_unicode_and_names_no_folder_of_one_machine(page: Path):
    text = page.read_text("utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert HOME_PATHS.findall(text) == []
