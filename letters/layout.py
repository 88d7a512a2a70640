"""The measures of an administrative letter as constants, each with the place in the rules it comes from. Pure.

Decree 30/2020/NĐ-CP, appendix I, part I and the table of part V ("NĐ 30" below). No text and no docx here.
The constants are those of A4; `SHEETS` and `look_on` give what differs on A5 (TT 01/2018/TT-VPCP art. 9.2).
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache

FONT = "Times New Roman"  # NĐ 30 phụ lục I phần I mục I.3
LANGUAGE = "vi-VN"

# Millimetres. A4 upright (mục I.1, I.2); top and bottom 20-25, left 30-35, right 15-20 (mục I.4).
PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
MARGIN_TOP, MARGIN_BOTTOM, MARGIN_LEFT, MARGIN_RIGHT = 20.0, 20.0, 30.0, 15.0
PAGE_NUMBER_FROM_TOP = 10.0  # in the top margin, centred, not on page 1 (mục I.7)
TEXT_WIDTH = PAGE_WIDTH - MARGIN_LEFT - MARGIN_RIGHT

# Header table: ô 2, 3 | ô 1, 4. The national heading is 88 mm wide at 12 pt bold and must stay on one line; beside it
# the name of a usual department (71 mm) just does too.
ISSUER_CELL, NATION_CELL = 72.0, 93.0
# Below the text: nơi nhận (ô 9b) | chức vụ, chữ ký, họ tên (ô 7).
RECIPIENT_CELL, SIGNER_CELL = 78.0, 87.0
SIGNATURE_HEIGHT = 45.0  # at least: authority, signature, seal and name (ô 7a-7c, 8)
SIGNATURE_ROOM = 27.0  # between title and name, however many lines the title has

# The line under the agency is 1/3-1/2 of its text (mục II.2); the one under the motto as long as the motto (II.1).
AGENCY_RULE_SHARE = 0.42
SUBJECT_RULE_SHARE = 0.42
RULE_EIGHTHS_OF_POINT = 6
RULE_BELOW_TEXT = 4.0  # points
MM_A_POINT = 25.4 / 72
TWIPS_A_MM = 1440 / 25.4


class Align(StrEnum):
    """Alignment of a paragraph."""

    LEFT = "left"
    CENTRE = "center"
    RIGHT = "right"
    JUSTIFY = "both"


@dataclass(frozen=True, slots=True)
class Look:
    """How one kind of paragraph looks; sizes and spacing in points, indents in millimetres."""

    size: float
    bold: bool = False
    italic: bool = False
    align: Align = Align.CENTRE
    before: float = 0
    after: float = 0
    first_line: float = 0
    left: float = 0
    line: float = 1.0
    keep_next: bool = False


# The table of NĐ 30 phụ lục I phần V, line by line; sizes are from its lower pair (12/13) and 14 for the text.
NATION = Look(12, bold=True)  # Quốc hiệu: 12-13, upright bold
MOTTO = Look(13, bold=True)  # Tiêu ngữ: 13-14, upright bold
PARENT = Look(12)  # cơ quan chủ quản: 12-13, upright
ISSUER = Look(12, bold=True)  # cơ quan ban hành: 12-13, upright bold
NUMBER = Look(13, before=6)  # số, ký hiệu: 13, upright
PLACE = Look(13, italic=True, before=6)  # địa danh, thời gian: 13-14, italic
TITLE = Look(14, bold=True, before=18)  # tên loại: 13-14, bold
SUBJECT = Look(14, bold=True)  # trích yếu: 13-14, bold
# Kính gửi: 13-14; a long name wraps under its beginning, 20.2 mm ("Kính gửi: " at 14 pt) to the right.
ADDRESSEE = Look(14, align=Align.JUSTIFY, before=14, first_line=-20.2, left=32.9)
ADDRESS = Look(14, align=Align.JUSTIFY, left=32.9)
# Text: 13-14, justified, first line 1 or 1.27 cm, at least 6 pt apart, line spacing single to 1.5.
BODY = Look(14, align=Align.JUSTIFY, before=6, first_line=12.7, line=1.1)
SIGNER = Look(14, bold=True, keep_next=True)  # quyền hạn, chức vụ: 13-14, bold
# Họ tên (ô 7b): 13-14, bold; the signature's room stands above it.
SIGNER_NAME = Look(14, bold=True, before=round(SIGNATURE_ROOM / MM_A_POINT, 1), keep_next=True)
# Kept with what follows: the row of the signature draws the short code below it along to the next page.
RECIPIENTS_HEAD = Look(
    12, bold=True, italic=True, align=Align.LEFT, keep_next=True
)  # "Nơi nhận:": 12, bold italic
RECIPIENT = Look(11, align=Align.LEFT, keep_next=True)  # the list: 11, upright
PAGE_NUMBER = Look(13)  # 13-14, upright
SHORT_CODE = Look(9, align=Align.LEFT)  # ours; no rule speaks of it
CHECK_LINE = Look(9, align=Align.LEFT, keep_next=True)
CHECK_MARK_SIDE = 18.0  # of the code to scan, its white edge included; millimetres on every paper
FIRST_BODY_BEFORE = 12.0  # the text stands off the addressee
BEFORE_FOOT = Look(6, keep_next=True)


class Paper(StrEnum):
    """The paper of a letter: A4 by Decree 30/2020, A5 as the one-stop forms are printed (TT 01/2018 art. 9.2)."""

    A4 = "a4"
    A5 = "a5"


@dataclass(frozen=True, slots=True)
class Sheet:
    """The measures that depend on the paper, in millimetres; `sizes`: points of A4 -> points here."""

    width: float
    height: float
    top: float
    bottom: float
    left: float
    right: float
    page_number_from_top: float
    issuer_cell: float
    nation_cell: float
    recipient_cell: float
    signer_cell: float
    signature_height: float
    sizes: Mapping[float, float]

    @property
    def text_width(self) -> float:
        """The width between the margins."""
        return self.width - self.left - self.right

    def points(self, of_a4: float) -> float:
        """The size of type that stands for one of A4."""
        return self.sizes.get(of_a4, of_a4)


SHEETS: Mapping[Paper, Sheet] = {
    Paper.A4: Sheet(
        width=PAGE_WIDTH,
        height=PAGE_HEIGHT,
        top=MARGIN_TOP,
        bottom=MARGIN_BOTTOM,
        left=MARGIN_LEFT,
        right=MARGIN_RIGHT,
        page_number_from_top=PAGE_NUMBER_FROM_TOP,
        issuer_cell=ISSUER_CELL,
        nation_cell=NATION_CELL,
        recipient_cell=RECIPIENT_CELL,
        signer_cell=SIGNER_CELL,
        signature_height=SIGNATURE_HEIGHT,
        sizes={},
    ),
    # Only the paper is prescribed. Margins, cells and sizes are ours: NĐ 30 made smaller by a quarter, so that the
    # national heading (66 mm at 9 pt) stays on one line and headings break where they do on A4; the text a bit larger.
    Paper.A5: Sheet(
        width=148.0,
        height=210.0,
        top=13.0,
        bottom=11.0,
        left=15.0,
        right=10.0,
        page_number_from_top=6.0,
        issuer_cell=53.5,
        nation_cell=69.5,
        recipient_cell=56.0,
        signer_cell=67.0,
        signature_height=35.0,
        sizes={14: 11, 13: 9.5, 12: 9, 11: 8.5, 9: 8, 6: 4},
    ),
}


@cache
def look_on(paper: Paper, look: Look) -> Look:
    """A look of A4 on a paper: size by the sheet's table, spacing and indents with it."""
    sheet = SHEETS[paper]
    size = sheet.points(look.size)
    share = size / look.size
    return replace(
        look,
        size=size,
        before=round(look.before * share, 1),
        after=round(look.after * share, 1),
        first_line=look.first_line * share,
        left=look.left * share,
    )


