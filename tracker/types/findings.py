"""Signs that lateness was made to disappear: the kinds with their words, the pair that shows each, and its states.

A finding is a sign that asks for an explanation, never an accusation; it names dates, units and loads, and no person.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class FindingKind(StrEnum):
    """What was seen; the values stand in the database and in answers."""

    MOVED_AFTER = "due_moved_after"
    MOVED_LAST_DAY = "due_moved_last_day"
    MOVED_FULL_TERM = "due_reset"
    MOVED_IN_BULK = "due_moved_bulk"
    MOVED_UNEXPLAINED = "due_moved_unexplained"
    SUSPENDED_AFTER = "suspended_after"
    SUSPENDED_LAST_DAY = "suspended_last_day"
    END_IS_DUE = "end_is_due"
    END_BACKDATED = "end_backdated"
    END_BEFORE_STEP = "end_before_step"
    WITHDRAWN_IN_WAVE = "withdrawn_wave"
    VANISHED_LATE = "vanished_late"
    REOPENED = "reopened"


class FindingState(StrEnum):
    """What became of a finding; persons set all but the first."""

    OPEN = "open"
    EXPLAINED = "explained"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


STATE_WORDS: Mapping[FindingState, str] = {
    FindingState.OPEN: "Chờ giải trình",
    FindingState.EXPLAINED: "Đã giải trình",
    FindingState.CONFIRMED: "Xác nhận",
    FindingState.DISMISSED: "Chấp nhận giải trình",
}


@dataclass(frozen=True, slots=True)
class KindWords:
    """How a kind is told: `short` in lists, `rule` when it is found ({name} = a threshold of `data/integrity.toml`),
    `explained_by` what would explain it.
    """

    short: str
    rule: str
    explained_by: str


KIND_WORDS: Mapping[FindingKind, KindWords] = {
    FindingKind.MOVED_AFTER: KindWords(
        "Dời hạn khi đã quá hạn",
        "Ngày hẹn trả cũ đã qua mà nguồn vẫn còn báo ngày đó khi hồ sơ chưa xong; sau đó nguồn báo một ngày hẹn muộn hơn.",
        "Tạm dừng bắt đầu trước ngày hẹn cũ, hoặc văn bản xin lỗi và hẹn lại ngày trả kết quả.",
    ),
    FindingKind.MOVED_LAST_DAY: KindWords(
        "Dời hạn trong ngày cuối",
        "Ngày hẹn trả được dời muộn hơn trong ngày làm việc cuối cùng trước khi đến hạn, hoặc sau đó (giữa hai lần nạp không rõ hơn).",
        "Tạm dừng bắt đầu trước ngày hẹn cũ, văn bản xin lỗi và hẹn lại, hoặc tính lại hạn theo quy định.",
    ),
    FindingKind.MOVED_FULL_TERM: KindWords(
        "Đặt lại trọn thời hạn",
        "Hạn mới cách ngày dời đúng bằng trọn thời hạn ban đầu (từ {full_term_least_days} ngày làm việc), như hồ sơ vừa nhận.",
        "Yêu cầu bổ sung hồ sơ được ghi nhận (thời hạn tính lại từ khi nhận bổ sung), hoặc văn bản hẹn lại.",
    ),
    FindingKind.MOVED_IN_BULK: KindWords(
        "Dời hạn hàng loạt",
        "Từ {bulk_least} hồ sơ của một đơn vị được dời hạn trong cùng một ngày, cùng số ngày hoặc về cùng một ngày hẹn.",
        "Lịch làm việc thay đổi (nghỉ bù, nghỉ lễ) làm hạn theo quy định dời theo; sự cố chung có văn bản.",
    ),
    FindingKind.MOVED_UNEXPLAINED: KindWords(
        "Dời hạn không có căn cứ",
        "Hạn của nguồn muộn hơn hạn theo quy định trên {slack_days} ngày làm việc, không có tạm dừng hay văn bản nào đi kèm.",
        "Tạm dừng chưa được nguồn gửi, văn bản gia hạn ở nơi khác, hoặc thời hạn trong danh mục chưa đúng.",
    ),
    FindingKind.SUSPENDED_AFTER: KindWords(
        "Tạm dừng ghi lùi ngày",
        "Hồ sơ đã quá hạn và nguồn chưa báo tạm dừng; sau đó nguồn báo tạm dừng bắt đầu từ trước ngày hẹn trả.",
        "Văn bản yêu cầu bổ sung hoặc thông báo nghĩa vụ tài chính có ngày thật trước hạn, nhập vào phần mềm chậm.",
    ),
    FindingKind.SUSPENDED_LAST_DAY: KindWords(
        "Tạm dừng trong ngày cuối",
        "Hồ sơ có thời hạn từ {last_day_least_term} ngày làm việc được tạm dừng hoặc yêu cầu bổ sung đúng ngày đến hạn.",
        "Yêu cầu bổ sung có lý do phát sinh ở bước cuối, có văn bản nêu rõ; việc chờ nghĩa vụ tài chính không bị tính.",
    ),
    FindingKind.END_IS_DUE: KindWords(
        "Kết thúc đúng giây hẹn",
        "Thời điểm kết thúc trùng thời điểm hẹn trả đến từng giây; khi nguồn chỉ ghi đến phút thì đơn vị phải trùng nhiều bất thường.",
        "Phần mềm tự kết thúc khi đến hạn, hoặc trùng ngẫu nhiên một vài hồ sơ.",
    ),
    FindingKind.END_BACKDATED: KindWords(
        "Kết thúc ghi lùi ngày",
        "Nguồn còn báo hồ sơ chưa xong khi đã quá hạn {backdated_days} ngày làm việc; sau đó báo đã kết thúc từ trước hạn.",
        "Kết quả đã ký trước hạn nhưng nhập vào phần mềm chậm: ngày trên kết quả cho biết.",
    ),
    FindingKind.END_BEFORE_STEP: KindWords(
        "Kết thúc trước bước cuối",
        "Sau thời điểm kết thúc (trong hạn) vẫn còn bước xử lý của một phòng, ban, quá {step_minutes} phút làm việc.",
        "Bước đó chỉ là lưu hồ sơ hoặc trả kết quả; hoặc hồ sơ được mở lại có lý do.",
    ),
    FindingKind.WITHDRAWN_IN_WAVE: KindWords(
        "Rút hồ sơ hàng loạt",
        "Trong một ngày đơn vị có từ {wave_least} hồ sơ rút, gấp {wave_times} lần ngày thường, phần lớn đã hoặc sắp quá hạn.",
        "Đơn đề nghị rút của từng người nộp, hoặc một dự án, chính sách dừng lại.",
    ),
    FindingKind.VANISHED_LATE: KindWords(
        "Biến mất khi quá hạn",
        "Hồ sơ đã quá hạn, chưa xong, không còn trong lần xuất toàn bộ mới nhất của nguồn, hoặc bị xóa khi đã quá hạn.",
        "Hồ sơ trùng bị xóa có biên bản, đổi mã, hoặc chuyển sang hệ thống khác.",
    ),
    FindingKind.REOPENED: KindWords(
        "Đóng rồi mở lại",
        "Hồ sơ kết thúc trong hạn, được mở lại trong {reopened_days} ngày làm việc, rồi kết thúc hoặc còn dở sau ngày hẹn.",
        "Người nộp phát hiện sai sót trên kết quả và đề nghị sửa, có ghi nhận.",
    ),
}  # fmt: skip


class Seen(StrEnum):
    """What one side of the pair is about."""

    DUE = "due"  # a due date
    OPEN = "open"  # told as not ended; `at` = the due date then
    END = "end"  # an end; `at` = when
    SUSPENSION = "suspension"  # `at` to `until`; `name` = its kind
    UNSUSPENDED = "unsuspended"  # told without any suspension; `at` = the due date then
    STEP = "step"  # a step done; `name` = the department, `at` = when, `until` = None
    REOPENED = "reopened"  # `at` = when
    USUAL = "usual"  # `count` withdrawals on a usual day of the unit
    WITHDRAWN = "withdrawn"  # `at` = the withdrawal; `count` on that day, `late` of them late or due
    GONE = "gone"  # no longer told by a whole export
    DELETED = "deleted"  # `at` = when


SEEN_WORDS: Mapping[Seen, str] = {
    Seen.DUE: "Hẹn trả",
    Seen.OPEN: "Chưa xong, hẹn trả",
    Seen.END: "Kết thúc",
    Seen.SUSPENSION: "Tạm dừng",
    Seen.UNSUSPENDED: "Không tạm dừng, hẹn trả",
    Seen.STEP: "Bước xử lý",
    Seen.REOPENED: "Mở lại",
    Seen.USUAL: "Số hồ sơ rút ngày thường",
    Seen.WITHDRAWN: "Rút hồ sơ",
    Seen.GONE: "Không còn trong lần xuất toàn bộ",
    Seen.DELETED: "Bị xóa",
}


@dataclass(frozen=True, slots=True)
class EvidenceSide:
    """One side of the pair: what was told, when we were told it and by which load (None: nobody knows).

    `last_told_at`, `last_batch_id`: the last load that still told it. A load is one of ours, with its own moment.
    """

    seen: Seen
    at: datetime | None = None
    until: datetime | None = None
    name: str = ""
    count: int | None = None
    late: int | None = None
    told_at: datetime | None = None
    batch_id: int | None = None
    last_told_at: datetime | None = None
    last_batch_id: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows a finding: before and after; `also`: other kinds of the same move; `facts`: whole numbers beside it."""

    before: EvidenceSide
    after: EvidenceSide
    also: tuple[FindingKind, ...] = ()
    facts: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


