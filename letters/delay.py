"""Which reason for lateness a letter gives: the dossier's own, or one that a person set. Never invented. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date

from tracker.store.delay_reasons import KnownReason, NewReason


class ReasonBook:
    """The reasons set by persons, looked up by unit, procedure and due date; the narrowest one counts, then the newest."""

    def __init__(self, reasons: Iterable[KnownReason | NewReason]) -> None:
        """`reasons` come newest first."""
        self._of: dict[tuple[int | None, int | None], list[KnownReason | NewReason]] = {}
        for reason in reasons:
            self._of.setdefault((reason.unit_id, reason.procedure_id), []).append(reason)

    def find(self, unit_ids: Sequence[int | None], procedure_id: int | None, due: date | None) -> str:
        """The reason for a dossier of these units (resolving one, its successor), "" where nobody set one."""
        if due is None or not self._of:
            return ""
        units = [unit_id for unit_id in unit_ids if unit_id is not None]
        procedures = [procedure_id] if procedure_id is not None else []
        keys: list[tuple[int | None, int | None]] = [
            (unit, procedure) for procedure in procedures for unit in units
        ]
        keys += [(unit, None) for unit in units]
        keys += [(None, procedure) for procedure in procedures]
        for key in [*keys, (None, None)]:
            for reason in self._of.get(key, ()):
                if reason.due_from <= due <= reason.due_to:
                    return reason.text
        return ""
