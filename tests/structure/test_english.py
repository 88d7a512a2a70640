"""English is complete: every text of the pages has its translation, and scripts say each word in both languages."""

import re
from pathlib import Path

from app.english.checking import faults
from app.english.texts import is_vietnamese
from scripts.english import current

ROOT = Path(__file__).parents[2]
QUOTED = re.compile(r"""(["'`])((?:(?!\1).)*)\1""")


def test_the_english_catalogue_is_complete_and_sound():
    """`python -m scripts.english extract` adds what is new; docs/english.md says how it is translated."""
    wrong = [f"{name}: {told}" for name, told in faults(current(ROOT))]
    assert wrong == []


def test_scripts_say_their_words_in_both_languages():
    alone = []
    for path in sorted((ROOT / "app/static/js").glob("*.js")):
        text = re.sub(r"^\s*//.*$", "", path.read_text("utf-8"), flags=re.MULTILINE)
        text = re.sub(r"said\(\s*([\"'`])(?:(?!\1).)*\1", "said(", text)
        words = [found[2] for found in QUOTED.finditer(text) if is_vietnamese(found[2]) and len(found[2]) > 1]
        alone += [f"{path.name}: {word}" for word in words]
    assert alone == []
