"""Which acts of the log are looking at or taking out, and which lists name the dossiers that they showed. Facts only.

A list that was looked at holds the ids of the rows that were shown (`current.log`), so that it can be told later which
dossiers stood on somebody's screen. Asking for a file is no taking: the taking is the download that follows.
"""

from collections.abc import Mapping
from enum import StrEnum

from app.log_page import ACTIONS
from app.presenters import Chip


class SeenKind(StrEnum):
    """How something was seen; the order of the page."""

    OPENED = "opened"
    LISTED = "listed"
    REVEALED = "revealed"
    EXPORTED = "exported"
    PRINTED = "printed"
    API = "api"


KINDS: Mapping[SeenKind, Chip] = {
    SeenKind.OPENED: Chip("dot", "Mở hồ sơ", "plain"),
    SeenKind.LISTED: Chip("columns", "Xem danh sách", "plain"),
    SeenKind.REVEALED: Chip("person", "Hiện người nộp", "soon"),
    SeenKind.EXPORTED: Chip("download", "Xuất, tải về", "accent"),
    SeenKind.PRINTED: Chip("print", "In", "accent"),
    SeenKind.API: Chip("key", "Qua chương trình khác", "plain"),
}
_SEEN: Mapping[SeenKind, frozenset[str]] = {
    SeenKind.OPENED: frozenset(
        {"dossier", "proof", "letter", "obligation", "alert", "rejection", "code_candidates", "push_lookup"}
    ),
    SeenKind.LISTED: frozenset(
        {
            "board", "late_list", "intake", "cases", "case_sample", "letters", "obligations", "compliance", "alerts",
            "score_stakes", "forecast", "forecast_risks", "codes", "vanished", "duplicates", "reconcile", "rejections", "restatement", "view", "search",
            "simulator_list", "search_hits", "unit_home", "calendar_change", "board_print", "feed_read", "letter_confirm", "alert_confirm",
            "privacy_subject",
        }
    ),
    SeenKind.REVEALED: frozenset({"reveal"}),
    SeenKind.EXPORTED: frozenset({"export", "import_preview"}),
    SeenKind.PRINTED: frozenset({"letter_print", "board_print"}),
    SeenKind.API: frozenset({"api"}),
}  # fmt: skip
# By the end of their names: so a new list or file is counted on the day that it is written.
_ENDINGS: Mapping[str, SeenKind] = {
    "_export": SeenKind.EXPORTED,
    "_download": SeenKind.EXPORTED,
    "_print": SeenKind.PRINTED,
}
# What looking at is no looking at dossiers.
NOT_SEEING = frozenset({"seen_export", "rules_export", "rates_export", "log_export"})
# Lists whose `ids` are those of letters, alerts or rows; of all others they are those of dossiers.
OTHER_IDS = frozenset({"letters", "alerts", "rejections", "letter_confirm", "alert_confirm"})


def kind_of(action: str) -> SeenKind | None:
    """How an act saw something; None: it did not."""
    if action in NOT_SEEING:
        return None
    for kind, names in _SEEN.items():
        if action in names:
            return kind
    return next((kind for ending, kind in _ENDINGS.items() if action.endswith(ending)), None)


def actions_of(kind: SeenKind | None = None) -> frozenset[str]:
    """The acts of a kind, or of all."""
    found = {action: kind_of(action) for action in ACTIONS}
    return frozenset(action for action, is_kind in found.items() if is_kind and kind in (None, is_kind))
