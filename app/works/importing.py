"""Files looked at before they are loaded: what `dunghen ingest --dry-run` counts, and how their columns are understood."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.context import AppContext
from app.grip import Grip
from app.ingest_plan import ingest_plan
from app.layout_choice import layout_for
from app.preview_json import preview_json
from tracker.errors import UnusableFile
from tracker.pipeline.layouts import NONE, ChosenLayout
from tracker.pipeline.previewing import preview
from tracker.types.work import WorkRow

INBOX = "inbox"


@dataclass(frozen=True, slots=True)
class Import:
    """Files that somebody wants loaded: where they lie below the inbox, by which names people know them, and how to read
    them. `mapping` None: nobody has said, so saved layouts are looked for.
    """

    paths: tuple[str, ...]
    names: tuple[str, ...]
    source: str = "main"
    is_full: bool = False
    mapping: Mapping[str, str] | None = None

    def as_params(self) -> dict[str, Any]:
        """As JSON values."""
        mapping = None if self.mapping is None else dict(self.mapping)
        return {
            "paths": list(self.paths), "names": list(self.names), "source": self.source, "is_full": self.is_full,
            "mapping": mapping, "origin": "file",
        }  # fmt: skip


def import_of(params: Mapping[str, Any]) -> Import:
    """From its JSON values."""
    names = params.get("names") or [Path(path).name for path in params["paths"]]
    return Import(
        tuple(params["paths"]),
        tuple(names),
        params["source"],
        bool(params.get("is_full")),
        params.get("mapping"),
    )


def files_of(context: AppContext, paths: Sequence[str]) -> tuple[Path, ...]:
    """The files of an import: uploads by where they lie below the inbox, others by their whole paths."""
    return tuple(context.data_dir / INBOX / path for path in paths)


def preview_import(grip: Grip) -> Mapping[str, Any]:
    """Read the files of the params as a load would, and keep nothing but what was seen."""
    asked = import_of(grip.params)
    context = grip.context
    paths = files_of(context, asked.paths)
    for path in paths:
        if not path.is_file():
            raise UnusableFile(name_of(asked, path), "tệp không còn được giữ; hãy tải lên lại")
    chosen = ChosenLayout(asked.mapping) if asked.mapping is not None else _saved(context, paths)
    plan = ingest_plan(
        context, asked.source, paths=paths, now=grip.now(), actor=grip.row.asked_by, is_full=asked.is_full,
        mapping=chosen.mapping,
    )  # fmt: skip
    steps = iter(range(1, 1_000_000_000))
    with faults_by_name(asked, paths):
        seen = preview(
            context.store,
            context.config.calendar_key,
            plan,
            lambda words: grip.progress(next(steps), None, words),
        )
    names = {path.name: name for path, name in zip(paths, asked.names, strict=True)}
    seen = replace(
        seen,
        tables=tuple(replace(each, file=names.get(each.file, each.file)) for each in seen.tables),
        rejections=tuple(
            replace(each, file=names.get(Path(each.file).name, each.file)) for each in seen.rejections
        ),
        layout=", ".join(chosen.keys),
    )
    mapping = None if chosen.mapping is None else dict(chosen.mapping)
    return {"preview": preview_json(seen), "mapping": mapping}


def _saved(context: AppContext, paths: Sequence[Path]) -> ChosenLayout:
    return layout_for(context, paths) if paths else NONE


def name_of(asked: Import, path: Path) -> str:
    """The name by which people know a file."""
    names = {Path(each).name: name for each, name in zip(asked.paths, asked.names, strict=True)}
    return names.get(path.name, path.name)


@contextmanager
def faults_by_name(asked: Import, paths: Sequence[Path]) -> Iterator[None]:
    """A file that cannot be used is named as people know it, not as it lies in our folder."""
    try:
        yield
    except UnusableFile as fault:
        own = {str(path): name_of(asked, path) for path in paths}
        raise UnusableFile(own.get(fault.file, fault.file), fault.reason) from fault


def file_names(row: WorkRow) -> str:
    """The files of an import, as people know them."""
    return ", ".join(import_of(row.params).names) if row.params.get("paths") else ""
