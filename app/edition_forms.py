"""The forms by which an edition is confirmed or corrected, and a published result is added; a second person decides."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, Regexp, ValidationError

from app.calendar_forms import DayField
from app.edition_words import DENOMINATORS, FORMULA_KINDS
from app.presenters import LEVELS, day, decimal
from app.two_person import SHORTEST_REASON
from tracker.criteria_data import edition_faults
from tracker.errors import UsageError
from tracker.measures.scoring import Denominator, Edition, FormulaKind
from tracker.text import fold
from tracker.types import Level
from tracker.types.editions import Published

LONGEST = 600
OTHER = "khac"
LONG = {"rows": 5}
NUMBER = re.compile(r"[0-9]{1,6}([.,][0-9]{1,6})?")
KEY = r"[a-z0-9][a-z0-9-]{0,39}"


class NumberField(StringField):
    """A number as it is typed, "1,5"; `exact` is it once the form is valid, None where the field is empty."""

    exact: Fraction | None = None

    def pre_validate(self, form: Any) -> None:
        """Read it; the sentence says how to write it."""
        text = (self.data or "").strip()
        if not text:
            return
        if not NUMBER.fullmatch(text):
            raise ValidationError(f"“{text[:20]}” không phải là số; hãy viết như 1,5.")
        self.exact = Fraction(text.replace(",", "."))


def _needed(label: str, most: int = LONGEST) -> list[Any]:
    return [InputRequired(f"Hãy điền {label}."), Length(max=most)]


class ReasonForm(FlaskForm):
    """Why; every one of these forms ends with it."""

    reason = TextAreaField(
        "Lý do (người duyệt sẽ đọc)",
        [*_needed("lý do"), Length(min=SHORTEST_REASON, message=f"Ít nhất {SHORTEST_REASON} ký tự.")],
    )

    def in_order(self) -> list[Field]:
        """The fields as a page shows them: the reason last."""
        told = [field for field in self if field.type != "CSRFTokenField"]
        return [*(field for field in told if field is not self.reason), self.reason]


class ConfirmForm(ReasonForm):
    """The values were compared with the text and are the same."""

    document = StringField("Số văn bản, điều, trang đã đối chiếu", _needed("văn bản"))
    document_date = DayField("Ngày văn bản", _needed("ngày văn bản"))

    def edition(self, standing: Edition) -> Edition:
        """The edition as it shall be, once the form is valid."""
        return replace(
            standing, verified=True, document=self.document.data.strip(),
            document_date=self.document_date.day, confidence="", to_check=(),
        )  # fmt: skip


class CorrectForm(ReasonForm):
    """Other values, under the same key or as an edition beside the others."""

    key = StringField(
        "Khóa (giữ nguyên: sửa phiên bản này; khóa khác: thêm một phiên bản)",
        [*_needed("khóa"), Regexp(f"^{KEY}$", message="Chỉ dùng chữ thường không dấu, số, dấu gạch.")],
    )
    name = StringField("Tên phiên bản", _needed("tên phiên bản"))
    province = BooleanField(LEVELS[Level.PROVINCE])
    district = BooleanField(LEVELS[Level.DISTRICT])
    commune = BooleanField(LEVELS[Level.COMMUNE])
    formula_kind = SelectField(
        "Cách tính", choices=[SelectChoice(kind.value, words) for kind, words in FORMULA_KINDS.items()]
    )
    denominator = SelectField(
        "Mẫu số", choices=[SelectChoice(each.value, words) for each, words in DENOMINATORS.items()]
    )
    threshold = NumberField("Ngưỡng, % (bỏ trống: không có ngưỡng)")
    max_points = NumberField("Điểm tối đa (bỏ trống: chưa biết, không tính điểm)")
    decimals = IntegerField(
        "Làm tròn điểm đến mấy chữ số thập phân (bỏ trống: không làm tròn)", [Optional(), NumberRange(0, 6)]
    )
    valid_from = DayField("Áp dụng từ ngày (bỏ trống: không giới hạn)")
    valid_to = DayField("Áp dụng đến ngày (bỏ trống: không giới hạn)")
    least = IntegerField("Mẫu số nhỏ nhất để xếp hạng", [Optional(), NumberRange(0, 1_000_000)])
    formula = TextAreaField("Công thức bằng lời", _needed("công thức"), render_kw=LONG)
    source = TextAreaField("Nguồn (văn bản, điều khoản)", _needed("nguồn"), render_kw=LONG)
    verified = BooleanField("Các giá trị này đã được đối chiếu với văn bản")
    document = StringField("Số văn bản đã đối chiếu", [Length(max=LONGEST)])
    document_date = DayField("Ngày văn bản đã đối chiếu")
    confidence = StringField("Mức chắc chắn", [Length(max=LONGEST)])
    to_check = TextAreaField("Còn phải đối chiếu (mỗi dòng một việc)", [Length(max=2000)], render_kw=LONG)

    def edition(self, standing: Edition) -> Edition:
        """The edition as it shall be.

        Raises:
            UsageError: the values do not go together; the sentence says which.
        """
        levels = tuple(level for level in LEVELS if self.data.get(level.value))
        edition = Edition(
            standing.criterion, self.key.data, self.name.data.strip(), levels,
            FormulaKind(self.formula_kind.data), Denominator(self.denominator.data),
            self.formula.data.strip(), self.source.data.strip(), self.verified.data,
            max_points=self.max_points.exact, threshold=(self.threshold.exact or Fraction(0)) / 100,
            decimals=self.decimals.data, valid_from=self.valid_from.day, valid_to=self.valid_to.day,
            least=self.least.data or 0, confidence=(self.confidence.data or "").strip(),
            to_check=tuple(line.strip() for line in (self.to_check.data or "").splitlines() if line.strip()),
            document=(self.document.data or "").strip(), document_date=self.document_date.day,
        )  # fmt: skip
        if faults := edition_faults(edition):
            raise UsageError("; ".join(faults))
        return edition


def given(edition: Edition) -> Mapping[str, Any]:
    """What the form to correct an edition shows first: its values."""
    return {
        **{name: getattr(edition, name) for name in PLAIN},
        **{level.value: level in edition.levels for level in LEVELS},
        "formula_kind": edition.formula_kind.value,
        "denominator": edition.denominator.value,
        "threshold": _typed(edition.threshold * 100 or None),
        "max_points": _typed(edition.max_points),
        **{name: day(at) if (at := getattr(edition, name)) else "" for name in DAYS},
        "to_check": "\n".join(edition.to_check),
    }


PLAIN = ("key", "name", "decimals", "least", "formula", "source", "verified", "document", "confidence")
DAYS = ("valid_from", "valid_to", "document_date")


def _typed(value: Fraction | None) -> str:
    return "" if value is None else decimal(value, 6, trim=True)


# ---------------------------------------------------------------- published results


class ResultForm(ReasonForm):
    """A result that somebody else published."""

    index = SelectField("Chỉ số")
    name = StringField("Tên chỉ số khác (khi chọn “Chỉ số khác”)", [Length(max=200)])
    year = IntegerField("Năm được đánh giá", [InputRequired("Hãy điền năm."), NumberRange(2000, 2199)])
    value = StringField("Kết quả, như văn bản ghi (86,52 điểm; 83,65 %)", _needed("kết quả", 100))
    rank = IntegerField("Thứ hạng (nếu có)", [Optional(), NumberRange(1, 10_000)])
    of = IntegerField("Trên tổng số (nếu có)", [Optional(), NumberRange(1, 10_000)])
    note = StringField("Ghi chú trong văn bản", [Length(max=300)])
    source = TextAreaField("Nguồn (số, ngày, cơ quan)", _needed("nguồn"))

    def offer(self, known: Sequence[Published]) -> None:
        """Fill the choice of indexes: those that have a result, and another one."""
        self._names = {result.index: result.name for result in known}
        choices = [SelectChoice(index, name) for index, name in self._names.items()]
        self.index.choices = [*choices, SelectChoice(OTHER, "Chỉ số khác")]

    def result(self) -> Published:
        """The result that the form tells of.

        Raises:
            UsageError: another index has no name.
        """
        index, name = self.index.data, (self.name.data or "").strip()
        if index == OTHER:
            index = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:40]
            if not index:
                raise UsageError("hãy đặt tên cho chỉ số khác")
        return Published(
            index, self.year.data, self._names.get(index) or name, self.value.data.strip(),
            self.rank.data, self.of.data, (self.note.data or "").strip(), self.source.data.strip(),
        )  # fmt: skip
