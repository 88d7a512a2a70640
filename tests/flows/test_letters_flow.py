"""`dunghen letters` from the store to the files and back, with a second run, a kill and a rival in between."""

import io
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from docx import Document
from docx.oxml.ns import qn
from sqlalchemy import select, text

from app.commands.letters_command import letters
from app.context import AppContext
from letters import issue
from letters.content import Missing
from letters.issue import draft, due
from letters.obligations import LetterKind
from letters.register import LetterFolder, file_name, located, new_short_codes
from letters.reissue import LetterScope, export, letter_bytes, rewrite
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
from tracker.store.models import Letter
from tracker.store.session import Store
from tracker.types import VN

NOW = datetime(2023, 1, 2, 9, tzinfo=VN)
SCOPE = LetterScope(AS_OF)
FROM_CONFIG = 'data_dir = "var"'


@dataclass
class Fixed(AppContext):
    """A context whose clock stands still."""

    instant: datetime = field(default=NOW)

    def now(self) -> datetime:
        """Always the same."""
        return self.instant


@pytest.fixture
def world(store: Store) -> Store:
    """Returned late, open and overdue, refused late; on time, to check, and one without a reason."""
    add_catalogue(store)
    add_dossiers(
        store,
        ended(1, at(20)),
        dossier(2, applicant_kind="business", applicant_name="Công ty TNHH Mẫu & Con"),
        ended(3, at(20), "refused"),
        ended(4, at(15)),
        ended(5, at(20), documented_due_at=at(30)),
        ended(6, at(20), late_reason=""),
    )
    return store


def folder(tmp_path: Path) -> LetterFolder:
    return LetterFolder(tmp_path / "letters" / "2023", tmp_path)


def write(store: Store, tmp_path: Path, scope: LetterScope = SCOPE) -> issue.DraftReport:
    return draft(store, scope, policy(), folder(tmp_path), now=NOW, actor="operator")


def files(tmp_path: Path) -> dict[str, bytes]:
    found = (tmp_path / "letters").rglob("*")
    return {path.name: path.read_bytes() for path in found if path.is_file()}


def register(store: Store) -> list[Any]:
    with store.read() as session:
        return list(session.execute(select(*Letter.__table__.columns).order_by(Letter.dossier_id)))


def text_of(body: bytes) -> str:
    return "\n".join(text.text or "" for text in Document(io.BytesIO(body)).element.body.iter(qn("w:t")))


def test_a_draft_writes_one_file_and_one_row_for_each_dossier_owed(world: Store, tmp_path: Path) -> None:
    report = write(world, tmp_path)
    assert (report.written, report.to_check) == (3, 1)
    assert [(line.code, line.missing) for line in report.lacking] == [("T.18-220601-0006", (Missing.REASON,))]
    rows = register(world)
    assert [(row.dossier_id, row.kind) for row in rows] == [
        (1, "returned_late"),
        (2, "overdue"),
        (3, "late_refusal"),
    ]
    assert all(located(tmp_path, row.file).read_bytes() for row in rows)
    assert all(row.number is None and row.issued_on is None for row in rows)
    assert len(files(tmp_path)) == 3


def test_a_second_run_writes_nothing(world: Store, tmp_path: Path) -> None:
    write(world, tmp_path)
    before = files(tmp_path)
    assert write(world, tmp_path).written == 0
    assert files(tmp_path) == before
    assert len(register(world)) == 3


def test_the_new_date_is_proposed_from_the_letters_day_in_working_days(world: Store, tmp_path: Path) -> None:
    write(world, tmp_path)
    row = next(row for row in register(world) if row.dossier_id == 2)
    # Sunday 01/01/2023, Monday 02/01 off in its place: the tenth working day is Monday 16/01.
    assert row.new_due_at == datetime(2023, 1, 16, row.new_due_at.hour, tzinfo=VN)
    assert "vào ngày 16 tháng 01 năm 2023" in text_of(located(tmp_path, row.file).read_bytes())
    assert "Quý công ty" in text_of(located(tmp_path, row.file).read_bytes())


