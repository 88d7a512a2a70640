"""What catalogue files tell, row by row, and what became of it: procedures with their limits, units."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class CommuneClass(StrEnum):
    """What a commune is, where limits are longer for it (land: Decree 43/2014 art. 61)."""

    DIFFICULT = "difficult"
    MOUNTAIN = "mountain"
    ISLAND = "island"


@dataclass(frozen=True, slots=True)
class CatalogueFault:
    """A cell of a catalogue file that cannot be used; its row was left out, the others went in."""

    file: str
    row: int
    column: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class LimitTold:
    """A published limit; channel, case and `day_kind` "" = every one, not said. `valid_from` None: not told."""

    channel: str
    case_name: str
    limit_text: str
    statutory_text: str
    day_kind: str
    valid_from: date | None
    valid_to: date | None
    source: str

    @property
    def slot(self) -> tuple[str, str]:
        """Limits of one slot follow each other in time; of two slots each goes its own way."""
        return self.channel, self.case_name


@dataclass(frozen=True, slots=True)
class ExtraTold:
    """What is added to limits in communes of a class."""

    commune_class: str
    extra_text: str
    day_kind: str
    valid_from: date | None
    valid_to: date | None
    source: str


@dataclass(frozen=True, slots=True)
class ProcedureTold:
    """One row of a catalogue of procedures; what is "" or empty is not told and stays as it was.

    Without a code it is about a whole field, and has an extra.
    """

    row: int
    code: str
    name: str
    field: str
    level: str
    aliases: tuple[str, ...]
    limit: LimitTold | None = None
    extra: ExtraTold | None = None


@dataclass(frozen=True, slots=True)
class UnitTold:
    """One row of a catalogue of units; what is "" or empty is not told and stays as it was."""

    row: int
    code: str
    name: str
    abbreviation: str
    kind: str
    level: str
    parent_code: str
    valid_from: date | None
    valid_to: date | None
    successor_code: str
    place: str
    signer_title: str
    commune_class: str
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CatalogueReport:
    """What an import of a catalogue came to; read = new + changed + unchanged + rejected.

    `closed`: limits that ended because a later one of the same slot begins. `recomputed`: dossiers whose documented due
    date, unit or procedure is another one now.
    """

    read: int
    new: int
    changed: int
    unchanged: int
    rejected: int
    closed: int
    faults: tuple[CatalogueFault, ...]
    notes: tuple[str, ...] = ()
    recomputed: int = 0


@dataclass(frozen=True, slots=True)
class CatalogueFinding:
    """What is missing in a catalogue or does not fit: a code for programs, the thing, a sentence for people."""

    code: str
    subject: str
    message: str
    dossiers: int = 0


@dataclass(frozen=True, slots=True)
class KeptLimit:
    """A limit as the catalogue holds it; `limit_id` 0 = not written yet."""

    limit_id: int
    limit: LimitTold


@dataclass(frozen=True, slots=True)
class KeptExtra:
    """An extra as the catalogue holds it, of a procedure (by code) or of a field (by name)."""

    extra_id: int
    procedure: str
    field: str
    extra: ExtraTold


@dataclass(frozen=True, slots=True)
class KeptProcedure:
    """A procedure as the catalogue holds it; its aliases are folded codes and names."""

    procedure_id: int
    code: str
    name: str
    field: str
    level: str
    aliases: tuple[str, ...] = ()
    limits: tuple[KeptLimit, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptUnit:
    """A unit as the catalogue holds it; `is_known`: a catalogue or a person has told of it."""

    unit_id: int
    told: UnitTold
    is_known: bool
