"""The process that tries an uploaded template (`letters.templates` holds it from outside): judged, filled, read as text.

Asked on its standard input, it answers with one JSON document: placeholders, faults, warnings, lines, and the filled
letter in base64. It reads nothing else and knows no store.
"""

import base64
import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from letters.archive import BODY_PART, members_of
from letters.forms import LetterForm, load_forms
from letters.obligations import LetterKind
from letters.template_check import check_template
from letters.template_compiled import compile_template
from letters.template_markup import named, parsed
from letters.template_sample import sample_values
from letters.template_text import ALL, BODY
from tracker.machine import whole_output

# Words of one kind would be untrue in another: a letter that promises and one that says when it was done.
NEEDS_BODY = f"Mẫu dùng cho mọi loại thư phải có {{{{{BODY}}}}}, vì mỗi loại thư một lời văn; hoặc chọn đúng loại thư của mẫu này."


def answer(data: bytes, form: LetterForm, kind: LetterKind | None) -> dict[str, Any]:
    """What is said of one file as a template of a kind of letter (None: of all kinds)."""
    kinds = {kind} if kind else ALL
    report = check_template(data, kinds)
    if kind is None and report.is_usable and BODY not in report.placeholders:
        report = replace(report, faults=(NEEDS_BODY,))
    told: dict[str, Any] = {
        "placeholders": dict(report.placeholders),
        "faults": report.faults,
        "warnings": report.warnings,
        "lines": [],
        "letter": "",
    }
    if report.is_usable:
        values = sample_values(load_forms(), form, kind or LetterKind.OVERDUE)
        letter = compile_template(data, kinds).render(values)
        told["lines"] = list(_lines(members_of(letter)[BODY_PART]))
        told["letter"] = base64.b64encode(letter).decode("ascii")
    return told


def _lines(body: bytes) -> Iterator[str]:
    """The paragraphs of the document that hold text, in the order in which they stand."""
    for paragraph in parsed(body).iter(named("p")):
        text = "".join(each.text or "" for each in paragraph.iter(named("t")))
        if text.strip():
            yield text


def main(form: str, kind: str) -> None:
    """Answer once."""
    told = answer(sys.stdin.buffer.read(), load_forms().by_key(form), LetterKind(kind) if kind else None)
    with whole_output() as outward:
        outward.write(json.dumps(told).encode("ascii"))


if __name__ == "__main__":
    main(*sys.argv[1:3])
