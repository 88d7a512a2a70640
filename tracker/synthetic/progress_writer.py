"""Progress events -> the portal's payload `CapNhatTienDoHoSoMC`, one file, written as the events are made."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tracker.synthetic.batch import Batch
from tracker.synthetic.cells import Cells, Moments, Pools, chunks
from tracker.synthetic.planted_causes import Planted
from tracker.synthetic.portal_events import DESK
from tracker.synthetic.portal_wire import PROGRESS, FramedStream, escaped, frame_of
from tracker.synthetic.progress_steps import BY_DESK, StepEvent
from tracker.synthetic.writer import complete_text

_TEMPLATE = (
    '{"MaHoSo":"%s","NguoiXuLy":"%s","ChucDanh":"","ThoiDiemXuLy":"%s","PhongBanXuLy":"%s","NoiDungXuLy":"%s",'
    '"TrangThai":"%s","NgayBatDau":"%s","NgayKetThucTheoQuyDinh":"%s"}'
)
Events = Callable[[Batch], Iterator[list[StepEvent]]]


@dataclass(frozen=True, slots=True)
class ProgressPart:
    """What a preset tells of the steps of some of its dossiers; `planted`: which causes of lateness are in it."""

    stem: str
    batches: list[Batch]
    events: Events
    planted: tuple[Planted, ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenProgress:
    """The file, the dossiers it tells of, the events in it."""

    file: Path
    dossiers: int
    events: int


class ProgressWriter:
    """Writes one part in a wire variant of the portal."""

    def __init__(self, pools: Pools, wire: str) -> None:
        self._wire = wire
        self._cells = Cells(pools, escaped, Moments("%Y%m%d", "{:02d}{:02d}{:02d}"))
        self._text = cache(escaped)

    def write(self, folder: Path, part: ProgressPart) -> WrittenProgress:
        """Write `<stem>.json`."""
        path = folder / f"{part.stem}.json"
        dossiers = 0
        with complete_text(path) as stream:
            out = FramedStream(stream, frame_of(self._wire, PROGRESS))
            for batch in part.batches:
                for some in chunks(batch):
                    codes = self._cells.codes(some)
                    for code, events in zip(codes, part.events(some), strict=True):
                        out.add([self._object(code, event) for event in events])
                        dossiers += bool(events)
            out.end()
        return WrittenProgress(path, dossiers, out.count)

    def _object(self, code: str, event: StepEvent) -> str:
        text, moment = self._text, self._cells.moments.text
        return _TEMPLATE % (
            code, self._officer(event), moment(event.at), text(event.department), text(event.text),
            event.status + 1, moment(event.begun), moment(event.due),
        )  # fmt: skip

    def _officer(self, event: StepEvent) -> str:
        if event.officer < 0:
            return DESK if event.officer == BY_DESK else ""
        return self._cells.pools.officers[event.officer]
