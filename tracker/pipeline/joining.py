"""What a person decides about codes: two tellings are one dossier, or two; a dossier without a code is another one.

A decision is an alias: it holds for every later telling of that source. Nothing is deleted: a dossier that turns out to
be another one stays with its history, marked as deleted, so that it is counted nowhere.
"""

from dataclasses import dataclass
from datetime import datetime

from tracker.config_data import load_policy
from tracker.errors import UsageError
from tracker.ingest.columns import told_columns
from tracker.pipeline.changing import BatchMoment, Changes, Telling
from tracker.pipeline.limits import limit_book
from tracker.pipeline.unit_dues import UnitDues
from tracker.store import batches, notes, tellings
from tracker.store.audit import Act, append_acts
from tracker.store.bulk import BulkWriter, Known
from tracker.store.calendars import load_history
from tracker.store.letter_store import letter_ids_of
from tracker.store.locks import Lock
from tracker.store.session import Session, Store
from tracker.store.turns import staged_turn
from tracker.text import PROVISIONAL, normal_code
from tracker.types import DossierVersion, SourceStatus

JOINED = "JOINED"
CODE_MISSING = "CODE_MISSING"


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision about the code of a source: who decided, when and why."""

    source: str
    code: str
    reason: str
    actor: str
    now: datetime


def rule(store: Store, ruling: Ruling, *, is_same: bool) -> str:
    """Say whether what a source tells under a code is the dossier that bears it; the code under which it is kept.

    Raises:
        UsageError: no such source or dossier, or it was decided before.
    """
    code = normal_code(ruling.code)
    with store.transaction() as session:
        source_id = tellings.find_source(session, ruling.source)
        if source_id is None:
            raise UsageError(f"không có nguồn nào tên {ruling.source!r}")
        if not BulkWriter(session).known([code]):
            raise UsageError(f"không có hồ sơ nào mang mã {code}")
        kept_as = code if is_same else f"{code}@{normal_code(ruling.source)}"
        kind = tellings.SAME if is_same else tellings.OTHER
        _add_alias(session, ruling, source_id, code, kept_as, kind)
        append_acts(session, [_act(ruling, "code_rule", kept_as, {"same": is_same})])
    return kept_as


def join(
    store: Store, calendar_key: str, ruling: Ruling, into: str, *, patience_ms: int | None = None
) -> str:
    """Say that a dossier which came without a code is the one with the code `into`; that one's code.

    What the first one tells fills what the second was never told. `ruling.code` is the provisional code.

    Raises:
        UsageError: one of them does not exist, they are one, or a letter was written for the first.
        WorkFailed: a load goes on for longer than `patience_ms`.
    """
    code, target = normal_code(ruling.code), normal_code(into)
    with staged_turn(store, Lock.INGEST, patience_ms=patience_ms) as turn:
        session = turn.session
        writer = BulkWriter(session)
        known = writer.known([code, target])
        _check_join(session, known, code, target)
        source_id = known[code].source_id
        batch_id = batches.open_batch(session, source_id, ruling.now, origin="join")
        moment = BatchMoment(batch_id, int(ruling.now.timestamp()))
        history = load_history(session, calendar_key)
        dues = UnitDues(history, limit_book(session), load_policy(), as_of=ruling.now)
        ids = [known[code].dossier_id, known[target].dossier_id]
        changes = Changes(writer, dues, moment, ids, others=session)
        version = changes.version_of(ids[0])
        columns = told_columns(version.told)
        gone = _gone(version, target)._replace(batch_id=batch_id, updated_at=moment.now)
        changes.tell(
            ids[0], Telling(gone, frozenset({"status", "note", "updated_at"}), changes.procedure_of(ids[0]))
        )
        told = version._replace(batch_id=batch_id, code=target)
        changes.beside(
            ids[1], Telling(told, columns, changes.procedure_of(ids[0]), changes.pauses_of(ids[0]))
        )
        changes.write()
        _add_alias(session, ruling, source_id, code, target, tellings.SAME)
        batches.close_batch(session, batch_id, "[]", '{"joined": 1}')
        turn.begin_writing()
        writer.touched.write(session, writer.fill, moment.now)
        notes.move_notes(session, *ids)
        append_acts(session, [_act(ruling, "code_join", target, {"joined": code})])
    return target


def _check_join(session: Session, known: dict[str, Known], code: str, target: str) -> None:
    for each in (code, target):
        if each not in known:
            raise UsageError(f"không có hồ sơ nào mang mã {each}")
    if code == target:
        raise UsageError("hai mã là một")
    if not code.startswith(PROVISIONAL):
        raise UsageError(f"{code} không phải mã tạm: chỉ hồ sơ chưa có mã mới gộp được")
    if letter_ids_of(session, [known[code].dossier_id]):
        raise UsageError(f"hồ sơ {code} đã có thư xin lỗi: phải hủy thư trước khi gộp")


def _gone(version: DossierVersion, target: str) -> DossierVersion:
    flags = {*version.flags.split(), JOINED} - {CODE_MISSING}
    return version._replace(
        status=SourceStatus.DELETED.value,
        status_text="đã gộp",
        note=f"đã gộp vào hồ sơ {target}",
        flags=" ".join(sorted(flags)),
    )


def _add_alias(session: Session, ruling: Ruling, source_id: int, alias: str, code: str, kind: str) -> None:
    if tellings.alias_of(session, source_id, alias) is not None:
        raise UsageError(f"mã {alias} của nguồn này đã được quyết định trước đây")
    tellings.add_aliases(
        session,
        [
            {
                "source_id": source_id,
                "alias": alias,
                "code": code,
                "kind": kind,
                "reason": ruling.reason,
                "made_by": ruling.actor,
                "made_at": ruling.now,
            }
        ],
    )


def _act(ruling: Ruling, action: str, code: str, detail: dict[str, object]) -> Act:
    return Act(ruling.now, ruling.actor, action, f"dossier:{code}", {**detail, "source": ruling.source})
