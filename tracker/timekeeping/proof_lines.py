"""The steps of a proof as lines to be read: when and what, runs of alike days in one line, nothing left out; pure.

A run is told by its first and its last day, whose sentences differ in the date and, for counted days, in the number.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from tracker.timekeeping.proof_days import WEEKDAYS
from tracker.timekeeping.proof_words import FLAGS, REASONS
from tracker.types import Deadline, Step

RESTS = frozenset({"weekend", "holiday", "suspended"})
COUNTED = frozenset({"counted"})
CODES = frozenset({*REASONS, *FLAGS})  # some steps name one as their source; it is no source to a person
_COLON = ": "


@dataclass(frozen=True, slots=True)
class ProofLine:
    """One line; `days` is how many steps it stands for."""

    rule: str
    when: str
    what: str
    source: str
    due_at: datetime | None
    days: int = 1


def at_a_glance(deadline: Deadline) -> list[ProofLine]:
    """For a page: spans of counted days and spans of rests; what decides stands by itself."""
    return folded(deadline.steps, RESTS | COUNTED)


def for_paper(deadline: Deadline) -> list[ProofLine]:
    """For a sheet: every counted day by itself, rests as spans."""
    return folded(deadline.steps, RESTS)


def folded(steps: Sequence[Step], rules: frozenset[str]) -> list[ProofLine]:
    """The steps in order, neighbours of one rule and source told in one line where the rule is among `rules`."""
    runs = groupby(enumerate(steps), key=lambda pair: _key(pair[0], pair[1], rules))
    return [_line([step for _, step in run]) for _, run in runs]


def _key(place: int, step: Step, rules: frozenset[str]) -> tuple[object, ...]:
    when, what = _parts(step)
    if step.rule not in rules or step.due_at is not None or not when:
        return (place,)
    # Counted days differ in the number, which is their last word.
    return (step.rule, step.source, what.rpartition(" ")[0] if step.rule in COUNTED else what)


def _line(run: Sequence[Step]) -> ProofLine:
    first, last = run[0], run[-1]
    when, what = _parts(first)
    if first is not last:
        end, last_what = _parts(last)
        when, what = f"{when} – {end}", _joined(what, last_what)
    when = when or (_moment(first.at) if first.at else "")
    source = "" if first.source in CODES else first.source
    return ProofLine(first.rule, when, what[:1].upper() + what[1:], source, first.due_at, len(run))


def _parts(step: Step) -> tuple[str, str]:
    """The day that a sentence begins with, and the rest; "" where it does not tell of a whole day."""
    when, colon, what = step.text.partition(_COLON)
    return (when, what) if colon and when.startswith(WEEKDAYS) else ("", step.text)


def _moment(at: datetime) -> str:
    return f"{at:%H:%M %d/%m/%Y}" if at.hour or at.minute else f"{at:%d/%m/%Y}"


def _joined(one: str, other: str) -> str:
    """The words both begin with once, then what differs: "ngày làm việc thứ 1/10 – 5/10."."""
    if one == other:
        return one
    words, others = one.split(), other.split()
    alike = _alike(zip(words, others, strict=False))
    return " ".join([*words[:alike], " ".join(words[alike:]).rstrip("."), "–", *others[alike:]])


def _alike(pairs: Iterable[tuple[str, str]]) -> int:
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count
