"""What somebody wants to know of a year, as it stands in the address: read once, told back in the same form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from app.presenters import decimal
from app.typed_numbers import row_asked
from tracker.pipeline.simulating import Target, Wish
from tracker.store.simulation_queries import Choice, Which
from tracker.text import fold
from tracker.types import Basis

WHICH: Mapping[Which, str] = {
    Which.ANY: "Quá hạn và chưa trễ",
    Which.OVERDUE: "Đang quá hạn",
    Which.IN_TIME: "Chưa trễ",
}
YES = "co"
MOST = 10_000_000
FIRST_YEAR = 2012  # the index exists since then
# The field that is offered first: what the founding notice found most late.
LAND = "dat dai"
# What it is shown to reach before anybody typed anything: the threshold of the criterion.
USUAL_RATE = Fraction(95)
_WHOLE = re.compile(r"[0-9]{1,8}")
_SHARE = re.compile(r"[0-9]{1,3}([.,][0-9]{1,4})?")


@dataclass(frozen=True, slots=True)
class SimulatorFilters:
    """The wishes of the address. `fields`: those of the catalogue by id; `faults`: in words what could not be used.

    `rate`: per cent in time that `target` reaches; None: the field is left as it is.
    """

    year: int
    basis: Basis
    count: int
    which: Which
    older_than: int
    unit_id: int | None
    field: str
    goes_on: bool
    target: str
    rate: Fraction | None
    none_late: bool
    fewer_late: int
    hours: int | None
    fields: Mapping[int, str]
    faults: tuple[str, ...] = ()

    def wish(self, unit_ids: frozenset[int] | None) -> Wish:
        """The wish; dossiers are chosen of these units (None: all)."""
        ids = {name: number for number, name in self.fields.items()}
        choice = Choice(self.count, self.which, unit_ids, ids.get(self.field), self.older_than)
        targets: tuple[Target, ...] = ()
        if self.rate is not None and self.target in ids:
            targets = (Target(self.target, self.rate / 100, field_id=ids[self.target]),)
        return Wish(choice if self.count else None, self.goes_on, targets, self.none_late, self.fewer_late)

    def as_address(self) -> dict[str, str]:
        """The parts of the address that differ from the empty form."""
        given = {
            "nam": str(self.year),
            "can-cu": "" if self.basis is Basis.SOURCE else self.basis.value,
            "xong": str(self.count or ""),
            "chon": "" if self.which is Which.ANY else self.which.value,
            "qua-tu": str(self.older_than or ""),
            "don-vi": str(self.unit_id or ""),
            "linh-vuc": self.field,
            "nhip": YES if self.goes_on else "",
            "linh-vuc-kha-len": self.target,
            "dat": self.rate_text,
            "khong-tre-them": YES if self.none_late else "",
            "bot": str(self.fewer_late or ""),
            "gio": "" if self.hours is None else str(self.hours),
        }
        # An empty rate is told: without one the usual one would come back.
        return {key: value for key, value in given.items() if value or key == "dat"}

    @property
    def rate_text(self) -> str:
        """98 or 98,5; empty where none is asked for."""
        return "" if self.rate is None else decimal(self.rate, 4, trim=True)


def read_filters(address: Mapping[str, str], fields: Mapping[int, str], *, year: int) -> SimulatorFilters:
    """From the query string; what cannot be used is left out and told. `year`: the present one, the last that there is."""
    faults: list[str] = []
    basis, which = address.get("can-cu", ""), address.get("chon", "")
    names = set(fields.values())
    target = _field(address, "linh-vuc-kha-len", "Lĩnh vực khá lên", names, faults)
    return SimulatorFilters(
        year=min(max(row_asked(address, "nam") or year, FIRST_YEAR), year),
        basis=Basis(basis) if basis in set(Basis) else Basis.SOURCE,
        count=_whole(address, "xong", "Xong ngay", faults) or 0,
        which=Which(which) if which in set(Which) else Which.ANY,
        older_than=_whole(address, "qua-tu", "Quá hạn từ", faults) or 0,
        unit_id=row_asked(address, "don-vi"),
        field=_field(address, "linh-vuc", "Lĩnh vực", names, faults),
        goes_on=address.get("nhip") == YES,
        target=target or _land(names),
        rate=_rate(address, faults),
        none_late=address.get("khong-tre-them") == YES,
        fewer_late=_whole(address, "bot", "Bớt số đã trễ", faults) or 0,
        hours=_whole(address, "gio", "Số giờ làm việc", faults),
        fields=fields,
        faults=tuple(faults),
    )


def _land(names: set[str]) -> str:
    found = sorted(name for name in names if fold(name).startswith(LAND))
    return found[0] if found else ""


def _field(address: Mapping[str, str], key: str, word: str, names: set[str], faults: list[str]) -> str:
    text = address.get(key, "")
    if text and text not in names:
        faults.append(f"{word}: danh mục không có lĩnh vực này, nên bỏ qua.")
        return ""
    return text


def _whole(address: Mapping[str, str], key: str, word: str, faults: list[str]) -> int | None:
    """A number of the address, dots between thousands allowed."""
    text = address.get(key, "").strip().replace(".", "").replace("\u00a0", "").replace(" ", "")
    if not text:
        return None
    if not _WHOLE.fullmatch(text) or int(text) > MOST:
        faults.append(f"{word}: hãy ghi một số từ 0 đến 10.000.000.")
        return None
    return int(text)


def _rate(address: Mapping[str, str], faults: list[str]) -> Fraction | None:
    if "dat" not in address:
        return USUAL_RATE
    text = address.get("dat", "").strip().removesuffix("%").strip()
    if not text:
        return None
    if not _SHARE.fullmatch(text) or (rate := Fraction(text.replace(",", "."))) > 100:
        faults.append("Đúng hạn từ nay: hãy ghi một tỷ lệ từ 0 đến 100 phần trăm, như 98 hoặc 98,5.")
        return None
    return rate
