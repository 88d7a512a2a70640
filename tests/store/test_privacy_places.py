"""Every text of the database is known: emptied with its people, or known to name none of them. A new column is decided upon."""

from sqlalchemy import LargeBinary, String

from tracker.store.models import Base, Dossier
from tracker.store.models.base import Text
from tracker.store.privacy.places import PLACES

# Emptied by `loose` and `emptying` in ways of their own.
BESIDE = {
    "raw_block": {"body"},
    "rejection": {"value", "message", "cells", "closed_reason"},
    "waiting_event": {"officer_name", "text"},
    "outbox_message": {"recipient", "subject", "text", "html", "attachments", "fault"},
    "outbox_event": {"detail"},
    "inbox_message": {"subject", "text"},
    "telling": {"body"},
    "search_key": {"key"},
    "code_alias": {"reason"},
    "kept_file": {"name"},
    "cause_month": {"name"},
    "letter": {"file", "signed_file"},
}
_CODED = {
    "channel",
    "applicant_kind",
    "limit_text",
    "documented_reason",
    "end_kind",
    "status",
    "flags",
    "row_hash",
    "code",
}
# Codes, states, hashes, who of the office acted, names of files and folders: what figures, registers and proofs rest on.
STAYS = {
    "dossier": _CODED,
    "dossier_revision": _CODED,
    "event": {"kind"},
    "progress_event": {"status", "department"},
    "dossier_note": {"withdrawn_by"},
    "obligation": {"state", "reason", "kind", "decided_by"},
    "obligation_step": {"state", "reason", "actor"},
    "letter": {
        "kind",
        "form",
        "state",
        "short_code",
        "number",
        "paper",
        "signed_sha256",
        "delivered_by",
        "promise",
    },
    "letter_step": {"step", "actor"},
    "letter_notice": {"purpose", "channel", "actor"},
    "letter_number": {"state", "actor"},
    "finding_step": {"state", "by"},
    "raw_block": {"file"},
    "rejection": {"file", "sheet", "column", "code", "fields", "closed_by"},
    "waiting_event": {"code", "status", "status_text", "department"},
    "outbox_message": {
        "kind",
        "key",
        "channel",
        "cause",
        "link",
        "state",
        "owner",
        "provider_ref",
        "fault_code",
    },
    "outbox_event": {"kind"},
    "inbox_message": {"link"},
    "telling": {"row_hash", "disagrees"},
    "cause_month": {"part"},
    "code_alias": {"alias", "code", "kind", "made_by"},
    "kept_file": {"kind", "path", "subject", "sha256", "made_by", "deleted_as"},
}
# Tables that tell of the office itself, of figures, of rules, or by ids and codes alone.
OF_NOBODY = frozenset(
    {
        "absence", "alert", "alert_rule", "alert_run", "alert_setting", "alert_told", "api_token", "audit_entry",
        "audit_seal", "batch", "batch_seen", "calendar_change", "calendar_day", "calendar_journal",
        "change_mark", "delay_reason", "due_seen", "edition_entry", "evidence_pack", "feed", "field", "finding",
        "finding_look", "forecast_run", "job_run", "known_job", "lease", "ledger_kept",
        "ledger_stale", "letter_template", "limit_extra",
        "number_series", "office_calendar", "office_event", "pack_key", "procedure", "procedure_alias",
        "procedure_limit", "process", "pull_mark", "rate_count", "rate_snapshot", "rate_summary", "recovery_code",
        "remedy", "reported_total", "saved_layout", "saved_query", "signer", "source", "source_key", "source_session",
        "subscription", "suspension", "suspension_revision", "two_person_change", "unit", "unit_alias",
        "unit_calendar", "unit_target", "user_account", "work_attempt", "work_item",
    }
)  # fmt: skip


def texts() -> dict[str, set[str]]:
    """Table -> its columns that can hold words."""
    found = {
        name: {column.name for column in table.c if isinstance(column.type, Text | String | LargeBinary)}
        for name, table in Base.metadata.tables.items()
    }
    return {name: columns for name, columns in found.items() if columns}


def emptied(name: str) -> set[str]:
    """What is emptied of a table."""
    places = {column for place in PLACES if place.model.__tablename__ == name for column in place.columns}
    return places | BESIDE.get(name, set())


def test_every_text_of_the_database_is_emptied_or_known_to_name_nobody():
    told = texts()
    unknown = {
        f"{name}.{column}"
        for name, columns in told.items()
        if name not in OF_NOBODY
        for column in columns - emptied(name) - STAYS.get(name, set())
    }
    assert unknown == set()
    assert OF_NOBODY - told.keys() == set()


def test_nothing_is_both_emptied_and_kept_and_every_place_names_columns_that_are_there():
    told = texts()
    for name in {*BESIDE, *STAYS, *(place.model.__tablename__ for place in PLACES)}:
        assert emptied(name) | STAYS.get(name, set()) == told[name]
        assert emptied(name) & STAYS.get(name, set()) == set()
    assert PLACES[0].model is Dossier
