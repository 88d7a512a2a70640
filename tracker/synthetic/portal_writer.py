"""Batches -> what a system pushes to the national portal: one file of dossiers, one of progress events.

The portal has no field for the time of a withdrawal, which stands in NgayKetThucXuLy beside status 7, none for the
address, the desk and the limit, and none for suspensions, which only the events tell. A promised date that was moved
stands in one round of DanhSachHoSoBoSung. No identity number is sent, and no telephone number as Fax.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic import batch as b
from tracker.synthetic.cells import Cells, Moments, Pools, chunks
from tracker.synthetic.portal_events import progress
from tracker.synthetic.portal_wire import DOSSIERS, PROGRESS, FramedStream, compact, escaped, frame_of
from tracker.synthetic.writer import Written, complete_text

Ints = NDArray[np.int64]

# In the portal's order; None = varies by dossier, anything else is sent with every one.
_FIELDS: dict[str, object] = {
    "MaHoSo": None,
    "MaTTHC": None,
    "TenTTHC": None,
    "MaLinhVuc": None,
    "TenLinhVuc": None,
    "SoBienNhan": "",
    "KenhThucHien": None,
    "SoGiayToChuHoSo": "",
    "ChuHoSo": None,
    "LoaiDoiTuong": None,
    "MaDoiTuong": "",
    "ThongTinKhac": None,
    "Email": "",
    "Fax": "",
    "SoDienThoai": None,
    "TrichYeuHoSo": "",
    "NgayTiepNhan": None,
    "NgayHenTra": None,
    "TrangThaiHoSo": None,
    "NgayTra": None,
    "ThongTinTra": "",
    "HinhThuc": None,
    "NgayKetThucXuLy": None,
    "DonViXuLy": None,
    "GhiChu": None,
    "TaiLieuNop": [],
    "DanhSachLePhi": [],
    "DanhSachTepDinhKemKhac": [],
    "DanhSachHoSoBoSung": None,
    "DanhSachGiayToKetQua": [],
    "NoiNopHoSo": "2",
    "HoSoCoThanhPhanSoHoa": "0",
    "TaiKhoanDuocXacThucVoiVNeID": "0",
    "DuocThanhToanTrucTuyen": "0",
    "NgayNopHoSo": None,
    "NgayTuChoi": None,
    "DinhDanhCHS": [],
    "DSKetNoiCSDL": [{"MaCSDL": "7"}],
}
_ROUNDS = "DanhSachHoSoBoSung"
_VARYING = [name for name, fixed in _FIELDS.items() if fixed is None]


def _template() -> str:
    """A dossier with a place for each value that varies: texts within quotes, the rounds as they are."""
    places = {name: "%s" if name == _ROUNDS else '"%s"' for name in _VARYING}
    values = {name: places.get(name) or compact(fixed) for name, fixed in _FIELDS.items()}
    return "{" + ",".join(f'"{name}":{value}' for name, value in values.items()) + "}"


class PortalWriter:
    """Two files per stem."""

    def __init__(self, pools: Pools, wire: str) -> None:
        self._wire, self._template = wire, _template()
        self._cells = Cells(pools, escaped, Moments("%Y%m%d", "{:02d}{:02d}{:02d}"))
        fields = sorted(set(pools.fields))
        self._field_codes = [f"G15-DL{fields.index(field) + 1:02d}" for field in pools.fields]

    def write(self, stem: Path, batches: Iterable[b.Batch]) -> Written:
        """Write `<stem>-ho-so.json` and `<stem>-tien-do.json`."""
        files = [stem.with_name(f"{stem.name}-{what}.json") for what in ("ho-so", "tien-do")]
        with complete_text(files[0]) as first, complete_text(files[1]) as second:
            dossiers = FramedStream(first, frame_of(self._wire, DOSSIERS))
            events = FramedStream(second, frame_of(self._wire, PROGRESS))
            for batch in batches:
                for part in chunks(batch):
                    dossiers.add(self._objects(part, dossiers.count))
                    events.add(progress(self._cells, part))
            dossiers.end()
            events.end()
        return Written(files, dossiers.count, events.count)

    def _objects(self, batch: b.Batch, before: int) -> list[str]:
        """The dossiers of a batch; `before`: how many stand in the file already."""
        values = {**self._texts(batch), **self._moments(batch), _ROUNDS: self._rounds(batch, before)}
        template = self._template
        return [template % row for row in zip(*(values[name] for name in _VARYING), strict=True)]

    def _texts(self, batch: b.Batch) -> dict[str, list[str]]:
        texts = self._cells.texts
        return {
            "MaHoSo": self._cells.codes(batch),
            "MaTTHC": texts("procedure_codes", batch.procedure),
            "TenTTHC": texts("procedure_names", batch.procedure),
            "MaLinhVuc": [self._field_codes[place] for place in batch.procedure.tolist()],
            "TenLinhVuc": texts("fields", batch.procedure),
            "KenhThucHien": _numbers(batch.channel),
            "ChuHoSo": texts("applicants", batch.applicant),
            "LoaiDoiTuong": _numbers(batch.kind),
            "ThongTinKhac": texts("reasons", batch.reason),
            "SoDienThoai": texts("phones", batch.applicant),
            "TrangThaiHoSo": _numbers(batch.status),
            "HinhThuc": ["1" if posted else "0" for posted in (batch.channel == b.POSTAL).tolist()],
            "DonViXuLy": texts("units", batch.unit),
            "GhiChu": texts("notes", batch.note),
        }

    def _moments(self, batch: b.Batch) -> dict[str, list[str]]:
        columns = {
            "NgayTiepNhan": batch.received,
            "NgayHenTra": batch.due,
            "NgayTra": batch.returned,
            "NgayKetThucXuLy": np.where(batch.withdrawn > 0, batch.withdrawn, batch.finished),
            "NgayNopHoSo": batch.filed,
            "NgayTuChoi": batch.refused,
        }
        return {name: self._cells.moments.texts(local) for name, local in columns.items()}

    def _rounds(self, batch: b.Batch, before: int) -> list[str]:
        lists = ["[]"] * len(batch)
        moved = (batch.first_due > 0) & (batch.due > 0) & (batch.first_due != batch.due)
        for row in np.flatnonzero(moved).tolist():
            lists[row] = compact([self._round(batch, row, before + row + 1)])
        return lists

    def _round(self, batch: b.Batch, row: int, number: int) -> dict[str, object]:
        text, moment = self._cells.pools, self._cells.moments.text
        slots = [slot for slot in batch.pauses[:, :, row].tolist() if slot[2]]
        asked, came, _ = next((slot for slot in slots if slot[2] == b.PAUSE_SUPPLEMENT), (0, 0, 0))
        officer = text.officers[batch.officer[row]]
        why = b.PAUSE_KINDS[slots[0][2]][0] if slots else "Gia hạn thời gian giải quyết"
        return {
            "HoSoBoSungId": number,
            "NguoiYeuCauBoSung": officer,
            "NoiDungBoSung": why,
            "NgayBoSung": moment(asked),
            "NguoiTiepNhanBoSung": officer if came else "",
            "ThongTinTiepNhan": "",
            "NgayTiepNhanBoSung": moment(came),
            "TrangThaiBoSung": bool(came),
            "DanhSachGiayToBoSung": [],
            "DanhSachLePhiBoSung": [],
            "NgayHenTraTruoc": moment(int(batch.first_due[row])),
            "NgayHenTraMoi": moment(int(batch.due[row])),
        }


def _numbers(places: Ints) -> list[str]:
    """The codes of the portal count from 1."""
    return [str(place + 1) for place in places.tolist()]
