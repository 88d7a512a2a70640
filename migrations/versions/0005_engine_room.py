"""The engine room: long work, runs of jobs, leases, outbox, inbox, two-person changes; the log of acts chained and sealed."""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    "audit_seal", "rate_count", "two_person_change", "inbox_message", "outbox_event", "outbox_message", "job_run",
    "work_after", "work_attempt", "work_item", "known_job", "process", "lease",
)  # fmt: skip
# Of these, rows are only ever added.
GROWING = {"audit_entry": "id", "audit_seal": "day"}
BEGINNING = "0" * 64


def upgrade() -> None:
    """Apply."""
    _add_work()
    _add_outbox()
    _add_people()
    _add_text("audit_entry", "chain")
    _add_text("user_account", "email")
    _add_flag("user_account", "must_change_password")
    _chain_what_is_there()
    for table in GROWING:
        _forbid_change(table)


def downgrade() -> None:
    """Take back."""
    for table in GROWING:
        _allow_change(table)
    for table, column in (
        ("user_account", "must_change_password"),
        ("user_account", "email"),
        ("audit_entry", "chain"),
    ):
        with op.batch_alter_table(table) as change:
            change.drop_column(column)
    for table in TABLES:
        op.drop_table(table)


def _is_postgresql() -> bool:
    return op.get_context().dialect.name == "postgresql"


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(collation="C") if _is_postgresql() else sa.String(), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), autoincrement=False, nullable=nullable)


def _add_text(table: str, name: str) -> None:
    """An empty text for the rows that are there, and no default for those to come."""
    column = _text(name)
    column.server_default = sa.DefaultClause(sa.text("''"))
    op.add_column(table, column)
    with op.batch_alter_table(table) as change:
        change.alter_column(name, server_default=None)


def _add_flag(table: str, name: str) -> None:
    """False for the rows that are there, and no default for those to come."""
    op.add_column(table, sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table(table) as change:
        change.alter_column(name, server_default=None)


def _chain_what_is_there() -> None:
    """As tracker/store/audit.py chains: each entry with the one before it."""
    entries = sa.table(
        "audit_entry", *map(sa.column, ("id", "at", "actor", "action", "subject", "detail", "chain"))
    )
    chain = BEGINNING
    kept = [column for column in entries.c if column.name != "chain"]
    rows = op.get_bind().execute(sa.select(*kept).order_by(entries.c.id)).all()
    for row in rows:
        told = json.dumps(list(row), ensure_ascii=False, separators=(",", ":"))
        chain = hashlib.sha256(f"{chain}\n{told}".encode()).hexdigest()
        op.get_bind().execute(sa.update(entries).where(entries.c.id == row[0]).values(chain=chain))


def _forbid_change(table: str) -> None:
    told = f"{table} only grows"
    if _is_postgresql():
        op.execute(
            f"CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{told}'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{told}'); END"
        )
    key = GROWING[table]  # REPLACE deletes without asking the trigger above
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}"
        f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"
        f" BEGIN SELECT RAISE(ABORT, '{told}'); END"
    )


def _allow_change(table: str) -> None:
    if _is_postgresql():
        op.execute(f"DROP TRIGGER {table}_only_grows ON {table}")
        op.execute(f"DROP FUNCTION {table}_only_grows()")
        return
    for verb in ("update", "delete", "replace"):
        op.execute(f"DROP TRIGGER {table}_no_{verb}")


