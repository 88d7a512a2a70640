"""What an auditor asks about late dossiers as it stands in the address, in a saved query and on the command line."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from app.presenters import BASES, CHANNELS, day, moment
from app.typed_dates import day_asked
from app.typed_numbers import row_asked
from tracker.types import VN, Basis, Channel
from tracker.types.late_cases import CaseQuestion, CaseState, LetterWish

END_OF_DAY = time(23, 59, 59)
STATES: Mapping[CaseState, str] = {
    CaseState.ALL: "Đã giải quyết và chưa giải quyết",
    CaseState.FINISHED: "Đã giải quyết quá hạn trong kỳ",
    CaseState.OPEN: "Chưa giải quyết, đã quá hạn",
}
# Relative, so that a saved query means another month next month; a day that is typed goes before them.
USUAL_PERIOD = "thang-nay"
PERIODS: Mapping[str, str] = {
    USUAL_PERIOD: "Tháng này",
    "thang-truoc": "Tháng trước",
    "quy-nay": "Quý này",
    "nam-nay": "Năm nay",
    "nam-truoc": "Năm trước",
    "moi-luc": "Mọi lúc",
}
LETTERS: Mapping[LetterWish, str] = {
    LetterWish.ANY: "Có hay không",
    LetterWish.WITH: "Đã có thư",
    LetterWish.WITHOUT: "Chưa có thư nào",
    LetterWish.UNDELIVERED: "Chưa gửi thư nào",
}
MOST_DAYS = 9_999


@dataclass(frozen=True, slots=True)
class CaseFilters:
    """What the list shows; `faults` tells in words which parts could not be used."""

    unit_id: int | None = None
    field: str | None = None
    procedure: str | None = None
    channel: Channel | None = None
    basis: Basis = Basis.SOURCE
    state: CaseState = CaseState.ALL
    period: str = USUAL_PERIOD
    start: date | None = None
    end: date | None = None
    day: date | None = None
    days_from: int | None = None
    days_to: int | None = None
    letter: LetterWish = LetterWish.ANY
    flag: str | None = None
    is_reason_missing: bool = False
    is_hidden: bool = False
    faults: tuple[str, ...] = ()

    def as_of(self, now: datetime) -> datetime:
        """The end of the day asked for, or now."""
        return now if self.day is None else datetime.combine(self.day, END_OF_DAY, VN)

    def span(self, now: datetime) -> tuple[date | None, date | None]:
        """The first and last day of the ends; None = no bound."""
        if self.start or self.end:
            return self.start, self.end
        return period_days(self.period, self.as_of(now).astimezone(VN).date())

    def question(
        self, now: datetime, unit_ids: frozenset[int] | None, known: datetime | None = None
    ) -> CaseQuestion:
        """The same as a question, asked at a moment about these units."""
        start, end = self.span(now)
        return CaseQuestion(
            as_of=self.as_of(now), basis=self.basis, state=self.state, start=start, end=end, unit_ids=unit_ids,
            field=self.field, procedure=self.procedure, channel=self.channel, days_from=self.days_from,
            days_to=self.days_to, letter=self.letter, flag=self.flag, is_reason_missing=self.is_reason_missing,
            is_hidden=self.is_hidden, known=known,
        )  # fmt: skip

    def as_address(self) -> dict[str, str]:
        """The parts of the address that differ from the usual list."""
        given = {
            "don-vi": self.unit_id,
            "linh-vuc": self.field,
            "thu-tuc": self.procedure,
            "kenh": self.channel,
            "can-cu": None if self.basis is Basis.SOURCE else self.basis,
            "trang-thai": None if self.state is CaseState.ALL else self.state,
            "ky": None if self.period == USUAL_PERIOD else self.period,
            "tu": self.start,
            "den": self.end,
            "ngay": self.day,
            "tre-tu": self.days_from,
            "tre-den": self.days_to,
            "thu": self.letter or None,
            "co": self.flag,
            "thieu-ly-do": "1" if self.is_reason_missing else None,
            "an": "1" if self.is_hidden else None,
        }
        return {key: str(value) for key, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Known:
    """The words that a filter may hold: it is logged and saved for ever, and free text may be somebody's name."""

    fields: Collection[str]
    procedures: Collection[str]
    flags: Collection[str]


