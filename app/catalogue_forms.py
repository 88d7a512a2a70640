"""The forms by which a person fills the catalogues; cells are read exactly as those of catalogue files are."""

from collections.abc import Callable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from app import presenters
from tracker.ingest import catalogue_cells as cells
from tracker.reports.catalogue_list import COMMUNE_CLASSES, DAY_KINDS
from tracker.types import Channel, Level
from tracker.types.catalogue import LimitTold, UnitTold

MOST = 400
# The kinds of the shipped catalogue; another one stays what it is.
KINDS = {
    "commune": "Xã, phường",
    "district": "Huyện, thị xã",
    "department": "Sở, ban, ngành",
    "branch": "Chi nhánh",
    "centre": "Trung tâm phục vụ hành chính công",
    "desk": "Bộ phận một cửa",
    "office": "Văn phòng",
}


class Reads:
    """A cell that can be read by a function of `catalogue_cells`."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        self._read = read

    def __call__(self, form: FlaskForm, field: Field) -> None:
        """Raise what is wrong, in its words."""
        try:
            self._read(field.data or "")
        except ValueError as fault:
            raise ValidationError(presenters.sentence(fault)) from fault


def _told(label: str) -> list[Any]:
    return [InputRequired(f"Hãy điền {label}."), Length(max=MOST)]


def _choices(words: dict[Any, str], none: str) -> list[SelectChoice]:
    return [SelectChoice("", none), *(SelectChoice(key.value, word) for key, word in words.items())]


class _InOrder(FlaskForm):
    def in_order(self) -> list[Field]:
        """The fields as a page shows them."""
        return [field for field in self if field.type != "CSRFTokenField"]


class LimitForm(_InOrder):
    """A limit that is published for a procedure."""

    limit_text = StringField(
        "Thời hạn công bố (ví dụ: 15 ngày làm việc)", [*_told("thời hạn"), Reads(cells.limit)]
    )
    channel = SelectField(
        "Cách nộp",
        choices=_choices(
            {each: presenters.CHANNELS[each] for each in Channel if each is not Channel.UNKNOWN},
            "Mọi cách nộp",
        ),
    )
    valid_from = StringField(
        "Áp dụng cho hồ sơ tiếp nhận từ ngày (dd/mm/yyyy)", [*_told("ngày"), Reads(cells.day)]
    )
    source = StringField("Văn bản công bố (số, ngày)", _told("văn bản công bố"))
    statutory_text = StringField("Thời hạn theo luật, nếu khác (để trống được)", [Length(max=MOST)])
    case_name = StringField("Chỉ cho trường hợp (để trống: mọi trường hợp)", [Length(max=MOST)])
    day_kind = SelectField("“Ngày” không ghi rõ là", choices=_choices(DAY_KINDS, "Theo lĩnh vực"))

    def told(self) -> LimitTold:
        """What the form says, once it is valid."""
        return LimitTold(
            channel=self.channel.data,
            case_name=cells.text(self.case_name.data or ""),
            limit_text=cells.limit(self.limit_text.data),
            statutory_text=cells.text(self.statutory_text.data or ""),
            day_kind=self.day_kind.data,
            valid_from=cells.day(self.valid_from.data),
            valid_to=None,
            source=cells.text(self.source.data),
        )


class SameForm(_InOrder):
    """What a procedure or unit of the data really is."""

    target = StringField("Mã hoặc tên trong danh mục", _told("mã hoặc tên"))


class AliasForm(_InOrder):
    """By which other code or name it may come."""

    alias = StringField("Mã hoặc tên khác", _told("mã hoặc tên khác"))


class UnitForm(_InOrder):
    """What a unit is."""

    code = StringField("Mã đơn vị", [*_told("mã đơn vị"), Reads(cells.unit_code)])
    name = StringField("Tên đơn vị", _told("tên đơn vị"))
    level = SelectField(
        "Cấp",
        [InputRequired("Hãy chọn cấp.")],
        choices=_choices(
            {each: presenters.LEVELS[each] for each in Level if each is not Level.UNKNOWN}, "Chọn cấp"
        ),
    )
    kind = SelectField("Loại đơn vị", choices=[SelectChoice(key, word) for key, word in KINDS.items()])
    parent = StringField(
        "Trực thuộc (mã hoặc tên; để trống được)", [Length(max=MOST)], render_kw={"list": "don-vi-da-co"}
    )
    valid_to = StringField("Kết thúc ngày (để trống: còn hoạt động)", [Length(max=20), Reads(cells.day)])
    successor = StringField(
        "Đơn vị kế thừa (mã hoặc tên; để trống được)",
        [Length(max=MOST)],
        render_kw={"list": "don-vi-da-co"},
    )
    commune_class = SelectField("Loại xã", choices=_choices(COMMUNE_CLASSES, "Không thuộc loại nào"))

    def told(self, before: UnitTold, parent_code: str, successor_code: str) -> UnitTold:
        """What the form says, once it is valid; what it does not ask about stays."""
        return UnitTold(
            row=1,
            code=cells.unit_code(self.code.data),
            name=cells.text(self.name.data),
            abbreviation=before.abbreviation,
            kind=self.kind.data,
            level=self.level.data,
            parent_code=parent_code,
            valid_from=before.valid_from,
            valid_to=cells.day(self.valid_to.data or ""),
            successor_code=successor_code,
            place=before.place,
            signer_title=before.signer_title,
            commune_class=self.commune_class.data,
            aliases=(),
        )

    def show(self, told: UnitTold, *, is_known: bool) -> None:
        """Begin with what is known."""
        if told.kind and told.kind not in KINDS and is_known:
            self.kind.choices = [*(self.kind.choices or ()), SelectChoice(told.kind, told.kind)]
        if self.is_submitted():
            return
        self.code.data = told.code if is_known else ""
        self.name.data, self.level.data, self.kind.data = told.name, told.level, told.kind
        self.parent.data, self.successor.data = told.parent_code, told.successor_code
        self.valid_to.data = f"{told.valid_to:%d/%m/%Y}" if told.valid_to else ""
        self.commune_class.data = told.commune_class
