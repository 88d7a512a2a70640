"""An office's own templates: tried on an invented letter, taken into use as a new version, taken out of use.

Letters keep the version that they were drafted from; a version that is in the store is never changed.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import letters
from letters.forms import LetterForm, LetterForms
from letters.layout import Paper
from letters.moving import Asker
from letters.obligations import LetterKind
from letters.template_check import TemplateReport
from letters.template_package import MAX_FILE, MIB
from tracker.errors import ConfigurationError, UsageError, WorkFailed
from tracker.store import template_store
from tracker.store.letter_store import lock_register
from tracker.store.session import Session, Store
from tracker.store.template_store import NewTemplate, TemplateRow
from tracker.text import clean

MODULE = "letters.template_trial"
SECONDS = 20.0
LONGEST_NAME, LONGEST_NOTE = 120, 300
TOO_LONG = "Kiểm tra tệp này quá lâu nên đã dừng; tệp quá phức tạp. Hãy làm lại từ mẫu mặc định."
BROKE_OFF = "Phần kiểm tra dừng giữa chừng ở tệp này; tệp quá phức tạp. Hãy làm lại từ mẫu mặc định."
TOO_LARGE = f"Tệp lớn hơn {MAX_FILE // MIB} MiB; hãy bỏ bớt hình ảnh trong tệp."
InSameStep = Callable[[Session, int], None]


def _nothing(_session: Session, _template_id: int) -> None:
    return None


@dataclass(frozen=True, slots=True)
class TemplatePlace:
    """Which letters a template is for: of a unit (None = all units), an edition of the form, a kind (None = all kinds)."""

    unit_id: int | None
    form: str
    kind: LetterKind | None

    def is_of(self, row: TemplateRow) -> bool:
        """Does a version stand in this place?"""
        return (row.unit_id, row.form, row.kind) == (self.unit_id, self.form, self.kind or "")


@dataclass(frozen=True, slots=True)
class TemplateTrial:
    """A template tried: the report, and of a usable one an invented letter, as text and as the bytes of a .docx."""

    report: TemplateReport
    lines: tuple[str, ...] = ()
    letter: bytes = b""


# ---------------------------------------------------------------- tried


def try_template(body: bytes, place: TemplatePlace, *, seconds: float = SECONDS) -> TemplateTrial:
    """Judge a file and fill it, in a process of its own that is ended after `seconds`.

    A file that takes too long or breaks the process off is one with a fault; nothing here raises because of a file.
    """
    if len(body) > MAX_FILE:
        return _refused(TOO_LARGE)
    paths = [str(Path(letters.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    try:
        done = subprocess.run(
            [sys.executable, "-m", MODULE, place.form, place.kind or ""],
            input=body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _refused(TOO_LONG)
    return _refused(BROKE_OFF) if done.returncode else _trial(json.loads(done.stdout))


def _refused(fault: str) -> TemplateTrial:
    return TemplateTrial(TemplateReport({}, (fault,)))


def _trial(told: Mapping[str, Any]) -> TemplateTrial:
    report = TemplateReport(told["placeholders"], tuple(told["faults"]), tuple(told["warnings"]))
    return TemplateTrial(report, tuple(told["lines"]), base64.b64decode(told["letter"]))


# ---------------------------------------------------------------- into use, out of use


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody wants to use: what it is called, its content, and what he says about it."""

    name: str
    body: bytes
    note: str = ""


def use_template(
    store: Store, place: TemplatePlace, upload: Upload, asker: Asker, in_same_step: InSameStep = _nothing
) -> int:
    """Make a file the version that letters of its place are drafted from; its id. It is tried once more.

    `in_same_step` writes into the same transaction, last.

    Raises:
        UsageError: the place is not the asker's, the words are too long, or this very file is in use there.
        WorkFailed: the file has faults; all of them.
    """
    name, note = clean(Path(upload.name.replace("\\", "/")).name), clean(upload.note)
    if len(name) > LONGEST_NAME or len(note) > LONGEST_NOTE:
        raise UsageError(f"tên tệp dài nhất {LONGEST_NAME}, ghi chú dài nhất {LONGEST_NOTE} ký tự")
    _own_place(place.unit_id, asker)
    report = try_template(upload.body, place).report
    if not report.is_usable:
        raise WorkFailed(
            "Không dùng được tệp mẫu này:\n" + "\n".join(f"  - {each}" for each in report.faults)
        )
    digest = sha256(upload.body).hexdigest()
    kind = place.kind.value if place.kind else ""
    new = NewTemplate(place.unit_id, place.form, kind, name or "mau.docx", digest, upload.body, note)
    with store.transaction() as session:
        lock_register(session)
        active = template_store.templates(session, only_active=True)
        if any(place.is_of(row) and row.sha256 == digest for row in active):
            raise UsageError("tệp này đang là mẫu dùng ở đây, không có gì thay đổi")
        template_id = template_store.add_template(session, new, by=asker.login, at=asker.now)
        in_same_step(session, template_id)
    return template_id


def retire_template(
    store: Store, template_id: int, asker: Asker, in_same_step: InSameStep = _nothing
) -> TemplateRow:
    """Let no further letter be drafted from a version; letters already drafted keep it.

    Raises:
        UsageError: there is no such version in use, or it is not the asker's.
    """
    with store.transaction() as session:
        lock_register(session)
        active = template_store.templates(session, only_active=True)
        found = next((row for row in active if row.template_id == template_id), None)
        if found is None:
            raise UsageError(f"không có mẫu số {template_id} đang dùng; xem: dunghen letters template list")
        _own_place(found.unit_id, asker)
        template_store.retire_template(session, template_id)
        in_same_step(session, template_id)
    return found


def _own_place(unit_id: int | None, asker: Asker) -> None:
    """A template of all units is the whole office's business."""
    if asker.unit_ids is not None and unit_id not in asker.unit_ids:
        raise UsageError("chỉ đổi được mẫu thư của đơn vị thuộc phạm vi của bạn")


# ---------------------------------------------------------------- to begin with


def default_file(forms: LetterForms, form: str, kind: LetterKind | None, paper: Paper = Paper.A4) -> bytes:
    """The shipped letter of a kind with placeholders; None: one for all kinds.

    Raises:
        UsageError: there is no such edition of the form.
    """
    # python-docx is opened only when somebody wants the file: pages and the command line start without it.
    from letters.template_default import default_template

    return default_template(checked_form(forms, form), kind, paper)


def own_file(store: Store, template_id: int) -> bytes:
    """A version as it was uploaded.

    Raises:
        UsageError: there is none.
    """
    with store.read() as session:
        found = template_store.template_body(session, template_id)
    if found is None:
        raise UsageError(f"không có mẫu số {template_id}; xem: dunghen letters template list")
    return found[1]


def checked_form(forms: LetterForms, key: str) -> LetterForm:
    """An edition of the form by its key.

    Raises:
        UsageError: there is none.
    """
    try:
        return forms.by_key(key)
    except ConfigurationError:
        keys = ", ".join(form.key for form in forms.editions)
        raise UsageError(f"không có mẫu văn bản xin lỗi tên {key!r}; có: {keys}") from None
