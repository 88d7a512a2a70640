"""What people say of findings: the acts with their words and fields, what is picked for them, forms as they were sent. Pure.

A finding is a sign and accuses nobody: the unit explains, somebody who inspects accepts the explanation or confirms the sign.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.access import FINDING_EXPLAINERS, FINDING_JUDGES, Role
from app.finding_filters import FindingFilters, read_filters
from app.key_forms import Typed
from app.letter_forms import Field, Filled
from app.letter_picks import TICKED, mark_of
from app.reveal import holds_long_number
from app.typed_numbers import row_number
from tracker.types.finding_lists import FindingToSettle
from tracker.types.findings import STATE_WORDS, FindingState

# More at once are done in several goes: whoever says one thing of several hundred dossiers should have looked at them.
AT_ONCE = 500
SHORTEST, LONGEST, LONGEST_DOCUMENT = 10, 1_000, 200
# A dossier's code is named in explanations, and is no telephone: 000.00.19.H15-220524-0001.
CODE = re.compile(r"[0-9.]*[A-Za-z][0-9A-Za-z.]*-\d{6}-\d{3,6}(?!\d)")
NO_PERSONAL_DATA = "Đừng ghi số điện thoại hay số định danh: nhiều người đọc được lời này."
FIELDS: Mapping[str, Field] = {
    "giai-trinh": Field("Giải trình: vì sao có dấu hiệu này", "words", longest=LONGEST),
    "nhan-xet": Field("Lý do của kết luận", "words", longest=LONGEST),
    "van-ban": Field("Số, ngày của văn bản kèm theo", is_needed=False, longest=LONGEST_DOCUMENT),
}


@dataclass(frozen=True, slots=True)
class FindingAct:
    """One act: `word` on its button, `will` what happens to {count} findings, `did` what has happened to them.

    `endpoint` carries it out; `becomes`: the state after it; `of`: the states that it is for.
    """

    key: str
    word: str
    will: str
    did: str
    logged: str
    endpoint: str
    roles: frozenset[Role]
    of: frozenset[FindingState]
    becomes: FindingState
    fields: tuple[str, ...]
    note: str = ""

    @property
    def words(self) -> str:
        """The name of its field of words."""
        return self.fields[0]


EXPLAIN, JUDGE = "findings.explain", "findings.judge"
_ALL = (
    FindingAct(
        "giai-trinh", "Giải trình", "{count} dấu hiệu được ghi là đã giải trình với lời này, chờ người kiểm tra xem.",
        "Đã ghi giải trình cho {count} dấu hiệu.", "finding_explain", EXPLAIN, FINDING_EXPLAINERS,
        frozenset({FindingState.OPEN, FindingState.EXPLAINED}), FindingState.EXPLAINED, ("giai-trinh", "van-ban"),
        "Nêu điều có thật và kiểm tra lại được: văn bản, lần tạm dừng, lỗi nhập. Không ghi tên người nộp.",
    ),
    FindingAct(
        "chap-nhan", "Chấp nhận, khép lại", "{count} dấu hiệu được khép lại: điều nguồn ghi có lý do chấp nhận được.",
        "Đã khép lại {count} dấu hiệu.", "finding_dismiss", JUDGE, FINDING_JUDGES,
        frozenset({FindingState.OPEN, FindingState.EXPLAINED}), FindingState.DISMISSED, ("nhan-xet", "van-ban"),
        "Không ai khép lại dấu hiệu do chính mình giải trình.",
    ),
    FindingAct(
        "xac-nhan", "Xác nhận dấu hiệu", "{count} dấu hiệu được ghi là đã xác nhận: giải trình chưa đủ để nói ngày hẹn đổi là đúng.",
        "Đã xác nhận {count} dấu hiệu.", "finding_confirm", JUDGE, FINDING_JUDGES,
        frozenset({FindingState.EXPLAINED}), FindingState.CONFIRMED, ("nhan-xet", "van-ban"),
        "Chỉ xác nhận dấu hiệu mà đơn vị đã giải trình; không ai xác nhận dấu hiệu do chính mình giải trình. "
        "Xác nhận nói về dữ liệu, không nói về lỗi của một người.",
    ),
    FindingAct(
        "mo-lai", "Mở lại", "{count} dấu hiệu trở lại chờ giải trình; các lời đã ghi vẫn còn trong lịch sử.",
        "Đã mở lại {count} dấu hiệu.", "finding_reopen", JUDGE, FINDING_JUDGES,
        frozenset({FindingState.EXPLAINED, FindingState.CONFIRMED, FindingState.DISMISSED}), FindingState.OPEN,
        ("nhan-xet", "van-ban"), "Dùng khi giải trình chưa nói đúng điều cần nói, hoặc có tài liệu mới.",
    ),
)  # fmt: skip
ACTS: Mapping[str, FindingAct] = {act.key: act for act in _ALL}


GONE = "dữ liệu đã được sửa, dấu hiệu không còn nữa"
OWN_WORDS = "chính người kết luận đã giải trình; người khác phải kết luận"
JUDGED = frozenset({FindingState.CONFIRMED, FindingState.DISMISSED})


def fault_of(act: FindingAct, finding: FindingToSettle, login: str) -> str:
    """Why an act of somebody is not for a finding; empty where it is."""
    if finding.is_gone:
        return GONE
    if finding.state not in act.of:
        return f"đang ở bước “{STATE_WORDS[finding.state].lower()}”"
    return OWN_WORDS if act.becomes in JUDGED and login in finding.explained_by else ""


def offered(role: Role, state: FindingState | None = None) -> list[FindingAct]:
    """The acts of a role, of a state only where one is given."""
    return [act for act in ACTS.values() if role in act.roles and (state is None or state in act.of)]


@dataclass(frozen=True, slots=True)
class FindingPick:
    """What was picked: rows that are ticked, or all of the list; `seen`: the mark of what was confirmed, "" before that.

    `is_single`: asked on the page of the one finding.
    """

    act: FindingAct
    filters: FindingFilters
    ticked: tuple[int, ...]
    is_all: bool = False
    seen: str = ""
    is_single: bool = False

    def as_fields(self, mark: str, ids: list[int]) -> list[tuple[str, str]]:
        """The same as hidden fields of the form that carries it out."""
        more = [("ve", "mot")] if self.is_single else []
        chosen = [("tat-ca", "1")] if self.is_all else [(TICKED, str(number)) for number in ids]
        return [*self.filters.as_address().items(), *chosen, ("dau", mark), *more]


def read_pick(typed: Typed, key: str) -> FindingPick | None:
    """From an address or a form; None for an act that is none."""
    act = ACTS.get(key)
    if act is None:
        return None
    filters = read_filters({name: typed.get(name, "") for name in FindingFilters.NAMES})
    numbers = (row_number(text) for text in typed.getlist(TICKED)[:AT_ONCE])
    ticked = tuple(dict.fromkeys(number for number in numbers if number is not None))
    return FindingPick(
        act,
        filters,
        ticked,
        typed.get("tat-ca", "") == "1",
        typed.get("dau", ""),
        typed.get("ve", "") == "mot",
    )


def mark_of_steps(steps: Mapping[int, int]) -> str:
    """What picked findings are known by: a step that somebody adds meanwhile makes another mark."""
    return mark_of([number for pair in sorted(steps.items()) for number in pair])


def empty(act: FindingAct) -> Filled:
    """The form before anybody typed."""
    return Filled(dict.fromkeys(act.fields, ""))


def read(act: FindingAct, typed: Mapping[str, str]) -> Filled:
    """The form as it was sent, with what is wrong by field."""
    values = {name: " ".join(typed.get(name, "").split()) for name in act.fields}
    faults = {name: fault for name in act.fields if (fault := _fault(name, values[name]))}
    return Filled({name: value[:LONGEST] for name, value in values.items()}, faults)


def _fault(name: str, text: str) -> str:
    asked = FIELDS[name]
    if asked.is_needed and len(text) < SHORTEST:
        return f"Hãy ghi rõ, ít nhất {SHORTEST} ký tự."
    if len(text) > asked.longest:
        return f"{asked.label} dài quá {asked.longest} ký tự."
    return NO_PERSONAL_DATA if holds_long_number(CODE.sub("mã", text)) else ""
