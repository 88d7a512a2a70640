"""Where lateness comes from, as answers give it: what was asked, sums, lines. Minutes are working minutes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


class StepKind(StrEnum):
    """What kind of department works on a step (dated data: `tracker/data/step_kinds.toml`)."""

    DESK = "desk"  # một cửa
    BRANCH = "branch"  # chi nhánh văn phòng đăng ký đất đai
    COMMUNE = "commune"
    TAX = "tax"
    CADASTRE = "cadastre"  # đo đạc, địa chính
    OTHER = "other"


class Undivided(StrEnum):
    """Why lateness falls to no step; the name of the rows of the part "undivided"."""

    NO_STEPS = "no_steps"  # no step of the dossier was told
    NO_SHARES = "no_shares"  # of some steps nobody told until when they had to be done
    WAITING = "waiting"  # between two steps nobody had the dossier, for at least as long
    REST = "rest"  # steps kept to their times, or overran by less than the dossier is late


# Parts of `cause_month` that are no step, pause or flow.
TOTAL, KNOWN, BETWEEN, UNDIVIDED, UNMEASURED = "total", "known", "between", "undivided", "unmeasured"
STEP, PAUSE, REASON, FLOW = "step:", "pause:", "reason", "flow"
# States of the part "flow" (`name` is "from>to") beside the kinds of steps.
FLOW_RECEIVED, FLOW_PAUSED, FLOW_ENDED = "received", "paused", "ended"


class CauseSums(NamedTuple):
    """Counts and minutes of one line; what each means stands at `store.models.causes.CauseMonth`."""

    late: int = 0
    late_held: int = 0
    late_share: int = 0
    overrun: int = 0
    overran: int = 0
    first: int = 0
    in_time: int = 0
    in_time_held: int = 0

    def plus(self, other: "CauseSums") -> "CauseSums":
        """Both together."""
        return CauseSums(*(one + more for one, more in zip(self, other, strict=True)))


NOTHING = CauseSums()


@dataclass(frozen=True, slots=True)
class CauseQuestion:
    """Dossiers that ended in these months (year * 100 + month, both included); None = all units, fields, procedures.

    `unit_ids` are resolving units; of other units' dossiers only what these units did themselves is told (`elsewhere`).
    """

    first: int
    last: int
    unit_ids: frozenset[int] | None = None
    field_id: int | None = None
    procedure_id: int | None = None


@dataclass(frozen=True, slots=True)
class HolderLine:
    """What one department had in hand. `unit_id`: the unit of the catalogue that bears its name; None = none does."""

    kind: StepKind
    name: str
    unit_id: int | None
    sums: CauseSums


@dataclass(frozen=True, slots=True)
class HolderMonth:
    """What one department had in hand of the dossiers that ended in a month."""

    month: int
    line: HolderLine


@dataclass(frozen=True, slots=True)
class GroupLine:
    """Late dossiers of one group. `key`: id of unit or procedure (0 = not known), or month; `name` as people read it.

    `sums` are those of all late dossiers; `divided`: minutes of their lateness that fall to steps.
    """

    key: int
    name: str
    sums: CauseSums
    divided: int


@dataclass(frozen=True, slots=True)
class NamedLine:
    """A kind of suspension, a reason, or a hand-over (`FLOW`): its name and what it concerns.

    Of a hand-over `late` are the late dossiers that went this way, `late_held` the minutes before it in the state that was left.
    """

    name: str
    sums: CauseSums


@dataclass(frozen=True, slots=True)
class CauseAnswer:
    """All that is known of the causes of lateness in some months; lists are sorted by lateness, the largest first.

    `total.overrun` = all step lines' + `between.overrun` + `undivided`'s, to the minute. `known`: dossiers of which any
    step was told. `unmeasured`: late dossiers outside the calendar's years, whose minutes nobody can tell. `elsewhere`:
    what the units asked for did in dossiers of other units. `is_behind`: some of the months are still being counted.
    """

    question: CauseQuestion
    is_behind: bool
    total: CauseSums = NOTHING
    known: CauseSums = NOTHING
    between: CauseSums = NOTHING
    unmeasured: int = 0
    undivided: Mapping[Undivided, CauseSums] = field(default_factory=dict)
    holders: tuple[HolderLine, ...] = ()
    elsewhere: tuple[HolderLine, ...] = ()
    worst: tuple[HolderMonth, ...] = ()
    pauses: tuple[NamedLine, ...] = ()
    reasons: tuple[NamedLine, ...] = ()
    flows: tuple[NamedLine, ...] = ()
    months: tuple[GroupLine, ...] = ()  # in order of time
    units: tuple[GroupLine, ...] = ()
    procedures: tuple[GroupLine, ...] = ()
    unit_months: Mapping[tuple[int, int], CauseSums] = field(
        default_factory=dict
    )  # (unit id, month): all late ones

    @property
    def divided(self) -> int:
        """Minutes of lateness that fall to steps."""
        return sum(line.sums.overrun for line in self.holders)

    @property
    def kinds(self) -> Mapping[StepKind, CauseSums]:
        """Steps by kind of department, by lateness.

        A dossier that several departments of a kind had counts once for each in `late` and `overran`.
        """
        found: dict[StepKind, CauseSums] = {}
        for line in self.holders:
            found[line.kind] = found.get(line.kind, NOTHING).plus(line.sums)
        return dict(sorted(found.items(), key=lambda each: (-each[1].overrun, each[0])))
