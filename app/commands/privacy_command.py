"""`dunghen privacy`: what is kept about a person, who saw it, and what may go because its time is over."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from app import privacy_files
from app.commands.shared import OPERATOR, moment_text, note_act
from app.context import AppContext, finish
from app.options import DAY, common_options
from app.privacy_report import Access, access, report_text
from app.works.backing_up import NAME
from tracker.errors import UsageError
from tracker.machine import unwritable
from tracker.pipeline import erasing
from tracker.pipeline.erasing import Erased, ErasePlan, Preview
from tracker.pipeline.person_record import PersonRecord, Section, gather
from tracker.store.audit import Act
from tracker.store.privacy.leftovers import written_anew
from tracker.store.privacy.persons import Wanted
from tracker.types import VN

FIRST_DAY = date(2000, 1, 1)
SAME_NAME = "Cùng tên không có nghĩa là cùng một người: hãy đối chiếu trước khi trả lời."


@click.group("privacy")
def privacy() -> None:
    """Thông tin cá nhân: trả lời yêu cầu của một người, báo cáo vi phạm, xóa khi hết thời hạn lưu."""


def _telling(context: AppContext) -> erasing.Told:
    told = ""

    def watch(_done: int, _total: int | None, words: str) -> None:
        nonlocal told
        if words != told:
            told = words
            context.progress(f"{words}…")

    return watch


# ---------------------------------------------------------------- subject


@privacy.command("subject")
@click.option("--name", default="", help="Họ tên, có dấu hay không đều được.")
@click.option("--phone", default="", help="Số điện thoại.")
@click.option("--code", default="", help="Mã hồ sơ.")
@click.option("--out", type=click.Path(path_type=Path), help="Ghi toàn bộ (JSON) vào tệp này.")
@common_options
@click.pass_obj
def subject_command(context: AppContext, name: str, phone: str, code: str, out: Path | None) -> None:
    """Mọi thứ được giữ về một người: hồ sơ, thư, ghi chú, thông báo, dòng gốc, dòng bị từ chối, tệp."""
    record = gather(context.store, Wanted(name, phone, code), _telling(context))
    files = privacy_files.look(context, record.mentions)
    asked = [key for key, value in (("name", name), ("phone", phone), ("code", code)) if value]
    ids = [one.dossier_id for one in record.dossiers]
    note_act(
        context,
        "privacy_subject",
        "person",
        {"by": asked, "ids": ids, "rows": record.rows, "file": out is not None},
    )
    document = {
        "by": asked,
        "as_of": moment_text(context.now()),
        "count": len(record.dossiers),
        "dossiers": [{"code": one.code, "kept": _sections(one.sections)} for one in record.dossiers],
        "elsewhere": _sections(record.elsewhere),
        "files": [{"name": file.name, "kind": file.kind, "path": file.path, "until": moment_text(file.expires_at)} for file in files.telling],
        "unsearchable_files": [file.path for file in files.closed],
    }  # fmt: skip
    if out is not None:
        _write(out, json.dumps(document, ensure_ascii=False, indent=1))
    context.answer(document, _record_text(record, files))


def _sections(sections: Sequence[Section]) -> list[dict[str, Any]]:
    return [{"what": one.title, "table": one.table, "rows": list(one.rows)} for one in sections]


def _record_text(record: PersonRecord, files: privacy_files.FilesLooked) -> str:
    lines = [f"{len(record.dossiers)} hồ sơ khớp, {record.rows} dòng dữ liệu. {SAME_NAME}"]
    for one in record.dossiers:
        lines += ["", f"HỒ SƠ {one.code}", *_lines(one.sections)]
    if record.elsewhere:
        lines += ["", "NGOÀI HỒ SƠ", *_lines(record.elsewhere)]
    if files.telling:
        lines += ["", "TỆP TẠM CÒN GIỮ"]
        lines += [
            f"  {file.path} ({file.name}), giữ đến {file.expires_at.astimezone(VN):%d/%m/%Y}"
            for file in files.telling
        ]
    if files.closed:
        lines += [
            "",
            f"{len(files.closed)} tệp tạm không đọc được nội dung để tìm (PDF, tệp cũ): {files.closed[0].path}…",
        ]
    return "\n".join(lines)


def _lines(sections: Sequence[Section]) -> list[str]:
    lines = []
    for section in sections:
        lines.append(f"  {section.title}")
        lines += ["    " + "; ".join(f"{key}: {value}" for key, value in row.items()) for row in section.rows]
    return lines


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_text(text, "utf-8")
    except OSError as error:
        raise unwritable(path.name, error) from error


# ---------------------------------------------------------------- access log


@privacy.command("access-log")
@click.option(
    "--code", "codes", multiple=True, help="Mã hồ sơ; lặp lại được. Không có: mọi hồ sơ trong khoảng ngày."
)
@click.option("--from", "first", type=DAY, help="Từ ngày.")
@click.option("--to", "last", type=DAY, help="Đến ngày; mặc định hôm nay.")
@click.option(
    "--report", type=click.Path(path_type=Path), help="Ghi bản chuẩn bị của thông báo 72 giờ vào tệp này."
)
@common_options
@click.pass_obj
def access_log_command(
    context: AppContext, codes: tuple[str, ...], first: date | None, last: date | None, report: Path | None
) -> None:
    """Ai đã xem, hiện tên, xuất, in những hồ sơ nào và khi nào, theo nhật ký; kèm bản chuẩn bị của thông báo 72 giờ."""
    if not codes and first is None:
        raise UsageError("cần --code, hoặc --from (và --to)")
    found = access(context, codes, first or FIRST_DAY, last or context.now().astimezone(VN).date())
    text = report_text(found, context.now())
    if report is not None:
        _write(report, text)
    detail = {"ids": [one.dossier_id for one in found.found], "from": str(found.first), "to": str(found.last)}
    note_act(context, "privacy_access_log", "log", {**detail, "rows": len(found.looks)})
    document = {
        "from": str(found.first),
        "to": str(found.last),
        "codes": [one.code for one in found.found],
        "count": len(found.looks),
        "people": _people(found),
        "entries": _entries(found),
        "report": text,
    }
    context.answer(document, f"{_entry_lines(found)}\n\n{text}")


def _people(found: Access) -> list[dict[str, Any]]:
    told = []
    for login, counts in found.by_person:
        person = found.people.get(login)
        names = (
            {"full_name": person.full_name, "role": person.role, "unit": person.unit_name} if person else {}
        )
        told.append({"login": login, **names, **{kind.value: times for kind, times in counts.items()}})
    return told


def _entries(found: Access) -> list[dict[str, Any]]:
    return [
        {
            "id": look.entry.entry_id,
            "at": moment_text(look.entry.act.at),
            "login": look.entry.act.actor,
            "kind": look.kind.value,
            "action": look.entry.act.action,
            "subject": look.entry.act.subject,
            "code": look.code or None,
            "dossiers": look.dossiers,
        }
        for look in found.looks
    ]


def _entry_lines(found: Access) -> str:
    lines = [
        f"{look.entry.act.at.astimezone(VN):%d/%m/%Y %H:%M:%S}  {look.entry.act.actor}  {look.words}  "
        f"{look.code or look.entry.act.subject}"
        for look in found.looks
    ]
    return "\n".join(lines) or "Nhật ký không có lần xem hay xuất nào trong khoảng này."


# ---------------------------------------------------------------- erase


@privacy.command("erase")
@click.option("--code", "codes", multiple=True, help="Chỉ hồ sơ này; lặp lại được.")
@click.option("--dry-run", is_flag=True, help="Chỉ đếm và nêu ví dụ, không đổi gì.")
@click.option("--reason", default="", help="Số quyết định hoặc căn cứ; không ghi tên người.")
@click.option(
    "--early", "is_early", is_flag=True, help="Trước thời hạn lưu, theo quyết định của cơ quan; cần --code."
)
@common_options
@click.pass_obj
def erase_command(
    context: AppContext, codes: tuple[str, ...], dry_run: bool, reason: str, is_early: bool
) -> None:
    """Xóa họ tên, địa chỉ, điện thoại, ghi chú, dòng gốc, tệp của hồ sơ đã kết thúc quá thời hạn lưu.

    Số liệu, ngày, số thư trong sổ và nhật ký giữ nguyên. Bị ngắt giữa chừng thì chạy lại.
    """
    if is_early and not codes:
        raise UsageError("--early cần --code: xóa trước thời hạn chỉ theo từng hồ sơ")
    if not dry_run and not reason.strip():
        raise UsageError("cần --reason: số quyết định hoặc căn cứ của việc xóa (hoặc --dry-run để chỉ xem)")
    rules, today = context.config.privacy.keep_years, context.now().astimezone(VN).date()
    with context.store.read() as session:
        plan = erasing.plan_by_rules(session, rules, today)
        if codes:
            plan = erasing.narrowed(session, plan, codes, is_early=is_early)
        seen = erasing.preview(session, plan)
    if dry_run:
        context.answer(_preview(context, seen), _preview_text(context, seen))
        finish(1 if seen.named else 0)
        return
    _erase(context, plan, reason.strip())


def _preview(context: AppContext, seen: Preview) -> dict[str, Any]:
    rules = [{"ended_from": str(day), "years": years} for day, years in context.config.privacy.keep_years]
    told = {
        "due": seen.due,
        "to_erase": seen.named,
        "letter_files": seen.letters,
        "examples": list(seen.examples),
    }
    return {"dry_run": True, "rules": rules, "rules_verified": False, **told}


def _preview_text(context: AppContext, seen: Preview) -> str:
    rules = "; ".join(
        f"kết thúc từ {day:%d/%m/%Y}: giữ {years} năm" for day, years in context.config.privacy.keep_years
    )
    lines = [
        f"Thời hạn lưu ([privacy] keep_years): {rules or 'không có, nên không hồ sơ nào hết hạn'}.",
        "Số năm là của cấu hình, chương trình chưa đối chiếu với văn bản nào.",
        f"{seen.due} hồ sơ đã kết thúc quá thời hạn lưu, {seen.named} hồ sơ còn thông tin cá nhân, {seen.letters} thư còn tệp.",
        *(f"  {code}" for code in seen.examples),
        "Chưa xóa gì." if seen.named else "Không có gì phải xóa ở hồ sơ.",
    ]
    return "\n".join(lines)


def _erase(context: AppContext, plan: ErasePlan, reason: str) -> None:
    now = context.now()
    act = Act(now, OPERATOR, "privacy_erase", "dossiers", {"reason": reason, "early": plan.is_early})
    with context.store.read() as session:  # while the names are still known
        everybody, mentions = erasing.mentions_of(session, plan)
    erasing.require_nameless(everybody, reason)
    files = privacy_files.look(context, mentions)
    context.progress("Xóa tệp…")
    kept = privacy_files.remove_kept(context, files.telling, OPERATOR, now)
    done = erasing.erase(context.store, plan, act, _telling(context))
    letters = privacy_files.remove_letters(context, done.letter_files, act)
    context.progress("Ghi lại cơ sở dữ liệu để không còn gì trong chỗ trống…")
    is_anew = written_anew(context.store, context.config.database_url)
    document = {
        "dossiers": done.dossiers,
        "rows": done.rows,
        "letter_files": letters,
        "kept_files": kept,
        "unsearchable_files": [file.path for file in files.closed],
        "database_written_anew": is_anew,
        "backups_before": _backups(context),
    }
    context.answer(document, _erased_text(done, document))
    finish(0 if is_anew and not files.closed else 1)


def _backups(context: AppContext) -> list[str]:
    folder = context.config.backup.folder
    return (
        sorted(path.name for path in folder.iterdir() if NAME.fullmatch(path.name)) if folder.is_dir() else []
    )


def _erased_text(done: Erased, told: dict[str, Any]) -> str:
    lines = [
        f"Đã đi qua {done.dossiers} hồ sơ: {sum(done.rows.values())} dòng được xóa thông tin cá nhân, "
        f"{told['letter_files']} tệp thư và {told['kept_files']} tệp tạm được xóa. Số liệu, ngày, số thư, nhật ký giữ nguyên.",
        *(f"  {table}: {count}" for table, count in sorted(done.rows.items())),
    ]
    if told["backups_before"]:
        lines.append(
            f"{len(told['backups_before'])} bản sao lưu làm trước lúc này còn những thông tin ấy cho đến khi chúng được thay "
            f"(mới nhất: {told['backups_before'][-1]}). Bản sao lưu làm tay ở nơi khác: cơ quan tự xóa."
        )
    if told["unsearchable_files"]:
        lines.append(
            f"{len(told['unsearchable_files'])} tệp tạm không đọc được nội dung để tìm; chúng tự hết hạn. Ví dụ "
            f"{told['unsearchable_files'][0]}"
        )
    if not told["database_written_anew"]:
        lines.append(
            "Cơ sở dữ liệu đang được dùng nên chưa ghi lại được: chạy lại lệnh này khi chương trình đã dừng."
        )
    return "\n".join(lines)


COMMANDS = [privacy]
