"""A made-up office for flow tests: its own folder and configuration, a clock that stands, the real command line.

`run` goes through the click commands in this process with a clock of its own; `program` starts the real thing.
"""

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from click.testing import CliRunner

from app.cli import cli
from app.context import AppContext
from tests import databases, warm
from tests.databases import Databases
from tracker.config import DATABASE_URL_VARIABLE
from tracker.errors import TrackerError
from tracker.types import VN

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "config.toml"
NOW = datetime(2026, 8, 24, 9, 30, tzinfo=VN)
PROVINCIAL, OTHER_PROVINCIAL = "Sở Công Thương tỉnh Đắk Lắk", "Sở Tư pháp tỉnh Đắk Lắk"
LAND_PROCEDURE = "1.090102"  # in the shipped catalogue: "03 ngày làm việc"

# Our field -> the heading that exports use; the order is that of the generated files.
HEADINGS = {
    "dossier_code": "Mã hồ sơ",
    "procedure_code": "Mã TTHC",
    "procedure_name": "Tên thủ tục",
    "field_name": "Lĩnh vực",
    "resolving_unit": "Cơ quan giải quyết",
    "receiving_unit": "Đơn vị tiếp nhận",
    "returning_unit": "Đơn vị trả kết quả",
    "channel": "Kênh tiếp nhận",
    "applicant_name": "Chủ hồ sơ",
    "applicant_kind": "Loại đối tượng",
    "address": "Địa chỉ",
    "phone": "Số điện thoại",
    "filed_at": "Ngày nộp",
    "received_at": "Ngày tiếp nhận",
    "limit_text": "Thời hạn giải quyết",
    "previous_due_at": "Ngày hẹn trả ban đầu",
    "due_at": "Ngày hẹn trả",
    "finished_at": "Ngày kết thúc xử lý",
    "returned_at": "Ngày trả kết quả",
    "withdrawn_at": "Ngày rút",
    "refused_at": "Ngày từ chối",
    "suspensions": "Tạm dừng",
    "status": "Trạng thái",
    "officer_name": "Cán bộ xử lý",
    "late_reason": "Lý do trễ hạn",
    "note": "Ghi chú",
    "updated_at": "Ngày cập nhật",
}
FIELDS = {heading: name for name, heading in HEADINGS.items()}
USUAL = {
    "dossier_code": "H15.03-220301-0001",
    "procedure_code": LAND_PROCEDURE,
    "field_name": "Đất đai",
    "resolving_unit": PROVINCIAL,
    "receiving_unit": PROVINCIAL,
    "channel": "Trực tiếp",
    "applicant_name": "Nguyễn Văn Bịa",
    "applicant_kind": "Công dân",
    "address": "Thôn 1, xã Ea Bịa",
    "phone": "0912345678",
    "received_at": "01/03/2022 08:00:00",
    "limit_text": "10 ngày làm việc",
    "due_at": "15/03/2022 17:00:00",
    "status": "Đang xử lý",
}
Row = Mapping[str, str]


def row(number: int | str = 1, **given: str) -> dict[str, str]:
    """An open dossier by our field names; `number` makes its code."""
    code = f"H15.03-220301-{number:04d}" if isinstance(number, int) else number
    return {**USUAL, "dossier_code": code, **given}


def csv_text(
    rows: Iterable[Row],
    *,
    names: Sequence[str] | None = None,
    delimiter: str = ",",
    heading: Callable[[str], str] = lambda name: HEADINGS[name],
) -> str:
    """A table with the columns `names` (default: all but the rarer ones that no row fills)."""
    rows = list(rows)
    rare = {"updated_at", "previous_due_at"}
    used = {name for each in rows for name, cell in each.items() if cell}
    names = [n for n in HEADINGS if n not in rare or n in used] if names is None else names
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow([heading(name) for name in names])
    writer.writerows([each.get(name, "") for name in names] for each in rows)
    return out.getvalue()


