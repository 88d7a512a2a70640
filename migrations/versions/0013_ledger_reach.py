"""Which dossiers the ledger of apologies has to look at again, and how far it was kept."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLES = ("ledger_stale", "ledger_kept")


def upgrade() -> None:
    """Apply. Nobody knows how far the ledger was kept before: the next run looks at every dossier."""
    op.create_table(
        "ledger_stale",
        _id("id"),
        sa.Column("dossiers", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_stale")),
    )
    op.create_table(
        "ledger_kept",
        _id("id"),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        _text("rules"),
        sa.Column("stamp", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("missed", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_kept")),
    )


def downgrade() -> None:
    """Take back."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str) -> sa.Column[str]:
    collation = "C" if op.get_bind().dialect.name == "postgresql" else None
    return sa.Column(name, sa.String(collation=collation), nullable=False)
