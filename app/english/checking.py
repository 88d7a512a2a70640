"""What can be wrong with the catalogue: found by reading it, without a page. Pure but for the reading."""

import re
from collections.abc import Iterator, Mapping

from app.english.catalogue import Entry, entries
from app.english.texts import PLACE, is_vietnamese, places

# Names that stay as they are in English sentences, and whatever is quoted. A text may be given back as it is.
NAMES = re.compile(
    r"Đúng Hẹn|Một cửa|Đắk Lắk|Đ\. V|Hải quan|Nguyễn|Trần|Lê|“[^”]*”|\"[^\"]*\"|\([^()]*\)|NĐ-CP|QĐ-|VPCP|\[[^\]]*\]"
)
# The same in both languages as a rule: no sign that a translation was forgotten.
BRACES = re.compile(r"\{[^{}]*\}")


def faults(texts: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Each fault with the file it is in; `texts` are those that the pages say now, with the paths that say them."""
    seen: set[str] = set()
    for name, entry in entries():
        if entry.context is None:
            seen.add(entry.text)
        if entry.text not in texts or (entry.context and entry.context not in texts[entry.text]):
            yield name, f"obsolete: {entry.text}"
        for fault in _of_entry(entry):
            yield name, f"{fault}: {entry.text} -> {entry.told}"
    for text, paths in texts.items():
        if text not in seen:
            yield paths[0], f"not extracted: {text}"


def _of_entry(entry: Entry) -> Iterator[str]:
    if not entry.told:
        yield "missing"
        return
    if entry.is_fuzzy:
        yield "fuzzy"
    if places(entry.text) != places(entry.told):
        yield "other places"
    own = {found[0] for found in PLACE.finditer(entry.told)} | set(BRACES.findall(entry.text))
    if set(BRACES.findall(entry.told)) - own:
        yield "no place"
    if entry.told != entry.text and is_vietnamese(NAMES.sub("", entry.told)):
        yield "Vietnamese letters"
    if entry.told != entry.told.strip() or "  " in entry.told:
        yield "blanks"
    if ("<" in entry.told) != ("<" in entry.text):
        yield "markup"
