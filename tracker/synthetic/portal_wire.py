"""The frames in which systems push objects to the national portal: an envelope, a bare array, one object a line.

A   one object {session, madonvi, service, isUpdating, data: [...]}
B   a bare array, the options stand in the address of the call
C   a bare array, each operation has an address of its own: in a file the same as B
D   one object {service, isUpdating, data: {...}} for each thing sent; here a line each
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO

WIRES = ("A", "B", "C", "D")
DOSSIERS, PROGRESS = "DongBoHoSoMC", "CapNhatTienDoHoSoMC"
_SESSION, _SENDER = "phien-gia-dinh-0001", "000.00.00.H15"


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands before the first object, round each, between two, and after the last."""

    head: str = ""
    opening: str = ""
    closing: str = ""
    between: str = ""
    tail: str = ""


def frame_of(wire: str, service: str) -> Frame:
    """The frame of a wire variant for a service of the portal."""
    options = {"service": service} | ({"isUpdating": "False"} if service == DOSSIERS else {})
    if wire == "A":
        envelope = compact({"session": _SESSION, "madonvi": _SENDER, **options})
        return Frame(head=f'{envelope[:-1]},"data":[\n', between=",\n", tail="\n]}\n")
    if wire == "D":
        return Frame(opening=f'{compact(options)[:-1]},"data":', closing="}\n")
    return Frame(head="[\n", between=",\n", tail="\n]\n")


def compact(value: object) -> str:
    """JSON without blanks, Vietnamese letters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def escaped(text: str) -> str:
    """What stands between the quotes of a JSON text."""
    return compact(text)[1:-1]


class FramedStream:
    """A stream that objects, already JSON, are added to within a frame."""

    def __init__(self, stream: TextIO, frame: Frame) -> None:
        self._stream, self._frame = stream, frame
        self.count = 0
        stream.write(frame.head)

    def add(self, objects: Iterable[str]) -> None:
        """Write some objects."""
        frame = self._frame
        framed = [f"{frame.opening}{each}{frame.closing}" for each in objects]
        if framed and self.count:
            self._stream.write(frame.between)
        self._stream.write(frame.between.join(framed))
        self.count += len(framed)

    def end(self) -> None:
        """Write what stands after the last object."""
        self._stream.write(self._frame.tail)
