"""The agency that writes: how it stands at the head of the letter and how it signs. Pure.

The unit with authority to resolve the dossier owes the letter (Decree 61/2018 art. 19.9), or its successor.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from letters import layout
from letters.layout import Look

COMMITTEE = "Ủy ban nhân dân"
TM_COMMITTEE = f"TM. {COMMITTEE.upper()}"
COMMITTEE_PREFIX = re.compile(r"^(UBND|Ủy ban nhân dân|Uỷ ban nhân dân)\s+", re.IGNORECASE)
# " tỉnh Đắk Lắk", " phường Tân Lập": what an agency shares with the parent printed above it.
PLACE_TAIL = re.compile(
    r"\s((?:tỉnh|thành phố|thị xã|huyện|xã|phường|thị trấn|đặc khu|khu vực)\s.+)$", re.IGNORECASE
)
FORM_SIGNER = "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ"  # TT 01/2018 Mẫu số 04, where the catalogue names no title
NO_BREAK = "\u00a0"
# Learned titles and honours never stand before a signer's name (Decree 30/2020 app. I, II.7.c).
LEARNED_TITLES = re.compile(
    r"^(?:(?:GS|PGS|TSKH|TS|ThS|BS|DS|KS|CN|CKI{1,2}|BSCKI{1,2}|NGƯT|NGND)\.\s*)+", re.IGNORECASE
)


class Authority(StrEnum):
    """In whose right a letter is signed (Decree 30/2020 art. 13; app. I, II.7.b)."""

    HEAD = "head"
    DEPUTY = "deputy"  # KT.: in the head's place
    BY_ORDER = "by_order"  # TL.: the head of a unit below, by the head's order
    BY_AUTHORISATION = "by_authorisation"  # TUQ.: empowered in writing for a time
    ACTING = "acting"  # Q.: a deputy who holds the head's office


# Of these the first line is the title of the head, whose place is taken; the signer's own stands below it.
IN_PLACE_OF_HEAD = {Authority.DEPUTY: "KT.", Authority.BY_ORDER: "TL.", Authority.BY_AUTHORISATION: "TUQ."}
# These sign for the collective; who signs by order or authorisation signs for its head.
COLLECTIVE = frozenset({Authority.HEAD, Authority.DEPUTY, Authority.ACTING})


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs: own title, the head's title where the head's place is taken, name ("" = left blank, as in a draft).

    A title of two lines ("KT. Chánh Văn phòng / Phó Chánh Văn phòng") is parted by a line feed or " / ".
    """

    authority: Authority
    title: str
    head_title: str = ""
    full_name: str = ""

    @property
    def is_complete(self) -> bool:
        """Are the titles there that this authority prints?"""
        return bool(self.title.strip()) and (
            self.authority not in IN_PLACE_OF_HEAD or bool(self.head_title.strip())
        )

    @property
    def name(self) -> str:
        """The name as it is printed below the signature."""
        return LEARNED_TITLES.sub("", self.full_name.strip())

    def lines(self, *, is_collective: bool) -> tuple[str, ...]:
        """The lines above the signature: authority and titles in capitals."""
        own = _title_lines(self.title.upper())
        if prefix := IN_PLACE_OF_HEAD.get(self.authority):
            own = (f"{prefix} {self.head_title.strip().upper()}", *own)
        elif self.authority is Authority.ACTING:
            own = (f"Q. {own[0]}", *own[1:])
        return (TM_COMMITTEE, *own) if is_collective and self.authority in COLLECTIVE else own


def _title_lines(title: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in re.split(r"\n|\s/\s", title) if line.strip())


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
        lines = _title_lines(title)
        if self.is_committee and not title.startswith(("TM.", "TL.", "TUQ.")):
            return (TM_COMMITTEE, *lines)
        return lines

    def signed_by(self, signature: Signature | None) -> tuple[str, ...]:
        """The lines above a signature; without one those of the catalogue."""
        return signature.lines(is_collective=self.is_committee) if signature else self.signer


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
    parent = _heading(issuer.parent.upper(), layout.PARENT)
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
        return (COMMITTEE.upper(), *_heading(place.upper(), layout.ISSUER))
    return _heading(_without_shared_tail(issuer.name, issuer.parent).upper(), layout.ISSUER)


def _heading(text: str, look: Look) -> tuple[str, ...]:
    """The name in as few lines as fit the cell; broken before the place or after a comma if that costs no line."""
    tail = PLACE_TAIL.search(text)
    ways = ([text[: tail.start()], tail[1]] if tail else [text], re.split(r"(?<=,)\s", text), [text])
    return min((_lines(way, look) for way in ways), key=len)


def _lines(phrases: list[str], look: Look) -> tuple[str, ...]:
    width = layout.ISSUER_CELL - 1
    return tuple(line for phrase in phrases for line in layout.balanced_lines(phrase, look, width))


def _without_shared_tail(name: str, parent: str) -> str:
    tail = PLACE_TAIL.search(parent)
    return name.removesuffix(tail[0]) if tail else name
