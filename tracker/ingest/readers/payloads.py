"""Payloads that came over the wire, not in a file: pushed to us or pulled by us; the same tables as of a portal's file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tracker.ingest.readers.portal_json import DOSSIER_FIELDS, Lot, PortalTable, storable_value

# What connectors know beyond the fields of the portal; they name them like this.
FURTHER_FIELDS = {
    "DiaChi": "address",
    "DonViTiepNhan": "receiving_unit",
    "DonViTraKetQua": "returning_unit",
    "CanBoXuLy": "officer_name",
    "ThoiHanGiaiQuyet": "limit_text",
    "NgayHenTraTruoc": "previous_due_at",
    "NgayRut": "withdrawn_at",
    "HanTiepNhan": "intake_due_at",
    "LyDoTuChoi": "refusal_reason",
    "NgayCapNhat": "updated_at",
    "MaHoSoKhac": "code_alias",
}


class ElementFault(NamedTuple):
    """Why an element cannot be used whatever else it holds; `value` is redacted."""

    field: str
    value: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Payload:
    """Elements as the portal spells them, where they came from (shown as the file of a batch), and what proves the bytes.

    `elements` are not redacted yet: they are read once and never kept as they are. `numbers`: which elements of the call
    these are, where not all of them are here. `faults`: by number, of elements that whoever took the call refuses.
    """

    name: str
    elements: Sequence[Any]
    sha256: str
    numbers: Sequence[int] = ()
    faults: Mapping[int, ElementFault] = field(default_factory=dict)


class PayloadTable(PortalTable):
    """The dossiers and progress events of one payload."""

    fields: Mapping[str, str] = DOSSIER_FIELDS | FURTHER_FIELDS

    def __init__(self, payload: Payload) -> None:
        super().__init__(Path(payload.name), "utf-8")
        self._payload = payload
        self.faults = payload.faults

    def _lots(self) -> Iterator[Lot]:
        elements = self._payload.elements
        numbers = self._payload.numbers or range(1, len(elements) + 1)
        yield Lot(numbers, list(map(storable_value, elements)))
