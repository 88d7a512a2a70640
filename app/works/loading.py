"""Files loaded by a worker: what `dunghen ingest` does, the batch and the mark that it is done in one commit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.grip import Grip
from tracker.pipeline import IngestPlan, ingest
from tracker.store import batches
from tracker.store.session import Session
from tracker.types.work import WorkRow


def ingest_params(paths: Sequence[Path], source: str) -> dict[str, Any]:
    """What to load, as JSON values; paths are whole ones, since a worker may stand in another folder."""
    return {"paths": [str(path.resolve()) for path in paths], "source": source}


def file_names(row: WorkRow) -> str:
    """The files of a load, by their names."""
    return ", ".join(Path(path).name for path in row.params.get("paths", ()))


def ingest_files(grip: Grip) -> Mapping[str, Any] | None:
    """Load the files as one batch, or none of them."""
    context, bounds = grip.context, grip.context.config.ingest
    plan = IngestPlan(
        tuple(context.data_dir / "inbox" / path for path in grip.params["paths"]), grip.now(), grip.params["source"],
        chunk_rows=bounds.chunk_rows, max_file_mib=bounds.max_file_mib, actor=grip.row.asked_by,
    )  # fmt: skip

    def mark(session: Session) -> None:
        batch_id, counts = batches.newest(session)
        grip.finish_in(session, {"batch": batch_id, **counts})

    steps = iter(range(1, 1_000_000_000))
    ingest(
        context.store, context.config.calendar_key, plan,
        lambda words: grip.progress(next(steps), None, words), in_same_step=mark,
    )  # fmt: skip
    return None