def indent_on(paper: Paper, of_a4: int, cell: float) -> int:
    """The indent of a line below a text: as in a cell (or text) of so many mm on A4, the same share of it here."""
    widths = {ISSUER_CELL: SHEETS[paper].issuer_cell, TEXT_WIDTH: SHEETS[paper].text_width}
    return round(of_a4 * widths[cell] / cell)


NATION_TEXT = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO_TEXT = "Độc lập - Tự do - Hạnh phúc"
RECIPIENTS_TEXT = "Nơi nhận:"

# Advance widths of Times Bold in 1/1000 em (the metrics that every Times-compatible font shares).
_WIDTHS: dict[str, int] = {
    **dict(zip("ABCDEFGHIJKLM", (722, 667, 722, 722, 667, 611, 778, 778, 389, 500, 778, 667, 944), strict=True)),
    **dict(zip("NOPQRSTUVWXYZ", (722, 778, 611, 778, 722, 556, 667, 722, 722, 1000, 722, 722, 667), strict=True)),
    **dict(zip("abcdefghijklm", (500, 556, 444, 556, 444, 333, 500, 556, 278, 333, 556, 278, 833), strict=True)),
    **dict(zip("nopqrstuvwxyz", (556, 500, 556, 556, 444, 389, 333, 556, 500, 722, 500, 500, 444), strict=True)),
    **dict.fromkeys("0123456789", 500),
    **{" ": 250, "-": 333, ".": 250, ",": 250, "'": 278, "&": 833, "/": 278, "(": 333, ")": 333},
}  # fmt: skip
# Of Times Roman only the capitals differ in what is measured here: a heading that is not bold.
_UPRIGHT = {
    **_WIDTHS,
    **dict(zip("ABCDEFGHIJKLM", (722, 667, 667, 722, 611, 556, 722, 722, 333, 389, 722, 611, 889), strict=True)),
    **dict(zip("NOPQRSTUVWXYZ", (722, 722, 556, 722, 667, 556, 611, 722, 722, 944, 722, 722, 611), strict=True)),
}  # fmt: skip
_AVERAGE = 600


