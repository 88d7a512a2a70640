"""What a system that pushes may ask: look dossiers up, tell dossiers, tell their progress. Each push is one batch.

A call of n elements stores all that can be used; the others are kept as rejections and named in the answer.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from app.context import AppContext
from app.ingest_plan import ingest_plan
from app.receiver_answers import DONE, Code, Refused, Told
from app.receiver_calls import Call, Service
from app.receiver_elements import Spelt, spelt
from tracker.errors import UnusableFile
from tracker.ingest.readers.payloads import Payload
from tracker.pipeline import ingest
from tracker.store import audit, batches, catalogue, source_keys, source_told
from tracker.store.audit import Act
from tracker.store.source_keys import Key
from tracker.store.source_told import ToldDossier
from tracker.text import normal_code
from tracker.types import IngestReport

# How long a push waits for another load; a sender waits a minute, and a thread of the web is held meanwhile.
PATIENCE_MS = 3_000
DATE = "%Y%m%d%H%M%S"
NOT_FOUND = "Không có hồ sơ mang mã này từ hệ thống gửi"


@dataclass(frozen=True, slots=True)
class Caller:
    """A key at a moment, with the units that it may write (None: all)."""

    key: Key
    units: frozenset[int] | None
    now: datetime

    @property
    def actor(self) -> str:
        """As the log names it."""
        return f"key:{self.key.login}"


def caller_of(context: AppContext, key: Key, now: datetime) -> Caller:
    """The key with the units below its own, as the catalogue has them now."""
    with context.store.read() as session:
        return Caller(key, source_keys.reach(session, key.units), now)


def check_unit(context: AppContext, caller: Caller, call: Call) -> None:
    """The unit in whose name the call comes has to be one of the key's.

    Raises:
        Refused: it is not; that is logged.
    """
    if caller.units is None or not call.unit:
        return
    with context.store.read() as session:
        unit_id = catalogue.find_unit(session, call.unit)
    if unit_id in caller.units:
        return
    detail = {"code": "UNIT_NOT_ALLOWED", "service": call.service, "elements": len(call.elements)}
    _log(context, caller, "push_refused", f"source_key:{caller.key.key_id}", detail)
    raise Refused(
        HTTPStatus.FORBIDDEN,
        Code.NOT_ALLOWED,
        f"madonvi “{call.unit[:40]}”: nằm ngoài các đơn vị mà khóa được ghi",
    )


# ---------------------------------------------------------------- looking up


def look_up(context: AppContext, caller: Caller, call: Call) -> dict[str, Any]:
    """`TraCuuHoSo`: what the caller itself told of a dossier of its units; never what another source or person told."""
    code = normal_code(call.code)
    with context.store.read() as session:
        told = source_told.told_by(session, caller.key.source_id, [code], caller.units).get(code)
    if told is None:
        return {"error_code": Code.DONE, "message": NOT_FOUND, "result": []}
    _log(context, caller, "push_lookup", f"dossier:{told.dossier_id}", {})
    return {"error_code": Code.DONE, "message": DONE, "result": [_shown(told)]}


def _shown(told: ToldDossier) -> dict[str, str]:
    dates = {
        "NgayTiepNhan": told.received_at,
        "NgayHenTra": told.due_at,
        "NgayKetThucXuLy": told.finished_at,
        "NgayTra": told.returned_at,
    }
    shown = {name: at.strftime(DATE) if at else "" for name, at in dates.items()}
    return {"MaHoSo": told.code, "TrangThaiHoSo": told.status_text, **shown}


# ---------------------------------------------------------------- telling


def push(context: AppContext, caller: Caller, call: Call, body: bytes) -> Told:
    """`DongBoHoSoMC`, `CapNhatTienDoHoSoMC`: take the elements in as one batch.

    `isUpdating` False refuses dossiers that this source has told before, and changes nothing of them. True, or nothing
    said, takes what is there as changed and what is not as new: senders look up elsewhere than here, and a dossier that
    were refused for that would be lost.

    Raises:
        Refused: the elements cannot be read as a batch. WorkFailed: another load is at work; nothing was changed.
    """
    elements = spelt(call.elements, call.service)
    existing = _existing(context, caller, call, elements)
    codes = elements.codes()
    elements = elements.without(existing)
    if not elements.numbers:
        return Told(None, existing)
    report = _ingest(context, caller, _payload(caller, call.service, elements, body))
    if not report.rejected or report.batch is None:
        return Told(report, existing)
    with context.store.read() as session:
        rejected = [rejection for _, rejection in batches.rejections(session, report.batch)]
    return Told(report, existing, rejected, codes)


def _existing(context: AppContext, caller: Caller, call: Call, elements: Spelt) -> dict[int, str]:
    """The elements that would make a dossier which this source has told before: number -> code."""
    if call.service != Service.DOSSIERS or call.is_updating is not False:
        return {}
    codes = {number: normal_code(code) for number, code in elements.codes().items()}
    with context.store.read() as session:
        asked = sorted({code for code in codes.values() if code})
        told = source_told.told_by(session, caller.key.source_id, asked, caller.units)
    return {number: code for number, code in codes.items() if code in told}


def _payload(caller: Caller, service: Service, elements: Spelt, body: bytes) -> Payload:
    return Payload(
        name=f"{service} ({caller.key.login})",
        elements=elements.elements,
        sha256=hashlib.sha256(body).hexdigest(),
        numbers=elements.numbers,
        faults=elements.faults,
    )


def _ingest(context: AppContext, caller: Caller, payload: Payload) -> IngestReport:
    plan = ingest_plan(
        context, caller.key.source, payloads=(payload,), origin="push", now=caller.now, actor=caller.actor,
        units=caller.units, patience_ms=PATIENCE_MS,
    )  # fmt: skip
    key_id = caller.key.key_id
    try:
        return ingest(
            context.store, context.config.calendar_key, plan, lambda _: None,
            in_same_step=lambda session: source_keys.note_use(session, key_id, caller.now),
        )  # fmt: skip
    except UnusableFile as error:
        raise Refused(HTTPStatus.BAD_REQUEST, Code.BAD_CALL, error.reason) from error


def _log(context: AppContext, caller: Caller, action: str, subject: str, detail: dict[str, Any]) -> None:
    with context.store.transaction() as session:
        audit.append_acts(session, [Act(caller.now, caller.actor, action, subject, detail)])
