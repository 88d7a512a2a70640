"""Citations of Vietnamese law in English: "NĐ 61/2018/NĐ-CP Điều 19 khoản 9" is "Decree 61/2018/NĐ-CP, article 19, clause 9"."""

import re

from app.english.texts import is_vietnamese

# Kinds of texts, and places in them; numbers and symbols stay as they are, since that is how a text is found.
KINDS = {
    "Bộ luật Dân sự": "Civil Code", "BLDS": "Civil Code", "Bộ luật Lao động": "Labour Code", "BLLĐ": "Labour Code",
    "Nghị định": "Decree", "NĐ": "Decree", "Thông tư": "Circular", "TT": "Circular", "Quyết định": "Decision",
    "QĐ": "Decision", "Chỉ thị": "Directive", "Công văn": "Official letter", "CV": "Official letter",
    "Luật Đất đai": "Land Law", "Luật": "Law", "NQ": "Resolution", "Nghị quyết": "Resolution", "Thông báo": "Notice", "TB": "Notice",
}  # fmt: skip
PLACES = {
    "Điều": "article", "điều": "article", "Khoản": "clause", "khoản": "clause", "Điểm": "point", "điểm": "point",
    "Phụ lục": "appendix", "phụ lục": "appendix", "Mẫu số": "form no.", "mẫu số": "form no.",
}  # fmt: skip
LINKS = {
    "sửa đổi bởi": "amended by", "đã bãi bỏ": "repealed", "ngày": "of", "số": "no.",
    "năm": "of", "của": "of", "từ": "from", "đến": "to", "và": "and", "trước": "before", "Trước": "before",
}  # fmt: skip
ALL = KINDS | PLACES | LINKS
WORDS = re.compile(
    r"(?<![\w/-])(?:" + "|".join(sorted(map(re.escape, ALL), key=len, reverse=True)) + r")(?![\w/-])"
)
A_PLACE = re.compile(r"(?<=[^\s,;(]) (?=(?:article|clause|point|appendix|form no\.) )")
# Signs of texts keep their letters: 61/2018/NĐ-CP.
SYMBOL = re.compile(r"[\w.]*(?:/[\wĐ-]+)+")


def cited(text: str) -> str | None:
    """A citation in English; None for anything that says more than a citation."""
    told = WORDS.sub(lambda found: ALL[found[0]], text)
    if told == text or is_vietnamese(SYMBOL.sub("", told)):
        return None
    return A_PLACE.sub(", ", told)
