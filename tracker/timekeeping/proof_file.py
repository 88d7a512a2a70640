"""The proof as a file: inputs, their hash, the answer and its steps; made from the document alone and verified by it. Pure.

The same inputs give the same bytes in years to come. It proves that the answer follows from the inputs, not that the
inputs are true: that is what the hash printed on the signed sheet is for.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tracker.errors import ConfigurationError, TrackerError, WorkFailed
from tracker.timekeeping.deadlines import evaluate
from tracker.timekeeping.proof_document import Entry, Json, canonical, moment_text, parse
from tracker.timekeeping.proof_inputs import ProofInputs, in_order, inputs_document, read_inputs
from tracker.types import Deadline, Step

KIND = "dunghen-proof"
SHORT_HASH = 16


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as it is shown and kept: the document of its inputs with their hash, read back, and what follows from them."""

    document: Json = field(repr=False, hash=False)
    input_hash: str
    inputs: ProofInputs
    deadline: Deadline

    @property
    def body(self) -> bytes:
        """The bytes of the file; not made for whoever only looks at the answer."""
        return canonical(_file(self.document, self.input_hash, self.deadline))

    @property
    def check_code(self) -> str:
        """The beginning of the hash, as people compare it (*mã kiểm tra*)."""
        return self.input_hash[:SHORT_HASH]


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a file does not say what follows from its own inputs."""

    place: str
    stated: str
    recomputed: str


@dataclass(frozen=True, slots=True)
class Verification:
    """What the check of a file found; `input_hash` is that of its inputs as they stand."""

    code: str
    input_hash: str
    differences: tuple[Difference, ...]

    @property
    def is_equal(self) -> bool:
        """Does the file say what follows from its inputs?"""
        return not self.differences


def make_proof(inputs: ProofInputs) -> Proof:
    """The proof of a dossier; CalendarError outside the loaded years, UsageError where the rule refuses the limit."""
    due_at = _evaluate(inputs).due_at
    document = inputs_document(inputs, due_at)
    kept = read_inputs(document)
    return Proof(document, hash_of(document), kept, _evaluate(kept))


def recompute(body: bytes) -> Deadline:
    """The deadline from the inputs of a proof file alone; WorkFailed where the file cannot be read.

    Raises CalendarError where the computation leaves the years that the file holds.
    """
    return _evaluate(_read(body)[1])


def verify(body: bytes) -> Verification:
    """Compare a file byte for byte with what follows from its own inputs. WorkFailed: it cannot be read.

    A line end after the document is the printer's (`--json`) and not looked at.
    """
    document, inputs = _read(body)
    try:
        due = _file(document["inputs"], hash_of(document["inputs"]), _evaluate(inputs))
        found = tuple(_differences("", document, due))
        if not found and canonical(due) != body.rstrip(b"\r\n"):
            found = (Difference("bytes", "nội dung như nhau, cách ghi khác", "dạng chuẩn của chương trình"),)
    except TrackerError as fault:
        found = (Difference("answer", _told(document.get("answer")), str(fault)),)
    return Verification(inputs.code, hash_of(document["inputs"]), found)


def hash_of(inputs: object) -> str:
    """SHA-256 over the canonical bytes of the inputs, in hex."""
    return hashlib.sha256(canonical(inputs)).hexdigest()


def _evaluate(inputs: ProofInputs) -> Deadline:
    return evaluate(
        inputs.received,
        inputs.limit,
        inputs.calendar,
        suspensions=in_order(inputs.suspensions),
        restarts=sorted(inputs.restarts),
        policy=inputs.policy,
        as_of=inputs.as_of,
    )


def _read(body: bytes) -> tuple[Json, ProofInputs]:
    try:
        document = parse(body)
        entry = Entry(document, "phiếu")
        if entry.raw("kind") != KIND:
            raise ValueError("không phải tệp phiếu tính hạn")
        return document, read_inputs(entry.raw("inputs"))
    except (ValueError, ArithmeticError, TypeError, AttributeError, ConfigurationError) as fault:
        raise WorkFailed(f"Tệp kiểm tra không đọc được: {fault}") from fault


# ---------------------------------------------------------------- the document


def _file(inputs: Json, input_hash: str, deadline: Deadline) -> Json:
    return {
        "kind": KIND,
        "inputs": inputs,
        "input_hash": input_hash,
        "answer": {
            "due_at": moment_text(deadline.due_at) if deadline.due_at else None,
            "rule": deadline.rule,
            "calendar_version": deadline.calendar_version,
            "flags": list(deadline.flags),
            "reason": deadline.reason,
            "suspended_since": moment_text(deadline.suspended_since) if deadline.suspended_since else None,
            "frozen_minutes": deadline.frozen_minutes,
        },
        "steps": [_step(step) for step in deadline.steps],
    }


def _step(step: Step) -> Json:
    return {
        "at": moment_text(step.at) if step.at else None,
        "rule": step.rule,
        "source": step.source,
        "text": step.text,
        "due_at": moment_text(step.due_at) if step.due_at else None,
    }


def _differences(place: str, stated: Any, due: Any) -> Iterator[Difference]:
    """The smallest places at which two documents differ."""
    if isinstance(stated, dict) and isinstance(due, dict):
        for key in sorted({*stated, *due}):
            where = f"{place}.{key}" if place else key
            yield from _differences(where, stated.get(key), due.get(key))
    elif isinstance(stated, list) and isinstance(due, list) and len(stated) == len(due):
        for number, (one, other) in enumerate(zip(stated, due, strict=True)):
            yield from _differences(f"{place}[{number}]", one, other)
    elif type(stated) is not type(due) or stated != due:
        yield Difference(place, _told(stated), _told(due))


def _told(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} dòng"
    return canonical(value).decode() if not isinstance(value, str) else value
