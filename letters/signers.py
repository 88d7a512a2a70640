"""Who may sign a unit's letters (Decree 30/2020 art. 13): entered with the authority's document, ended, asked for.

The store's rows come from `tracker.store.signer_store`; what is printed above the signature makes `letters.issuer`, and
for a letter he is chosen in `letters.correcting`.
"""

from collections.abc import Callable, Sequence
from datetime import date

from letters.issuer import IN_PLACE_OF_HEAD, Authority, Signature
from letters.moving import Acts, Asker, InSameStep, MoveReport, nothing, take_step
from letters.path import LetterState, Step, step_fault
from tracker.errors import UsageError
from tracker.store import signer_store
from tracker.store.letter_moves import Move, MovingLetter
from tracker.store.letter_store import lock_register
from tracker.store.session import Session, Store
from tracker.store.signer_store import NewSigner, SignerRow
from tracker.text import clean, fold
from tracker.types import VN

LONGEST = 200
AUTHORITIES = {
    Authority.HEAD: "người đứng đầu",
    Authority.DEPUTY: "cấp phó (KT.)",
    Authority.BY_ORDER: "thừa lệnh (TL.)",
    Authority.BY_AUTHORISATION: "thừa ủy quyền (TUQ.)",
    Authority.ACTING: "quyền (Q.)",
}
# Who signs by order or authorisation does so on a regulation or a document (Decree 30/2020 art. 13.3, 13.4).
NEEDS_BASIS = frozenset({Authority.BY_ORDER, Authority.BY_AUTHORISATION})


WithSigner = Callable[[Session, int], None]


def _nothing_more(_session: Session, _signer_id: int) -> None:
    return None


def signature_of(signer: SignerRow) -> Signature:
    """The signer as a letter prints him."""
    return Signature(Authority(signer.authority), signer.title, signer.head_title, signer.full_name)


# ---------------------------------------------------------------- the register of signers


def add_signer(store: Store, new: NewSigner, asker: Asker, in_same_step: WithSigner = _nothing_more) -> int:
    """Enter who may sign for a unit; the signer's id. `in_same_step` writes into the same transaction, last.

    Raises:
        UsageError: something is missing or contradicts itself, another unit, or the same entry is there already.
    """
    told = _cleaned(new)
    if (fault := entry_fault(told)) is not None:
        raise UsageError(fault)
    _own_unit(told.unit_id, asker)
    with store.transaction() as session:
        lock_register(session)
        if any(_is_same(told, row) for row in signer_store.signers_of(session, [told.unit_id])):
            raise UsageError("người ký này đã có với cùng quyền hạn và thời gian; kết thúc dòng cũ trước")
        signer_id = signer_store.add_signer(session, told, by=asker.login, at=asker.now)
        in_same_step(session, signer_id)
    return signer_id


def end_signer(
    store: Store, signer_id: int, last_day: date, asker: Asker, in_same_step: WithSigner = _nothing_more
) -> None:
    """Let an authority end with a day; it is never made longer, a new document is a new entry.

    Raises:
        UsageError: there is no such signer, or it ends or ended before that day.
    """
    with store.transaction() as session:
        lock_register(session)
        signer = _found(session, signer_id, asker)
        if signer.valid_from is not None and last_day < signer.valid_from:
            raise UsageError(f"ngày kết thúc trước ngày bắt đầu {signer.valid_from:%d/%m/%Y}")
        if signer.valid_to is not None and last_day > signer.valid_to:
            raise UsageError(
                f"đã kết thúc ngày {signer.valid_to:%d/%m/%Y}; muốn kéo dài thì thêm dòng mới theo văn bản mới"
            )
        signer_store.end_signer(session, signer_id, last_day)
        in_same_step(session, signer_id)


def entry_fault(new: NewSigner) -> str | None:
    """What an entry lacks (Decree 30/2020 art. 13), in the user's words; None if it may stand."""
    authority = Authority(new.authority)
    if not new.full_name or not new.title:
        return "cần họ tên và chức danh người ký"
    if max(map(len, (new.full_name, new.title, new.head_title, new.basis))) > LONGEST:
        return f"họ tên, chức danh và căn cứ dài nhất {LONGEST} ký tự"
    if authority in IN_PLACE_OF_HEAD and not new.head_title:
        return f"ký {IN_PLACE_OF_HEAD[authority]} thì cần chức danh của người đứng đầu được ký thay"
    if authority in NEEDS_BASIS and not new.basis:
        return f"ký {IN_PLACE_OF_HEAD[authority]} thì cần ghi văn bản cho phép (quy chế làm việc, văn bản ủy quyền)"
    if authority is Authority.BY_AUTHORISATION and new.valid_to is None:
        return "thừa ủy quyền có thời hạn nhất định: cần ngày kết thúc (Nghị định 30/2020/NĐ-CP Điều 13)"
    if new.valid_from is not None and new.valid_to is not None and new.valid_to < new.valid_from:
        return "ngày kết thúc trước ngày bắt đầu"
    return None