def bold_width(text: str, size: float) -> float:
    """The width in millimetres of a line of bold text; marks above and below letters add nothing."""
    return _width(text, size, _WIDTHS)


def width_of(text: str, look: Look) -> float:
    """The width in millimetres of a line of capitals in a look."""
    return _width(text, look.size, _WIDTHS if look.bold else _UPRIGHT)


def _width(text: str, size: float, widths: Mapping[str, int]) -> float:
    letters = unicodedata.normalize("NFD", text.replace("Đ", "D").replace("đ", "d"))
    units = sum(widths.get(letter, _AVERAGE) for letter in letters if not unicodedata.combining(letter))
    return units * size * MM_A_POINT / 1000


@cache
def balanced_lines(text: str, look: Look, width: float) -> tuple[str, ...]:
    """The words of a heading in as few lines as fit `width` mm, the lines as even as they can be."""
    words, whole = text.split(), width_of(text, look)
    narrow = whole / max(1, -(-whole // width))
    lines = _greedy(words, look, width)
    while narrow < width and len(tried := _greedy(words, look, narrow)) > len(lines):
        narrow += 2
    return tuple(tried if narrow < width else lines)


def _greedy(words: list[str], look: Look, width: float) -> list[str]:
    lines: list[str] = []
    for word in words:
        if lines and width_of(f"{lines[-1]} {word}", look) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def rule_indent(text_width: float, cell_width: float, share: float) -> int:
    """The indent, left and right, in twips that leaves a centred line of `share` of the text's width."""
    return round((cell_width - text_width * share) / 2 * TWIPS_A_MM)


@cache
def rule_under(subject: str) -> int:
    """The indents of the line below the subject, which may fill more than one line of the page."""
    width = min(bold_width(subject, SUBJECT.size), TEXT_WIDTH)
    return rule_indent(width, TEXT_WIDTH, SUBJECT_RULE_SHARE)
