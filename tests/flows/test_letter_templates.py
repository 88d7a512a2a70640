"""An office's own templates: tried, taken into use as versions, taken out again; a letter keeps the version it was drafted from."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from sqlalchemy import select

from letters.issue import draft
from letters.layout import Paper
from letters.moving import Asker
from letters.obligations import LetterKind
from letters.register import LetterFolder
from letters.reissue import LetterScope, export
from letters.template_package import MAX_FILE
from letters.templates import (
    BROKE_OFF,
    TOO_LARGE,
    TOO_LONG,
    TemplatePlace,
    Upload,
    default_file,
    retire_template,
    try_template,
    use_template,
)
from tests.flows.numbering_process import NOW
from tests.flows.test_letter_number_commands import Desk, Fixed
from tests.letter_samples import FORMS
from tests.letter_world import (
    AS_OF,
    BRANCH,
    DEPARTMENT,
    OLD_BRANCH,
    add_catalogue,
    add_dossiers,
    at,
    dossier,
    ended,
    policy,
)
from tests.template_files import replaced, with_text
from tracker.errors import UsageError, WorkFailed
from tracker.store import template_store
from tracker.store.models import AuditEntry, Letter, UnitAlias
from tracker.store.session import Store
from tracker.text import fold

pytestmark = pytest.mark.either_database("about files, which are kept as any work is")

FORM = FORMS.editions[0].key
ALL_UNITS = TemplatePlace(None, FORM, LetterKind.OVERDUE)
OF_BRANCH = replace(ALL_UNITS, unit_id=BRANCH)
ASKER = Asker("cai.cach", NOW)
SCOPE = LetterScope(AS_OF)


def upload(words: str, **more: Any) -> Upload:
    return Upload("mau.docx", with_text(words), **more)


@pytest.fixture
def world(store: Store) -> Store:
    """Two open dossiers that are overdue."""
    add_catalogue(store)
    add_dossiers(store, dossier(1), dossier(2))
    return store


def text_of(body: bytes) -> str:
    return "\n".join(text.text or "" for text in Document(io.BytesIO(body)).element.body.iter(qn("w:t")))


# ---------------------------------------------------------------- tried


@pytest.mark.parametrize("form", FORMS.editions, ids=lambda form: form.key)
@pytest.mark.parametrize("kind", [*LetterKind, None])
def test_the_file_to_begin_with_is_a_template_that_can_be_used(form: Any, kind: LetterKind | None):
    body = default_file(FORMS, form.key, kind, Paper.A5)
    trial = try_template(body, TemplatePlace(None, form.key, kind))
    assert (trial.report.faults, trial.report.warnings) == ((), ())
    wording = form.wordings[kind or LetterKind.OVERDUE]
    assert wording.title in trial.lines
    assert any("Nguyễn Thị Mẫu" in line for line in trial.lines)
    assert not any("{{" in line for line in trial.lines)
    assert text_of(trial.letter).replace("\n", "") == "".join(trial.lines)


@pytest.mark.parametrize(
    ("body", "place", "seconds", "fault"),
    [
        (b"khong phai tep", ALL_UNITS, 20, "không phải .docx"),
        (b"P" * (MAX_FILE + 1), ALL_UNITS, 20, TOO_LARGE),
        (with_text("{{khong_co}}"), ALL_UNITS, 20, "khong_co"),
        (with_text("{% import os %}"), ALL_UNITS, 20, "{%"),
        (with_text("mot chu"), replace(ALL_UNITS, kind=None), 20, "{{noi_dung}}"),
        (with_text("mot chu"), ALL_UNITS, 0.001, TOO_LONG),
        (with_text("mot chu"), replace(ALL_UNITS, form="khong-co"), 20, BROKE_OFF),
    ],
)
def test_what_cannot_be_a_template_is_refused_with_its_reason_in_bounded_time(
    body: bytes, place: TemplatePlace, seconds: float, fault: str
):
    trial = try_template(body, place, seconds=seconds)
    assert not trial.report.is_usable
    assert any(fault in told for told in trial.report.faults), trial.report.faults
    assert (trial.lines, trial.letter) == ((), b"")


# ---------------------------------------------------------------- into use


def drafted(store: Store, folder: Path) -> dict[int, str]:
    """The text of every letter by dossier, as exported."""
    export(store, SCOPE, policy(), LetterFolder(folder, folder))
    files = {int(path.stem.rsplit("_", 1)[1]): path.read_bytes() for path in folder.rglob("*.docx")}
    return {number: text_of(body) for number, body in files.items()}


def draft_all(store: Store, folder: Path) -> None:
    draft(store, SCOPE, policy(), LetterFolder(folder / "letters", folder), now=NOW, actor="operator")


def test_a_letter_keeps_the_version_that_it_was_drafted_from(world: Store, tmp_path: Path):
    first = use_template(world, ALL_UNITS, upload("Lời của bản một."), ASKER)
    draft_all(world, tmp_path)
    before = drafted(world, tmp_path / "before")
    second = use_template(world, ALL_UNITS, upload("Lời của bản hai."), ASKER)
    add_dossiers(world, dossier(3))
    draft_all(world, tmp_path)
    after = drafted(world, tmp_path / "after")
    assert {number: text for number, text in after.items() if number != 3} == before
    assert ["Lời của bản một." in after[number] for number in (1, 2, 3)] == [True, True, False]
    assert "Lời của bản hai." in after[3]
    retire_template(world, second, ASKER)
    assert drafted(world, tmp_path / "later") == after
    add_dossiers(world, dossier(4))
    draft_all(world, tmp_path)
    assert "Lời của bản" not in drafted(world, tmp_path / "last")[4]
    with world.read() as session:
        used = dict(session.execute(select(Letter.dossier_id, Letter.template_id)).all())
        versions = [(row.template_id, row.version, row.state) for row in template_store.templates(session)]
    assert used == {1: first, 2: first, 3: second, 4: None}
    assert versions == [(second, 2, "retired"), (first, 1, "retired")]


def test_a_units_own_template_goes_before_that_of_all_units(world: Store, tmp_path: Path):
    add_dossiers(world, dossier(3, resolving_unit_id=DEPARTMENT), ended(4, at(20)))
    use_template(world, ALL_UNITS, upload("Lời của mọi đơn vị."), ASKER)
    use_template(world, replace(ALL_UNITS, unit_id=OLD_BRANCH), upload("Lời của chi nhánh."), ASKER)
    draft_all(world, tmp_path)
    texts = drafted(world, tmp_path / "out")
    assert ["Lời của chi nhánh." in texts[number] for number in (1, 2, 3, 4)] == [True, True, False, False]
    assert ["Lời của mọi đơn vị." in texts[number] for number in (1, 2, 3, 4)] == [False, False, True, False]


def test_the_same_file_is_not_taken_twice_and_a_faulty_one_never(world: Store):
    one = upload("một")
    use_template(world, ALL_UNITS, one, ASKER)
    with pytest.raises(UsageError, match="đang là mẫu dùng ở đây"):
        use_template(world, ALL_UNITS, one, ASKER)
    with pytest.raises(WorkFailed, match="khong_co"):
        use_template(world, ALL_UNITS, upload("{{khong_co}}"), ASKER)
    with pytest.raises(UsageError, match="dài nhất"):
        use_template(world, ALL_UNITS, upload("hai", note="x" * 301), ASKER)
    use_template(world, OF_BRANCH, one, ASKER)  # elsewhere it is another one


@pytest.mark.parametrize(("unit_id", "is_own"), [(BRANCH, True), (DEPARTMENT, False), (None, False)])
def test_an_account_of_a_unit_changes_its_own_templates_alone(
    world: Store, unit_id: int | None, is_own: bool
):
    of_branch, place = replace(ASKER, unit_ids=frozenset({BRANCH})), replace(ALL_UNITS, unit_id=unit_id)
    if is_own:
        retire_template(world, use_template(world, place, upload("một"), of_branch), of_branch)
        return
    with pytest.raises(UsageError, match="phạm vi"):
        use_template(world, place, upload("một"), of_branch)
    number = use_template(world, place, upload("một"), ASKER)
    with pytest.raises(UsageError, match="phạm vi"):
        retire_template(world, number, of_branch)


def test_a_version_out_of_use_is_not_retired_again(world: Store):
    number = use_template(world, ALL_UNITS, upload("một"), ASKER)
    retire_template(world, number, ASKER)
    with pytest.raises(UsageError, match="không có mẫu số"):
        retire_template(world, number, ASKER)


# ---------------------------------------------------------------- the command line


@pytest.fixture
def desk(world: Store, tmp_path: Path) -> Desk:
    """The command line, with the branch by its code."""
    with world.transaction() as session:
        session.add(UnitAlias(folded=fold(f"T{BRANCH}"), unit_id=BRANCH))
    context = Fixed(tmp_path / "config.toml")
    context.store = world
    return Desk(context, world, tmp_path)


def test_a_template_is_made_checked_used_listed_and_retired_by_command(desk: Desk, tmp_path: Path):
    place = ("--form", FORM, "--kind", "overdue")
    path = tmp_path / "mau.docx"
    assert desk.run("template", "default", *place, "--out", path)[0] == 0
    path.write_bytes(replaced("word/document.xml", "Mong nhận được", "Rất mong nhận được"))
    status, told = desk.run("template", "check", path, *place)
    assert (status, told["ok"], told["placeholders"]["ly_do"]) == (0, True, 1)
    assert any(line.startswith("Rất mong") for line in told["lines"])
    status, told = desk.run("template", "add", path, *place, "--unit", f"T{BRANCH}", "--note", "bản thử")
    assert (status, told) == (0, {"template": 1})
    listed = desk.run("template", "list", "--unit", f"T{BRANCH}")[1]["templates"]
    assert [(row["template_id"], row["unit_id"], row["version"], row["state"]) for row in listed] == [
        (1, BRANCH, 1, "active")
    ]
    back = tmp_path / "lai.docx"
    assert desk.run("template", "default", *place, "--own", "1", "--out", back)[0] == 0
    assert back.read_bytes() == path.read_bytes()
    path.write_bytes(with_text("{{khong_co}}"))
    status, told = desk.run("template", "check", path, *place)
    assert (status, told["ok"]) == (1, False)
    assert desk.run("template", "retire", "1")[0] == 0
    with desk.store.read() as session:
        acts = session.execute(select(AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)).all()
    assert [tuple(act) for act in acts if act[0].startswith("letter_template")] == [
        ("letter_template_add", "template:1"),
        ("letter_template_retire", "template:1"),
    ]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("check", "khong-co.docx", "--form", FORM), "không đọc được"),
        (("check", "khong-co.docx", "--form", "khong-co"), "không có mẫu văn bản xin lỗi"),
        (("retire", "7"), "không có mẫu số 7"),
        (("default", "--form", FORM, "--own", "7", "--out", "x.docx"), "không có mẫu số 7"),
    ],
)
def test_what_is_not_there_is_said(desk: Desk, words: tuple[str, ...], why: str):
    with pytest.raises(UsageError, match=why):
        desk.run("template", *words)