@dataclass
class StandingContext(AppContext):
    """A context whose clock stands."""

    instant: datetime = field(default=NOW)

    def now(self) -> datetime:
        """The moment the test wants."""
        return self.instant


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which has to be exactly one JSON document."""
        return json.loads(self.out)


class Office:
    """One office in a folder of its own."""

    def __init__(self, folder: Path, on: Databases | None = None, **settings: str) -> None:
        self.folder = folder
        self.databases = on or databases.chosen()
        self.now = NOW
        self.config = folder / "config.toml"
        self.configure(**settings)

    def configure(self, **settings: str) -> None:
        """Write the shipped configuration with lines `key = ...` replaced: the first of its name."""
        lines = SHIPPED.read_text("utf-8").splitlines()
        for key, value in settings.items():
            at = [i for i, line in enumerate(lines) if line.startswith(f"{key} =")]
            assert at, key
            lines[at[0]] = f"{key} = {value}"
        self.config.write_text("\n".join(lines) + "\n", "utf-8")

    @cached_property
    def url(self) -> str:
        """The office's own database; without any table at first."""
        return self.databases.empty(self.folder)

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "var" / "dunghen.sqlite3"

    def furnished(self) -> Self:
        """Begin with all tables and the shipped catalogues."""
        self.url = self.databases.furnished(self.folder)
        return self

    def like(self, other: "Office") -> Self:
        """Begin with what another office has in its database."""
        self.url = self.databases.copy(other.url, self.folder)
        return self

    @property
    def environment(self) -> dict[str, str | None]:
        """How its programs find the database: a SQLite file lies where they look for it without being told."""
        is_file = self.databases.name == databases.SQLITE
        return {DATABASE_URL_VARIABLE: None if is_file else self.url}

    def write(self, name: str, content: str | bytes | Iterable[Row]) -> Path:
        """A file in the office's folder: text (UTF-8), bytes, or rows as a table."""
        path = self.folder / name
        if not isinstance(content, str | bytes):
            content = csv_text(content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, *arguments: str | Path, typed: str = "") -> Answer:
        """A command in this process, at the office's moment; the exit status as `main` gives it. `typed`: its input."""
        context = StandingContext(self.config, instant=self.now)
        words = [str(argument) for argument in arguments]
        result = CliRunner().invoke(cli, words, obj=context, env=self.environment, input=typed)
        if "store" in vars(context):
            context.store.close()
        error = result.exception
        if isinstance(error, TrackerError):
            return Answer(error.exit_status, result.stdout, f"{result.stderr}{error}")
        if error is not None and not isinstance(error, SystemExit):
            raise error
        return Answer(result.exit_code, result.stdout, result.stderr)

    def ask(self, *arguments: str | Path) -> Any:
        """The JSON answer of a command that has to end with 0 or 1."""
        answer = self.run(*arguments, "--json")
        assert answer.status in (0, 1), answer.err
        return answer.json

    def ingest(self, *content: str | bytes | Path | Iterable[Row]) -> Any:
        """Ingest texts, tables or files as one batch; the report."""
        paths = [
            each if isinstance(each, Path) else self.write(f"tep-{number}.csv", each)
            for number, each in enumerate(content, 1)
        ]
        return self.ask("ingest", *paths)

    def start(self, *arguments: str | Path, **streams: Any) -> subprocess.Popen[str]:
        """The real program as a process of its own."""
        own = {**self.environment, "DUNGHEN_CONFIG": str(self.config), "PYTHONUNBUFFERED": "1"}
        told = {**os.environ, **own, **streams.pop("environment", {})}
        environment = {name: value for name, value in told.items() if value is not None}
        command = [sys.executable, "-m", "app.cli", *map(str, arguments)]
        return warm.Program(
            command, cwd=ROOT, env=environment, text=True, encoding="utf-8",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_heed_the_keyboard, **streams,
        )  # fmt: skip

    def program(self, *arguments: str | Path, **streams: Any) -> Answer:
        """The real program, run to its end."""
        with self.start(*arguments, **streams) as process:
            out, err = process.communicate()
        return Answer(process.returncode, out, err)

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows straight from the database, past the program; marks are `?`."""
        return self.databases.query(self.url, sql, values)

    def dump(self, *, without: Iterable[str] = ()) -> dict[str, list[tuple[Any, ...]]]:
        """Every table with all its rows in order, but for the columns `table.column` or `column` named."""
        return self.databases.dump(self.url, set(without))

    def is_sound(self) -> bool:
        """Does the database find itself whole?"""
        with self.databases.asking(self.url) as ask:
            return self.databases.faults(ask) == []

    def has_tables(self) -> bool:
        """Was the database made at all?"""
        if self.databases.name == databases.SQLITE and not self.database.exists():
            return False
        with self.databases.asking(self.url) as ask:
            return self.databases.columns(ask) != {}


def read_rows(path: Path) -> list[dict[str, str]]:
    """A generated file by our field names."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [{FIELDS[heading]: cell for heading, cell in each.items()} for each in csv.DictReader(stream)]


def moment(cell: str) -> datetime | None:
    """A date cell as the generator writes it."""
    return datetime.strptime(cell, "%d/%m/%Y %H:%M:%S").replace(tzinfo=VN) if cell else None


def facts(office: Office, columns: str, code: str = "H15.03-220301-0001") -> tuple:
    """Columns of one stored dossier."""
    (found,) = office.query(f"SELECT {columns} FROM dossier WHERE code = ?", code)
    return found


def at(office: Office, column: str, code: str = "H15.03-220301-0001") -> str | None:
    """An instant of a dossier as local text."""
    (epoch,) = facts(office, column, code)
    return None if epoch is None else f"{datetime.fromtimestamp(epoch, VN):%Y-%m-%d %H:%M:%S}"


def _heed_the_keyboard() -> None:
    """Tests that run in the background of a shell ignore Ctrl+C, and what they start would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
