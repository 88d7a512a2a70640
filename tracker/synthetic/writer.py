"""What a writer is, what a preset hands it, and how a file comes into being: whole under its name, or not at all."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from tracker.synthetic.batch import Batch
from tracker.synthetic.cells import Pools, make_pools
from tracker.synthetic.workshop import Workshop

if TYPE_CHECKING:
    from tracker.synthetic.progress_writer import ProgressPart


@dataclass(frozen=True, slots=True)
class Written:
    """Files made from one stem: dossiers and progress events in them."""

    files: list[Path]
    rows: int
    events: int = 0


class Writer(Protocol):
    """Writes dossiers in one format."""

    def write(self, stem: Path, batches: Iterable[Batch]) -> Written:
        """Write one stem (folder and name without an ending), batch by batch."""
        ...


@dataclass(frozen=True, slots=True)
class Export:
    """What a preset makes: texts, the period it speaks of, and batches by stem, drawn only when they are asked for.

    `progress`, asked when all parts are drawn, tells the steps of some of their dossiers.
    """

    pools: Pools
    period: tuple[date, date]
    parts: Iterator[tuple[str, Iterable[Batch]]]
    progress: "Callable[[], ProgressPart] | None" = None


def pools_of(shop: Workshop, prefixes: list[str]) -> Pools:
    """The texts of a workshop; `prefixes` by unit for the dossier codes."""
    return make_pools(shop.catalogue, shop.people, prefixes)


@contextmanager
def complete(path: Path) -> Iterator[Path]:
    """A path to write to, which gets its name only when everything went well."""
    partial = path.with_name(path.name + ".part")
    yield partial
    partial.replace(path)


@contextmanager
def complete_text(path: Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    """The same as an open stream; line ends are written as they are given."""
    with complete(path) as partial, partial.open("w", encoding=encoding, newline="") as stream:
        yield stream
