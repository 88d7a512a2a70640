"""Rows of a table that are no dossiers: group rows, totals, footers, numbering, blanks; and the units that they name."""

import re
import sys
from collections.abc import Collection, Sequence

from tracker.text import clean, fold

# The place of a column that a table does not have.
NOWHERE = sys.maxsize
# Folded. "Công an", "Công ty" and "Tổng cục" are no sums.
TOTAL = re.compile(r"(?:tong|cong)(?!\w| (?:an|ty|cuc|cong ty|dan|doan|nghe|trinh|thuong)\b)")
# (1) (2) (3), also `A B 1 2` and `5=6+7` as official forms number their columns.
NUMBERING = re.compile(r"[(\[]?(?:\d{1,2}|[A-ZĐ])[)\]]?(?:\s*=[\s\d()+-]*)?[)\]]?")
# What stands below a list, folded; signatures and remarks, never a unit.
FOOTER_WORDS = (
    "nguoi lap", "nguoi ky", "nguoi nhan", "nguoi kiem", "nguoi tong hop", "nguoi bao cao", "nguoi giao",
    "lap bieu", "can bo lap", "thu truong", "lanh dao", "ke toan", "giam doc", "chu tich", "truong phong",
    "pho ", "tm ", "tm.", "kt ", "kt.", "tl.", "tuq", "ky ten", "(ky", "(da ky", "xac nhan", "noi nhan",
    "ghi chu", "luu:", "- luu", "nguon:", "trang ", "in ngay", "ngay in",
)  # fmt: skip
DATE_LINE = re.compile(r"\bngay\b.*\bthang\b.*\bnam\b")
# Groups that are no units.
OTHER_GROUPS = (
    "linh vuc",
    "thu tuc",
    "loai ho so",
    "nhom",
    "hinh thuc",
    "kenh",
    "tu ngay",
    "thang ",
    "quy ",
    "nam ",
)
UNIT_WORDS = (
    "ubnd", "uy ban", "so ", "phong ", "chi nhanh", "van phong", "trung tam", "ban ", "cong an", "bao hiem",
    "chi cuc", "cuc ", "thanh tra", "bo phan", "xa ", "phuong ", "thi tran", "thi xa", "huyen ", "quan ", "thanh pho",
    "tp ", "tp.", "hat ", "benh vien", "truong ", "don vi", "co quan", "thue ", "kho bac", "toa an", "vien ",
)  # fmt: skip
LABEL = re.compile(r"^\s*(?:đơn\s+vị|cơ\s+quan)[^:]{0,30}:\s*(.*)$", re.IGNORECASE | re.DOTALL)
ORDINAL = re.compile(r"^\s*(?:[IVX]{1,5}|[0-9]{1,3}|[A-Z])\s*[.)/-]\s*")
# "UBND xã Ea Bịa: 12 hồ sơ", "UBND xã Ea Bịa (12)": the count is no part of the name.
COUNTED = re.compile(r"\s*(?:[:(–-]\s*)+\d+\s*(?:hồ\s+sơ|hs|bộ)?\s*\)?\s*$", re.IGNORECASE)
ORDINAL_CELL = re.compile(r"(?:[IVX]{1,5}|[0-9.]{1,6}|[A-Z])[.)]?")


def skip_kind(row: Sequence[str], code_at: int, dated: Collection[int]) -> str | None:
    """Why a row is no dossier: blank, numbering, total, footer or group; None if it is one."""
    filled = [cell.strip() for cell in row if cell.strip()]
    if not filled:
        return "blank"
    if len(filled) > 2 and is_numbering(filled):
        return "numbering"
    # Two dates make a dossier, whatever its first cell says: "Công ty", "Tống" and "Cộng đồng" are names too.
    is_one_text = len(set(filled)) == 1 and not filled[0][0].isdigit()
    if not is_one_text and sum(len(row) > at and bool(row[at].strip()) for at in dated) > 1:
        return None
    code = row[code_at].strip() if len(row) > code_at else ""
    if any(map(is_sum, (*filled[:2], code))):
        return "total"
    if code and not _is_title(code, filled):
        return None
    if len(filled) <= 4 and any(map(is_footer, filled)):
        return "footer"
    has_date = any(len(row) > at and row[at].strip()[:1].isdigit() for at in dated)
    return "group" if len(set(filled)) <= 2 and not has_date else None


def is_numbering(filled: Sequence[str]) -> bool:
    """Do the filled cells of a row number the columns: (1) (2) (3)?"""
    return sum(map(str.isalpha, filled)) <= 2 and all(NUMBERING.fullmatch(cell) for cell in filled)


def is_sum(cell: str) -> bool:
    """Does a cell say that its row adds up others: Tổng cộng, Cộng?"""
    return TOTAL.match(fold(cell)) is not None


def _is_title(code: str, filled: Sequence[str]) -> bool:
    """Words alone in the column of codes, perhaps with their number before them."""
    if " " not in code or any(cell != code and not ORDINAL_CELL.fullmatch(cell) for cell in filled):
        return False
    return fold(code).startswith(UNIT_WORDS) or not any(letter.isdigit() for letter in code)


def is_footer(cell: str) -> bool:
    """Does a cell stand below lists: who made or signed it, where and when?"""
    text = fold(cell)
    return text.startswith(FOOTER_WORDS) or DATE_LINE.search(text) is not None


def group_unit(row: Sequence[str], *, after_footer: bool) -> str | None:
    """The unit that a group row names; None if it names something else.

    Below a footer stand the names of those who signed, so there only what sounds like a unit is taken for one.
    """
    filled = [clean(cell) for cell in row if cell.strip()]
    names = [cell for cell in filled if not ORDINAL_CELL.fullmatch(cell) and any(map(str.isalpha, cell))]
    if not names:
        return None
    name = COUNTED.sub("", ORDINAL.sub("", max(names, key=len), count=1))
    labelled = LABEL.match(name)
    if labelled:
        return clean(labelled[1]) or None
    folded = fold(name)
    if folded.startswith(OTHER_GROUPS) or (after_footer and not folded.startswith(UNIT_WORDS)):
        return None
    return name


def titled_unit(rows: Sequence[Sequence[str]]) -> str:
    """The unit that a line `Đơn vị: …` or `Cơ quan: …` above a header names; empty if there is none."""
    found = ""
    for row in rows:
        filled = [clean(cell) for cell in row if cell.strip()]
        for place, cell in enumerate(filled):
            labelled = LABEL.match(cell)
            if labelled:
                found = clean(labelled[1]) or next(iter(filled[place + 1 :]), "")
    return found
