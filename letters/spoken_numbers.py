"""A count in Vietnamese words, as papers that are signed repeat it after the digits. Pure."""

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
SCALES = ("", " nghìn", " triệu")
LARGEST = 999_999_999


def spoken(number: int) -> str:
    """ "một nghìn không trăm linh năm" for 1005; ValueError below 0 and above `LARGEST`."""
    if not 0 <= number <= LARGEST:
        raise ValueError(number)
    if number == 0:
        return DIGITS[0]
    groups = []
    for scale in SCALES:
        number, group = divmod(number, 1000)
        if group:
            groups.append(_group(group, is_first=number == 0) + scale)
    return " ".join(reversed(groups))


def _group(number: int, *, is_first: bool) -> str:
    """Three digits; below the first group the hundreds are spoken even where they are none."""
    hundreds, rest = divmod(number, 100)
    if hundreds == 0 and is_first:
        return _tens(rest)
    words = f"{DIGITS[hundreds]} trăm"
    if rest == 0:
        return words
    return f"{words} linh {DIGITS[rest]}" if rest < 10 else f"{words} {_tens(rest)}"


def _tens(number: int) -> str:
    tens, ones = divmod(number, 10)
    if tens == 0:
        return DIGITS[ones]
    words = "mười" if tens == 1 else f"{DIGITS[tens]} mươi"
    return f"{words} {_last(tens, ones)}" if ones else words


def _last(tens: int, ones: int) -> str:
    if ones == 5:
        return "lăm"
    return "mốt" if ones == 1 and tens > 1 else DIGITS[ones]
