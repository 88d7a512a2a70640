"""`dunghen letters print|papers`: letters as files for the printer, and the papers that go with them."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from app.commands.shared import OPERATOR, note_act, unit_scope
from app.context import AppContext, finish
from app.letter_prints import USUAL_STATES, logged_ids, office_of, paper_desk, print_act, print_into
from app.options import Command, common_options
from letters.obligations import LetterKind
from letters.papers_render import render
from letters.path import LIVE_STATES, SIGNED_STATES, LetterState
from letters.post_list import write_post_list
from letters.print_papers import TO_TELL, Desk, Omitted, by_desk, in_order, letter_line, outgoing, to_tell
from letters.printing import DOCX, LONGEST_DESK, PrintReport, PrintWish, plain_name
from letters.register import WRITING
from tracker.errors import UsageError, WorkFailed
from tracker.store import audit, letter_choice, letter_prints
from tracker.store.letter_prints import PrintChoice, PrintRow

SHOWN = 20  # lines of a list in the text answer; --json gives all
EVERY = 500  # letters between two words of progress


def _choice_options(command: Command) -> Command:
    """--unit, --kind and --letters."""
    command = click.option(
        "--letters", "codes", multiple=True, help="Chỉ những thư này: mã tra cứu hoặc mã hồ sơ."
    )(command)
    command = click.option(
        "--kind", type=click.Choice([kind.value for kind in LetterKind]), help="Chỉ một loại văn bản."
    )(command)
    return click.option("--unit", help="Mã hoặc tên đơn vị (gồm các đơn vị trực thuộc).")(command)


def _choice(context: AppContext, states: Sequence[str], given: dict[str, Any]) -> PrintChoice:
    units = unit_scope(context, given["unit"])
    ids = _ids(context, given["codes"]) if given["codes"] else None
    return PrintChoice(tuple(states), units, given["kind"] or "", ids)


def _ids(context: AppContext, codes: Sequence[str]) -> tuple[int, ...]:
    named = [code.strip() for each in codes for code in each.split(",") if code.strip()]
    with context.store.read() as session:
        found, unknown = letter_choice.by_codes(session, named)
    if unknown:
        raise UsageError("không có văn bản xin lỗi nào của: " + ", ".join(unknown))
    return tuple(found)


# ---------------------------------------------------------------- everything


@click.command("print")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Thư mục ghi tệp."
)
@click.option("--pdf", is_flag=True, help="Làm cả tệp PDF (cần LibreOffice).")
@click.option(
    "--state", "states", multiple=True, type=click.Choice(sorted(state.value for state in LIVE_STATES)),
    help="Thư ở bước nào (mặc định: đã duyệt, đã ký, đã vào sổ).",
)  # fmt: skip
@click.option("--drafts", is_flag=True, help="In cả bản soạn chưa duyệt.")
@_choice_options
@common_options
@click.pass_obj
def print_command(
    context: AppContext, out: Path, pdf: bool, states: tuple[str, ...], drafts: bool, **given: Any
) -> None:
    """Ghép thư để in, mỗi đơn vị một thư mục: thư, danh sách bưu chính, phiếu bàn giao, thông báo cho Một cửa."""
    if LetterState.DRAFTED in states and not drafts:
        raise UsageError("bản soạn chưa duyệt chỉ in khi nêu thêm --drafts")
    chosen = (*(states or USUAL_STATES), *((LetterState.DRAFTED,) if drafts else ()))
    office = office_of(context) if pdf else None
    if pdf and office is None:
        raise UsageError(
            "máy này không có LibreOffice; bỏ --pdf, hoặc ghi đường dẫn vào letters.office_program"
        )
    _refuse_full(out)
    now, choice = context.now(), _choice(context, tuple(dict.fromkeys(chosen)), given)
    report = print_into(context, out, choice, PrintWish(office=office), now=now, watch=_saying(context))
    with context.store.transaction() as session:
        audit.append_acts(session, [print_act(report, OPERATOR, now)])
    _answer(context, report, out)


def _refuse_full(out: Path) -> None:
    """Files of another print between these would be printed too."""
    if out.is_dir() and any(out.iterdir()):
        raise UsageError(f"thư mục {out} đã có tệp; nêu một thư mục mới hoặc trống")


def _saying(context: AppContext) -> Callable[[int, str], None]:
    said = [0]

    def say(done: int, words: str) -> None:
        if done >= said[0] + EVERY:
            said[0] = done
            context.progress(f"{words}: {done} thư")

    return say


def _answer(context: AppContext, report: PrintReport, out: Path) -> None:
    lines = [f"{len(report.printed)} thư trong {len(report.files)} tệp ở {out}."]
    lines += _omitted_lines(report.omitted)
    document = {
        "printed": len(report.printed),
        "out": str(out),
        "files": list(report.files),
        "desk_letters": len(report.told),
        "omitted": _omitted_json(report.omitted),
    }
    context.answer(document, "\n".join(lines))
    finish(1 if report.omitted else 0)


def _omitted_lines(omitted: Sequence[Omitted]) -> list[str]:
    if not omitted:
        return []
    lines = [f"{len(omitted)} điều cần xem lại:", *(f"  {each.code}: {each.why}" for each in omitted[:SHOWN])]
    return lines + (
        [f"… và {len(omitted) - SHOWN} điều nữa (--json để có tất cả)"] if len(omitted) > SHOWN else []
    )


def _omitted_json(omitted: Sequence[Omitted]) -> list[dict[str, str]]:
    return [{"code": each.code, "reason": each.why} for each in omitted]


# ---------------------------------------------------------------- single papers


@click.group("papers")
def papers() -> None:
    """Giấy tờ đi kèm văn bản xin lỗi: danh sách bưu chính, phiếu bàn giao, thông báo cho Bộ phận Một cửa."""


@papers.command("post")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="Tệp .xlsx.")
@_choice_options
@common_options
@click.pass_obj
def post_command(context: AppContext, out: Path, **given: Any) -> None:
    """Danh sách gửi bưu chính của những văn bản đã ký, chưa gửi."""
    rows = outgoing(_rows(context, SIGNED_STATES - {LetterState.DELIVERED}, given))
    if not rows:
        raise UsageError("không có văn bản đã ký nào chưa gửi")
    units = {row.unit for row in rows}
    beside = _beside(out, ".xlsx")
    write_post_list(beside, map(letter_line, in_order(rows)), units.pop() if len(units) == 1 else "")
    os.replace(beside, out)
    _told(context, "post", [row.letter_id for row in rows], [out], ())


@papers.command("handover")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Tệp .docx, hoặc thư mục.")
@_choice_options
@common_options
@click.pass_obj
def handover_command(context: AppContext, out: Path, **given: Any) -> None:
    """Phiếu bàn giao cho Một cửa những văn bản đã ký, chưa gửi."""
    desks = by_desk(outgoing(_rows(context, SIGNED_STATES - {LetterState.DELIVERED}, given)))
    maker = paper_desk(context, context.now())
    made = [(desk, paper) for desk in desks if (paper := maker.hand_over(desk)) is not None]
    files = _put_papers(out, "phieu-ban-giao", [(desk, render(paper)) for desk, paper in made])
    _told(context, "handover", [row.letter_id for desk, _ in made for row in desk.rows], files, ())


@papers.command("desk")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Tệp .docx, hoặc thư mục.")
@click.option("--again", is_flag=True, help="Cả những văn bản đã báo Một cửa.")
@_choice_options
@common_options
@click.pass_obj
def desk_command(context: AppContext, out: Path, again: bool, **given: Any) -> None:
    """Thông báo để Bộ phận Một cửa điều chỉnh ngày trả kết quả, kèm phiếu xác nhận."""
    maker = paper_desk(context, context.now())
    desks = by_desk(to_tell(_rows(context, TO_TELL, given), again=again))
    notices = [(desk, maker.notice(desk)) for desk in desks]
    omitted = [line for _, notice in notices for line in notice.left_out]
    made = [(desk, render(notice.paper)) for desk, notice in notices if notice.paper is not None]
    if omitted and not made:
        raise UsageError(f"không lập được thông báo nào; {omitted[0].code}: {omitted[0].why}")
    files = _put_papers(out, "thong-bao-mot-cua", made)
    _told(context, "desk", [number for _, notice in notices for number in notice.letter_ids], files, omitted)


def _rows(context: AppContext, states: frozenset[LetterState], given: dict[str, Any]) -> list[PrintRow]:
    with context.store.read() as session:
        return letter_prints.rows_to_print(session, _choice(context, sorted(states), given))


def _put_papers(out: Path, name: str, made: Sequence[tuple[Desk, bytes]]) -> list[Path]:
    """One paper into the file, several into a folder."""
    if not made:
        raise UsageError("không có văn bản nào cho giấy tờ này")
    if out.suffix.lower() != DOCX:
        _refuse_full(out)
        out.mkdir(parents=True, exist_ok=True)
        return [_put(out / _name(name, n, desk), body) for n, (desk, body) in enumerate(made, 1)]
    if len(made) > 1:
        raise UsageError(
            f"có {len(made)} giấy tờ (mỗi đơn vị, mỗi Một cửa một tờ): nêu --out là một thư mục, hoặc thu hẹp bằng --unit"
        )
    return [_put(out, made[0][1])]


def _name(name: str, number: int, desk: Desk) -> str:
    return f"{name}-{number:02}_{plain_name(desk.unit_code)}_{plain_name(desk.desk)[:LONGEST_DESK].rstrip('-')}{DOCX}"


def _put(path: Path, body: bytes) -> Path:
    beside = _beside(path, DOCX)
    beside.write_bytes(body)
    os.replace(beside, path)
    return path


def _beside(path: Path, suffix: str) -> Path:
    """Where a file is written before it takes its name: whole, or not at all."""
    if path.suffix.lower() != suffix:
        raise UsageError(f"tệp phải có đuôi {suffix}")
    if not path.parent.is_dir():
        raise WorkFailed(f"không có thư mục {path.parent}")
    return path.with_name(path.name + WRITING)


def _told(
    context: AppContext, paper: str, ids: Sequence[int], files: Sequence[Path], omitted: Sequence[Omitted]
) -> None:
    note_act(context, "letter_print", "letters", logged_ids(ids) | {"paper": paper})
    document = {
        "letters": len(ids),
        "files": [str(path) for path in files],
        "omitted": _omitted_json(omitted),
    }
    told = [f"{len(ids)} văn bản, đã ghi {', '.join(map(str, files))}", *_omitted_lines(omitted)]
    context.answer(document, "\n".join(told))
    finish(1 if omitted else 0)


PRINT_COMMANDS = [print_command, papers]