def test_a_killed_run_leaves_one_row_and_one_file_each_when_repeated(
    world: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kill comes after the files and before the register."""

    def killed(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(issue, "insert_drafts", killed)
        with pytest.raises(KeyboardInterrupt):
            write(world, tmp_path)
    assert (len(files(tmp_path)), len(register(world))) == (3, 0)
    assert write(world, tmp_path).written == 3
    assert (len(files(tmp_path)), len(register(world))) == (3, 3)
    for row in register(world):
        assert row.short_code in text_of(located(tmp_path, row.file).read_bytes())


def test_of_two_runs_at_once_one_letter_stays(
    world: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rival enters its letters between our files and our rows: its short codes are the ones in force."""
    entered = issue._enter

    def rival_first(store: Store, run: Any, **more: Any) -> list[int]:
        monkeypatch.setattr(issue, "_enter", entered)
        write(store, tmp_path, LetterScope(AS_OF, kind=LetterKind.OVERDUE))
        return entered(store, run, **more)

    monkeypatch.setattr(issue, "_enter", rival_first)
    assert write(world, tmp_path).written == 2
    assert (len(files(tmp_path)), len(register(world))) == (3, 3)
    for row in register(world):
        assert row.short_code in text_of(located(tmp_path, row.file).read_bytes())


def test_drafts_are_written_again_from_the_register(world: Store, tmp_path: Path) -> None:
    write(world, tmp_path)
    before = files(tmp_path)
    for row in register(world):
        located(tmp_path, row.file).unlink()
    assert rewrite(world, SCOPE, policy(), folder(tmp_path)).written == 3
    assert files(tmp_path) == before


def test_rewriting_elsewhere_is_noted_in_the_register_and_an_export_is_not(
    world: Store, tmp_path: Path
) -> None:
    write(world, tmp_path)
    places = [row.file for row in register(world)]
    exported = export(world, SCOPE, policy(), LetterFolder(tmp_path / "copies", tmp_path))
    assert (exported.written, [row.file for row in register(world)]) == (3, places)
    rewrite(world, SCOPE, policy(), LetterFolder(tmp_path / "moved", tmp_path))
    assert all(row.file.startswith("moved/") for row in register(world))


def test_an_approved_letter_is_not_rewritten(world: Store, tmp_path: Path) -> None:
    write(world, tmp_path)
    with world.transaction() as session:
        session.execute(text("UPDATE letter SET state = 'approved'"))
    assert rewrite(world, SCOPE, policy(), folder(tmp_path)).written == 0


def test_a_reopened_dossier_does_not_stop_the_rest(world: Store, tmp_path: Path) -> None:
    write(world, tmp_path)
    with world.transaction() as session:
        session.execute(text("UPDATE dossier SET ended_at = NULL, finished_at = NULL WHERE id = 1"))
    report = rewrite(world, SCOPE, policy(), folder(tmp_path))
    assert (report.written, [line.missing for line in report.lacking]) == (2, [(Missing.ENDED,)])


def test_a_page_gets_the_letter_from_the_register(world: Store, tmp_path: Path) -> None:
    write(world, tmp_path)
    row = register(world)[0]
    assert letter_bytes(world, row.id, policy()) == located(tmp_path, row.file).read_bytes()
    assert letter_bytes(world, 999, policy()) is None


def test_due_lists_what_has_no_signed_letter(world: Store, tmp_path: Path) -> None:
    write(world, tmp_path)
    report = due(world, SCOPE, policy())
    assert report.to_check == 1
    assert {line.dossier_id: line.letter for line in report.owed} == {
        1: "drafted",
        2: "drafted",
        3: "drafted",
        6: None,
    }
    with world.transaction() as session:
        session.execute(text("UPDATE letter SET state = 'signed' WHERE dossier_id = 1"))
    assert {line.dossier_id for line in due(world, SCOPE, policy()).owed} == {2, 3, 6}


def test_kind_and_unit_narrow_a_draft(world: Store, tmp_path: Path) -> None:
    assert write(world, tmp_path, LetterScope(AS_OF, kind=LetterKind.LATE_REFUSAL)).written == 1
    assert write(world, tmp_path, LetterScope(AS_OF, frozenset({DEPARTMENT}))).written == 0
    assert write(world, tmp_path, LetterScope(AS_OF, frozenset({OLD_BRANCH}))).written == 2


def test_the_successor_writes_for_the_unit_it_replaced(world: Store, tmp_path: Path) -> None:
    scope = LetterScope(datetime(2025, 9, 15, 17, tzinfo=VN), frozenset({BRANCH}), LetterKind.OVERDUE)
    assert write(world, tmp_path, scope).forms == ("van-ban-2025",)
    row = register(world)[0]
    assert row.unit_id == BRANCH
    assert "trước đây do Chi nhánh Mẫu cũ giải quyết" in text_of(located(tmp_path, row.file).read_bytes())


def test_short_codes_are_easy_to_read_aloud_and_all_different() -> None:
    codes = new_short_codes(2_000)
    assert len(set(codes)) == 2_000
    assert all(len(code) == 14 and not set(code) & set("01OILU") for code in codes)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("H15.18-220601-0001", "H15.18-220601-0001_7.docx"),
        ("../../etc/x", "etc-x_7.docx"),
        ('a/b\\c:d*"e', "a-b-c-d-e_7.docx"),
        ("x" * 300, "x" * 80 + "_7.docx"),
    ],
)
def test_a_file_name_is_safe_everywhere(code: str, name: str) -> None:
    assert file_name(code, 7, 1) == name


