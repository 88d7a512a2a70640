"""Marks that the database itself renews when the office's reference data change, so that processes may keep what they read;
a unit's own open dossiers by an index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = (
    "unit", "unit_alias", "field", "procedure", "procedure_alias", "procedure_limit", "limit_extra", "source",
    "calendar_day", "office_calendar", "unit_calendar", "edition_entry", "unit_target", "alert_rule", "alert_setting",
    "delay_reason",
)  # fmt: skip
CHANGES = ("insert", "update", "delete")
STILL_OPEN = sa.text("ended_at IS NULL")
LARGEST = 2**52  # the sum of all marks stays a whole number of eight bytes
RENEWED = "ON CONFLICT (name) DO UPDATE SET stamp = excluded.stamp"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "change_mark",
        sa.Column("name", _text(), nullable=False),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_change_mark")),
    )
    op.create_index(
        "ix_dossier_open_unit",
        "dossier",
        ["resolving_unit_id", "source_due_at"],
        unique=False,
        sqlite_where=STILL_OPEN,
        postgresql_where=STILL_OPEN,
    )
    for statement in _on_postgresql() if _is_postgresql() else _on_sqlite():
        op.execute(statement)


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_dossier_open_unit", "dossier")
    for table in TABLES:
        if _is_postgresql():
            op.execute(f"DROP TRIGGER mark_{table} ON {table}")
        else:
            for change in CHANGES:
                op.execute(f"DROP TRIGGER mark_{table}_{change}")
    if _is_postgresql():
        op.execute("DROP FUNCTION mark_change()")
    op.drop_table("change_mark")


def _on_sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER mark_{table}_{change} AFTER {change.upper()} ON {table} BEGIN"
        f" INSERT INTO change_mark (name, stamp) VALUES ('{table}', abs(random() % {LARGEST})) {RENEWED}; END"
        for table in TABLES
        for change in CHANGES
    ]


def _on_postgresql() -> list[str]:
    # A row for each table: two who change different tables do not wait for each other.
    return [
        "CREATE FUNCTION mark_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" INSERT INTO change_mark (name, stamp) VALUES (TG_TABLE_NAME, floor(random() * {LARGEST})::bigint) {RENEWED};"
        " RETURN NULL; END $$",
        *(
            f"CREATE TRIGGER mark_{table} AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION mark_change()"
            for table in TABLES
        ),
    ]


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _text() -> sa.String:
    return sa.String(collation="C") if _is_postgresql() else sa.String()
