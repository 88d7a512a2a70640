"""`dunghen letters approve|return|sign|deliver|void|correct|owe|waive|...`: letters and obligations take their steps.

Each takes letters by short code or dossier code, or all of a unit and kind that may take the step. The operator of the
machine writes drafts, so that somebody else approves them: `--by` names the account in whose name a step is taken.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import click

from app.access import OFFICE, Role
from app.commands.shared import OPERATOR, unit_scope
from app.context import AppContext, finish
from app.letter_acts import LetterDesk, keep_ledger, ledger_detail
from app.options import AS_OF, DAY, Command, common_options
from letters.correcting import Correction
from letters.deciding import DecisionReport
from letters.ledger import Held
from letters.moving import CHANNELS, Asker, MoveReport, Told
from letters.obligations import LetterKind
from letters.path import WAYS, Step
from tracker.errors import UsageError
from tracker.store import catalogue, letter_choice, people

SHOWN = 20


def _choosing(command: Command) -> Command:
    """Which letters: codes, or all of a unit and kind; and in whose name."""
    command = click.argument("codes", nargs=-1)(command)
    command = click.option("--all", "every", is_flag=True, help="Mọi văn bản đang ở bước phù hợp.")(command)
    kinds = click.Choice([kind.value for kind in LetterKind])
    command = click.option("--kind", type=kinds, help="Chỉ một loại văn bản.")(command)
    command = click.option("--unit", help="Mã hoặc tên đơn vị (gồm các đơn vị trực thuộc).")(command)
    return click.option("--by", help="Tên đăng nhập của người thực hiện (mặc định: người vận hành máy).")(
        command
    )


def _telling(command: Command) -> Command:
    """How, when and by whom somebody was told."""
    command = click.option("--note", default="", help="Ghi chú.")(command)
    command = click.option("--person", default="", help="Người giao hoặc thông báo.")(command)
    command = click.option("--at", "at", type=AS_OF, help="Thời điểm (mặc định: bây giờ).")(command)
    channels = click.Choice(list(CHANNELS))
    return click.option("--channel", type=channels, required=True, help="Hình thức.")(command)


# ---------------------------------------------------------------- letters


@click.command("approve")
@_choosing
@common_options
@click.pass_obj
def approve_command(context: AppContext, **chosen: Any) -> None:
    """Duyệt văn bản đã soạn; người soạn không được tự duyệt."""
    desk = _desk(context, chosen, frozenset({Role.HEAD}))
    _answer_moves(context, desk.approve(_letters(context, chosen, Step.APPROVED)))


@click.command("return")
@_choosing
@click.option("--why", required=True, help="Lý do trả lại.")
@common_options
@click.pass_obj
def return_command(context: AppContext, why: str, **chosen: Any) -> None:
    """Trả lại văn bản đã duyệt để sửa."""
    desk = _desk(context, chosen, frozenset({Role.HEAD}))
    _answer_moves(context, desk.give_back(_letters(context, chosen, Step.RETURNED), why))


@click.command("sign")
@_choosing
@click.option("--on", "signed_on", type=DAY, help="Ngày ký (mặc định: hôm nay).")
@common_options
@click.pass_obj
def sign_command(context: AppContext, signed_on: date | None, **chosen: Any) -> None:
    """Ghi văn bản đã được ký."""
    desk = _desk(context, chosen)
    ids = _letters(context, chosen, Step.SIGNED)
    _answer_moves(context, desk.sign(ids, signed_on or desk.asker.today))


@click.command("deliver")
@_choosing
@_telling
@common_options
@click.pass_obj
def deliver_command(context: AppContext, **chosen: Any) -> None:
    """Ghi văn bản đã đến tay người nộp: thư điện tử, trực tiếp, bưu chính, qua bộ phận Một cửa."""
    desk = _desk(context, chosen)
    _answer_moves(context, desk.deliver(_letters(context, chosen, Step.DELIVERED), _told(desk, chosen)))


@click.command("told")
@_choosing
@_telling
@common_options
@click.pass_obj
def told_command(context: AppContext, **chosen: Any) -> None:
    """Ghi đã báo cho người nộp biết về văn bản: tin nhắn, điện thoại, Zalo, thư điện tử."""
    desk = _desk(context, chosen)
    _answer_moves(context, desk.note_told(_letters(context, chosen, Step.NOTICE), _told(desk, chosen)))


@click.command("desk-told")
@_choosing
@_telling
@common_options
@click.pass_obj
def desk_told_command(context: AppContext, **chosen: Any) -> None:
    """Ghi đã gửi thông báo bằng văn bản cho bộ phận Một cửa."""
    desk = _desk(context, chosen)
    _answer_moves(context, desk.tell_desk(_letters(context, chosen, Step.DESK_TOLD), _told(desk, chosen)))


@click.command("desk-done")
@_choosing
@common_options
@click.pass_obj
def desk_done_command(context: AppContext, **chosen: Any) -> None:
    """Ghi bộ phận Một cửa đã điều chỉnh ngày trả kết quả."""
    desk = _desk(context, chosen)
    _answer_moves(context, desk.desk_did(_letters(context, chosen, Step.DESK_DONE)))


@click.command("void")
@_choosing
@click.option("--why", required=True, help="Lý do hủy.")
@common_options
@click.pass_obj
def void_command(context: AppContext, why: str, **chosen: Any) -> None:
    """Hủy văn bản chưa gửi; số đã cấp được giữ lại cùng lý do."""
    desk = _desk(context, chosen)
    if chosen["every"]:
        raise UsageError("hủy từng văn bản theo mã, không hủy tất cả")
    _answer_moves(context, desk.void(_letters(context, chosen, Step.VOIDED), why))


@click.command("correct")
@_choosing
@click.option("--reason", help="Lý do quá hạn ghi trong văn bản.")
@click.option("--new-due", type=DAY, help="Ngày hẹn mới.")
@common_options
@click.pass_obj
def correct_command(context: AppContext, reason: str | None, new_due: date | None, **chosen: Any) -> None:
    """Sửa lý do hoặc ngày hẹn mới của văn bản đang soạn."""
    desk = _desk(context, chosen)
    ids = _letters(context, chosen, Step.CORRECTED)
    _answer_moves(context, desk.correct(ids, Correction(reason, new_due)))


# ---------------------------------------------------------------- obligations


@click.command("keep")
@click.option("--as-of", type=AS_OF, help="Xét tại thời điểm nào (mặc định: bây giờ; ngày = hết ngày đó).")
@click.option(
    "--all", "every", is_flag=True, help="Xét lại mọi hồ sơ, không chỉ hồ sơ có thay đổi từ lần trước."
)
@common_options
@click.pass_obj
def keep_command(context: AppContext, as_of: datetime | None, every: bool) -> None:
    """Cập nhật sổ theo dõi: mở, đóng nghĩa vụ xin lỗi; xét ngày hẹn mới có được giữ không."""
    asker = Asker(OPERATOR, as_of or context.now())
    report, missed = keep_ledger(context, asker, whole=every)
    document = {
        "as_of": asker.now.isoformat(),
        **ledger_detail(report),
        "whole": report.is_whole or missed is not None,
        "missed": missed,
    }
    told = f"{report.total} thay đổi trong sổ; {report.voided} dự thảo không còn đúng đã hủy."
    if missed is not None:
        told += f" Xét lại mọi hồ sơ: {missed} chỗ mà lần xét hồ sơ có thay đổi đã bỏ sót."
    context.answer(document, told)


def _deciding(
    name: str, text: str, act: Callable[[LetterDesk, Sequence[int], str], DecisionReport]
) -> Command:
    """A command that decides about the obligations of dossiers named by their codes."""

    @click.command(name, help=text)
    @click.argument("codes", nargs=-1, required=True)
    @click.option("--why", required=True, help="Lý do.")
    @click.option("--by", help="Tên đăng nhập của người quyết định (mặc định: người vận hành máy).")
    @common_options
    @click.pass_obj
    def command(context: AppContext, codes: tuple[str, ...], why: str, by: str | None) -> None:
        desk = _desk(context, {"by": by, "unit": None}, frozenset({Role.HEAD}))
        _answer_decisions(context, act(desk, _dossiers(context, codes), why))

    return command


owe_command = _deciding("owe", "Quyết định phải xin lỗi.", lambda desk, ids, why: desk.make_owed(ids, why))
waive_command = _deciding(
    "waive", "Quyết định không phải gửi thư.", lambda desk, ids, why: desk.waive(ids, why)
)
reason_command = _deciding(
    "reason", "Ghi lý do quá hạn của hồ sơ.", lambda desk, ids, why: desk.set_reason(ids, why)
)


@click.command("open-old")
@click.option("--unit", help="Mã hoặc tên đơn vị (gồm các đơn vị trực thuộc).")
@click.option("--why", required=True, help="Lý do.")
@click.option("--by", help="Tên đăng nhập của người quyết định (mặc định: người vận hành máy).")
@common_options
@click.pass_obj
def open_old_command(context: AppContext, unit: str | None, why: str, by: str | None) -> None:
    """Mở nghĩa vụ xin lỗi của mọi hồ sơ đã kết thúc trước ngày bắt đầu theo dõi."""
    desk = _desk(context, {"by": by, "unit": unit}, frozenset({Role.HEAD}))
    with context.store.read() as session:
        ids = letter_choice.held(session, Held.BEFORE_START, unit_ids=desk.asker.unit_ids)
    _answer_decisions(context, desk.make_owed(ids, why))


@click.command("fault")
@click.argument("codes", nargs=-1, required=True)
@click.option("--unit", required=True, help="Đơn vị để xảy ra quá hạn: soạn thư thay đơn vị giải quyết.")
@click.option("--why", required=True, help="Căn cứ.")
@click.option("--by", help="Tên đăng nhập của người quyết định (mặc định: người vận hành máy).")
@common_options
@click.pass_obj
def fault_command(context: AppContext, codes: tuple[str, ...], unit: str, why: str, by: str | None) -> None:
    """Ghi đơn vị để xảy ra quá hạn ở thủ tục liên thông."""
    desk = _desk(context, {"by": by, "unit": None}, frozenset({Role.HEAD}))
    with context.store.read() as session:
        unit_id = catalogue.find_unit(session, unit)
    if unit_id is None:
        raise UsageError(f"không có đơn vị nào tên hoặc mã {unit!r}")
    _answer_decisions(context, desk.set_fault_unit(_dossiers(context, codes), unit_id, why))


# ---------------------------------------------------------------- inputs


def _desk(context: AppContext, chosen: dict[str, Any], roles: frozenset[Role] = OFFICE) -> LetterDesk:
    """In whose name: the operator's, or that of an open account of one of the roles, within its units."""
    units, now = unit_scope(context, chosen["unit"]), context.now()
    if chosen["by"] is None:
        return LetterDesk(context, Asker(OPERATOR, now, units))
    with context.store.read() as session:
        account = people.find_login(session, chosen["by"])
        if account is None or account.disabled_at is not None or Role(account.role) not in roles:
            raise UsageError(f"tài khoản {chosen['by']!r} không có hoặc không được làm việc này")
        own = None if account.unit_id is None else catalogue.unit_subtree(session, account.unit_id)
    both = own if units is None else units if own is None else units & own
    return LetterDesk(context, Asker(account.login, now, both))


