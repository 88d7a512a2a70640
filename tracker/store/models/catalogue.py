"""Sources, units, fields, procedures with their limits: dated, editable data."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.store.models.base import Base, Id


class ChangeMark(Base):
    """A number that the database itself renews, by triggers, whenever rows of a table of reference data change.

    Whoever read such data may keep them while the marks are the same (`tracker.store.session.kept`). Random, so that a
    restored database never bears the mark of another content. Of this database alone: it is not copied into others.
    """

    __tablename__ = "change_mark"

    name: Mapped[str] = mapped_column(primary_key=True)  # of the table
    stamp: Mapped[int] = mapped_column(BigInteger)


class Source(Base):
    """One system that issues dossier codes; files, pushes and pulls of it share its key."""

    __tablename__ = "source"

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    priority: Mapped[int]  # the smaller one wins where two sources tell of one dossier


class Unit(Base):
    """An office or desk with its time of existence and successor (mergers of 01/07/2025)."""

    __tablename__ = "unit"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    abbreviation: Mapped[str]
    kind: Mapped[str]
    level: Mapped[str] = mapped_column(index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    successor_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    place: Mapped[str]
    signer_title: Mapped[str]
    commune_class: Mapped[str] = mapped_column(
        server_default=text("''")
    )  # e.g. difficult: longer limits there


class UnitAlias(Base):
    """Another spelling of a unit, folded (no accents, lower case)."""

    __tablename__ = "unit_alias"

    folded: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)


class Field(Base):
    """A field of administration (*lĩnh vực*)."""

    __tablename__ = "field"

    id: Mapped[Id]
    folded: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class Procedure(Base):
    """An administrative procedure (*thủ tục hành chính*) by its code in the national catalogue."""

    __tablename__ = "procedure"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    field_id: Mapped[int | None] = mapped_column(ForeignKey("field.id"), index=True)
    level: Mapped[str] = mapped_column(server_default=text("''"))  # that resolves it; empty = unknown


class ProcedureAlias(Base):
    """Another code of a procedure, or its name, folded."""

    __tablename__ = "procedure_alias"

    folded: Mapped[str] = mapped_column(primary_key=True)
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"), index=True)


class LimitExtra(Base):
    """What is added to the limits of a procedure or field in communes of a class (land: +10 days in difficult ones)."""

    __tablename__ = "limit_extra"

    id: Mapped[Id]
    procedure_id: Mapped[int | None] = mapped_column(ForeignKey("procedure.id"))
    field_id: Mapped[int | None] = mapped_column(ForeignKey("field.id"))
    commune_class: Mapped[str]
    extra_text: Mapped[str]  # "10 ngày"
    day_kind: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str]  # the deciding document


class ProcedureLimit(Base):
    """The limit published for a procedure in a span of reception dates; the statutory one stands beside it."""

    __tablename__ = "procedure_limit"
    __table_args__ = (UniqueConstraint("procedure_id", "channel", "case_name", "valid_from"),)

    id: Mapped[Id]
    procedure_id: Mapped[int] = mapped_column(ForeignKey("procedure.id"))
    channel: Mapped[str] = mapped_column(
        server_default=text("''")
    )  # empty: the limit of every channel that has none
    limit_text: Mapped[str]
    day_kind: Mapped[str]  # what "ngày" means there: workday or day (e.g. land, Decree 43/2014 art. 61)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str]  # the deciding document
    case_name: Mapped[str] = mapped_column(server_default=text("''"))  # "trường hợp"; empty = every case
    statutory_text: Mapped[str] = mapped_column(
        server_default=text("''")
    )  # what the law sets; shown, not counted
