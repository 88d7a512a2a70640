"""The acts on letters and obligations by the words of the API: which act of the pages each is, and its fields. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from app.letter_offers import Offer
from tracker.types import VN


class LetterStep(StrEnum):
    """A step of a letter."""

    APPROVE = "approve"
    RETURN = "return"
    SIGN = "sign"
    NUMBER = "number"
    DELIVER = "deliver"
    SEND_MAIL = "send_mail"
    TELL_DESK = "tell_desk"
    DESK_DONE = "desk_done"
    TELL_APPLICANT = "tell_applicant"
    CORRECT = "correct"
    VOID = "void"


class Decision(StrEnum):
    """A decision about an obligation."""

    OWE = "owe"
    WAIVE = "waive"
    REASON = "reason"
    FAULT_UNIT = "fault_unit"


# The act of the pages (app/letter_offers.py) that each word stands for; numbers have a way of their own.
STEPS: Mapping[LetterStep, str] = {
    LetterStep.APPROVE: "duyet",
    LetterStep.RETURN: "tra-lai",
    LetterStep.SIGN: "ghi-da-ky",
    LetterStep.NUMBER: "",
    LetterStep.DELIVER: "ghi-da-gui",
    LetterStep.SEND_MAIL: "gui-thu-dien-tu",
    LetterStep.TELL_DESK: "bao-mot-cua",
    LetterStep.DESK_DONE: "mot-cua-da-sua",
    LetterStep.TELL_APPLICANT: "ghi-da-bao",
    LetterStep.CORRECT: "sua",
    LetterStep.VOID: "huy",
}
DECISIONS: Mapping[Decision, str] = {
    Decision.OWE: "phai-xin-loi",
    Decision.WAIVE: "khong-phai-gui",
    Decision.REASON: "ly-do-qua-han",
    Decision.FAULT_UNIT: "don-vi-gay-qua-han",
}
# A field of the API -> the fields of forms that it may fill; the act has at most one of them.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "reason": ("ly-do", "ly-do-thu"),
    "signed_on": ("ngay-ky",),
    "new_due_on": ("hen-moi",),
    "channel": ("hinh-thuc-gui", "hinh-thuc-bao", "hinh-thuc-mot-cua"),
    "at": ("ngay",),
    "person": ("nguoi",),
    "note": ("ghi-chu",),
    "email": ("dia-chi",),
    "unit": ("don-vi-loi",),
}
NOT_FIELDS = frozenset({"step", "decision"})


def typed_of(offer: Offer, asked: Any, now: datetime) -> tuple[dict[str, str], list[str]]:
    """What was sent, as the act's form has it, and the names of fields that this act has not."""
    typed, unknown = {}, []
    for name in asked.__struct_fields__:
        value = getattr(asked, name)
        if value is None or name in NOT_FIELDS:
            continue
        field = next((each for each in FIELDS.get(name, ()) if each in offer.fields), None)
        if field is None:
            unknown.append(name)
            continue
        typed[field] = _text(value)
        if isinstance(value, datetime):
            typed["gio"] = f"{value.astimezone(VN):%H:%M}"
    if "ngay" in offer.fields and "ngay" not in typed:
        local = now.astimezone(VN)
        typed |= {"ngay": f"{local:%d/%m/%Y}", "gio": f"{local:%H:%M}"}
    return typed, unknown


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(VN).date()
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value)
