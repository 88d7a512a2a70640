"""What all tables share: the declarative base, naming of constraints, and the column types of instants and texts."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, Dialect, MetaData, String
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from tracker.text import storable
from tracker.types import VN


class Instant(TypeDecorator[datetime]):
    """An instant, stored as UTC epoch seconds, handed out as an aware datetime of the office's zone.

    A number is the same text on SQLite and PostgreSQL, compares exactly, and lets bulk paths write without
    formatting; naive datetimes are refused.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | int | None, dialect: Dialect) -> int | None:
        """To epoch seconds; an int is taken as such already."""
        if value is None or isinstance(value, int):
            return value
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}")
        return int(value.timestamp())

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """To an aware datetime."""
        return None if value is None else datetime.fromtimestamp(value, VN)


class Text(TypeDecorator[str]):
    """Text that every database orders and compares alike: by code point, whatever language its server speaks.

    SQLite does so by itself; PostgreSQL is told to by its collation "C". What no database can hold is replaced, in
    what is stored and in what is asked for.
    """

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The column type."""
        return dialect.type_descriptor(String(collation="C") if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Without NUL and halves of characters."""
        return None if value is None else storable(value)


class Base(DeclarativeBase):
    """Base of all models; constraint names are fixed so that migrations can name them."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {str: Text}
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# Ids are assigned by the program, never asked back from the database (bulk paths depend on it).
Id = Annotated[int, mapped_column(BigInteger, primary_key=True, autoincrement=False)]
At = Annotated[datetime, mapped_column(Instant)]
MaybeAt = Annotated[datetime | None, mapped_column(Instant, nullable=True)]
