"""What every connector gives: pages of records, each with the bookmark that stands behind it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

Element = Mapping[str, Any]
# JSON values of the connector's own; empty: nothing was pulled yet.
Mark = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some records as elements spelt like the national portal's; `mark` is where to go on once they are loaded.

    `name` is shown as the file of the batch, `sha256` is of the answer as it came. `done` of `total` records of this
    listing have been read with it (total None: the system does not say). `left_out`: records that are no numbered
    dossiers yet.
    """

    name: str
    elements: tuple[Element, ...]
    sha256: str
    mark: Mark
    done: int
    total: int | None = None
    left_out: int = 0


class Puller(Protocol):
    """Asks one system."""

    def pages(self, mark: Mark) -> Iterator[Page]:
        """The pages behind a bookmark; the next is asked for only when it is wanted.

        Raises:
            SourceRefused: the system does not let us in.
            SourceFailed: it could not be asked, or answers something else.
        """
        ...