def _letters(context: AppContext, chosen: dict[str, Any], step: Step) -> list[int]:
    """The letters named, or with --all those that may take the step."""
    if bool(chosen["codes"]) == bool(chosen["every"]):
        raise UsageError("nêu mã tra cứu hoặc mã hồ sơ, hoặc dùng --all")
    with context.store.read() as session:
        if chosen["codes"]:
            found, unknown = letter_choice.by_codes(session, chosen["codes"])
            if unknown:
                raise UsageError("không có văn bản xin lỗi nào của: " + ", ".join(unknown))
            return found
        states = tuple(state.value for state in WAYS[step].allowed)
        units = unit_scope(context, chosen["unit"])
        return letter_choice.in_states(session, states, unit_ids=units, kind=chosen["kind"])


def _dossiers(context: AppContext, codes: Sequence[str]) -> list[int]:
    with context.store.read() as session:
        found, unknown = letter_choice.dossiers_by_codes(session, codes)
    if unknown:
        raise UsageError("không có hồ sơ mã: " + ", ".join(unknown))
    return found


def _told(desk: LetterDesk, chosen: dict[str, Any]) -> Told:
    return Told(chosen["channel"], chosen["at"] or desk.asker.now, chosen["person"], chosen["note"])


# ---------------------------------------------------------------- answers


