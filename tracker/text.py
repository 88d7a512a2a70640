"""Vietnamese text made comparable: one Unicode form, and a fold for matching only (never for showing)."""

import re
import unicodedata
from functools import lru_cache

SPACES = re.compile(r"(?:\s|\[br\]|<br\s*/?>)+", re.IGNORECASE)
HEADER_NOISE = re.compile(r"[().:*]")
CODE_SPACES = re.compile(r"\s+")
UNSTORABLE = re.compile("[\\x00\\ud800-\\udfff]")
# A dossier that came without a code is kept under one that begins so; no source writes such a code.
PROVISIONAL = "?"
DASHES = str.maketrans({"–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "_": "-"})


def clean(text: str) -> str:
    """NFC, spaces collapsed, ends trimmed."""
    if text.isascii():
        return text.strip() if "  " not in text else SPACES.sub(" ", text).strip()
    return SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


@lru_cache(maxsize=20_000)
def fold(text: str) -> str:
    """Lower case, no marks, đ -> d, spaces collapsed: for matching headers, units, statuses."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(ch for ch in plain if not unicodedata.combining(ch))
    return SPACES.sub(" ", plain).strip().lower()


def storable(text: str) -> str:
    """The text as every database can hold it: NUL and halves of surrogate pairs become the replacement character."""
    return UNSTORABLE.sub("\ufffd", text)


def fold_header(text: str) -> str:
    """A column heading made comparable: folded, without brackets and punctuation."""
    return SPACES.sub(" ", HEADER_NOISE.sub("", fold(text))).strip()


def normal_code(text: str) -> str:
    """A dossier code as the key of the store: NFC, upper case, no inner spaces, one kind of dash."""
    code = unicodedata.normalize("NFC", text) if not text.isascii() else text
    return CODE_SPACES.sub("", code.translate(DASHES)).upper()


PROCEDURE_BASE = re.compile(r"(\d\.\d{6})\.\d")


@lru_cache(maxsize=20_000)
@lru_cache(maxsize=16_384)
def procedure_base(code: str) -> str:
    """The code of a procedure in the national catalogue, without the code of the office that some append to it."""
    found = PROCEDURE_BASE.match(code)
    return found[1] if found else code
