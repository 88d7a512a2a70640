"""An evidence pack made by a worker: the pack registered and the work done in one commit."""

from app.grip import Grip
from app.packs import MadePack, asked_of, make_pack
from app.presenters import day
from tracker.store.session import Session
from tracker.types.work import WorkRow


def make_evidence(grip: Grip) -> None:
    """Make the pack of the params; begun again after a kill, it makes one pack all the same."""

    def mark(session: Session, made: MadePack) -> None:
        told = {"number": made.new.number, "sha256": made.new.sha256, "rows": made.new.counts["dossiers"]}
        grip.finish_in(session, told)

    make_pack(grip.context, asked_of(grip.params), by=grip.row.asked_by, watch=grip.progress, mark=mark)


def pack_period(row: WorkRow) -> str:
    """Which period a piece of work makes a pack of."""
    asked = asked_of(row.params)
    return f"từ {day(asked.start)} đến {day(asked.end)}"
