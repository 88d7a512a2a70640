"""What the pages of sources show, in words: where a load came from, what its counts mean, what became of rejected rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.import_page import code_word
from app.presenters import Chip
from tracker.pipeline.mended_file import shown_cell, shown_value
from tracker.store.kept_files import FileRow
from tracker.store.loads import COUNTS, LoadRow
from tracker.types.field_words import PERSONAL, field_word, in_order
from tracker.types.rejections import KeptRejection, RejectionState

ORIGINS: Mapping[str, str] = {
    "file": "tệp",
    "push": "hệ thống gửi đến",
    "pull": "chương trình đi hỏi",
    "watched": "thư mục theo dõi",
    "replay": "nạp lại dòng đã sửa",
    "join": "gộp hồ sơ",
}
COUNT_WORDS: Mapping[str, str] = {
    "read": "đọc",
    "new": "mới",
    "changed": "thay đổi",
    "unchanged": "không đổi",
    "stale": "cũ hơn",
    "rejected": "không dùng được",
}
STATES: Mapping[RejectionState, Chip] = {
    RejectionState.OPEN: Chip("triangle", "Còn phải xem", "late"),
    RejectionState.TAKEN_IN: Chip("tick", "Đã nhận", "kept"),
    RejectionState.CLOSED: Chip("dash", "Để sang một bên", "plain"),
}
# The tabs of the list of rejected rows: the address and its state; the first one is shown by itself.
TABS: Mapping[str, tuple[str, RejectionState | None]] = {
    "mo": ("Còn phải xem", RejectionState.OPEN),
    "da-nhan": ("Đã nhận", RejectionState.TAKEN_IN),
    "de-ben": ("Để sang một bên", RejectionState.CLOSED),
    "tat-ca": ("Tất cả", None),
}
FILE_KINDS: Mapping[str, str] = {
    "upload": "tệp tải lên",
    "evidence_pack": "gói chứng cứ",
    "rejections": "dòng không dùng được",
    "export": "danh sách đã xuất",
    "letters": "tệp in thư xin lỗi",
    "watched": "tệp của thư mục theo dõi",
}
GONE: Mapping[str, str] = {
    "expired": "đã xóa khi hết hạn giữ",
    "missing": "không còn khi đến hạn xóa",
    "asked": "đã xóa theo yêu cầu",
}


def origin_word(origin: str) -> str:
    """How a load came in."""
    return ORIGINS.get(origin, origin)


def balance(load: LoadRow) -> list[tuple[str, int, str]]:
    """What was read and what became of it: (key, number, word), the sum first."""
    return [(name, number, COUNT_WORDS[name]) for name, number in zip(COUNTS, load.figures, strict=True)]


def file_names(load: LoadRow) -> str:
    """The files of a load, as people know them."""
    names = [each.name for each in load.files]
    return ", ".join(names[:3]) + (f" và {len(names) - 3} tệp khác" if len(names) > 3 else "")


def bytes_word(size: int) -> str:
    """A size in words."""
    for unit, step in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= step:
            return f"{size / step:.1f} {unit}".replace(".", ",")
    return f"{size} byte"


def file_kind(row: FileRow) -> str:
    """What a kept file is."""
    return FILE_KINDS.get(row.kind, row.kind)


@dataclass(frozen=True, slots=True)
class CellField:
    """A cell of a rejected row as its form shows it. `hidden`: it may name a person, so it is only typed anew or kept."""

    name: str
    word: str
    value: str
    is_hidden: bool
    is_faulty: bool


def cell_fields(kept: KeptRejection, *, names: bool) -> list[CellField]:
    """The cells of a row in the order of a list; the faulty one is marked."""
    told = kept.told
    return [
        CellField(
            name,
            field_word(name),
            "" if _is_hidden(name, told[name], names=names) else shown_cell(name, told[name], names=True),
            _is_hidden(name, told[name], names=names),
            kept.column in (field_word(name), name)
            or (not kept.value and not told[name] and name == "dossier_code"),
        )
        for name in in_order(told)
    ]


def _is_hidden(name: str, cell: str, *, names: bool) -> bool:
    return bool(cell.strip()) and name in PERSONAL and not names


def typed_cells(kept: KeptRejection, form: Mapping[str, str], *, names: bool) -> dict[str, str]:
    """What somebody typed into the form of a row; a hidden cell that is left empty is kept."""
    typed = {}
    for cell in cell_fields(kept, names=names):
        given = form.get(f"o-{cell.name}")
        if given is not None and not (cell.is_hidden and not given.strip()):
            typed[cell.name] = given
    return typed


def value_word(kept: KeptRejection, *, names: bool) -> str:
    """The faulty value as somebody may read it."""
    return kept.value.replace("\x1f", " | ") if names else shown_value(kept.value)


def reasons(codes: Sequence[str]) -> str:
    """Reasons in a few words each."""
    return ", ".join(map(code_word, codes))
