"""`dunghen letters number|signed|signer|series` as the operator types them, and what the log keeps of it."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.commands.letters_command import letters
from app.context import AppContext
from tests.flows.numbering_process import NOW
from tests.flows.test_letter_numbers import code_of, draft, make_signed, numbers
from tests.flows.test_signed_files import CODE, NUMBER_LINE, pdf, word
from tests.letter_world import BRANCH, add_catalogue
from tracker.errors import UsageError
from tracker.store.models import AuditEntry, UnitAlias
from tracker.store.session import Store
from tracker.text import fold

UNIT = f"T{BRANCH}"
SERIES = (
    "series",
    "add",
    "--unit",
    UNIT,
    "--symbol",
    "PXL-MAU",
    "--decision",
    "QĐ 1",
    "--from",
    "2023-01-01",
)


@dataclass
class Fixed(AppContext):
    """A context whose clock stands still, with a store of the test's own."""

    instant: datetime = field(default=NOW)

    def now(self) -> datetime:
        """Always the same."""
        return self.instant


@dataclass
class Desk:
    """The command line of one office."""

    context: Fixed
    store: Store
    folder: Path

    def run(self, *words: str | Path, typed: str = "") -> tuple[int, Any]:
        """Exit status and JSON answer."""
        arguments = [*map(str, words), "--json"]
        result = CliRunner().invoke(letters, arguments, obj=self.context, input=typed)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, json.loads(result.stdout)

    def said(self, *words: str | Path) -> str:
        """The answer to a person."""
        self.context.json_output = False
        return CliRunner().invoke(letters, [str(word) for word in words], obj=self.context).output


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """Letters 1 to 4 signed, 5 a draft."""
    add_catalogue(store)
    with store.transaction() as session:
        session.add(UnitAlias(folded=fold(UNIT), unit_id=BRANCH))
    draft(store, range(1, 6))
    make_signed(store, [1, 2, 3, 4])
    config = tmp_path / "config.toml"
    shipped = (Path(__file__).parents[2] / "config.toml").read_text("utf-8")
    config.write_text(shipped.replace('data_dir = "var"', f'data_dir = "{tmp_path.as_posix()}/var"'), "utf-8")
    context = Fixed(config)
    context.store = store
    return Desk(context, store, tmp_path)


def logged(store: Store) -> list[tuple[str, str]]:
    with store.read() as session:
        found = session.query(AuditEntry.action, AuditEntry.subject).order_by(AuditEntry.id)
        return [(action, subject) for action, subject in found]


def test_a_pasted_list_is_taken_and_each_bad_line_is_told_with_its_place(desk: Desk):
    lines = (
        f"{code_of(1)}; 12/PXL; 05/01/2023",
        f"{code_of(5)}; 13/PXL; 05/01/2023",
        "xyz; 14; 05/01/2023",
        f"{code_of(2)}; 12/pxl; 05/01/2023",
    )
    status, told = desk.run("number", "--paste", "-", typed="\n".join(lines))
    assert (status, told["read"], told["numbered"], told["letters"]) == (1, 4, 1, [1])
    assert [(each["row"], each["column"], each["value"]) for each in told["refused"]] == [
        (2, "Mã tra cứu", code_of(5)),
        (3, "Mã tra cứu", "xyz"),
        (4, "Số văn bản", "12/pxl"),
    ]
    status, told = desk.run("number", "--paste", "-", typed=lines[0])
    assert (status, told["numbered"], told["already"]) == (0, 0, 1)
    assert logged(desk.store) == [("letter_number", "letters")]


def test_a_file_is_taken_by_its_headings(desk: Desk):
    path = desk.folder / "so.csv"
    path.write_text(f"Mã tra cứu,Số ký hiệu,Ngày ban hành\n{code_of(3)},12/PXL,04/01/2023\n", "utf-8")
    assert desk.run("number", "--file", path)[1]["letters"] == [3]
    assert numbers(desk.store)[3][0] == "12/PXL"


def test_own_numbers_follow_the_order_of_the_codes(desk: Desk):
    assert desk.run(*SERIES) == (0, {"series": 1})
    status, told = desk.run(
        "number", "--own", "--letters", f"{code_of(3)},{code_of(1)}", "--date", "2023-01-04"
    )
    assert (status, told["letters"]) == (0, [3, 1])
    status, told = desk.run("number", "--own", "--all")
    assert (status, told["letters"]) == (0, [2, 4])
    assert [numbers(desk.store)[n][0] for n in (3, 1, 2, 4)] == [f"0{n}/PXL-MAU" for n in range(1, 5)]
    assert desk.run("series", "check") == (0, {"ok": True, "faults": []})
    assert desk.run("series", "list")[1]["series"][0]["symbol"] == "PXL-MAU"
    assert desk.run("series", "close", "1", "--to", "2023-01-05")[0] == 0
    assert logged(desk.store) == [
        ("series_add", "series:1"), ("letter_number", "letters"), ("letter_number", "letters"), ("series_close", "series:1"),
    ]  # fmt: skip


def test_signed_files_are_taken_and_what_they_propose_can_be_pasted(desk: Desk):
    good, bad = desk.folder / "a.docx", desk.folder / "b.pdf"
    good.write_bytes(word(NUMBER_LINE, CODE))
    bad.write_bytes(pdf("khong co ma"))
    status, told = desk.run("signed", good, bad)
    assert (status, [each["letter"] for each in told["taken"]]) == (1, [1])
    assert [each["file"] for each in told["refused"]] == ["b.pdf"]
    line = "; ".join(told["proposals"][0].values())
    assert desk.run("number", "--paste", "-", typed=line)[1]["letters"] == [1]
    assert logged(desk.store)[0] == ("letter_signed_file", "letters")
    assert (desk.folder / "var" / "letters" / "signed" / "2023").is_dir()


def test_signers_are_entered_listed_chosen_and_ended(desk: Desk):
    added = (
        "signer",
        "add",
        "--unit",
        UNIT,
        "--name",
        "Lê Văn Ví Dụ",
        "--authority",
        "head",
        "--title",
        "Giám đốc",
    )
    assert desk.run(*added) == (0, {"signer": 1})
    assert desk.run("signer", "choose", "1", code_of(5))[1]["letters"] == [5]
    assert desk.run("signer", "choose", "1", code_of(1))[0] == 1
    assert desk.run("signer", "end", "1", "--to", "2023-01-04")[0] == 0
    assert desk.run("signer", "list", "--on", "2023-01-05")[1]["signers"] == []
    assert "Lê Văn Ví Dụ, Giám đốc, người đứng đầu" in desk.said("signer", "list")
    # The log names the signer by his number only.
    assert [subject for _, subject in logged(desk.store)][:3] == ["signer:1", "letters", "signer:1"]


@pytest.mark.parametrize(
    "words",
    [
        ("number",),
        ("number", "--own"),
        ("number", "--own", "--all", "--letters", "x"),
        ("number", "--paste", "-", "--all"),
        ("number", "--own", "--paste", "-", "--all"),
        ("signed", "khong-co.pdf"),
    ],
)
def test_a_question_that_says_too_little_or_too_much_is_refused(desk: Desk, words: tuple[str, ...]):
    result = CliRunner().invoke(letters, list(words), obj=desk.context, input="")
    assert isinstance(result.exception, UsageError | SystemExit)
    assert result.exit_code != 0
    assert logged(desk.store) == []
