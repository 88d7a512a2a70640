"""The report on apologies as a workbook: the same table by units, and the lists of its period. Streamed sheet by sheet."""

from collections.abc import Iterator, Sequence

from letters.case import LetterPolicy
from letters.compliance import Compliance, Figures
from letters.ledger_cases import Period, office_day
from letters.ledger_lists import ListKey, ListQuestion, ledger_list
from letters.quarterly import NO_UNIT, TITLE, period_words
from letters.register_book import Line, Sheet, list_sheet
from tracker.reports.listing import Cells, Column
from tracker.store.session import Store

COLUMNS: Sequence[Column] = (
    ("STT", 6),
    ("Đơn vị", 40),
    ("Quá hạn phải xin lỗi", 12),
    ("Đã xin lỗi", 10),
    ("Gửi đúng thời gian quy định", 12),
    ("Tỷ lệ đúng thời gian (%)", 11),
    ("Gửi không muộn hơn ngày hẹn", 13),
    ("Trung vị ngày làm việc từ ngày hẹn đến ngày gửi", 16),
    ("Chưa xin lỗi", 10),
    ("Lượt hẹn lại", 9),
    ("Giữ đúng hẹn", 9),
    ("Lỡ hẹn", 9),
    ("Chưa đến hẹn", 9),
    ("Tỷ lệ giữ hẹn (%)", 10),
    ("Lỡ hẹn lần hai", 9),
    ("Chờ kiểm tra", 9),
    ("Không phải gửi", 9),
    ("Trước ngày bắt đầu", 10),
)


def figures_sheet(figures: Compliance, period: Period, day: str, unit: str = "") -> Sheet:
    """The table by units with its sum; a rate of nothing is left empty."""
    notes = (
        f"Hồ sơ có ngày hẹn {period_words(period)}; số liệu tính đến ngày {day}",
        *([unit] if unit else []),
    )
    title = f"{TITLE} TÌNH HÌNH THỰC HIỆN VIỆC XIN LỖI BẰNG VĂN BẢN"
    lines = [
        Line((number, name or NO_UNIT, *_cells(each)))
        for number, (name, each) in enumerate(figures.groups.items(), 1)
    ]
    total = Line((None, "Tổng cộng", *_cells(figures.total)))
    return Sheet("Số liệu", title, notes, COLUMNS, [*lines, total])


def _cells(figures: Figures) -> Cells:
    return (
        figures.late,
        figures.apologised.numerator,
        figures.by_law_day.numerator,
        _percent(figures.by_law_day.rate),
        figures.by_due_day.numerator,
        figures.median_days,
        figures.undelivered,
        figures.promises,
        figures.kept,
        figures.broken,
        figures.open,
        _percent(figures.kept_share.rate),
        figures.escalated,
        figures.to_check,
        figures.waived,
        figures.before_start,
    )


def _percent(rate: float | None) -> float | None:
    return None if rate is None else round(100 * rate, 2)


def list_sheets(store: Store, asked: ListQuestion, policy: LetterPolicy) -> Iterator[Sheet]:
    """Every list of the question's units and period; its own key is not looked at."""
    for key in ListKey:
        question = ListQuestion(key, asked.as_of, asked.unit_ids, asked.period)
        yield list_sheet(ledger_list(store, question, policy), office_day(asked.as_of))