def _answer_moves(context: AppContext, report: MoveReport) -> None:
    refused = [{"letter": line.letter_id, "code": line.code, "why": line.why} for line in report.refused]
    lines = [f"{len(report.moved)} văn bản đã chuyển bước; {len(refused)} không chuyển."]
    lines += [f"  {line.code}: {line.why}" for line in report.refused[:SHOWN]]
    context.answer(
        {"moved": len(report.moved), "letters": list(report.moved), "refused": refused}, "\n".join(lines)
    )
    finish(1 if refused else 0)


def _answer_decisions(context: AppContext, report: DecisionReport) -> None:
    refused = [{"dossier": line.dossier_id, "why": line.why} for line in report.refused]
    lines = [f"{len(report.decided)} hồ sơ đã ghi; {len(refused)} không ghi; {report.voided} dự thảo đã hủy."]
    lines += [f"  {line.dossier_id}: {line.why}" for line in report.refused[:SHOWN]]
    document = {"decided": len(report.decided), "refused": refused, "voided": report.voided}
    context.answer(document, "\n".join(lines))
    finish(1 if refused else 0)


STEPS = [
    approve_command,
    return_command,
    sign_command,
    deliver_command,
    told_command,
    desk_told_command,
    desk_done_command,
    void_command,
    correct_command,
    keep_command,
    owe_command,
    waive_command,
    reason_command,
    open_old_command,
    fault_command,
]
