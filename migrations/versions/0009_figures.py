"""Counts by month beside the dossiers; editions by two persons; measures; saved questions; keys and register of evidence packs."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("evidence_pack", "pack_key", "saved_query", "remedy", "edition_entry", "rate_standing", "rate_stale", "rate_summary")  # fmt: skip
COUNTS = (
    "received",
    "withdrawn",
    "refused",
    "early_s",
    "on_time_s",
    "late_s",
    "no_due_s",
    "early_p",
    "on_time_p",
    "late_p",
    "no_due_p",
    "early_d",
    "on_time_d",
    "late_d",
    "no_due_d",
    "same_year_s",
    "same_year_p",
    "same_year_d",
    "open",
    "open_late_s",
    "open_no_due_s",
    "suspended_s",
    "open_late_p",
    "open_no_due_p",
    "suspended_p",
    "open_late_d",
    "open_no_due_d",
    "suspended_d",
)
LONG = sa.text("ended_at - received_at > 8640000")
UNCOUNTED_BY = ["received_at", "filed_at", "ended_at", "known_from", "status", "end_kind"]
UNCOUNTED = sa.text(
    "received_at IS NULL OR status = 'filed' OR end_kind IN ('not_accepted', 'deleted')"
    " OR (end_kind IS NOT NULL AND ended_at IS NULL)"
)


def upgrade() -> None:
    """Apply."""
    _add_counts()
    _add_entries()
    _add_packs()
    _index_dossiers()


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_dossier_uncounted", "dossier")
    op.drop_index("ix_dossier_long", "dossier")
    for table in TABLES:
        op.drop_table(table)


def _add_counts() -> None:
    op.create_table(
        "rate_summary",
        _text("grain"),
        sa.Column("span", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("field_id", sa.BigInteger(), nullable=False),
        sa.Column("procedure_id", sa.BigInteger(), nullable=False),
        _text("channel"),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in COUNTS),
        sa.PrimaryKeyConstraint(
            "grain", "span", "unit_id", "field_id", "procedure_id", "channel", name=op.f("pk_rate_summary")
        ),
    )
    op.create_table(
        "rate_stale",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_stale")),
    )
    op.create_table(
        "rate_standing",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _at("holds_from"),
        _at("holds_until"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_standing")),
    )


def _add_entries() -> None:
    op.create_table(
        "edition_entry",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("kind"),
        _text("subject"),
        _text("key"),
        _text("body"),
        _text("reason"),
        _text("asked_by"),
        _text("decided_by"),
        _at("entered_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition_entry")),
    )
    op.create_index("ix_edition_entry_kind", "edition_entry", ["kind", "subject"], unique=False)
    op.create_table(
        "remedy",
        sa.Column("remedy_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("field_id", sa.BigInteger(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        _text("fault"),
        _text("cause"),
        _text("measure"),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        _text("done_note"),
        sa.Column("is_dropped", sa.Boolean(), nullable=False),
        _text("told_by"),
        _at("told_at"),
        sa.ForeignKeyConstraint(["field_id"], ["field.id"], name=op.f("fk_remedy_field_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_remedy_unit_id")),
        sa.PrimaryKeyConstraint("remedy_id", "seq", name=op.f("pk_remedy")),
    )
    op.create_index("ix_remedy_unit_id", "remedy", ["unit_id"], unique=False)
    op.create_table(
        "saved_query",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        _text("name"),
        _text("body"),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        _at("created_at"),
        _at("deleted_at", nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.id"], name=op.f("fk_saved_query_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_query")),
    )
    op.create_index("ix_saved_query_account_id", "saved_query", ["account_id"], unique=False)


def _add_packs() -> None:
    op.create_table(
        "pack_key",
        _text("fingerprint"),
        _text("public_key"),
        _text("made_by"),
        _at("made_at"),
        _at("retired_at", nullable=True),
        _text("retired_by", ""),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_pack_key")),
    )
    op.create_table(
        "evidence_pack",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("number"),
        _text("title"),
        _text("question"),
        _text("counts"),
        _text("file_name"),
        sa.Column("size", sa.BigInteger(), nullable=False),
        _text("sha256"),
        _text("manifest_sha256"),
        _text("signature"),
        _text("fingerprint"),
        _text("made_by"),
        _at("made_at"),
        sa.ForeignKeyConstraint(
            ["fingerprint"], ["pack_key.fingerprint"], name=op.f("fk_evidence_pack_fingerprint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_pack")),
    )


def _index_dossiers() -> None:
    op.create_index(
        "ix_dossier_long", "dossier", ["ended_at", "received_at"], sqlite_where=LONG, postgresql_where=LONG
    )
    op.create_index(
        "ix_dossier_uncounted", "dossier", UNCOUNTED_BY, sqlite_where=UNCOUNTED, postgresql_where=UNCOUNTED
    )


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    plain = None if default is None else sa.text(f"'{default}'")
    kind = sa.String(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.String()
    return sa.Column(name, kind, server_default=plain, nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)
