"""Several sources of one dossier, what waits, keys, marks, layouts, kept files, reported totals; fuller catalogues.

A code now belongs to one dossier whatever source tells of it. Where two sources had a dossier each under one code, the
one of the lesser source keeps its rows under a code of its own, to be joined by a person.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = (
    "source_session", "source_key", "procedure_alias", "limit_extra", "waiting_event", "telling", "saved_layout",
    "reported_total", "pull_mark", "kept_file", "code_alias", "batch_seen",
)  # fmt: skip
# Table -> columns that it gains, each a text with its default.
TEXTS = {
    "batch": {"warnings": "'[]'", "origin": "'file'"},
    "procedure": {"level": "''"},
    "procedure_limit": {"case_name": "''", "statutory_text": "''"},
    "rejection": {"fields": "''", "closed_by": "''", "closed_reason": "''"},
    "unit": {"commune_class": "''"},
}
ONE_A_CHANNEL = "uq_procedure_limit_procedure_id_channel_valid_from"
ONE_A_CASE = "uq_procedure_limit_procedure_id_channel_case_name_valid_from"
NOT_RESOLVED = "resolved_batch_id IS NULL"


def upgrade() -> None:
    """Apply."""
    _add_sources()
    _add_keys()
    _add_catalogue()
    for table, columns in TEXTS.items():
        for name, default in columns.items():
            column = _text(name)
            column.server_default = sa.DefaultClause(sa.text(default))
            op.add_column(table, column)
    op.add_column("rejection", _at("closed_at", nullable=True))
    open_ones = sa.text(NOT_RESOLVED)
    op.create_index(
        "ix_rejection_open",
        "rejection",
        ["batch_id", "id"],
        sqlite_where=open_ones,
        postgresql_where=open_ones,
    )
    for table in ("dossier", "dossier_revision"):
        op.add_column(table, sa.Column("told", sa.BigInteger(), server_default=sa.text("-1"), nullable=False))
    with op.batch_alter_table("procedure_limit") as limits:
        limits.drop_constraint(op.f(ONE_A_CHANNEL), type_="unique")
        limits.create_unique_constraint(
            op.f(ONE_A_CASE), ["procedure_id", "channel", "case_name", "valid_from"]
        )
    _one_dossier_a_code()


def downgrade() -> None:
    """Take back."""
    op.drop_index("uq_dossier_code", "dossier")
    op.create_index("uq_dossier_source_code", "dossier", ["source_id", "code"], unique=True)
    op.execute("DELETE FROM procedure_limit WHERE case_name <> ''")
    with op.batch_alter_table("procedure_limit") as limits:
        limits.drop_constraint(op.f(ONE_A_CASE), type_="unique")
        limits.create_unique_constraint(op.f(ONE_A_CHANNEL), ["procedure_id", "channel", "valid_from"])
    op.drop_index("ix_rejection_open", "rejection")
    for table in ("dossier", "dossier_revision"):
        op.drop_column(table, "told")
    op.drop_column("rejection", "closed_at")
    for table, columns in TEXTS.items():
        for name in columns:
            op.drop_column(table, name)
    for table in TABLES:
        op.drop_table(table)


def _one_dossier_a_code() -> None:
    lesser = (
        "SELECT d.id FROM dossier d JOIN source s ON s.id = d.source_id WHERE EXISTS (SELECT 1 FROM dossier o"
        " JOIN source t ON t.id = o.source_id WHERE o.code = d.code"
        " AND (t.priority < s.priority OR (t.priority = s.priority AND o.id < d.id)))"
    )
    op.execute(
        "UPDATE dossier SET code = code || '@' || (SELECT key FROM source WHERE source.id = dossier.source_id)"
        f" WHERE id IN ({lesser})"
    )
    op.drop_index("uq_dossier_source_code", "dossier")
    op.create_index("uq_dossier_code", "dossier", ["code"], unique=True)


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(collation="C") if _is_postgresql() else sa.String(), nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _add_sources() -> None:
    op.create_table(
        "batch_seen",
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("is_full", sa.Boolean(), nullable=False),
        sa.Column("dossiers", sa.Integer(), nullable=False),
        sa.Column("open_dossiers", sa.Integer(), nullable=False),
        _at("first_received_at", nullable=True),
        _at("last_received_at", nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_batch_seen")),
    )
    op.create_table(
        "code_alias",
        sa.Column("source_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("alias"),
        _text("code"),
        _text("kind"),
        _text("reason"),
        _text("made_by"),
        _at("made_at"),
        sa.PrimaryKeyConstraint("source_id", "alias", name=op.f("pk_code_alias")),
    )
    op.create_index("ix_code_alias_code", "code_alias", ["code"])
    op.create_index("ix_code_alias_alias", "code_alias", ["alias"])
    op.create_table(
        "telling",
        sa.Column("dossier_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("row_hash", sa.LargeBinary(), nullable=False),
        _at("updated_at", nullable=True),
        _text("body"),
        _text("disagrees"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        _at("known_from"),
        sa.PrimaryKeyConstraint("dossier_id", "source_id", name=op.f("pk_telling")),
    )
    differing = sa.text("disagrees <> ''")
    op.create_index(
        "ix_telling_disagrees", "telling", ["dossier_id"], sqlite_where=differing, postgresql_where=differing
    )
    op.create_table(
        "waiting_event",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        _text("code"),
        _at("at"),
        _text("status"),
        _text("status_text"),
        _text("officer_name"),
        _text("department"),
        _text("text"),
        _at("step_due_at", nullable=True),
        _at("known_from"),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("row_no", sa.Integer(), nullable=False),
        sa.Column("taken_batch_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_event")),
    )
    waiting = sa.text("taken_batch_id IS NULL")
    op.create_index(
        "ix_waiting_event_code", "waiting_event", ["code"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.create_table(
        "reported_total",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        _text("form"),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        _text("row_kind"),
        _text("row_name"),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        _text("measure"),
        sa.Column("value", sa.BigInteger(), nullable=False),
        _text("file"),
        sa.Column("row_no", sa.Integer(), nullable=False),
        _text("entered_by"),
        _at("entered_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reported_total")),
        sa.UniqueConstraint(
            "source_id",
            "form",
            "period_from",
            "period_to",
            "row_kind",
            "row_name",
            "measure",
            "report_id",
            name="uq_reported_total_place",
        ),
    )
    op.create_index("ix_reported_total_report_id", "reported_total", ["report_id"])


def _add_keys() -> None:
    op.create_table(
        "source_key",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        _text("login"),
        _text("secret"),
        _text("units"),
        _text("made_by"),
        _at("made_at"),
        _at("disabled_at", nullable=True),
        _at("used_at", nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_source_key_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_key")),
        sa.UniqueConstraint("login", name=op.f("uq_source_key_login")),
    )
    op.create_table(
        "source_session",
        _text("token_hash"),
        sa.Column("key_id", sa.BigInteger(), nullable=False),
        _at("expires_at"),
        sa.ForeignKeyConstraint(["key_id"], ["source_key.id"], name=op.f("fk_source_session_key_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_source_session")),
    )
    op.create_index("ix_source_session_key_id", "source_session", ["key_id"])
    op.create_table(
        "pull_mark",
        _text("connector"),
        _text("mark"),
        _at("tried_at", nullable=True),
        _at("done_at", nullable=True),
        _text("fault"),
        sa.PrimaryKeyConstraint("connector", name=op.f("pk_pull_mark")),
    )
    op.create_table(
        "saved_layout",
        _text("key"),
        _text("name"),
        _text("signature"),
        _text("mapping"),
        _text("made_by"),
        _at("made_at"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_saved_layout")),
    )
    op.create_index("ix_saved_layout_signature", "saved_layout", ["signature"])
    op.create_table(
        "kept_file",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("kind"),
        _text("path"),
        _text("name"),
        _text("subject"),
        _text("sha256"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _text("made_by"),
        _at("made_at"),
        _at("expires_at"),
        _at("deleted_at", nullable=True),
        _text("deleted_as"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_file")),
    )
    op.create_index("ix_kept_file_expires_at", "kept_file", ["expires_at"])


def _add_catalogue() -> None:
    op.create_table(
        "limit_extra",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("procedure_id", sa.BigInteger(), nullable=True),
        sa.Column("field_id", sa.BigInteger(), nullable=True),
        _text("commune_class"),
        _text("extra_text"),
        _text("day_kind"),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        _text("source"),
        sa.ForeignKeyConstraint(["field_id"], ["field.id"], name=op.f("fk_limit_extra_field_id")),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedure.id"], name=op.f("fk_limit_extra_procedure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_extra")),
    )
    op.create_table(
        "procedure_alias",
        _text("folded"),
        sa.Column("procedure_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["procedure_id"], ["procedure.id"], name=op.f("fk_procedure_alias_procedure_id")
        ),
        sa.PrimaryKeyConstraint("folded", name=op.f("pk_procedure_alias")),
    )
    op.create_index("ix_procedure_alias_procedure_id", "procedure_alias", ["procedure_id"])
