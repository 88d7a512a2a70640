"""The OpenAPI 3.1 document, made of the table of operations and their types; nothing of it is written by hand."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
from flask import make_response, request
from msgspec import inspect
from werkzeug.wrappers import Response

from app.api.faults import CODES, PREFIX, PROBLEM, Problem
from app.api.routes import OPERATIONS, TOPICS
from app.api.scopes import WORDS
from app.api.table import LARGEST_ID, Asked, Operation

VERSION = "1"
REF = "#/components/schemas/{name}"
_PART = re.compile(r"<(?:(int|path):)?(\w+)>")
ABOUT = (
    "Các chức năng của chương trình dưới dạng JSON. Mỗi lời gọi mang khóa của một tài khoản trong "
    "`Authorization: Bearer`; khóa không bao giờ được nhiều hơn vai trò và phạm vi của tài khoản ấy. "
    "Thời điểm theo RFC 3339 với +07:00, ngày theo ISO 8601. Hướng dẫn: docs/api.md."
)


def document() -> dict[str, Any]:
    """The whole document as JSON values; the same on every machine."""
    schemas = _Schemas()
    paths: dict[str, dict[str, Any]] = {}
    topics = {operation.name: topic for topic, listed in TOPICS.items() for operation in listed}
    for operation in OPERATIONS:
        address = PREFIX + _PART.sub(r"{\2}", operation.path)
        paths.setdefault(address, {})[operation.method.lower()] = _operation(
            operation, topics[operation.name], schemas
        )
    return {
        "openapi": "3.1.0",
        "info": {"title": "Đúng Hẹn", "version": VERSION, "description": ABOUT, "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}},
        "servers": [{"url": "/"}],
        "tags": [{"name": topic} for topic in TOPICS],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "dh1_…", "description": _scopes()}},
            "schemas": schemas.all(),
        },
    }  # fmt: skip


def written() -> str:
    """The document as it stands in docs/openapi.json."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


@cache
def _encoded() -> bytes:
    return written().encode()


def document_answer() -> Response:
    """The document as an answer, with its mark."""
    answer = make_response(_encoded())
    answer.content_type = "application/json"
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.add_etag()
    return answer.make_conditional(request)


def _scopes() -> str:
    return "Quyền của khóa:\n" + "".join(f"- `{scope}`: {words}\n" for scope, words in WORDS.items())


class _Schemas:
    """Schemas by name, each once: of all types together, so that two of one name are told apart."""

    def __init__(self) -> None:
        wanted = [Problem, *(each for each in map(_answer_of, OPERATIONS) if each)]
        wanted += [each.body for each in OPERATIONS if each.body]
        self._told, self._components = msgspec.json.schema_components(wanted, ref_template=REF)
        self._by_type = {_key(kind): told for kind, told in zip(wanted, self._told, strict=True)}

    def of(self, kind: Any) -> dict[str, Any]:
        """Where the schema of a type stands."""
        return dict(self._by_type[_key(kind)])

    def all(self) -> dict[str, Any]:
        """Every component, in order of its name."""
        return {name: self._components[name] for name in sorted(self._components)}


def _key(kind: Any) -> str:
    return repr(kind)


def _answer_of(operation: Operation) -> Any:
    return operation.answer


def _operation(operation: Operation, topic: str, schemas: _Schemas) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [topic],
        "summary": operation.title,
        "description": _description(operation),
        "security": [{"token": [operation.scope.value] if operation.scope else []}],
        "parameters": [*_path_parameters(operation), *_query_parameters(operation.query)],
        "responses": _responses(operation, schemas),
    }
    if operation.body is not None:
        told["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas.of(operation.body)}},
        }
    if operation.takes_file:
        told["requestBody"] = {"required": True, "content": {"application/octet-stream": {"schema": {}}}}
    return told


def _description(operation: Operation) -> str:
    roles = ", ".join(sorted(role.value for role in operation.roles))
    units = (
        " Tài khoản của một đơn vị chỉ thấy đơn vị ấy và các đơn vị trực thuộc."
        if operation.is_scoped
        else ""
    )
    return f"{operation.about} Vai trò: {roles}.{units}".strip()


def _path_parameters(operation: Operation) -> Iterator[dict[str, Any]]:
    for kind, name in _PART.findall(operation.path):
        schema: dict[str, Any] = {"type": "string", "minLength": 1}
        if kind == "int":
            schema = {"type": "integer", "minimum": 1, "maximum": LARGEST_ID}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameters(query: type[Asked] | None) -> Iterator[dict[str, Any]]:
    if query is None:
        return
    (_,), components = msgspec.json.schema_components([query], ref_template=REF)
    schema = components[query.__name__]
    needed = frozenset(schema.get("required", ()))
    told = inspect.type_info(query)
    assert isinstance(told, inspect.StructType)
    for field in told.fields:
        name = field.encode_name
        own = _plain(schema["properties"][name], components)
        parameter: dict[str, Any] = {"name": name, "in": "query", "required": name in needed, "schema": own}
        if about := own.pop("description", None):
            parameter["description"] = about
        yield parameter


def _plain(schema: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a query parameter: written out, and without null, which an address cannot say."""
    own = {key: value for key, value in schema.items() if not (key == "default" and value is None)}
    if "$ref" in own:
        own = {**components[own.pop("$ref").rpartition("/")[2]], **own}
        own.pop("title", None)
    if "anyOf" in own:
        about = own.pop("description", None)
        rest = [_plain(each, components) for each in own.pop("anyOf") if each != {"type": "null"}]
        own = {
            **(rest[0] if len(rest) == 1 else {"anyOf": rest}),
            **own,
            **({"description": about} if about else {}),
        }
    if "items" in own:
        own["items"] = _plain(own["items"], components)
    return own


# What every call can be answered with, beside what it is for.
_ALWAYS = (400, 401, 403, 404, 429, 503)
_PHRASES: Mapping[int, str] = {
    400: "Có trường không dùng được, hoặc không làm được việc được yêu cầu",
    401: "Thiếu khóa, hoặc khóa không dùng được",
    403: "Vai trò hoặc quyền của khóa không cho phép",
    404: "Không có, hoặc không thuộc phạm vi của tài khoản",
    409: "Trạng thái hiện tại không cho phép",
    413: "Nội dung gửi quá lớn",
    415: "Sai kiểu nội dung",
    429: "Gọi quá nhanh; chờ theo Retry-After",
    503: "Chương trình đang bận; chờ theo Retry-After",
}


def _responses(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    told: dict[str, Any] = {str(operation.status): _good(operation, schemas)}
    if operation.kept:
        told["304"] = {"description": "Không đổi so với If-None-Match"}
    statuses = [*_ALWAYS, *([409] if operation.conflicts else [])]
    statuses += [413, 415] if operation.body is not None or operation.takes_file else []
    problem = {PROBLEM: {"schema": schemas.of(Problem)}}
    for status in sorted(statuses):
        codes = ", ".join(f"`{code}`" for code, (own, _) in CODES.items() if own == status)
        told[str(status)] = {"description": f"{_PHRASES[status]} ({codes})", "content": problem}
    return told


def _good(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    if operation.answer is None:
        return {"description": "Tệp", "content": {"*/*": {"schema": {}}}}
    content: dict[str, Any] = {"schema": schemas.of(operation.answer)}
    return {"description": "Trả lời", "content": {"application/json": content}}
