"""A pushed call as bytes -> what it asks for: one of three services with its elements; the four wire variants are one here.

Pure. JSON is read within bounds: its depth, its numbers and names that stand twice. What it asks is judged elsewhere.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from app.receiver_answers import bad_call
from tracker.ingest.redaction import redact
from tracker.text import storable

DEEPEST = 16
MOST_ELEMENTS = 5_000
LONGEST_NUMBER = 40
SHOWN = 40


class Service(StrEnum):
    """What the portal's protocol calls them; the others that it knows are none of ours."""

    DOSSIERS = "DongBoHoSoMC"
    EVENTS = "CapNhatTienDoHoSoMC"
    LOOKUP = "TraCuuHoSo"


class Operation(NamedTuple):
    """What the address alone says: the service, and whether dossiers are new (variants B and C)."""

    service: Service
    is_updating: bool | None = None


SERVICES = {service.lower(): Operation(service) for service in Service}
OPERATIONS: Mapping[str, Operation] = {
    **SERVICES,
    "themmoi": Operation(Service.DOSSIERS, False),
    "capnhat": Operation(Service.DOSSIERS, True),
    "dongbotientrinh": Operation(Service.EVENTS),
}
YES_NO = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked for. `is_updating` None: not said. `elements` as they came; of a lookup the code that it asks for."""

    service: Service
    session: str = ""
    unit: str = ""
    is_updating: bool | None = None
    elements: Sequence[Any] = ()
    code: str = ""


# ---------------------------------------------------------------- JSON


def read_json(body: bytes) -> Any:
    """The document; numbers stay the text that they were written as.

    Raises:
        Refused: no JSON in UTF-8, too deep, a name that stands twice in one object, or a number beyond all bounds.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise bad_call("thân yêu cầu không phải chữ UTF-8") from None
    try:
        document = json.loads(
            text, object_pairs_hook=_object, parse_int=_number, parse_float=_number, parse_constant=_constant
        )
    except RecursionError:
        raise bad_call(f"JSON lồng nhau quá sâu (tối đa {DEEPEST} tầng)") from None
    except json.JSONDecodeError as error:
        raise bad_call(f"không phải JSON: dòng {error.lineno}, ký tự {error.colno}") from None
    _check_depth(document)
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise bad_call(f"trường “{shown(twice)}” đứng hai lần trong một đối tượng")
    return found


def _number(text: str) -> str:
    if len(text) > LONGEST_NUMBER:
        raise bad_call(f"số dài hơn {LONGEST_NUMBER} chữ số")
    return text


def _constant(text: str) -> Any:
    raise bad_call(f"“{text}” không phải là giá trị của JSON")


def _check_depth(document: Any) -> None:
    level = [document]
    for _ in range(DEEPEST + 1):
        level = [inner for each in level if isinstance(each, dict | list) for inner in _inside(each)]
        if not level:
            return
    raise bad_call(f"JSON lồng nhau quá sâu (tối đa {DEEPEST} tầng)")


def _inside(each: Any) -> list[Any]:
    values = each.values() if isinstance(each, dict) else each
    return [inner for inner in values if isinstance(inner, dict | list)]


# ---------------------------------------------------------------- the call


def read_call(body: bytes, query: Mapping[str, str], operation: Operation | None) -> Call:
    """The call in whichever variant it came; `query`: the options behind the address, `operation`: what this one says.

    Raises:
        Refused: it cannot be read, says no service, or two different things.
    """
    document = read_json(body)
    options = {name.lower(): value for name, value in query.items()}
    envelope = _folded(document) if isinstance(document, dict) else {}
    asked = _operation(envelope, operation)
    data = document if isinstance(document, list) else _data(document, envelope, asked)
    return Call(
        service=asked.service,
        session=_word(envelope, "session"),
        unit=_word(envelope, "madonvi") or options.get("madinhdanhdv", "") or options.get("madonvi", ""),
        is_updating=_updating(envelope, options, asked),
        elements=_elements(data, asked.service),
        code=_asked_code(envelope, options, data),
    )


def _folded(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The envelope by small names: senders write them in any case."""
    folded = {name.lower(): value for name, value in document.items()}
    if len(folded) != len(document):
        raise bad_call("một trường đứng hai lần, chỉ khác chữ hoa chữ thường")
    return folded


def _operation(envelope: Mapping[str, Any], operation: Operation | None) -> Operation:
    name = _word(envelope, "service")
    named = SERVICES.get(name.lower())
    if name and named is None:
        raise bad_call(f"service “{shown(name)}”: ở đây chỉ có {', '.join(Service)}")
    if named and operation and named.service != operation.service:
        raise bad_call(f"service “{shown(name)}” không phải việc của địa chỉ này ({operation.service})")
    found = operation or named
    if found is None:
        raise bad_call(f"thiếu service (một trong: {', '.join(Service)})")
    return found


def _data(document: Any, envelope: Mapping[str, Any], asked: Operation) -> Sequence[Any]:
    """What is told: a list (A), one object (D), or the object itself where the address says what it is."""
    data = envelope.get("data")
    if isinstance(data, list):
        return data
    if isinstance(data, dict):
        return [data]
    if "data" not in envelope and "mahoso" in envelope and asked.service != Service.LOOKUP:
        return [document]
    if data is None and (asked.service == Service.LOOKUP):
        return []
    raise bad_call("thiếu data: cần danh sách các phần tử, hoặc một phần tử")


def _elements(data: Sequence[Any], service: Service) -> Sequence[Any]:
    if service == Service.LOOKUP:
        return ()
    if not data:
        raise bad_call("data không có phần tử nào")
    if len(data) > MOST_ELEMENTS:
        raise bad_call(f"data có {len(data)} phần tử; mỗi lần gửi tối đa {MOST_ELEMENTS}")
    return data


def _asked_code(envelope: Mapping[str, Any], options: Mapping[str, str], data: Sequence[Any]) -> str:
    first = data[0] if data and isinstance(data[0], dict) else {}
    return _word(envelope, "mahoso") or options.get("mahoso", "") or _word(_folded(first), "mahoso")


def _updating(envelope: Mapping[str, Any], options: Mapping[str, str], asked: Operation) -> bool | None:
    given = envelope.get("isupdating", options.get("isupdating"))
    if given is None or given == "":
        return asked.is_updating
    known = given if isinstance(given, bool) else YES_NO.get(str(given).strip().lower())
    if known is None:
        raise bad_call(f"isUpdating “{shown(given)}”: cần True hoặc False")
    if asked.is_updating is not None and known is not asked.is_updating:
        raise bad_call(f"isUpdating “{shown(given)}” trái với địa chỉ này")
    return known


def _word(envelope: Mapping[str, Any], name: str) -> str:
    value = envelope.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise bad_call(f"{name}: cần chữ")
    return value.strip()


def shown(value: Any) -> str:
    """A value as an answer and a rejection name it: short, without citizen ids, as every database can hold it."""
    text = redact(storable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
