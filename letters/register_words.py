"""What states, kinds, reasons and lists of apologies are called on paper and in workbooks."""

from collections.abc import Mapping

from letters.ledger import LedgerState
from letters.ledger_lists import ListKey, Why
from letters.obligations import LetterKind
from letters.path import LetterState, Promise

KINDS: Mapping[str, str] = {
    LetterKind.ADVANCE: "Báo trước sẽ trễ hẹn",
    LetterKind.OVERDUE: "Xin lỗi và hẹn lại",
    LetterKind.RETURNED_LATE: "Xin lỗi đã trả trễ",
    LetterKind.LATE_REFUSAL: "Xin lỗi từ chối muộn",
}

STATES: Mapping[str, str] = {
    LetterState.DRAFTED: "Đã soạn",
    LetterState.APPROVED: "Đã duyệt",
    LetterState.SIGNED: "Đã ký",
    LetterState.NUMBERED: "Đã vào sổ",
    LetterState.DELIVERED: "Đã gửi",
    LetterState.VOID: "ĐÃ HỦY",
}

PROMISES: Mapping[str, str] = {
    Promise.OPEN: "Chưa đến hẹn",
    Promise.KEPT: "Giữ đúng hẹn",
    Promise.BROKEN: "Lỡ hẹn",
    Promise.RENEWED: "Lỡ hẹn, được hẹn lại",
}

# Why a dossier that is owed a letter has none in its addressee's hands.
WAITING: Mapping[LedgerState, str] = {
    LedgerState.OWED: "Chưa soạn văn bản",
    LedgerState.DRAFTED: "Đã soạn, chờ duyệt",
    LedgerState.APPROVED: "Đã duyệt, chờ ký",
    LedgerState.SIGNED: "Đã ký, chờ số và ngày",
    LedgerState.NUMBERED: "Đã có số, chưa gửi",
}

LISTS: Mapping[ListKey, str] = {
    ListKey.NO_LETTER: "Hồ sơ quá hạn chưa có văn bản xin lỗi đã ký",
    ListKey.NO_LATENESS: "Văn bản đã ký của hồ sơ không phải xin lỗi",
    ListKey.SECOND: "Hồ sơ hẹn lại từ hai lần trở lên",
    ListKey.WRONG_SIGNER: "Văn bản do người không đúng thẩm quyền ký",
    ListKey.DELIVERED_LATE: "Văn bản gửi chậm so với quy định",
}

# The counted whole that a list is a part of.
WHOLES: Mapping[ListKey, str] = {
    ListKey.NO_LETTER: "hồ sơ quá hạn phải xin lỗi",
    ListKey.NO_LATENESS: "văn bản đã ký",
    ListKey.SECOND: "hồ sơ có văn bản hẹn lại đã ký",
    ListKey.WRONG_SIGNER: "văn bản đã ký biết rõ người ký",
    ListKey.DELIVERED_LATE: "hồ sơ đã được gửi văn bản xin lỗi",
}

WHYS: Mapping[str, str] = {
    Why.CLOSED: "hồ sơ không còn quá hạn",
    Why.WAIVED: "hồ sơ không phải gửi văn bản",
    Why.TWO_LETTERS: "hai văn bản hẹn lại đã ký",
    Why.SECOND_PROMISE: "đã hẹn lại lần thứ hai",
    Why.OTHER_UNIT: "người ký không thuộc đơn vị hoặc cơ quan cấp trên của đơn vị",
    Why.OUT_OF_TIME: "ngoài thời gian được giao ký",
    Why.NO_SIGNER: "chưa ghi người ký",
    Why.SIGNER_GONE: "người ký không còn trong danh sách",
    Why.NO_SIGNING_DAY: "chưa ghi ngày ký",
    **{state.value: words.lower() for state, words in WAITING.items()},
}
