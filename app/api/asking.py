"""What a call asks, read into types: the query string and the body, with faults that name the field. Knows no operation."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
from flask import request
from msgspec import inspect

from app.api.faults import ApiFault, FieldFault
from app.typed_dates import FIRST, LAST

T = TypeVar("T", bound=msgspec.Struct)
LARGEST_BODY = 64 * 1024
JSON = "application/json"
# Characters that no field holds and that not every database can keep.
UNUSABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
# msgspec's own sentences -> ours; what was sent is not repeated.
_UNKNOWN = re.compile(r"contains unknown field `(.{0,100})`")
_MISSING = re.compile(r"missing required field `(.{0,100})`")
_WHERE = re.compile(r" - at `\$\.?([^`]{0,100})`")
_WORDS: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"Invalid enum value"), "không phải một trong các giá trị cho phép"),
    (re.compile(r"`int` <= (-?\d+)"), r"cần số nguyên không quá \1"),
    (re.compile(r"`int` >= (-?\d+)"), r"cần số nguyên từ \1"),
    (re.compile(r"`(?:str|array)` of length <= (\d+)"), r"dài quá \1"),
    (re.compile(r"`(?:str|array)` of length >= (\d+)"), r"cần ít nhất \1 ký tự hoặc phần tử"),
    (re.compile(r"Expected `int`"), "cần số nguyên"),
    (re.compile(r"Expected `bool`"), "cần true hoặc false"),
    (re.compile(r"Expected `str`"), "cần chữ"),
    (re.compile(r"date"), "cần ngày dạng 2026-12-31, thời điểm dạng 2026-12-31T17:00:00+07:00"),
    (re.compile(r"timezone"), "cần múi giờ, ví dụ +07:00"),
    (re.compile(r"matching regex"), "không đúng dạng"),
    (re.compile(r"Expected `array`"), "cần một danh sách"),
    (re.compile(r"Expected `object`"), "cần một đối tượng"),
)


def read_query(wanted: type[T] | None) -> T | None:
    """The query string as the operation has it; nothing that the operation does not know is let by."""
    given = request.args
    if wanted is None:
        if given:
            raise faulty([FieldFault(str(name)[:60], "không có tham số này") for name in given])
        return None
    lists = _lists(wanted)
    values: dict[str, Any] = {}
    for name in given:
        told = given.getlist(name)
        if name not in lists and len(told) > 1:
            raise faulty([FieldFault(name[:60], "chỉ được ghi một lần")])
        values[name] = told if name in lists else told[0]
    read = _converted(values, wanted)
    _check(read, "")
    return read


def read_body(wanted: type[T] | None) -> T | None:
    """The JSON body as the operation has it."""
    if wanted is None:
        return None
    if request.mimetype != JSON or request.content_encoding:
        raise ApiFault("WRONG_TYPE", "Cần Content-Type: application/json, không nén")
    request.max_content_length = LARGEST_BODY
    body = request.get_data(cache=False)
    try:
        read = msgspec.json.decode(body, type=wanted)
    except msgspec.ValidationError as error:
        raise faulty([_told(str(error))]) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise ApiFault("INVALID_JSON", "Nội dung gửi không phải JSON đọc được") from None
    _check(read, "")
    return read


def faulty(errors: Sequence[FieldFault]) -> ApiFault:
    """Fields that cannot be used, in one sentence and one by one."""
    words = "; ".join(f"{each.field}: {each.told}" for each in errors)
    return ApiFault("INVALID_FIELD", words, errors=errors)


def check_text(field: str, text: str) -> None:
    """Refuse characters that no name, code or reason holds."""
    if UNUSABLE.search(text):
        raise faulty([FieldFault(field, "có ký tự không dùng được")])


def _lists(wanted: type[msgspec.Struct]) -> frozenset[str]:
    told = inspect.type_info(wanted)
    assert isinstance(told, inspect.StructType)
    return frozenset(each.encode_name for each in told.fields if isinstance(each.type, inspect.ListType))


def _converted(values: Mapping[str, Any], wanted: type[T]) -> T:
    try:
        return msgspec.convert(values, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise faulty([_told(str(error))]) from None


def _told(message: str) -> FieldFault:
    if found := _UNKNOWN.search(message):
        return FieldFault(found[1], "không có trường này")
    if found := _MISSING.search(message):
        return FieldFault(found[1], "thiếu trường này")
    where = _WHERE.search(message)
    for pattern, words in _WORDS:
        if found := pattern.search(message):
            return FieldFault(where[1] if where else "", found.expand(words) if "\\" in words else words)
    return FieldFault(where[1] if where else "", "không dùng được")


def _check(value: Any, field: str) -> None:
    """Texts that can be kept, dates of years that there are."""
    if isinstance(value, str):
        check_text(field, value)
    elif isinstance(value, date):  # an instant too
        day = value.date() if isinstance(value, datetime) else value
        if not FIRST <= day <= LAST:
            raise faulty([FieldFault(field, f"cần một ngày từ năm {FIRST.year} đến {LAST.year}")])
    else:
        for name, part in _parts(value):
            _check(part, f"{field}.{name}" if field else str(name))


def _parts(value: Any) -> Iterator[tuple[object, Any]]:
    if isinstance(value, msgspec.Struct):
        yield from ((name, getattr(value, name)) for name in value.__struct_fields__)
    elif isinstance(value, Mapping):
        yield from value.items()
        yield from ((name, name) for name in value)
    elif isinstance(value, list | tuple):
        yield from enumerate(value)