def _add_work() -> None:
    op.create_table(
        "lease",
        _text("name"),
        _text("owner"),
        sa.Column("token", sa.Integer(), nullable=False),
        _at("until"),
        _at("heartbeat_at"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "known_job",
        _text("name"),
        _at("since"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_known_job")),
    )
    op.create_table(
        "process",
        _text("owner"),
        _text("kind"),
        _at("started_at"),
        _at("heartbeat_at"),
        _at("ended_at", nullable=True),
        _text("doing"),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_process")),
    )
    op.create_table(
        "work_item",
        _number("id"),
        _text("kind"),
        _text("key"),
        _text("params"),
        _text("state"),
        sa.Column("priority", sa.Integer(), nullable=False),
        _number("unit_id", nullable=True),
        _text("asked_by"),
        _at("asked_at"),
        _at("not_before"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        _text("owner", nullable=True),
        _at("lease_until", nullable=True),
        _at("heartbeat_at", nullable=True),
        _at("started_at", nullable=True),
        _at("ended_at", nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        _text("told"),
        _at("cancel_asked_at", nullable=True),
        _text("checkpoint"),
        _text("result"),
        _text("fault"),
        _text("fault_code"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_work_item_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item")),
        sa.UniqueConstraint("key", name=op.f("uq_work_item_key")),
    )
    op.create_index("ix_work_item_state", "work_item", ["state"])
    op.create_index(
        "ix_work_item_waiting",
        "work_item",
        ["priority", "id"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "job_run",
        _number("id"),
        _text("job"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        _text("cause"),
        _text("asked_by"),
        _at("asked_at"),
        _number("work_id"),
        sa.ForeignKeyConstraint(["work_id"], ["work_item.id"], name=op.f("fk_job_run_work_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        sa.UniqueConstraint("job", "day", "seq", name=op.f("uq_job_run_job_day_seq")),
    )
    op.create_index("ix_job_run_work_id", "job_run", ["work_id"])
    op.create_table(
        "work_after",
        _number("work_id"),
        _number("after_id"),
        sa.ForeignKeyConstraint(["after_id"], ["work_item.id"], name=op.f("fk_work_after_after_id")),
        sa.ForeignKeyConstraint(["work_id"], ["work_item.id"], name=op.f("fk_work_after_work_id")),
        sa.PrimaryKeyConstraint("work_id", "after_id", name=op.f("pk_work_after")),
    )
    op.create_table(
        "work_attempt",
        _number("work_id"),
        sa.Column("seq", sa.Integer(), nullable=False),
        _text("owner"),
        _at("started_at"),
        _at("ended_at", nullable=True),
        _text("outcome"),
        _text("fault"),
        sa.ForeignKeyConstraint(["work_id"], ["work_item.id"], name=op.f("fk_work_attempt_work_id")),
        sa.PrimaryKeyConstraint("work_id", "seq", name=op.f("pk_work_attempt")),
    )


def _add_outbox() -> None:
    op.create_table(
        "outbox_message",
        _number("id"),
        _text("kind"),
        _text("key"),
        _text("channel"),
        _text("recipient"),
        _number("unit_id", nullable=True),
        _text("cause"),
        _text("subject"),
        _text("text"),
        _text("html"),
        _text("link"),
        _text("attachments"),
        _at("created_at"),
        _at("not_before"),
        _at("not_after", nullable=True),
        _text("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        _text("owner", nullable=True),
        _at("lease_until", nullable=True),
        _at("handed_over_at", nullable=True),
        _at("sent_at", nullable=True),
        _text("provider_ref"),
        _text("fault"),
        _text("fault_code"),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_outbox_message_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_message_key")),
    )
    op.create_index("ix_outbox_message_provider_ref", "outbox_message", ["provider_ref"])
    op.create_index("ix_outbox_message_state_not_before", "outbox_message", ["state", "not_before", "id"])
    for name, columns, where in (
        ("ix_outbox_message_waiting", ["channel", "not_before", "id"], "state = 'waiting'"),
        (
            "ix_outbox_message_not_after",
            ["state", "not_after"],
            "state = 'waiting' AND not_after IS NOT NULL",
        ),
        ("ix_outbox_message_sending", ["state", "lease_until"], "state = 'sending'"),
    ):
        op.create_index(
            name, "outbox_message", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
        )
    op.create_table(
        "inbox_message",
        _number("id"),
        _number("message_id"),
        _number("account_id"),
        _at("at"),
        _text("subject"),
        _text("text"),
        _text("link"),
        _at("read_at", nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["user_account.id"], name=op.f("fk_inbox_message_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["outbox_message.id"], name=op.f("fk_inbox_message_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_inbox_message_message_id")),
    )
    op.create_index("ix_inbox_message_account_id", "inbox_message", ["account_id"])
    op.create_index(
        "ix_inbox_message_unread",
        "inbox_message",
        ["account_id"],
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "outbox_event",
        _number("message_id"),
        sa.Column("seq", sa.Integer(), nullable=False),
        _at("at"),
        _text("kind"),
        _text("detail"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["outbox_message.id"], name=op.f("fk_outbox_event_message_id")
        ),
        sa.PrimaryKeyConstraint("message_id", "seq", name=op.f("pk_outbox_event")),
    )


def _add_people() -> None:
    op.create_table(
        "audit_seal",
        sa.Column("day", sa.Date(), nullable=False),
        _number("entry_id"),
        _text("chain"),
        _at("sealed_at"),
        _text("line"),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_seal")),
    )
    op.create_table(
        "rate_count",
        _text("key"),
        sa.Column("count", sa.Integer(), nullable=False),
        _at("until"),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_count")),
    )
    op.create_table(
        "two_person_change",
        _number("id"),
        _text("kind"),
        _text("subject"),
        _text("payload"),
        _text("before"),
        _text("reason"),
        _text("state"),
        _text("proposed_by"),
        _at("proposed_at"),
        _text("decided_by", nullable=True),
        _at("decided_at", nullable=True),
        _text("note"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_two_person_change")),
    )
    op.create_index("ix_two_person_change_state", "two_person_change", ["state"])
