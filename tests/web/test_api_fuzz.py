"""The API asked by machine, from its own document: nothing that is sent makes it fail, and no answer is outside the document.

Derandomized: the same questions in every run. `-m long` asks some hundred times more.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.api.document import document
from app.api.faults import PREFIX, PROBLEM
from app.api.routes import OPERATIONS
from app.web import create_app
from tests import databases
from tests.web.api_calls import BY_NAME, a_token, bearer, own_letter_file
from tests.web.world import make_context

CHECKS = (
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
    response_headers_conformance,
)  # fmt: skip
FEW, MANY = 8, 400
USUAL = settings(
    derandomize=True, database=None, deadline=None, max_examples=FEW, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
ASKERS = ("head", "reform", "admin", "auditor")
Fuzzed = tuple[Flask, dict[str, str], BaseSchema]
NAMES = [operation.name for operation in OPERATIONS]


@pytest.fixture(scope="module")
def fuzzed(made_world: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fuzzed]:
    """An application whose world the questions may change as they like, a token of each role that asks, and its document.

    That is loaded once: what the questions are made of, the constants of the program among it, is gathered anew for each document.
    """
    folder = tmp_path_factory.mktemp("fuzzed")
    context = make_context(folder, databases.chosen().copy(made_world, folder))
    own_letter_file(context, folder)
    tokens = {role: a_token(context, role) for role in ASKERS}
    app = create_app(context, RATELIMIT_ENABLED=False)
    yield app, tokens, schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", app)
    context.store.close()


def ask_many(fuzzed: Fuzzed, name: str, mode: GenerationMode, examples: int) -> None:
    """Ask one operation by the document; a role that may, with every scope it can have."""
    _app, tokens, schema = fuzzed
    role = next(each for each in ASKERS if each in BY_NAME[name].roles)
    headers = bearer(tokens[role])
    wanted = schema.find_operation_by_id(name)

    @settings(USUAL, max_examples=examples)
    @given(case=wanted.as_strategy(mode))
    def ask(case: schemathesis.Case) -> None:
        # Buffered: an answer that is a file is closed once it is read, which the transport leaves to chance.
        answer = case.call(headers=headers, buffered=True)
        case.validate_response(answer, checks=list(CHECKS))

    ask()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_whatever_is_asked_the_answer_is_one_of_the_document(fuzzed: Fuzzed, name: str, mode: GenerationMode):
    ask_many(fuzzed, name, mode, FEW)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_whatever_is_asked_for_long_the_answer_is_one_of_the_document(
    fuzzed: Fuzzed, name: str, mode: GenerationMode
):
    ask_many(fuzzed, name, mode, MANY)


def test_the_document_is_one_of_openapi_and_names_every_operation_once():
    told = document()
    ids = [each["operationId"] for path in told["paths"].values() for each in path.values()]
    assert sorted(ids) == sorted(NAMES)
    assert told["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(told)


def test_the_document_of_the_repository_is_that_of_the_program():
    from app.api.document import written

    kept = Path(__file__).parents[2] / "docs" / "openapi.json"
    assert kept.read_text("utf-8") == written(), "run `dunghen api openapi --out docs/openapi.json`"


def test_the_document_is_written_by_a_process_that_has_loaded_nothing_else(tmp_path: Path):
    command = [sys.executable, "-m", "app", "api", "openapi", "--out", str(tmp_path / "openapi.json")]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, (tmp_path / "openapi.json").exists()) == (0, True), done.stderr


def test_every_fault_has_its_form(fuzzed: Fuzzed):
    client = fuzzed[0].test_client()
    for address in (f"{PREFIX}/khong-co", f"{PREFIX}/dossiers", f"{PREFIX}/dossiers/"):
        answer = client.get(address)
        assert answer.content_type == PROBLEM
        assert set(answer.json) == {"type", "title", "status", "detail", "code", "errors"}