def read_filters(address: Mapping[str, str], known: Known) -> CaseFilters:
    """From the query string or a saved query; what cannot be used is left out and told."""
    faults: list[str] = []
    basis, channel = address.get("can-cu", ""), address.get("kenh", "")
    state, letter, period = address.get("trang-thai", ""), address.get("thu", ""), address.get("ky", "")
    return CaseFilters(
        unit_id=row_asked(address, "don-vi"),
        field=_one_of(address, "linh-vuc", "Lĩnh vực", known.fields, faults),
        procedure=_one_of(address, "thu-tuc", "Mã thủ tục", known.procedures, faults),
        channel=Channel(channel) if channel in set(Channel) else None,
        basis=Basis(basis) if basis in set(Basis) else Basis.SOURCE,
        state=CaseState(state) if state in set(CaseState) else CaseState.ALL,
        period=period if period in PERIODS else USUAL_PERIOD,
        start=day_asked(address, "tu", "Từ ngày", faults),
        end=day_asked(address, "den", "Đến ngày", faults),
        day=day_asked(address, "ngay", "Xét tại ngày", faults),
        days_from=_days(address, "tre-tu", "Trễ từ", faults),
        days_to=_days(address, "tre-den", "Trễ đến", faults),
        letter=LetterWish(letter) if letter in set(LetterWish) else LetterWish.ANY,
        flag=_one_of(address, "co", "Lưu ý về dữ liệu", known.flags, faults),
        is_reason_missing=address.get("thieu-ly-do") == "1",
        is_hidden=address.get("an") == "1",
        faults=tuple(faults),
    )


def _one_of(
    address: Mapping[str, str], key: str, label: str, known: Collection[str], faults: list[str]
) -> str | None:
    text = address.get(key, "").strip()
    if text and text not in known:
        faults.append(f"{label}: danh mục không có mục này, nên danh sách không lọc theo nó.")
    return text if text and text in known else None


def _days(address: Mapping[str, str], key: str, label: str, faults: list[str]) -> int | None:
    text = address.get(key, "").strip()
    if not text:
        return None
    number = row_asked(address, key)
    if number is None or number > MOST_DAYS:
        faults.append(f"{label}: cần một số ngày làm việc từ 0 đến {MOST_DAYS}.")
        return None
    return number


def period_days(period: str, today: date) -> tuple[date | None, date | None]:
    """The first and last day of a named period around a day."""
    first = today.replace(day=1)
    if period == "moi-luc":
        return None, None
    if period in ("nam-nay", "nam-truoc"):
        year = today.year - (period == "nam-truoc")
        return date(year, 1, 1), date(year, 12, 31)
    if period == "quy-nay":
        first = date(today.year, today.month - (today.month - 1) % 3, 1)
        return first, _month_end(_month_end(_month_end(first) + timedelta(days=1)) + timedelta(days=1))
    if period == "thang-truoc":
        first = (first - timedelta(days=1)).replace(day=1)
    return first, _month_end(first)


def _month_end(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


# ---------------------------------------------------------------- in words


def told(chosen: CaseFilters, question: CaseQuestion, unit: str, flag: str) -> list[tuple[str, str]]:
    """What was asked, line by line, as files say it; `unit` and `flag` are the words of their numbers."""
    days = (question.days_from, question.days_to)
    lines = [
        ("Tình trạng", STATES[question.state]),
        ("Kỳ (ngày kết thúc)", _span_words(question)),
        ("Xét tại", moment(question.as_of)),
        ("Theo dữ liệu đã nạp đến", moment(question.known) if question.known else "lúc lập danh sách"),
        ("Căn cứ tính quá hạn", BASES[question.judged_on]),
        ("Đơn vị giải quyết", unit or "tất cả"),
        ("Lĩnh vực", question.field or "tất cả"),
        ("Thủ tục", question.procedure or "tất cả"),
        ("Kênh nộp", CHANNELS[question.channel] if question.channel else "tất cả"),
    ]
    if days != (None, None):
        lines.append(("Số ngày làm việc quá hạn", _days_words(*days)))
    if question.letter:
        lines.append(("Thư xin lỗi", LETTERS[question.letter]))
    if question.flag:
        lines.append(("Lưu ý về dữ liệu", flag))
    if question.is_reason_missing:
        lines.append(("Lý do quá hạn", "chưa ghi"))
    if question.is_hidden:
        lines.append(("Chỉ hồ sơ", "quá hạn theo quy định mà nguồn không coi là quá hạn, đủ dữ liệu để so"))
    return lines


def _span_words(question: CaseQuestion) -> str:
    if question.start is None and question.end is None:
        return "mọi lúc"
    first = f"từ {day(question.start)}" if question.start else "từ trước"
    return f"{first} đến {day(question.end)}" if question.end else f"{first} đến nay"


def _days_words(least: int | None, most: int | None) -> str:
    if most is None:
        return f"từ {least} trở lên"
    return f"từ {least or 0} đến {most}"