def _cleaned(new: NewSigner) -> NewSigner:
    name, title, head_title, basis = map(clean, (new.full_name, new.title, new.head_title, new.basis))
    return new._replace(full_name=name, title=title, head_title=head_title, basis=basis)


def _is_same(new: NewSigner, row: SignerRow) -> bool:
    """The same person with the same authority at times that touch."""
    apart = (new.valid_to is not None and row.valid_from is not None and new.valid_to < row.valid_from) or (
        row.valid_to is not None and new.valid_from is not None and row.valid_to < new.valid_from
    )
    same = fold(new.full_name) == fold(row.full_name) and new.authority == row.authority
    return same and not apart


def _own_unit(unit_id: int, asker: Asker) -> None:
    if asker.unit_ids is not None and unit_id not in asker.unit_ids:
        raise UsageError("đơn vị này không thuộc phạm vi của bạn")


def _found(session: Session, signer_id: int, asker: Asker) -> SignerRow:
    signer = signer_store.find_signer(session, signer_id)
    if signer is None or (asker.unit_ids is not None and signer.unit_id not in asker.unit_ids):
        raise UsageError(f"không có người ký số {signer_id}; xem: dunghen letters signer list")
    return signer


# ---------------------------------------------------------------- who signs a letter


def signer_fault(signer: SignerRow, unit_id: int | None, day: date) -> str | None:
    """Why this person may not sign a letter of that unit on that day, in the user's words; None if he may."""
    if signer.unit_id != unit_id:
        return f"người ký này của đơn vị khác ({signer.unit})"
    if signer.valid_from is not None and day < signer.valid_from:
        return f"quyền ký bắt đầu từ ngày {signer.valid_from:%d/%m/%Y}"
    if signer.valid_to is not None and day > signer.valid_to:
        return f"quyền ký đã hết từ sau ngày {signer.valid_to:%d/%m/%Y}"
    return None


def signature_day_fault(letter: MovingLetter, acts: Acts, signed_on: date, today: date) -> str | None:
    """Why a letter cannot have been signed on that day, in the user's words; None if it can."""
    approved = [at for step, at, _, _ in acts if step == Step.APPROVED]
    if signed_on > today or (approved and signed_on < approved[-1].astimezone(VN).date()):
        return f"ngày ký {signed_on:%d/%m/%Y} phải từ ngày duyệt đến hôm nay"
    new_due = letter.new_due_at
    if new_due is not None and new_due.astimezone(VN).date() < signed_on:
        return f"ngày hẹn mới {new_due.astimezone(VN):%d/%m/%Y} đã qua trước ngày ký"
    return None


def sign(
    store: Store,
    letter_ids: Sequence[int],
    signed_on: date,
    asker: Asker,
    in_same_step: InSameStep = nothing,
) -> MoveReport:
    """Note that approved letters were signed on a day, not before they were approved nor in the future.

    A letter with a chosen signer was signed by him: he must have been allowed to on that day. Where none was chosen
    nobody can say, and the list of wrong signers shows it as unknown.
    """

    def decide(session: Session, letter: MovingLetter, acts: Acts) -> Move | str:
        fault = step_fault(Step.SIGNED, letter.state)
        fault = fault or signature_day_fault(letter, acts, signed_on, asker.today)
        signer = signer_store.find_signer(session, letter.signer_id) if letter.signer_id is not None else None
        if fault is None and signer is not None:
            fault = signer_fault(signer, letter.unit_id, signed_on)
        return fault or Move(letter, Step.SIGNED, {"state": LetterState.SIGNED}, f"{signed_on:%d/%m/%Y}")

    return take_step(store, letter_ids, asker, decide, in_same_step=in_same_step)


def named_signer(signers: Sequence[SignerRow], name: str) -> SignerRow | None:
    """The one of some signers who bears this name, however it is written; None where none or several do."""
    bare = fold(Signature(Authority.HEAD, "", full_name=clean(name)).name)
    found = [each for each in signers if fold(signature_of(each).name) == bare]
    return found[0] if len(found) == 1 else None
