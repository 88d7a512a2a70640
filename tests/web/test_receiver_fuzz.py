"""Whatever bytes are pushed, in whatever shape: an answer in JSON, never a fault of the program, within its time.

`tests/data/receiver_corpus` keeps bodies that were worth a thought; each is sent to every address on each run. More random
ones: `HYPOTHESIS_EXAMPLES=5000 pytest tests/web/test_receiver_fuzz.py`.
"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.receiver_calls import OPERATIONS
from tests.web.pushing import (
    DOSSIERS,
    ENVELOPE,
    EVENTS,
    LOGIN,
    Answer,
    Sender,
    application,
    dossier,
    event,
    give_key,
    in_process,
    receiving_context,
)
from tests.web.world import at

pytestmark = pytest.mark.sqlite_only(
    "every page by every role is asked for on both databases in test_access and test_pages; here once is enough"
)

CORPUS = Path(__file__).parents[1] / "data" / "receiver_corpus"
BODIES = sorted(CORPUS.iterdir())
ADDRESSES = [
    ENVELOPE,
    LOGIN,
    *(f"{ENVELOPE}/{name}" for name in OPERATIONS),
    f"{ENVELOPE}/dongbohosomc?isUpdating=False",
]
EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "60"))
LONGEST_SECONDS = 20.0
ANSWERS = {200, 400, 401, 403, 413, 415}
SETTINGS = settings(
    max_examples=EXAMPLES, derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


@pytest.fixture(scope="module")
def sender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sender]:
    """A system that has logged in."""
    context = receiving_context(tmp_path_factory.mktemp("fuzz"))
    context.instant = at(10, 8, month=9)
    sender = Sender(in_process(application(context)), "mot-cua", give_key(context, "mot-cua"))
    sender.log_in()
    yield sender
    context.store.close()


def sent(sender: Sender, path: str, body: bytes) -> Answer:
    """The answer to one body, which has to be one of the protocol."""
    sender.heard.clear()
    began = time.monotonic()
    answer = sender.post(path, body, session=sender.session)
    assert time.monotonic() - began < LONGEST_SECONDS
    assert answer.status in ANSWERS, answer.text
    assert int(answer.document["error_code"]) > -9, answer.text
    return answer


@pytest.mark.parametrize("path", BODIES, ids=lambda path: path.name)
def test_a_body_of_the_corpus_is_answered_at_every_address(sender: Sender, path: Path):
    for address in ADDRESSES:
        sent(sender, address, path.read_bytes())


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30),
    st.sampled_from(["20260810092000", "20260228", "99999999999999", "2", "10", "\0", "\ud800", "079203004512", "True"]),
)  # fmt: skip
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [*dossier(), *event("", "", ""), "NgayCapNhat", "ThoiHanGiaiQuyet", "NgayTuChoi", "mahoso"]
)
ELEMENTS = st.dictionaries(NAMES, LEAVES | ANYTHING, max_size=12) | ANYTHING
ENVELOPES = st.fixed_dictionaries(
    {},
    optional={
        "service": st.sampled_from([DOSSIERS, EVENTS, "TraCuuHoSo", "LayThuTuc"]) | LEAVES,
        "madonvi": LEAVES,
        "isUpdating": LEAVES,
        "mahoso": LEAVES,
        "data": st.lists(ELEMENTS, max_size=4) | ANYTHING,
    },
)


def as_bytes(document: Any) -> bytes:
    """JSON as lenient writers write it: NaN and halves of characters go out as well."""
    return json.dumps(document).encode()


@SETTINGS
@given(document=ENVELOPES | st.lists(ELEMENTS, max_size=4), address=st.sampled_from(ADDRESSES))
def test_any_structure_is_answered(sender: Sender, document: Any, address: str):
    sent(sender, address, as_bytes(document))


@SETTINGS
@given(data=st.data(), address=st.sampled_from(ADDRESSES))
def test_bytes_cut_changed_and_doubled_are_answered(sender: Sender, data: st.DataObject, address: str):
    body = bytearray(as_bytes({"service": DOSSIERS, "data": [dossier(), event("20260811080000", "4", "x")]}))
    for _ in range(data.draw(st.integers(1, 4))):
        where = data.draw(st.integers(0, len(body) - 1))
        until = data.draw(st.integers(where, min(len(body), where + 40)))
        body[where:until] = data.draw(st.binary(max_size=12) | st.just(bytes(body[where:until]) * 2))
        if not body:
            break
    sent(sender, address, bytes(body))
