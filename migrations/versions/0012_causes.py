"""Causes of lateness by month, findings with their states, forecasts; when the steps of the work began."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = (
    "dossier_risk", "forecast_run", "finding_look", "finding_step", "finding", "cause_stale", "hidden_month", "cause_month",
)  # fmt: skip
STEPS = ("progress_event", "waiting_event")


def upgrade() -> None:
    """Apply."""
    for table in STEPS:
        op.add_column(table, _at("step_begun_at", nullable=True))
    _add_causes()
    _add_findings()
    _add_forecasts()
    # What is there already is counted by the first worker that looks.
    op.execute(
        "INSERT INTO cause_stale (id, first, last) SELECT 1, 200001, 999999 WHERE EXISTS (SELECT 1 FROM dossier)"
    )


def downgrade() -> None:
    """Take back."""
    for table in TABLES:
        op.drop_table(table)
    for table in STEPS:
        op.drop_column(table, "step_begun_at")


def _add_causes() -> None:
    op.create_table(
        "cause_month",
        _whole("month"),
        _text("part"),
        _id("unit_id"),
        _id("field_id"),
        _id("procedure_id"),
        _text("name"),
        _id("holder_id"),
        _whole("late"),
        _id("late_held"),
        _id("late_share"),
        _id("overrun"),
        _whole("overran"),
        _whole("first"),
        _whole("in_time"),
        _id("in_time_held"),
        sa.PrimaryKeyConstraint(
            "month", "part", "unit_id", "field_id", "procedure_id", "name", name=op.f("pk_cause_month")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_cause_month_unit_id", "cause_month", ["unit_id", "month"], unique=False)
    counts = ("ended", "complete", "late", "hidden_documented", "hidden_promised", "hidden")
    op.create_table(
        "hidden_month",
        _whole("month"),
        _id("unit_id"),
        _id("field_id"),
        *map(_whole, counts),
        sa.PrimaryKeyConstraint("month", "unit_id", "field_id", name=op.f("pk_hidden_month")),
    )
    op.create_table(
        "cause_stale",
        _id("id"),
        _whole("first"),
        _whole("last"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cause_stale")),
    )


def _add_findings() -> None:
    op.create_table(
        "finding",
        _id("id"),
        _id("dossier_id"),
        _id("unit_id"),
        _text("kind"),
        _text("key"),
        _at("at"),
        _text("evidence"),
        _at("found_at"),
        _at("gone_at", nullable=True),
        _text("state"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("dossier_id", "kind", "key", name=op.f("uq_finding_dossier_id_kind_key")),
    )
    op.create_index("ix_finding_unit_id", "finding", ["unit_id", "state", "kind", "gone_at"], unique=False)
    op.create_index("ix_finding_at", "finding", ["at"], unique=False)
    op.create_table(
        "finding_step",
        _id("finding_id"),
        _whole("seq"),
        _text("state"),
        _text("reason"),
        _text("document"),
        _text("by"),
        _at("at"),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk_finding_step_finding_id_finding")
        ),
        sa.PrimaryKeyConstraint("finding_id", "seq", name=op.f("pk_finding_step")),
    )
    op.create_table(
        "finding_look",
        _id("id"),
        _at("looked_at"),
        _id("batch_id"),
        _text("rules"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_look")),
    )


def _add_forecasts() -> None:
    op.create_table(
        "forecast_run",
        _id("id"),
        _at("made_at"),
        _at("as_of"),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        _text("why_off"),
        sa.Column("is_invented", sa.Boolean(), nullable=False),
        _text("report"),
        sa.Column("model", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_run")),
    )
    op.create_table(
        "dossier_risk",
        _id("dossier_id"),
        _id("run_id"),
        _id("unit_id"),
        _whole("chance"),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("dossier_id", name=op.f("pk_dossier_risk")),
    )
    op.create_index("ix_dossier_risk_unit_id", "dossier_risk", ["unit_id", "chance"], unique=False)


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    collation = "C" if op.get_bind().dialect.name == "postgresql" else None
    return sa.Column(name, sa.String(collation=collation), nullable=False)
