"""Text is ordered by code point on PostgreSQL too, whatever language the server speaks; SQLite has always done so."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

VERSION = (
    "code channel applicant_kind applicant_name address phone officer_name limit_text documented_reason end_kind"
    " status status_text late_reason note flags"
)
TEXTS = {
    "audit_entry": "actor action subject detail",
    "batch": "files counts",
    "calendar_day": "calendar name notice",
    "dossier": VERSION,
    "dossier_revision": VERSION,
    "due_seen": "kind",
    "event": "kind text",
    "field": "folded name",
    "letter": "kind form state reason short_code file number",
    "letter_step": "step actor note",
    "obligation": "state reason",
    "procedure": "code name",
    "procedure_limit": "limit_text day_kind source",
    "progress_event": "status status_text officer_name department text",
    "raw_block": "file",
    "rejection": "file sheet column value code message cells",
    "source": "key name",
    "suspension": "kind",
    "suspension_revision": "kind",
    "unit": "code name abbreviation kind level place signer_title",
    "unit_alias": "folded",
    "user_account": "login full_name role password_hash session_salt",
}


def upgrade() -> None:
    """Apply: no row is written anew, only the indexes of these columns."""
    _order_by('"C"')


def downgrade() -> None:
    """Take back."""
    _order_by('"default"')


def _order_by(collation: str) -> None:
    if op.get_context().dialect.name != "postgresql":
        return
    for table, columns in TEXTS.items():
        changes = (f'ALTER COLUMN "{name}" TYPE VARCHAR COLLATE {collation}' for name in columns.split())
        op.execute(f"ALTER TABLE {table} {', '.join(changes)}")
