"""Flags of late cases in a few words: those of the data as the page of a dossier says them, and those of the verdict."""

from collections.abc import Iterable, Mapping

from app.flag_words import ELSEWHERE, FLAGS

# What the verdict adds to what the source told, and flags of which the first words are not enough.
OWN_WORDS: Mapping[str, str] = {
    "CALENDAR_OUT_OF_RANGE": "Ngoài các năm có lịch làm việc",
    "END_FROM_DESK": "Không có ngày xong, lấy ngày bàn giao về Một cửa",
    "END_FROM_RETURN": "Không có ngày xong, lấy ngày trả kết quả",
    "END_FROM_SIGNATURE": "Không có ngày xong, lấy ngày ký",
    "STATUS_LOSSY": "Nguồn ghi đã xong mà hồ sơ đang chờ",
    "LATE_BY_766": "Yêu cầu bổ sung quá một lần (Quyết định 766)",
    "LATE_AT_WITHDRAWAL": "Đã quá hạn khi rút",
    "PRECISIONS_DISAGREE": "Quá hạn hay không tùy tính theo ngày hay theo giờ",
    "SUSPENSION_UNDATED": "Đang chờ mà nguồn không ghi từ bao giờ",
}
_ENDS = (";", ":", ".", ",", " (")


def short(flag: str) -> str:
    """The first words of what a flag means."""
    if flag in OWN_WORDS:
        return OWN_WORDS[flag]
    text = FLAGS.get(flag, flag)
    return text[: min((at for end in _ENDS if (at := text.find(end)) > 0), default=len(text))]


def flag_words(flags: Iterable[str]) -> str:
    """The flags of a case in one text."""
    return "; ".join(short(flag) for flag in sorted(set(flags) - ELSEWHERE))


CHOICES: Mapping[str, str] = {
    flag: short(flag) for flag in sorted(FLAGS.keys() | OWN_WORDS.keys(), key=short) if flag not in ELSEWHERE
}
"""What can be filtered by, in order of its words."""
