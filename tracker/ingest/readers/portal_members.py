"""Elements of payloads that are all like one before them: decoded into fixed fields, twice as fast as into objects.

What has other fields of ours, or something else in them than before, is refused, and read as an object then. Fields that
are not taken in are passed over unread.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, NamedTuple

import msgspec

# No value is both.
NEVER = Annotated[str, msgspec.Meta(min_length=1, max_length=0)]
# Of a file that shows more kinds of elements than this, the others are read as objects.
MOST_KINDS = 20


class Kind(NamedTuple):
    """Names of the fields, in order; are all of them texts; `decode` gives members of a list in JSON.

    Of a decoded member, `astuple` gives the values, then that of the field `further` (None: not told), then more.
    """

    names: tuple[str, ...]
    is_text: bool
    is_event: bool
    type: type[msgspec.Struct]
    decode: Callable[[bytes], list[Any]]


class Kinds:
    """The kinds that a file has shown."""

    def __init__(self, further: str) -> None:
        self._further = further
        self._by_shape: dict[tuple[Any, ...], Kind] = {}
        self._by_type: dict[type[Any], Kind] = {}

    def of(self, lot: list[Any]) -> Kind | None:
        """The kind of members that were decoded together; None where they are objects."""
        return self._by_type.get(type(lot[0])) if lot else None

    def like(
        self, element: Mapping[str, Any], names: tuple[str, ...], without: tuple[str, ...], *, is_event: bool
    ) -> Kind | None:
        """The kind of an object: it has these fields, and none of the others. None where there are too many."""
        kinds = tuple(isinstance(element[name], str) for name in names)
        shape = (names, kinds, is_event)
        if shape not in self._by_shape:
            if len(self._by_shape) >= MOST_KINDS:
                return None
            fields = [(name, str if text else Any) for name, text in zip(names, kinds, strict=True)]
            further = [(self._further, Any, None), *((name, NEVER, "") for name in without)]
            made = msgspec.defstruct("Member", [*fields, *further], gc=False)
            decode = msgspec.json.Decoder(list[made]).decode  # type: ignore[valid-type]
            kind = Kind(names, all(kinds), is_event, made, decode)
            self._by_shape[shape] = self._by_type[made] = kind
        return self._by_shape[shape]