def command(tmp_path: Path, store: Store, *arguments: str) -> tuple[Result, dict[str, Any]]:
    shipped = Path(__file__).parents[2] / "config.toml"
    config = tmp_path / "config.toml"
    config.write_text(shipped.read_text("utf-8").replace(FROM_CONFIG, 'data_dir = "."'), "utf-8")
    context = Fixed(config, json_output=True)
    context.__dict__["store"] = store
    result = CliRunner().invoke(letters, arguments, obj=context)
    return result, json.loads(result.stdout) if result.stdout else {}


def test_the_command_answers_as_its_contract_says(world: Store, tmp_path: Path) -> None:
    result, answer = command(tmp_path, world, "draft", "--as-of", "2023-01-01")
    assert result.exit_code == 1, result.output
    assert (answer["written"], answer["lacking"], answer["files"], answer["to_check"]) == (3, 1, 3, 1)
    assert answer["lacking_rows"][0]["missing"] == ["lý do quá hạn"]
    assert answer["form_verified"] is False
    result, answer = command(tmp_path, world, "draft", "--as-of", "2023-01-01", "--again")
    assert (answer["written"], answer["rewritten"], answer["files"]) == (0, 3, 3)
    result, answer = command(tmp_path, world, "due", "--as-of", "2023-01-01", "--mask")
    assert (result.exit_code, answer["count"], answer["to_check"]) == (0, 4, 1)
    assert {row["applicant"] for row in answer["rows"]} == {"***"}
    result, answer = command(tmp_path, world, "status", "--as-of", "2023-01-01")
    assert answer["states"] == {"drafted": 3}
    result, answer = command(tmp_path, world, "export", "--out", str(tmp_path / "copies"))
    assert (result.exit_code, answer["written"]) == (0, 3)


def test_an_unknown_unit_is_wrong_use(world: Store, tmp_path: Path) -> None:
    result, _answer = command(tmp_path, world, "due", "--unit", "không có")
    assert "không có đơn vị nào" in str(result.exception)
