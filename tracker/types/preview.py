"""What a file looks like before it is loaded: tables with their columns, what would become of their rows, what is doubtful."""

from dataclasses import dataclass, field

from tracker.types.telling import IngestReport, Rejection


@dataclass(frozen=True, slots=True)
class ColumnSeen:
    """A column: its heading as written and folded, the fields that it fills (none: not used), and some masked samples.

    `is_known`: the program has an opinion about such a heading, be it that it is of no use.
    """

    heading: str
    folded: str
    fields: tuple[str, ...]
    is_known: bool
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableSeen:
    """One list in a file. `kind`: the known layout, `aliases`, `saved`; empty where nobody recognises it."""

    file: str
    sheet: str
    kind: str
    columns: tuple[ColumnSeen, ...]
    notes: tuple[str, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of loading some files; `report` None: they cannot be loaded as they are, `fault` says why."""

    tables: tuple[TableSeen, ...]
    report: IngestReport | None
    fault: str = ""
    warnings: tuple[str, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    by_code: dict[str, int] = field(default_factory=dict)
    layout: str = ""
