"""Elements of a pushed call, cut down to the fields that are taken in, each spelt as the portal spells it. Pure.

What is on no list here (identity numbers, attachments, fax, fees) goes no further than this.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.receiver_calls import Service, shown
from tracker.ingest.readers.payloads import FURTHER_FIELDS, ElementFault
from tracker.ingest.readers.portal_json import DOSSIER_FIELDS, EVENT_FIELDS, EVENT_MARK, ROUNDS

# Of the fields beyond the portal's own, those that a system may tell of its dossiers; other units and codes are not among
# them, since the key says what it may write.
FURTHER = ("CanBoXuLy", "ThoiHanGiaiQuyet", "NgayHenTraTruoc", "HanTiepNhan", "LyDoTuChoi", "NgayCapNhat")
LONGEST_VALUE = 10_000
MOST_ROUNDS = 100
CODE = "MaHoSo"
NO_TEXT = "[không phải chữ]"


class Spelt(NamedTuple):
    """Elements of one call: numbers from 1, fields, and why some of them cannot be used."""

    numbers: list[int]
    elements: list[Mapping[str, Any]]
    faults: dict[int, ElementFault]

    def codes(self) -> dict[int, str]:
        """Number -> dossier code as it was written."""
        told = zip(self.numbers, self.elements, strict=True)
        return {number: shown(element.get(CODE, "")) for number, element in told}

    def without(self, numbers: Iterable[int]) -> "Spelt":
        """All but some."""
        left_out = set(numbers)
        kept = [n for n, number in enumerate(self.numbers) if number not in left_out]
        return Spelt([self.numbers[n] for n in kept], [self.elements[n] for n in kept], self.faults)


def _by_small_name(names: Iterable[str]) -> Mapping[str, str]:
    return {name.lower(): name for name in names}


ROUND_FIELDS = _by_small_name(("NgayHenTraTruoc", "NgayBoSung", "NgayTiepNhanBoSung"))
TAKEN = {
    Service.DOSSIERS: _by_small_name(
        (*DOSSIER_FIELDS, *(name for name in FURTHER_FIELDS if name in FURTHER))
    ),
    Service.EVENTS: _by_small_name(EVENT_FIELDS),
}


def spelt(elements: Sequence[Any], service: Service) -> Spelt:
    """The elements by the portal's own names; one that is no object has no fields, and so no code."""
    found = Spelt([], [], {})
    for number, element in enumerate(elements, 1):
        fields: dict[str, Any] = {}
        if isinstance(element, dict):
            fault = _take(element, TAKEN[service], fields)
            if service == Service.DOSSIERS:
                fault = _take_rounds(element, fields) or fault
            if fault is not None:
                found.faults[number] = fault
        if service == Service.EVENTS:
            # Without it nobody could tell an event from a dossier.
            fields.setdefault(EVENT_MARK, "")
        found.numbers.append(number)
        found.elements.append(fields)
    return found


def _take(
    element: Mapping[str, Any], taken: Mapping[str, str], fields: dict[str, Any]
) -> ElementFault | None:
    """Fill in the fields that are taken; why the element cannot be used, if it cannot."""
    fault = None
    for told, value in element.items():
        name = taken.get(told.lower())
        if name is None:
            continue
        if name in fields:
            fault = ElementFault(name, "", "FIELD_TWICE", "trường đứng hai lần, chỉ khác chữ hoa chữ thường")
            continue
        fields[name] = value
        if isinstance(value, dict | list):
            fields[name] = NO_TEXT
            message = "giá trị phải là chữ, không phải danh sách hay đối tượng"
            fault = ElementFault(name, shown(value), "FIELD_NOT_TEXT", message)
        elif isinstance(value, str) and len(value) > LONGEST_VALUE:
            fields[name] = shown(value)
            message = f"giá trị dài hơn {LONGEST_VALUE} ký tự"
            fault = ElementFault(name, shown(value), "VALUE_TOO_LONG", message)
    return fault


def _take_rounds(element: Mapping[str, Any], fields: dict[str, Any]) -> ElementFault | None:
    """Fill in the rounds of supplements; why they cannot be used, if they cannot."""
    told = next((value for name, value in element.items() if name.lower() == ROUNDS.lower()), None)
    if not told:
        return None
    if not isinstance(told, list) or not all(isinstance(one, dict) for one in told):
        message = "cần danh sách các lần bổ sung, mỗi lần là một đối tượng"
        return ElementFault(ROUNDS, shown(told), "FIELD_NOT_LIST", message)
    if len(told) > MOST_ROUNDS:
        message = f"{len(told)} lần bổ sung; tối đa {MOST_ROUNDS}"
        return ElementFault(ROUNDS, str(len(told)), "VALUE_TOO_LONG", message)
    rounds: list[dict[str, Any]] = [{} for _ in told]
    faults = [_take(one, ROUND_FIELDS, into) for one, into in zip(told, rounds, strict=True)]
    fields[ROUNDS] = rounds
    return next((fault for fault in faults if fault is not None), None)
