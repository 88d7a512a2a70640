"""Files loaded by a worker: what `dunghen ingest` does, the batch and the mark that it is done in one commit."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.grip import Grip
from app.ingest_plan import ingest_plan
from app.layout_choice import layout_for
from app.works.importing import faults_by_name, files_of, import_of
from tracker.pipeline import ingest
from tracker.pipeline.layouts import AUTO
from tracker.store import batches
from tracker.store.session import Session


def ingest_params(paths: Sequence[Path], source: str, **given: Any) -> dict[str, Any]:
    """What to load, as JSON values; paths are whole ones, since a worker may stand in another folder.

    `given`: further fields of the plan: `is_full`, `origin`, `mapping`.
    """
    return {"paths": [str(path.resolve()) for path in paths], "source": source, **given}


def ingest_files(grip: Grip) -> Mapping[str, Any] | None:
    """Load the files as one batch, or none of them."""
    context, params = grip.context, grip.params
    given = {name: params[name] for name in ("is_full", "origin", "mapping") if name in params}
    asked = import_of(params)
    paths = files_of(context, asked.paths)
    with faults_by_name(asked, paths):
        key = params.get("layout", AUTO)
        if (
            given.get("mapping") is None and key
        ):  # an empty key: somebody has looked, and no saved layout is meant
            given["mapping"] = layout_for(context, paths, key).mapping
        _load(grip, paths, given)
    return None


def _load(grip: Grip, paths: tuple[Path, ...], given: Mapping[str, Any]) -> None:
    context, params = grip.context, grip.params
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
