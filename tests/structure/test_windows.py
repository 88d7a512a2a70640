"""What Windows asks of names and of the files that are made for it; what its Python does was tried by hand (docs/operations.md)."""

import re
import subprocess
from pathlib import Path, PureWindowsPath

import pytest

from scripts import bundle
from tracker.config import load_config

ROOT = Path(__file__).parents[2]
OWN = ROOT / "scripts" / "bundle_files"
SCRIPTS = sorted(OWN.glob("*.ps1"))
# Together with C:\DungHen\.venv\Lib\site-packages a path has to stay below 260 signs.
MOST_SIGNS = 180
PROGRAM = ("app", "letters", "migrations", "notifications", "tracker", "docs", "scripts")


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", *PROGRAM], cwd=ROOT, capture_output=True, check=True, encoding="utf-8"
    )
    return [name for name in listed.stdout.split("\0") if name]


def test_every_file_of_the_program_has_a_name_that_windows_takes():
    names = tracked()
    assert len(names) > 500
    assert [name for name in names if re.search(r'[<>:"|?*\\\x00-\x1f]|[. ](/|$)', name)] == []
    assert [name for name in names if PureWindowsPath(name).is_reserved()] == []
    assert [name for name in names if len(name) > MOST_SIGNS] == []
    assert len({name.lower() for name in names}) == len(names)


def test_a_configuration_that_an_editor_of_windows_saved_is_read(tmp_path: Path):
    text = (ROOT / "config.toml").read_text("utf-8")
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load_config(path, {}).web == load_config(ROOT / "config.toml", {}).web


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_for_windows_close_what_they_open_and_stop_at_the_first_fault(path: Path):
    """No PowerShell runs here: what can be seen by reading is."""
    text = path.read_text("utf-8")
    code = re.sub(r"#[^\n]*", "", text.replace('`"', ""))
    assert '$ErrorActionPreference = "Stop"' in code
    assert code.count('"') % 2 == 0
    bare = re.sub(r'"[^"\n]*"|\'[^\'\n]*\'', "", code)
    for opened, closed in ("{}", "()", "[]"):
        assert bare.count(opened) == bare.count(closed), opened
    assert not re.search(r"&&|\|\||\?\?", bare), "the PowerShell of Windows (5.1) has no such word"


def test_each_script_for_windows_that_another_names_is_there():
    named = {name for path in SCRIPTS for name in re.findall(r"[a-z-]+\.ps1", path.read_text("utf-8"))}
    assert {path.name for path in SCRIPTS} >= named
    assert "utf-8-sig" in Path(bundle.__file__).read_text("utf-8")