# What `Evidence.facts` may hold, in words; days are working days.
FACT_WORDS: Mapping[str, str] = {
    "shift_days": "Số ngày làm việc dời thêm",
    "term_days": "Thời hạn ban đầu (ngày làm việc)",
    "beyond_days": "Số ngày làm việc vượt hạn theo quy định",
    "group": "Số hồ sơ cùng nhóm",
    "lag_days": "Số ngày làm việc sau hạn vẫn báo chưa xong",
    "minutes_after": "Số phút làm việc sau khi kết thúc",
    "equal": "Số hồ sơ của đơn vị kết thúc đúng giây hẹn",
    "ended": "Số hồ sơ của đơn vị đã kết thúc",
    "reopened_days": "Số ngày làm việc từ khi đóng đến khi mở lại",
}


def evidence_json(evidence: Evidence) -> dict[str, Any]:
    """As JSON values: instants in ISO form, what is empty left out."""
    told: dict[str, Any] = {"before": _side_json(evidence.before), "after": _side_json(evidence.after)}
    if evidence.also:
        told["also"] = [kind.value for kind in evidence.also]
    if evidence.facts:
        told["facts"] = dict(sorted(evidence.facts.items()))
    return told


def evidence_text(evidence: Evidence) -> str:
    """As the database keeps it: the same evidence is the same text."""
    return json.dumps(evidence_json(evidence), ensure_ascii=False, sort_keys=True)


def read_evidence(text: str) -> Evidence:
    """The evidence of `evidence_text`."""
    told = json.loads(text)
    return Evidence(
        before=_read_side(told["before"]),
        after=_read_side(told["after"]),
        also=tuple(FindingKind(kind) for kind in told.get("also", ())),
        facts=told.get("facts", {}),
    )


_INSTANTS = ("at", "until", "told_at", "last_told_at")
_NUMBERS = ("count", "late", "batch_id", "last_batch_id")


def _side_json(side: EvidenceSide) -> dict[str, Any]:
    told: dict[str, Any] = {"seen": side.seen.value}
    if side.name:
        told["name"] = side.name
    for name in _INSTANTS:
        at = getattr(side, name)
        if at is not None:
            told[name] = at.isoformat()
    told |= {name: value for name in _NUMBERS if (value := getattr(side, name)) is not None}
    return told


def _read_side(told: Mapping[str, Any]) -> EvidenceSide:
    instants: dict[str, Any] = {
        name: datetime.fromisoformat(told[name]) if name in told else None for name in _INSTANTS
    }
    numbers: dict[str, Any] = {name: told.get(name) for name in _NUMBERS}
    return EvidenceSide(Seen(told["seen"]), name=told.get("name", ""), **instants, **numbers)
