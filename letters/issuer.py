"""The agency that writes: how it stands at the head of the letter and how it signs. Pure.

The unit with authority to resolve the dossier owes the letter (Decree 61/2018 art. 19.9), or its successor.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from letters import layout

COMMITTEE = "Ủy ban nhân dân"
COMMITTEE_PREFIX = re.compile(r"^(UBND|Ủy ban nhân dân|Uỷ ban nhân dân)\s+", re.IGNORECASE)
# " tỉnh Đắk Lắk", " phường Tân Lập": what an agency shares with the parent printed above it.
PLACE_TAIL = re.compile(
    r"\s((?:tỉnh|thành phố|thị xã|huyện|xã|phường|thị trấn|đặc khu|khu vực)\s.+)$", re.IGNORECASE
)
FORM_SIGNER = "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ"  # TT 01/2018 Mẫu số 04, where the catalogue names no title
NO_BREAK = "\u00a0"


@dataclass(frozen=True, slots=True)
class Issuer:
    """A unit as a letter needs it. `parent` is "" where none is printed."""

    unit_id: int
    code: str
    name: str
    abbreviation: str
    parent: str
    place: str
    signer_title: str

    @property
    def is_committee(self) -> bool:
        """A People's Committee works collectively: TM., and no parent above it (Decree 30/2020 app. I, II.2, II.7)."""
        return COMMITTEE_PREFIX.match(self.name) is not None

    @property
    def signer(self) -> tuple[str, ...]:
        """The lines above the signature: authority and title; a deputy's KT. stands in the catalogue's title."""
        title = (self.signer_title or FORM_SIGNER).upper()
        lines = tuple(line.strip() for line in re.split(r"\n|\s/\s", title) if line.strip())
        if self.is_committee and not title.startswith(("TM.", "TL.", "TUQ.")):
            return (f"TM. {COMMITTEE.upper()}", *lines)
        return lines


@dataclass(frozen=True, slots=True)
class LetterHead:
    """The two blocks at the top: lines of the agency, indents of the line below it (twips), number, place and date."""

    parent: tuple[str, ...]
    issuer: tuple[str, ...]
    rule_indent: int
    number: str
    place: str


@lru_cache(maxsize=2048)
def head_of(issuer: Issuer, symbol: str, century: int) -> LetterHead:
    """The head; number, day, month and year are left blank: the agency's document system gives them (art. 15)."""
    parent = _heading(issuer.parent.upper())
    lines = _issuer_lines(issuer)
    widest = max(layout.bold_width(line, layout.ISSUER.size) for line in lines)
    sign = f"{symbol}-{issuer.abbreviation.upper()}" if issuer.abbreviation else symbol
    blank = NO_BREAK * 6
    date_line = f"ngày{blank}tháng{blank}năm {century}…"
    return LetterHead(
        parent=() if issuer.is_committee else parent,
        issuer=lines,
        rule_indent=layout.rule_indent(widest, layout.ISSUER_CELL, layout.AGENCY_RULE_SHARE),
        number=f"Số:{NO_BREAK * 8}/{sign}",
        place=f"{issuer.place}, {date_line}" if issuer.place else date_line[:1].upper() + date_line[1:],
    )


def _issuer_lines(issuer: Issuer) -> tuple[str, ...]:
    if issuer.is_committee:
        place = COMMITTEE_PREFIX.sub("", issuer.name).split(",")[0]
        return (COMMITTEE.upper(), *_heading(place.upper()))
    return _heading(_without_shared_tail(issuer.name, issuer.parent).upper())


def _heading(text: str) -> tuple[str, ...]:
    """The name in as few lines as fit the cell; broken before the place or after a comma if that costs no line."""
    tail = PLACE_TAIL.search(text)
    ways = ([text[: tail.start()], tail[1]] if tail else [text], re.split(r"(?<=,)\s", text), [text])
    return min((_lines(way) for way in ways), key=len)


def _lines(phrases: list[str]) -> tuple[str, ...]:
    width, size = layout.ISSUER_CELL - 1, layout.ISSUER.size
    return tuple(line for phrase in phrases for line in layout.balanced_lines(phrase, size, width))


def _without_shared_tail(name: str, parent: str) -> str:
    tail = PLACE_TAIL.search(parent)
    return name.removesuffix(tail[0]) if tail else name
