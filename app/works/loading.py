"""Files loaded by a worker: what `dunghen ingest` does, the batch and the mark that it is done in one commit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.grip import Grip
from app.ingest_plan import ingest_plan
from tracker.pipeline import ingest
from tracker.store import batches
from tracker.store.session import Session
from tracker.types.work import WorkRow


def ingest_params(paths: Sequence[Path], source: str, **given: Any) -> dict[str, Any]:
    """What to load, as JSON values; paths are whole ones, since a worker may stand in another folder.

    `given`: further fields of the plan: `is_full`, `origin`, `mapping`.
    """
    return {"paths": [str(path.resolve()) for path in paths], "source": source, **given}


def file_names(row: WorkRow) -> str:
    """The files of a load, by their names."""
    return ", ".join(Path(path).name for path in row.params.get("paths", ()))


def ingest_files(grip: Grip) -> Mapping[str, Any] | None:
    """Load the files as one batch, or none of them."""
    context, params = grip.context, grip.params
    given = {name: params[name] for name in ("is_full", "origin", "mapping") if name in params}
    paths = tuple(context.data_dir / "inbox" / path for path in params["paths"])
    plan = ingest_plan(
        context, params["source"], paths=paths, now=grip.now(), actor=grip.row.asked_by, **given
    )

    def mark(session: Session) -> None:
        batch_id, counts = batches.newest(session)
        grip.finish_in(session, {"batch": batch_id, **counts})

    steps = iter(range(1, 1_000_000_000))
    ingest(
        context.store, context.config.calendar_key, plan,
        lambda words: grip.progress(next(steps), None, words), in_same_step=mark,
    )  # fmt: skip
    return None
