"""Progress events of dossiers that were suspended, withdrawn or refused, as `CapNhatTienDoHoSoMC` carries them."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tracker.synthetic import batch as b
from tracker.synthetic.cells import Cells
from tracker.synthetic.portal_wire import escaped

DESK = "Cán bộ một cửa"
RESULT, REFUSAL = "Kết thúc xử lý hồ sơ", "Từ chối giải quyết"
RECEIVED, RESUMED_PLAINLY = "Tiếp nhận hồ sơ", "Tiếp tục xử lý"
# Of a suspension the portal knows only a state; what is neither supplement nor fee is "Dừng xử lý".
STOPS = {
    b.PAUSE_SUPPLEMENT: (b.SUPPLEMENT, "Yêu cầu bổ sung hồ sơ"),
    b.PAUSE_FINANCIAL: (b.FEE, "Yêu cầu thực hiện nghĩa vụ tài chính"),
    b.PAUSE_VERIFICATION: (b.STOPPED, "Dừng xử lý: xác minh"),
    b.PAUSE_POSTING: (b.STOPPED, "Dừng xử lý: niêm yết công khai"),
    b.PAUSE_VIOLATION: (b.STOPPED, "Dừng xử lý: xem xét vi phạm pháp luật đất đai"),
    b.PAUSE_PLAIN: (b.STOPPED, "Tạm dừng xử lý"),
}
RESUMED = {
    b.PAUSE_SUPPLEMENT: "Đã nhận bổ sung, tiếp tục xử lý",
    b.PAUSE_FINANCIAL: "Đã thực hiện nghĩa vụ tài chính, tiếp tục xử lý",
}
_TEMPLATE = (
    '{"MaHoSo":"%s","NguoiXuLy":"%s","ChucDanh":"","ThoiDiemXuLy":"%s","PhongBanXuLy":"","NoiDungXuLy":"%s",'
    '"TrangThai":"%s","NgayBatDau":"","NgayKetThucTheoQuyDinh":""}'
)


class _Event(NamedTuple):
    at: int
    status: int
    text: str
    by_desk: bool = False


def progress(cells: Cells, batch: b.Batch) -> list[str]:
    """The events of a batch in order of dossier and time, as JSON objects; `cells` encoded for JSON."""
    told = batch.pauses[:, 2].any(axis=0) | (batch.withdrawn > 0) | (batch.refused > 0)
    rows = batch.taken(np.flatnonzero(told))
    codes, officers = cells.codes(rows), cells.texts("officers", rows.officer)
    objects = []
    for row, (code, officer) in enumerate(zip(codes, officers, strict=True)):
        for event in _events(rows, row):
            by = DESK if event.by_desk else officer
            at = cells.moments.text(event.at)
            objects.append(_TEMPLATE % (code, by, at, escaped(event.text), event.status + 1))
    return objects


def _events(batch: b.Batch, row: int) -> Iterator[_Event]:
    received = int(batch.received[row])
    if received:
        yield _Event(received, b.ACCEPTED, RECEIVED, by_desk=True)
    for start, end, kind in batch.pauses[:, :, row].tolist():
        if kind:
            yield _Event(start, *STOPS[kind])
        if kind and end:
            yield _Event(end, b.PROCESSING, RESUMED.get(kind, RESUMED_PLAINLY))
    yield from _end(batch, row)


def _end(batch: b.Batch, row: int) -> Iterator[_Event]:
    finished, withdrawn, refused = (
        int(column[row]) for column in (batch.finished, batch.withdrawn, batch.refused)
    )
    if withdrawn:
        yield _Event(withdrawn, b.WITHDRAWN, "Công dân yêu cầu rút hồ sơ")
    elif finished:
        yield _Event(finished, b.DONE, REFUSAL if refused else RESULT)
    elif refused:
        yield _Event(refused, b.REFUSED, "Không tiếp nhận hồ sơ", by_desk=True)
