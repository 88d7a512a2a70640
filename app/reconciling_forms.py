"""The forms by which figures of a source's report come in: a file of totals, or figures that are typed."""

from collections.abc import Iterator

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import Field, FormField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional, ValidationError

from app import current
from app.calendar_forms import DayField
from app.reconciling_words import MEASURES
from tracker.errors import UsageError
from tracker.pipeline.taking_reports import ReportGiven
from tracker.reconciling_data import load_forms
from tracker.store import catalogue, reported
from tracker.store.reported import NewFigure
from tracker.types.reconciling import ReportPlace

NO_UNIT = 0
# No office has more dossiers than this; a longer number is a slip of typing.
LARGEST = 10**12


class CountField(StringField):
    """A whole number as people type it: 1.234 or 1234; empty = not told."""

    value: int | None = None

    def pre_validate(self, form: object) -> None:
        """Read it."""
        text = (self.data or "").strip().replace(".", "").replace(" ", "")
        if not text:
            return
        if not (text.isascii() and text.isdecimal()) or int(text) > LARGEST:
            raise ValidationError(f"“{str(self.data)[:20]}” không phải là số hồ sơ.")
        self.value = int(text)


class _ReportForm(FlaskForm):
    """Of which source the report is."""

    source = SelectField("Nguồn", [InputRequired("Hãy chọn nguồn.")])

    def offer(self) -> None:
        """Fill in the choices: the sources there are, the units that somebody knows."""
        with current.context().store.read() as session:
            sources = reported.source_ids(session)
            units = [unit for unit in catalogue.units(session).values() if unit.kind != "unknown"]
        scope = current.scope()
        seen = sorted(
            (unit for unit in units if scope is None or unit.unit_id in scope), key=lambda one: one.name
        )
        self.source.choices = [SelectChoice(key, key) for key in sources]
        self._choices = [SelectChoice(unit.unit_id, unit.name) for unit in seen]
        self._names = {unit.unit_id: unit.name for unit in seen}
        self._sees_all = scope is None

    def _units(self, of_all: str) -> list[SelectChoice]:
        """The units to choose from; all of them together only for who may look at all."""
        return [*([SelectChoice(NO_UNIT, of_all)] if self._sees_all else []), *self._choices]


class ReportFileForm(_ReportForm):
    """A file of totals."""

    file = FileField("Tệp bảng tổng hợp (.xlsx, .xls, .csv, .html)", [FileRequired("Hãy chọn tệp.")])
    start = DayField("Kỳ từ ngày", [Optional()])
    end = DayField("Đến hết ngày", [Optional()])
    unit = SelectField("Báo cáo của riêng đơn vị", coerce=int)

    def offer(self) -> None:
        """Also the unit whose report it is, if of one alone."""
        super().offer()
        self.unit.choices = self._units("Không, của nhiều đơn vị")

    def given(self, name: str) -> ReportGiven:
        """What is said beside the file, once the form is valid."""
        unit = int(self.unit.data) or None
        return ReportGiven(self.source.data, self.start.day, self.end.day, unit, name)


class FiguresForm(FlaskForm):
    """One field a column; made of the words for columns below."""

    class Meta:
        """The outer form carries the token."""

        csrf = False


for _measure, _words in MEASURES.items():
    setattr(FiguresForm, _measure, CountField(_words, [Optional()]))


class FigureForm(_ReportForm):
    """Figures of one row, typed in."""

    form = SelectField("Số liệu theo biểu")
    start = DayField("Kỳ từ ngày", [InputRequired("Hãy điền ngày đầu kỳ.")])
    end = DayField("Đến hết ngày", [InputRequired("Hãy điền ngày cuối kỳ.")])
    row = SelectField("Số liệu của", coerce=int)
    figures = FormField(FiguresForm)

    def offer(self) -> None:
        """Also the forms and the rows."""
        super().offer()
        forms = {form.key: form.name for form in load_forms()}
        self.form.choices = [SelectChoice(key, name) for key, name in forms.items()]
        self.row.choices = self._units("Tổng cộng cả báo cáo")

    def place(self) -> ReportPlace:
        """Which report, once the form is valid."""
        if self.start.day is None or self.end.day is None:
            raise UsageError("hãy điền kỳ báo cáo")
        return ReportPlace(self.source.data, self.form.data, self.start.day, self.end.day)

    def told(self) -> list[NewFigure]:
        """The figures that were filled in."""
        unit = int(self.row.data)
        kind, name, unit_id = ("unit", self._names[unit], unit) if unit else ("total", "", None)
        return [
            NewFigure(kind, name, unit_id, field.short_name, field.value, 0)  # type: ignore[arg-type]
            for field in self.columns()
            if field.value is not None
        ]

    def columns(self) -> Iterator[Field]:
        """The fields of the figures, in the order of the columns."""
        return (field for field in self.figures.form if isinstance(field, CountField))
