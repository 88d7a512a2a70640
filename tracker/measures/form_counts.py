"""Official forms from our counts: what each column of a row holds, which sums a row keeps, what stands where. Pure.

A form has no column for dossiers that were withdrawn, ended without a due date or are suspended: the edition says in
which column they stand, and a note on the sheet says how many, so that nobody takes them for what the heading says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from tracker.measures.rates import total as added
from tracker.types import Channel, Level
from tracker.types.reconciling import OurCounts

# What a column can hold, and of what our counts it is made before anything is placed in it.
ENDED, STANDING = ("early", "on_time", "late"), ("open_in_time", "open_late")
FORM_MEASURES = (
    *("total", "received_online", "received_direct", "carried_over"),
    *("finished", *ENDED),
    *("open", *STANDING),
)
# What has no column of its own: where it may be put.
PLACES: Mapping[str, tuple[str, ...]] = {
    "no_due": ENDED,
    "withdrawn": ENDED,
    "suspended": STANDING,
    "open_no_due": STANDING,
}


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column: its number, the headings above it from the top, its own heading, and what it holds (empty: a name)."""

    number: int
    groups: tuple[str, ...]
    heading: str
    measure: str


def group_spans(columns: Sequence[FormColumn], level: int) -> list[tuple[int, int]]:
    """From which to which column (counted from 0) each group of one level of the heading goes."""
    spans: list[tuple[int, int]] = []
    for place, column in enumerate(columns):
        above = column.groups[: level + 1]
        if len(above) <= level:
            continue
        if spans and spans[-1][1] == place - 1 and columns[place - 1].groups[: level + 1] == above:
            spans[-1] = (spans[-1][0], place)
        else:
            spans.append((place, place))
    return spans


@dataclass(frozen=True, slots=True)
class FormEdition:
    """A form as one circular prints it; the tables of `tracker/data/forms.toml` say what each part means.

    `document`, `document_date`: the text with which a verified edition was compared.
    """

    form: str
    key: str
    number: str
    circular: str
    name: str
    count: str
    rows: str
    source: str
    verified: bool
    columns: tuple[FormColumn, ...]
    places: Mapping[str, int]
    sums: tuple[tuple[int, ...], ...]
    blocks: Mapping[Level, str]
    valid_from: date | None = None
    valid_to: date | None = None
    document: str = ""
    document_date: date | None = None

    @property
    def measured(self) -> tuple[FormColumn, ...]:
        """The columns that hold numbers."""
        return tuple(column for column in self.columns if column.measure)

    def holds_on(self, day: date) -> bool:
        """Is it the form of periods that begin on this day?"""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


@dataclass(frozen=True, slots=True)
class FormLine:
    """One row: a block with its sum, a row of a block, or the total. `number` is what stands in the first column.

    An empty block belongs to a level that was there, but of which the store holds nothing: its zeros are not printed.
    """

    kind: str  # block, empty, row, total
    number: str
    name: str
    ours: OurCounts
    cells: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class FormGroup:
    """The counts of one row before they become cells: its level, its name."""

    level: Level
    name: str
    ours: OurCounts


@dataclass(frozen=True, slots=True)
class FormTable:
    """A filled form; `faults` names the sums that do not hold, with the row."""

    edition: FormEdition
    lines: tuple[FormLine, ...]
    faults: tuple[str, ...]

    @property
    def total(self) -> FormLine:
        """The last row."""
        return self.lines[-1]

    @property
    def rows(self) -> int:
        """How many rows there are besides blocks and the total."""
        return sum(line.kind == "row" for line in self.lines)


def together(many: Iterable[OurCounts]) -> OurCounts:
    """The sum of groups."""
    groups = list(many)
    channels = {channel for one in groups for channel in one.received_by}
    return OurCounts(
        added(one.counts for one in groups),
        {channel: sum(one.received_by.get(channel, 0) for one in groups) for channel in channels},
    )


def measures(ours: OurCounts, places: Mapping[str, str]) -> dict[str, int]:
    """What each column holds; `places`: the column (by what it holds) for what has none of its own."""
    counts, online = ours.counts, ours.received_by.get(Channel.ONLINE, 0)
    told = {
        "received_online": online,
        "received_direct": counts.received - online,
        "carried_over": counts.carried_over,
        "early": counts.early,
        "on_time": counts.on_time,
        "late": counts.late,
        "open_in_time": counts.open - counts.open_late - counts.suspended - counts.open_no_due,
        "open_late": counts.open_late,
    }
    for what, column in places.items():
        told[column] += getattr(counts, what)
    told["total"] = counts.carried_over + counts.received
    told["finished"] = sum(told[name] for name in ENDED)
    told["open"] = sum(told[name] for name in STANDING)
    return told


def filled(edition: FormEdition, groups: Sequence[FormGroup], standing: Iterable[Level] = ()) -> FormTable:
    """The form: blocks in its order, each with its sum and rows as given, and the total.

    A block without any rows is printed only for a level in `standing`: one that was there in the period.
    """
    lines: list[FormLine] = []
    shown = {*standing, *(group.level for group in groups)}
    for place, level in enumerate((each for each in edition.blocks if each in shown), 1):
        inside = [group for group in groups if group.level is level]
        whole = together(group.ours for group in inside)
        kind = "block" if inside else "empty"
        lines.append(_line(edition, kind, roman(place), edition.blocks[level], whole))
        lines += [
            _line(edition, "row", str(number), group.name, group.ours)
            for number, group in enumerate(inside, 1)
        ]
    lines.append(_line(edition, "total", "", "Tổng cộng", together(group.ours for group in groups)))
    return FormTable(edition, tuple(lines), tuple(_faults(edition, lines)))


def _line(edition: FormEdition, kind: str, number: str, name: str, ours: OurCounts) -> FormLine:
    by_number = {column.number: column.measure for column in edition.measured}
    places = {what: by_number[at] for what, at in edition.places.items()}
    told = measures(ours, places)
    return FormLine(kind, number, name, ours, {at: told[measure] for at, measure in by_number.items()})


def roman(number: int) -> str:
    """1 -> I; blocks are numbered so."""
    return ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")[number - 1]


# ---------------------------------------------------------------- does it balance


def broken_sums(edition: FormEdition, cells: Mapping[int, int]) -> list[str]:
    """The sums of the form that a row does not keep, as "(3) = 10, (4)+(5)+(6) = 9"."""
    found = []
    for whole, *parts in edition.sums:
        have = sum(cells[part] for part in parts)
        if cells[whole] != have:
            found.append(f"({whole}) = {cells[whole]}, {_parts(parts)} = {have}")
    return found


def sums_told(edition: FormEdition) -> str:
    """The sums as they are printed: "(3) = (4)+(5)+(6); ..."."""
    return "; ".join(f"({whole}) = {_parts(parts)}" for whole, *parts in edition.sums)


def _parts(parts: Iterable[int]) -> str:
    return "+".join(f"({part})" for part in parts)


def _faults(edition: FormEdition, lines: Sequence[FormLine]) -> list[str]:
    faults = [f"{line.name}: {fault}" for line in lines for fault in broken_sums(edition, line.cells)]
    *others, total = lines
    for kind in ("block", "row"):
        for at, value in total.cells.items():
            have = sum(line.cells[at] for line in others if line.kind == kind)
            if have != value:
                faults.append(f"cột ({at}): tổng cộng {value}, cộng các dòng được {have}")
    return faults
