"""LetterContent -> the bytes of a .docx, fast: for each shape of letter one is built with marks in place of texts.

A shape is which blocks a letter has and how many lines; all but its texts and the code to scan is kept ready. Equal to `letters.render`
member by member, which a test holds.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import count
from operator import itemgetter

from letters.archive import (
    BEST,
    BODY_PART,
    PICTURE_PART,
    Package,
    Segment,
    as_it_is,
    deflated,
    members_of,
    stored,
)
from letters.check_mark import picture
from letters.content import LetterContent, on_paper
from letters.issuer import LetterHead
from letters.layout import Paper

MARK = "\ue000"  # a private-use letter around a number stands for a text of the letter
MARK_INDENT = 7777  # with one digit more: stands for an indent that depends on a text


def render(content: LetterContent, paper: Paper = Paper.A4) -> bytes:
    """The letter; equal content gives equal bytes."""
    return _compiled(_shape(content), paper).make(on_paper(content, paper))


@dataclass(frozen=True, slots=True)
class _Shape:
    """What decides the structure of a letter, apart from its words."""

    parent: int
    issuer: int
    has_subject: bool
    has_address: bool
    body: int
    signer: int
    has_signer_name: bool
    recipients: int
    has_check: bool

    @property
    def foot(self) -> int:
        """How many texts stand below the body."""
        return self.signer + self.has_signer_name + self.recipients + self.has_check + 1


def _shape(content: LetterContent) -> _Shape:
    head = content.head
    return _Shape(
        len(head.parent),
        len(head.issuer),
        bool(content.subject),
        bool(content.address),
        len(content.body),
        len(content.signer),
        bool(content.signer_name),
        len(content.recipients),
        bool(content.check_url),
    )


class _Compiled:
    """One shape, ready but for its texts. Texts up to the title and below the body repeat from letter to letter."""

    def __init__(self, package: Package, fixed: list[bytes], order: list[int], shape: _Shape) -> None:
        self._package, self._fixed = package, fixed
        self._in_order = itemgetter(*order)
        self._foot = len(order) - shape.foot
        self._middle = self._foot - shape.body - shape.has_address - 1
        self._end = deflated(fixed[-1], BEST, is_last=True)
        self._repeated = lru_cache(maxsize=512)(self._deflate_best)

    def make(self, content: LetterContent) -> bytes:
        """One letter: head, addressee and text, foot, short code, end."""
        texts = self._in_order(_texts(content))
        middle = self._joined(self._middle, texts[self._middle : self._foot])
        segments = (
            self._repeated(0, texts[: self._middle]),
            deflated(middle),
            self._repeated(self._foot, texts[self._foot : -1]),
            stored(self._fixed[-2] + texts[-1]),
            self._end,
        )
        if content.check_url:
            return self._package.make(as_it_is(picture(content.check_url)), segments)
        return self._package.make(segments)

    def _deflate_best(self, first: int, texts: tuple[bytes, ...]) -> Segment:
        return deflated(self._joined(first, texts), BEST)

    def _joined(self, first: int, texts: tuple[bytes, ...]) -> bytes:
        """The texts from the first-th on, each after the fixed piece that stands before it."""
        pieces = [b""] * (2 * len(texts))
        pieces[::2] = self._fixed[first : first + len(texts)]
        pieces[1::2] = texts
        return b"".join(pieces)


def _texts(content: LetterContent) -> list[bytes]:
    """Every text of a letter, escaped; first the two indents. No text holds a line feed: all are escaped in one go."""
    head = content.head
    texts = (
        str(head.rule_indent),
        str(content.subject_rule),
        *head.parent,
        *head.issuer,
        head.number,
        head.place,
        content.title,
        *((content.subject,) if content.subject else ()),
        content.addressee,
        *((content.address,) if content.address else ()),
        *content.body,
        *content.signer,
        *((content.signer_name,) if content.signer_name else ()),
        *content.recipients,
        *((content.check_line,) if content.check_line else ()),
        content.short_code,
    )
    joined = "\n".join(texts)
    if "&" in joined or "<" in joined or ">" in joined:
        joined = joined.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return joined.encode().split(b"\n")


@cache
def _compiled(shape: _Shape, paper: Paper) -> _Compiled:
    # python-docx is opened only when a letter is made: the command line must start without it.
    from letters.render import laid_out

    members = members_of(laid_out(_marked(shape), paper))
    # Between two fixed pieces stands the number of a text.
    pieces = re.split(f"{MARK}(\\d+){MARK}|{MARK_INDENT}(\\d)", members.pop(BODY_PART).decode())
    order = [int(mark or indent) for mark, indent in zip(pieces[1::3], pieces[2::3], strict=True)]
    fixed = [piece.encode() for piece in pieces[::3]]
    changing = [PICTURE_PART, BODY_PART] if shape.has_check else [BODY_PART]
    members.pop(PICTURE_PART, None)
    return _Compiled(Package(members.items(), *changing), fixed, order, shape)


def _marked(shape: _Shape) -> LetterContent:
    numbers = count(2)

    def mark() -> str:
        return f"{MARK}{next(numbers)}{MARK}"

    def marks(count: int) -> tuple[str, ...]:
        return tuple(mark() for _ in range(count))

    head = LetterHead(marks(shape.parent), marks(shape.issuer), MARK_INDENT * 10, mark(), mark())
    return LetterContent(
        head=head,
        title=mark(),
        subject=mark() if shape.has_subject else "",
        subject_rule=MARK_INDENT * 10 + 1,
        addressee=mark(),
        address=mark() if shape.has_address else "",
        body=marks(shape.body),
        signer=marks(shape.signer),
        signer_name=mark() if shape.has_signer_name else "",
        recipients=marks(shape.recipients),
        check_line=mark() if shape.has_check else "",
        short_code=mark(),
        check_url=MARK if shape.has_check else "",
    )
