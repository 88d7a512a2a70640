"""Working time that an office changes by two persons, with its history; intake; limits by channel; ends as judged."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

DAY = ("id", "calendar", "day", "replaces", "name", "notice", "provisional")
# Days that an office had declared before there was a history count as known from the beginning.
ALWAYS = 0


def upgrade() -> None:
    """Apply."""
    _add_changes()
    days = _kept_days()
    op.drop_table("calendar_day")
    _add_days()
    if days:
        table = sa.table("calendar_day", *map(sa.column, (*DAY, "sessions", "known_from")))
        op.bulk_insert(table, [{**row, "sessions": "", "known_from": ALWAYS} for row in days])
    _add_calendars()
    _add_journal()
    _widen_limits()
    for name in ("dossier", "dossier_revision"):
        op.add_column(name, sa.Column("post_received_at", sa.BigInteger()))
        op.add_column(name, sa.Column("intake_due_at", sa.BigInteger()))
        op.add_column(
            name, sa.Column("refusal_reason", _text(), nullable=False, server_default=sa.text("''"))
        )
        op.add_column(name, sa.Column("ended_known_at", sa.BigInteger()))
        op.execute(f"UPDATE {name} SET ended_known_at = known_from WHERE ended_at IS NOT NULL")


def downgrade() -> None:
    """Take back; days that are no longer known, and half days, have no place in the older form."""
    for name in ("dossier", "dossier_revision"):
        for column in ("ended_known_at", "refusal_reason", "intake_due_at", "post_received_at"):
            op.drop_column(name, column)
    _narrow_limits()
    for name in ("calendar_journal", "unit_calendar", "office_calendar"):
        op.drop_table(name)
    days = _kept_days("known_until IS NULL AND sessions = ''")
    op.drop_table("calendar_day")
    op.create_table(
        "calendar_day",
        *_day_columns(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
        sa.UniqueConstraint("calendar", "day", name=op.f("uq_calendar_day_calendar_day")),
    )
    op.create_index("ix_calendar_day_day", "calendar_day", ["day"])
    if days:
        op.bulk_insert(sa.table("calendar_day", *map(sa.column, DAY)), [dict(row) for row in days])
    op.drop_table("calendar_change")


def _text() -> sa.String:
    return sa.String(collation="C") if op.get_context().dialect.name == "postgresql" else sa.String()


def _kept_days(where: str = "1 = 1") -> list[dict[str, object]]:
    table = sa.table(
        "calendar_day",
        *(sa.column(name, {"day": sa.Date, "replaces": sa.Date}.get(name)) for name in DAY),
    )
    rows = op.get_bind().execute(sa.select(table).where(sa.text(where)).order_by(table.c.id))
    return [dict(row) for row in rows.mappings()]


def _day_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("calendar", _text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("replaces", sa.Date()),
        sa.Column("name", _text(), nullable=False),
        sa.Column("notice", _text(), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
    ]


def _known(table: str) -> list[sa.Column[object] | sa.ForeignKeyConstraint | sa.PrimaryKeyConstraint]:
    return [
        sa.Column("change_id", sa.BigInteger()),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("known_until", sa.BigInteger()),
        sa.ForeignKeyConstraint(["change_id"], ["calendar_change.id"], name=op.f(f"fk_{table}_change_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _add_changes() -> None:
    op.create_table(
        "calendar_change",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", _text(), nullable=False),
        sa.Column("operations", _text(), nullable=False),
        sa.Column("reason", _text(), nullable=False),
        sa.Column("preview", _text(), nullable=False),
        sa.Column("proposed_by", _text(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", _text()),
        sa.Column("decided_at", sa.BigInteger()),
        sa.Column("note", _text(), nullable=False),
        sa.Column("undoes_id", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["undoes_id"], ["calendar_change.id"], name=op.f("fk_calendar_change_undoes_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_change")),
    )


def _add_days() -> None:
    op.create_table(
        "calendar_day",
        *_day_columns(),
        sa.Column("sessions", _text(), nullable=False),
        *_known("calendar_day"),
    )
    op.create_index("ix_calendar_day_calendar_day", "calendar_day", ["calendar", "day"])


def _add_calendars() -> None:
    op.create_table(
        "office_calendar",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", _text(), nullable=False),
        sa.Column("name", _text(), nullable=False),
        sa.Column("base", _text(), nullable=False),
        sa.Column("weekdays", _text(), nullable=False),
        sa.Column("day_minutes", sa.Integer()),
        sa.Column("source", _text(), nullable=False),
        *_known("office_calendar"),
    )
    op.create_index("ix_office_calendar_key", "office_calendar", ["key"])
    op.create_table(
        "unit_calendar",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("calendar", _text(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.Column("source", _text(), nullable=False),
        *_known("unit_calendar"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_calendar_unit_id")),
    )
    op.create_index("ix_unit_calendar_unit_id", "unit_calendar", ["unit_id"])


def _add_journal() -> None:
    op.create_table(
        "calendar_journal",
        sa.Column("change_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dossier_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("old_due_at", sa.BigInteger()),
        sa.Column("new_due_at", sa.BigInteger()),
        sa.Column("was_late", sa.Boolean(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("reason", _text(), nullable=False),
        sa.PrimaryKeyConstraint("change_id", "dossier_id", name=op.f("pk_calendar_journal")),
    )
    op.create_index("ix_calendar_journal_dossier_id", "calendar_journal", ["dossier_id"])


ONE_A_DAY = "uq_procedure_limit_procedure_id_valid_from"
ONE_A_CHANNEL = "uq_procedure_limit_procedure_id_channel_valid_from"


def _widen_limits() -> None:
    with op.batch_alter_table("procedure_limit") as limits:
        limits.add_column(sa.Column("channel", _text(), nullable=False, server_default=sa.text("''")))
        limits.drop_constraint(op.f(ONE_A_DAY), type_="unique")
        limits.create_unique_constraint(op.f(ONE_A_CHANNEL), ["procedure_id", "channel", "valid_from"])


def _narrow_limits() -> None:
    op.execute("DELETE FROM procedure_limit WHERE channel <> ''")
    with op.batch_alter_table("procedure_limit") as limits:
        limits.drop_constraint(op.f(ONE_A_CHANNEL), type_="unique")
        limits.drop_column("channel")
        limits.create_unique_constraint(op.f(ONE_A_DAY), ["procedure_id", "valid_from"])
