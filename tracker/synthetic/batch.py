"""A batch of dossiers as columns: numbers into catalogues and pools, and local seconds (0 = empty)."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tracker.synthetic.days import DAY
from tracker.types import SuspensionKind

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

CHANNELS = ("Trực tiếp", "Trực tuyến", "Bưu chính công ích")
COUNTER, ONLINE, POSTAL = range(3)

# The words of domain list TrangThaiHoSo.
STATUSES = (
    "Mới đăng ký",
    "Được tiếp nhận",
    "Không được tiếp nhận",
    "Đang xử lý",
    "Yêu cầu bổ sung giấy tờ",
    "Yêu cầu thực hiện nghĩa vụ tài chính",
    "Công dân yêu cầu rút hồ sơ",
    "Dừng xử lý",
    "Đã xử lý xong",
    "Đã trả kết quả",
)
FILED, ACCEPTED, REFUSED, PROCESSING, SUPPLEMENT, FEE, WITHDRAWN, STOPPED, DONE, RETURNED = range(10)

# Kind 0 = no suspension; the words are those of the file.
PAUSE_KINDS = (
    ("", SuspensionKind.NONE),
    ("Bổ sung hồ sơ", SuspensionKind.SUPPLEMENT),
    ("Nghĩa vụ tài chính", SuspensionKind.FINANCIAL),
    ("Xác minh", SuspensionKind.VERIFICATION),
    ("Niêm yết công khai", SuspensionKind.POSTING),
    ("Vi phạm pháp luật đất đai", SuspensionKind.VIOLATION),
    ("Tạm dừng", SuspensionKind.PAUSE),
)
(
    NO_PAUSE,
    PAUSE_SUPPLEMENT,
    PAUSE_FINANCIAL,
    PAUSE_VERIFICATION,
    PAUSE_POSTING,
    PAUSE_VIOLATION,
    PAUSE_PLAIN,
) = range(7)


@dataclass(slots=True)
class Batch:
    """Columns of equal length. `pauses` has shape (2, 3, n): slot, (start, end, kind); an open one has end 0."""

    procedure: Ints
    unit: Ints
    receiver: Ints
    channel: Ints
    kind: Ints
    applicant: Ints
    address: Ints
    officer: Ints
    filed: Ints
    received: Ints
    first_due: Ints
    due: Ints
    finished: Ints
    returned: Ints
    withdrawn: Ints
    refused: Ints
    status: Ints
    reason: Ints
    note: Ints
    number: Ints
    pauses: Ints

    def __len__(self) -> int:
        return len(self.procedure)

    def taken(self, order: Ints) -> "Batch":
        """The rows of an order or selection."""
        return Batch(**{item.name: getattr(self, item.name)[..., order] for item in fields(self)})

    @property
    def entered(self) -> Ints:
        """When the dossier came into the books: reception, else filing. Its date stands in the code."""
        return np.where(self.received > 0, self.received, self.filed)

    @property
    def late(self) -> Bools:
        """Which ended on a day after the due day."""
        ended = (self.finished > 0) & (self.due > 0)
        return np.asarray(ended & (self.finished // DAY > self.due // DAY), dtype=np.bool_)

    def overdue(self, day: int) -> Bools:
        """Which are taken in, not ended, not suspended, and were due before a day (its number)."""
        ended = (self.finished > 0) | (self.withdrawn > 0) | (self.refused > 0)
        suspended = ((self.pauses[:, 2] > 0) & (self.pauses[:, 1] == 0)).any(axis=0)
        due = (self.due > 0) & (self.due // DAY < day)
        return np.asarray((self.received > 0) & due & ~ended & ~suspended, dtype=np.bool_)


def empty_batch(size: int) -> Batch:
    """A batch of zeros."""
    columns = {item.name: np.zeros(size, dtype=np.int64) for item in fields(Batch) if item.name != "pauses"}
    return Batch(**columns, pauses=np.zeros((2, 3, size), dtype=np.int64))


def concatenated(parts: list[Batch]) -> Batch:
    """Several batches as one."""
    return Batch(
        **{
            item.name: np.concatenate([getattr(part, item.name) for part in parts], axis=-1)
            for item in fields(Batch)
        }
    )


class Numbering:
    """Gives every dossier its number of the day at its unit; one object for all files of a run keeps codes unique."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}

    def numbered(self, batch: Batch) -> Batch:
        """The batch in order of entry, numbered."""
        ordered = batch.taken(np.argsort(batch.entered, kind="stable"))
        key = ordered.unit * 100_000 + ordered.entered // DAY
        order = np.argsort(key, kind="stable")
        keys, first, counts = np.unique(key[order], return_index=True, return_counts=True)
        base = np.array([self._last.get(k, 0) for k in keys.tolist()], dtype=np.int64)
        place = np.arange(len(key)) - np.repeat(first, counts)
        ordered.number[order] = np.repeat(base, counts) + place + 1
        self._last.update(zip(keys.tolist(), (base + counts).tolist(), strict=True))
        return ordered
