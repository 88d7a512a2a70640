"""Alerts: rules, claims, who was told, what people did about them; secret feeds; counts by unit and day, kept rates."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("rate_snapshot", "unit_day", "feed", "alert_setting", "absence", "assignment", "alert_ack", "alert_told", "alert", "alert_run", "alert_rule")  # fmt: skip


def upgrade() -> None:
    """Apply."""
    _add_claims()
    _add_people()
    _add_rest()


def downgrade() -> None:
    """Take back."""
    for table in TABLES:
        op.drop_table(table)


def _add_claims() -> None:
    op.create_table(
        "alert_rule",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("measure"),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("field_id", sa.BigInteger(), nullable=True),
        sa.Column("procedure_id", sa.BigInteger(), nullable=True),
        _text("who"),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        _text("entered_by"),
        _at("entered_at"),
        _text("reason"),
        sa.ForeignKeyConstraint(["field_id"], ["field.id"], name=op.f("fk_alert_rule_field_id")),
        sa.ForeignKeyConstraint(["procedure_id"], ["procedure.id"], name=op.f("fk_alert_rule_procedure_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_alert_rule_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rule")),
    )
    op.create_table(
        "alert_run",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        _at("as_of"),
        _at("at"),
        sa.Column("last_batch_id", sa.BigInteger(), nullable=False),
        _text("counts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_run")),
    )
    op.create_index("ix_alert_run_day", "alert_run", ["day"], unique=False)
    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("subject_kind"),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        _text("measure"),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        _at("due_at", nullable=True),
        sa.Column("measured", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        _text("fate"),
        _text("reason", ""),
        sa.Column("rule_id", sa.BigInteger(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        _text("detail", ""),
        sa.ForeignKeyConstraint(["run_id"], ["alert_run.id"], name=op.f("fk_alert_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint(
            "subject_kind", "subject_id", "measure", "threshold", "version", name="uq_alert_claim"
        ),
    )
    op.create_index(
        "ix_alert_batch_id",
        "alert",
        ["batch_id"],
        unique=False,
        sqlite_where=sa.text("batch_id IS NOT NULL"),
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.create_index("ix_alert_day", "alert", ["day"], unique=False)


def _add_people() -> None:
    op.create_table(
        "alert_told",
        sa.Column("alert_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _text("why"),
        sa.Column("instead_of", sa.BigInteger(), nullable=True),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.Column("in_app_id", sa.BigInteger(), nullable=True),
        sa.Column("mail_id", sa.BigInteger(), nullable=True),
        _text("dropped", ""),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.id"], name=op.f("fk_alert_told_account_id")),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_told_alert_id")),
        sa.PrimaryKeyConstraint("alert_id", "account_id", name=op.f("pk_alert_told")),
    )
    op.create_index("ix_alert_told_account_id", "alert_told", ["account_id", "alert_id"], unique=False)
    op.create_index(
        "ix_alert_told_in_app",
        "alert_told",
        ["account_id"],
        unique=False,
        sqlite_where=sa.text("in_app_id IS NULL AND dropped = ''"),
        postgresql_where=sa.text("in_app_id IS NULL AND dropped = ''"),
    )
    op.create_index("ix_alert_told_in_app_id", "alert_told", ["in_app_id"], unique=False)
    op.create_index(
        "ix_alert_told_mail",
        "alert_told",
        ["account_id"],
        unique=False,
        sqlite_where=sa.text("by_mail AND mail_id IS NULL AND dropped = ''"),
        postgresql_where=sa.text("by_mail AND mail_id IS NULL AND dropped = ''"),
    )
    op.create_index("ix_alert_told_mail_id", "alert_told", ["mail_id"], unique=False)
    op.create_table(
        "alert_ack",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dossier_id", sa.BigInteger(), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("by_account", sa.BigInteger(), nullable=False),
        _at("at"),
        _text("note"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_ack")),
    )
    op.create_index("ix_alert_ack_dossier_id", "alert_ack", ["dossier_id", "id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("dossier_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("by_account", sa.BigInteger(), nullable=False),
        _at("at"),
        _text("note"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_dossier_id", "assignment", ["dossier_id", "id"], unique=False)
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("delegate_id", sa.BigInteger(), nullable=True),
        _text("entered_by"),
        _at("entered_at"),
        _at("ended_at", nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.id"], name=op.f("fk_absence_account_id")),
        sa.ForeignKeyConstraint(["delegate_id"], ["user_account.id"], name=op.f("fk_absence_delegate_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_account_id", "absence", ["account_id"], unique=False)
    op.create_table(
        "alert_setting",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest_by_mail", sa.Boolean(), nullable=False),
        sa.Column("urgent_by_mail", sa.Boolean(), nullable=False),
        _text("digest_at"),
        _at("changed_at"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["user_account.id"], name=op.f("fk_alert_setting_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_alert_setting")),
    )


def _add_rest() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        _text("scope"),
        _text("name"),
        _text("token_sha256"),
        _at("created_at"),
        _at("revoked_at", nullable=True),
        _text("revoked_by", ""),
        _at("used_at", nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.id"], name=op.f("fk_feed_account_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_feed_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_feed_token_sha256")),
    )
    op.create_index("ix_feed_account_id", "feed", ["account_id"], unique=False)
    op.create_table(
        "unit_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _at("as_of"),
        sa.Column("open", sa.Integer(), nullable=False),
        sa.Column("due_today", sa.Integer(), nullable=False),
        sa.Column("due_soon", sa.Integer(), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.Column("suspended", sa.Integer(), nullable=False),
        sa.Column("not_accepted", sa.Integer(), nullable=False),
        sa.Column("no_due", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "unit_id", name=op.f("pk_unit_day")),
    )
    op.create_table(
        "rate_snapshot",
        _text("month"),
        _at("as_of"),
        _at("taken_at"),
        _text("body"),
        _text("sha256"),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_rate_snapshot")),
    )


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    plain = None if default is None else sa.text(f"'{default}'")
    kind = sa.String(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.String()
    return sa.Column(name, kind, server_default=plain, nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)
