"""Letters to their end: obligations with steps, signers, numbers, notices, templates, reasons set by persons."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("letter_number", "number_series", "letter_notice", "obligation_step", "letter_template", "signer", "delay_reason")  # fmt: skip
GAINED = {
    "letter": (
        "paper",
        "template_id",
        "signer_id",
        "signed_file",
        "signed_sha256",
        "delivered_at",
        "delivered_by",
        "promise",
        "desk_told_at",
        "desk_done_at",
    ),
    "obligation": (
        "kind",
        "due_at",
        "unit_id",
        "judged_at",
        "steps",
        "decided_by",
        "note",
        "late_reason",
        "fault_unit_id",
        "escalated_at",
    ),
}


def upgrade() -> None:
    """Apply."""
    _add_ledger()
    _add_offices()
    _add_columns()
    # What was opened before has its first step, so that every obligation tells its own history.
    op.execute(
        "INSERT INTO obligation_step (dossier_id, seq, state, reason, as_of, at, actor, note)"
        " SELECT dossier_id, 1, state, reason, opened_at, opened_at, 'operator', '' FROM obligation"
    )
    op.execute("UPDATE obligation SET steps = 1, judged_at = opened_at")


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_obligation_state_unit_id", "obligation")
    op.drop_index("ix_letter_promise", "letter")
    for table, columns in GAINED.items():
        for name in columns:
            op.drop_column(table, name)
    for table in TABLES:
        op.drop_table(table)


def _add_ledger() -> None:
    op.create_table(
        "letter_notice",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("letter_id", sa.BigInteger(), nullable=False),
        _text("purpose"),
        _text("channel"),
        _at("at"),
        _text("actor"),
        _text("person"),
        _text("note"),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_notice")),
    )
    op.create_index("ix_letter_notice_letter_id", "letter_notice", ["letter_id"], unique=False)
    op.create_table(
        "obligation_step",
        sa.Column("dossier_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        _text("state"),
        _text("reason"),
        _at("as_of"),
        _at("at"),
        _text("actor"),
        _text("note"),
        sa.PrimaryKeyConstraint("dossier_id", "seq", name=op.f("pk_obligation_step")),
    )
    op.create_table(
        "letter_template",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        _text("form"),
        _text("kind"),
        sa.Column("version", sa.Integer(), nullable=False),
        _text("state"),
        _text("name"),
        _text("sha256"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _text("uploaded_by"),
        _at("uploaded_at"),
        _text("note"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_letter_template_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_template")),
    )
    op.create_index(
        "ix_letter_template_chosen", "letter_template", ["form", "unit_id", "state"], unique=False
    )
    op.create_table(
        "delay_reason",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("procedure_id", sa.BigInteger(), nullable=True),
        sa.Column("due_from", sa.Date(), nullable=False),
        sa.Column("due_to", sa.Date(), nullable=False),
        _text("text"),
        _text("entered_by"),
        _at("entered_at"),
        _at("ended_at", nullable=True),
        _text("ended_by", ""),
        sa.ForeignKeyConstraint(
            ["procedure_id"], ["procedure.id"], name=op.f("fk_delay_reason_procedure_id")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_delay_reason_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delay_reason")),
    )
    op.create_index(op.f("ix_delay_reason_unit_id"), "delay_reason", ["unit_id"], unique=False)


def _add_offices() -> None:
    op.create_table(
        "number_series",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        _text("symbol"),
        _text("decision"),
        sa.Column("first_number", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        _text("registered_by"),
        _at("registered_at"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_number_series_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_series")),
    )
    op.create_index(op.f("ix_number_series_unit_id"), "number_series", ["unit_id"], unique=False)
    op.create_table(
        "signer",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        _text("full_name"),
        _text("authority"),
        _text("title"),
        _text("head_title"),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        _text("basis"),
        _text("entered_by"),
        _at("entered_at"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_signer_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signer")),
    )
    op.create_index(op.f("ix_signer_unit_id"), "signer", ["unit_id"], unique=False)
    op.create_table(
        "letter_number",
        sa.Column("series_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("letter_id", sa.BigInteger(), nullable=False),
        _text("state"),
        _text("reason"),
        _at("at"),
        _text("actor"),
        sa.ForeignKeyConstraint(["series_id"], ["number_series.id"], name=op.f("fk_letter_number_series_id")),
        sa.PrimaryKeyConstraint("series_id", "year", "number", name=op.f("pk_letter_number")),
    )
    op.create_index("ix_letter_number_letter_id", "letter_number", ["letter_id"], unique=False)


def _add_columns() -> None:
    op.add_column("letter", _text("paper", "a4"))
    op.add_column("letter", sa.Column("template_id", sa.BigInteger(), nullable=True))
    op.add_column("letter", sa.Column("signer_id", sa.BigInteger(), nullable=True))
    op.add_column("letter", _text("signed_file", ""))
    op.add_column("letter", _text("signed_sha256", ""))
    op.add_column("letter", _at("delivered_at", nullable=True))
    op.add_column("letter", _text("delivered_by", ""))
    op.add_column("letter", _text("promise", ""))
    op.add_column("letter", _at("desk_told_at", nullable=True))
    op.add_column("letter", _at("desk_done_at", nullable=True))
    open_ones = sa.text("promise = 'open'")
    op.create_index(
        "ix_letter_promise",
        "letter",
        ["new_due_at"],
        unique=False,
        sqlite_where=open_ones,
        postgresql_where=open_ones,
    )
    op.add_column("obligation", _text("kind", ""))
    op.add_column("obligation", _at("due_at", nullable=True))
    op.add_column("obligation", sa.Column("unit_id", sa.BigInteger(), nullable=True))
    op.add_column(
        "obligation", sa.Column("judged_at", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("obligation", sa.Column("steps", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.add_column("obligation", _text("decided_by", ""))
    op.add_column("obligation", _text("note", ""))
    op.add_column("obligation", _text("late_reason", ""))
    op.add_column("obligation", sa.Column("fault_unit_id", sa.BigInteger(), nullable=True))
    op.add_column("obligation", _at("escalated_at", nullable=True))
    op.create_index("ix_obligation_state_unit_id", "obligation", ["state", "unit_id"], unique=False)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    plain = None if default is None else sa.text(f"'{default}'")
    kind = sa.String(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.String()
    return sa.Column(name, kind, server_default=plain, nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)
