"""Notes, search keys, targets of units; second factors, single sign-on, tokens; events that other programs are told of."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("subscription", "office_event", "api_token", "recovery_code", "unit_target", "search_stale", "search_key", "dossier_note")  # fmt: skip
SIGNED_ON = sa.text("sso_subject <> ''")
LOGGED_IN = sa.text("action = 'login'")


def upgrade() -> None:
    """Apply."""
    _add_desk()
    _add_access()
    _add_events()
    op.add_column("user_account", _text("second_factor", ""))
    op.add_column("user_account", _at("second_factor_since", nullable=True))
    op.add_column(
        "user_account",
        sa.Column("second_factor_step", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("user_account", _text("sso_subject", ""))
    op.add_column(
        "rate_standing", sa.Column("stamp", sa.BigInteger(), server_default=sa.text("0"), nullable=False)
    )
    op.create_index(
        "uq_user_account_sso_subject",
        "user_account",
        ["sso_subject"],
        unique=True,
        sqlite_where=SIGNED_ON,
        postgresql_where=SIGNED_ON,
    )
    op.create_index(
        "ix_audit_entry_login",
        "audit_entry",
        ["actor", "at"],
        unique=False,
        sqlite_where=LOGGED_IN,
        postgresql_where=LOGGED_IN,
    )


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_audit_entry_login", "audit_entry")
    op.drop_index("uq_user_account_sso_subject", "user_account")
    op.drop_column("rate_standing", "stamp")
    for column in ("sso_subject", "second_factor_step", "second_factor_since", "second_factor"):
        op.drop_column("user_account", column)
    for table in TABLES:
        op.drop_table(table)


def _add_desk() -> None:
    op.create_table(
        "dossier_note",
        _id("id"),
        _id("dossier_id"),
        _id("account_id"),
        _text("text"),
        _at("written_at"),
        _at("withdrawn_at", nullable=True),
        _text("withdrawn_by"),
        _points_to("dossier_note", "account_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_note")),
    )
    op.create_index("ix_dossier_note_dossier_id", "dossier_note", ["dossier_id"], unique=False)
    op.create_table(
        "search_key",
        _id("unit_id"),
        _text("key"),
        _id("dossier_id"),
        sa.PrimaryKeyConstraint("unit_id", "key", "dossier_id", name=op.f("pk_search_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_stale",
        _id("id"),
        _id("first_id"),
        _id("last_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_stale")),
    )
    # Dossiers that are there already get their keys from the worker, as if they had just been loaded.
    op.execute(
        "INSERT INTO search_stale (id, first_id, last_id) SELECT 1, d.first_id, d.last_id"
        " FROM (SELECT min(id) AS first_id, max(id) AS last_id FROM dossier) AS d WHERE d.first_id IS NOT NULL"
    )
    op.create_table(
        "unit_target",
        _id("id"),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        _text("document"),
        _text("set_by"),
        _at("set_at"),
        _points_to("unit_target", "unit_id", "unit"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_target")),
    )
    op.create_index("ix_unit_target_unit_id", "unit_target", ["unit_id"], unique=False)


def _add_access() -> None:
    op.create_table(
        "recovery_code",
        _id("id"),
        _id("account_id"),
        _text("code_hash"),
        _at("made_at"),
        _at("used_at", nullable=True),
        _points_to("recovery_code", "account_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    op.create_index("ix_recovery_code_account_id", "recovery_code", ["account_id"], unique=False)
    op.create_table(
        "api_token",
        _id("id"),
        _id("account_id"),
        _text("name"),
        _text("prefix"),
        _text("secret_hash"),
        _text("scopes"),
        _at("made_at"),
        _at("expires_at"),
        _at("last_used_at", nullable=True),
        _at("revoked_at", nullable=True),
        _text("revoked_by"),
        _points_to("api_token", "account_id", "user_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
    )
    op.create_index("uq_api_token_prefix", "api_token", ["prefix"], unique=True)
    op.create_index("ix_api_token_account_id", "api_token", ["account_id"], unique=False)


def _add_events() -> None:
    op.create_table(
        "office_event",
        _id("id"),
        _at("at"),
        _text("kind"),
        _text("subject"),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        _text("body"),
        _points_to("office_event", "unit_id", "unit"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_event")),
    )
    op.create_index("ix_office_event_at", "office_event", ["at"], unique=False)
    op.create_table(
        "subscription",
        _id("id"),
        _text("receiver"),
        _text("kinds"),
        sa.Column("unit_id", sa.BigInteger(), nullable=True),
        _text("made_by"),
        _at("made_at"),
        _at("ended_at", nullable=True),
        _text("ended_by"),
        _points_to("subscription", "unit_id", "unit"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    op.create_index("ix_subscription_receiver", "subscription", ["receiver"], unique=False)


def _points_to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _id(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=False)


def _text(name: str, default: str | None = None) -> sa.Column[str]:
    plain = None if default is None else sa.text(f"'{default}'")
    kind = sa.String(collation="C") if op.get_bind().dialect.name == "postgresql" else sa.String()
    return sa.Column(name, kind, server_default=plain, nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)
