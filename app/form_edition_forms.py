"""The form by which an edition of an official form is confirmed, corrected, or one added beside it; a second person decides."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Regexp

from app.calendar_forms import DayField
from app.edition_forms import KEY, LONG, LONGEST, ReasonForm
from app.form_edition_words import PLACES, read_columns, typed_column
from app.presenters import day
from tracker.errors import UsageError
from tracker.forms_data import form_faults
from tracker.measures.form_counts import PLACES as ALLOWED
from tracker.measures.form_counts import FormEdition

DAYS = ("valid_from", "valid_to", "document_date")
PLAIN = ("key", "number", "circular", "name", "count", "source", "verified", "document")


def _needed(label: str, most: int = LONGEST) -> list[Any]:
    return [InputRequired(f"Hãy điền {label}."), Length(max=most)]


class FormEditionForm(ReasonForm):
    """The values of an edition, under the same key or as an edition beside the others."""

    key = StringField(
        "Khóa (giữ nguyên: sửa phiên bản này; khóa khác: thêm một phiên bản)",
        [*_needed("khóa"), Regexp(f"^{KEY}$", message="Chỉ dùng chữ thường không dấu, số, dấu gạch.")],
    )
    number = StringField("Số biểu", _needed("số biểu"))
    circular = StringField("Văn bản ban hành, như in ở đầu biểu", _needed("văn bản ban hành"))
    name = TextAreaField("Tên biểu", _needed("tên biểu"))
    count = StringField("Đơn vị tính", _needed("đơn vị tính"))
    columns = TextAreaField(
        "Tiêu đề các cột, mỗi cột một dòng, từ trên xuống cách nhau bằng dấu >", _needed("tiêu đề", 3000),
        render_kw={"rows": 13},
    )  # fmt: skip
    no_due = SelectField(PLACES["no_due"], coerce=int)
    withdrawn = SelectField(PLACES["withdrawn"], coerce=int)
    suspended = SelectField(PLACES["suspended"], coerce=int)
    open_no_due = SelectField(PLACES["open_no_due"], coerce=int)
    valid_from = DayField("Áp dụng cho kỳ bắt đầu từ ngày (bỏ trống: không giới hạn)")
    valid_to = DayField("Đến ngày (bỏ trống: không giới hạn)")
    source = TextAreaField("Nguồn (văn bản, điều khoản)", _needed("nguồn"), render_kw=LONG)
    verified = BooleanField("Mọi giá trị trên đây đã được đối chiếu với văn bản")
    document = StringField("Số văn bản, điều, trang đã đối chiếu", [Length(max=LONGEST)])
    document_date = DayField("Ngày văn bản đã đối chiếu")

    def offer(self, standing: FormEdition) -> None:
        """Fill the choices of columns: those where each may stand, so that the sums of the form can hold."""
        headings = {column.measure: column for column in standing.measured}
        for what, measures in ALLOWED.items():
            columns = [headings[measure] for measure in measures]
            self[what].choices = [(each.number, f"cột ({each.number}) {each.heading}") for each in columns]

    def edition(self, standing: FormEdition) -> FormEdition:
        """The edition as it shall be.

        Raises:
            UsageError: the values do not go together; the sentence says which.
        """
        edition = replace(
            standing,
            **{name: (self[name].data or "").strip() for name in PLAIN if name != "verified"},
            verified=self.verified.data,
            columns=read_columns(standing.columns, self.columns.data),
            places={what: self[what].data for what in ALLOWED},
            **{name: self[name].day for name in DAYS},
        )
        if faults := form_faults(edition):
            raise UsageError("; ".join(faults))
        return edition


def given(edition: FormEdition) -> Mapping[str, Any]:
    """What the form shows first: the values as they stand."""
    return {
        **{name: getattr(edition, name) for name in PLAIN},
        **{name: day(at) if (at := getattr(edition, name)) else "" for name in DAYS},
        "columns": "\n".join(typed_column(column) for column in edition.columns),
        **edition.places,
    }
