"""Small databases as the program of each earlier revision filled them: `python -m scripts.revision_fixtures [REVISION…]`.

The last commit before each later migration is unpacked into a folder for the time being, and its own commands are run there
on invented dossiers, with the libraries of today: two loads of which the second tells other things, a faulty list, letters,
accounts, and from the revision on that brought them calendar changes, work, jobs, alerts, measures and so on. What came out
is written as SQL text to tests/data/revisions/REVISION.sql.xz and is not made again unless somebody adds a revision: these
files stand for databases that offices have.
"""

import csv
import io
import lzma
import os
import shlex
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tests" / "data" / "revisions"
COMMITS = {
    "0001": "fe082a3", "0002": "b51476c", "0003": "75109bd", "0004": "4d3a1dd", "0005": "d6545e6", "0006": "4f3c9d4",
    "0007": "bd1e7c2", "0008": "4012a56", "0009": "3bdd77b", "0010": "d21405a", "0011": "7bb078f",
    "0012": "051312d",
}  # fmt: skip
PASSWORD = "mot-hai-ba-bon-nam-sau\n"
# Whose letters get numbers of an own series: whoever has most of them.
BUSIEST = "SELECT u.code FROM letter l JOIN unit u ON u.id = l.unit_id WHERE u.code <> '' GROUP BY 1 ORDER BY count(*) DESC, 1"
FAULTY = "in/loi.csv"
# Since which revision, the command, and whether it asks for a password.
ACTS: tuple[tuple[str, str, bool], ...] = (
    ("0001", "db upgrade", False),
    ("0001", "user add lan.an --role desk --unit H15.18 --name 'Trần Thị Lan An'", True),
    ("0001", "user add binh --role head --name 'Lê Bình'", True),
    ("0001", "user add quan.tri --role admin --name 'Y Quản Trị'", True),
    ("0001", "ingest in/1.csv", False),
    ("0001", "ingest in/2.csv", False),
    ("0001", f"ingest {FAULTY} --source phu", False),
    ("0001", "letters draft", False),
    ("0001", "overdue", False),
    ("0004", "calendar add-day 2026-12-15 --name 'Lễ hội Cà phê' --notice '12/QĐ-UBND' --reason 'thử'", False),
    ("0004", "calendar approve 1 --login quan.tri", True),
    ("0004", "calendar add-day 2026-12-16 --name 'Cúp điện' --notice '13/TB' --sessions 07:00-11:30", False),
    ("0005", "ingest in/2.csv --later", False),
    ("0005", "worker --until-idle", False),
    ("0005", "audit seal", False),
    ("0006", "source key add may.dvc --all-units", False),
    ("0006", "reconcile enter --from 2026-01-01 --to 2026-10-31 late=12 open=340", False),
    ("0007", "letters signer add --unit {unit} --name 'Phạm Văn Ký' --authority head --title 'Giám đốc'", False),
    ("0007", "letters series add --unit {unit} --symbol PXL-S --decision '7/QĐ' --from 2026-01-01", False),
    ("0007", "letters approve --all --by binh", False),
    ("0007", "letters sign --all", False),
    ("0007", "letters number --own --all", False),
    ("0007", "letters keep", False),
    ("0008", "alerts run --day 2026-11-27 --no-send", False),
    ("0008", "jobs run snapshots", False),
    ("0009", "summaries refresh", False),
    ("0009", "remedies add --fault 'Hẹn chậm' --cause 'Thiếu người' --measure 'Bổ sung' --year 2026", False),
    ("0010", "search refresh", False),
)  # fmt: skip


def main(asked: list[str]) -> None:
    """Make those that were asked for, else all."""
    for revision in asked or COMMITS:
        with TemporaryDirectory() as folder:
            made = make(revision, Path(folder))
        print(f"{revision}: {made} bytes")


def make(revision: str, folder: Path) -> int:
    """One of them; its size in bytes."""
    packed = subprocess.run(("git", "archive", COMMITS[revision]), cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    _write_exports(folder)
    for since, command, asks in ACTS:
        if since <= revision:
            command = command.replace("{unit}", _busiest(folder)) if "{unit}" in command else command
            status = _run(folder, command, PASSWORD if asks else "")
            if status not in (0, 1):
                print(f"  {revision}: {command} ended with {status}", file=sys.stderr)
    FOLDER.mkdir(exist_ok=True)
    told = dumped(folder / "var" / "dunghen.sqlite3")
    target = FOLDER / f"{revision}.sql.xz"
    target.write_bytes(lzma.compress(told.encode(), preset=9))
    return target.stat().st_size


def dumped(path: Path) -> str:
    """The database as SQL text, without what SQLite keeps for itself."""
    with closing(sqlite3.connect(path)) as connection:
        lines = (
            line
            for line in connection.iterdump()
            if "sqlite_stat" not in line and "sqlite_schema" not in line
        )
        return "\n".join(lines) + "\n"


def _write_exports(folder: Path) -> None:
    """Two days of an invented province: on the second some are finished, some have another date, some are new; a faulty list."""
    assert (
        _run(folder, "generate --preset today --rows 200 --seed 7 --as-of 2026-11-20 --out in/made", "") == 0
    )
    rows: list[dict[str, str]] = []
    for path in sorted((folder / "in" / "made").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows += csv.DictReader(stream)
    _write(folder / "in" / "1.csv", rows[:-10])
    _write(folder / FAULTY, [{**rows[0], "Ngày tiếp nhận": "32/13/2026"}, {**rows[1], "Mã hồ sơ": ""}])
    for number, row in enumerate(rows):
        if row["Ngày kết thúc xử lý"] or row["Ngày rút"] or row["Ngày từ chối"]:
            continue
        if number % 3 == 0:
            row["Ngày hẹn trả"] = "30/12/2026 17:00:00"
        elif number % 5 == 0:
            row |= dict.fromkeys(("Ngày kết thúc xử lý", "Ngày trả kết quả"), "26/11/2026 10:00:00")
            row |= {"Trạng thái": "Đã trả kết quả", "Ghi chú": 'it\'s "quoted"; -- \\N %s\tĐắk Lắk'}
    _write(folder / "in" / "2.csv", rows)


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _busiest(folder: Path) -> str:
    with closing(sqlite3.connect(folder / "var" / "dunghen.sqlite3")) as connection:
        return str(connection.execute(BUSIEST).fetchone()[0])


def _run(folder: Path, command: str, told: str) -> int:
    environment = {"PYTHONPATH": str(folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    argv = (sys.executable, "-m", "app.cli", *shlex.split(command))
    ended = subprocess.run(
        argv, cwd=folder, env=environment, input=told.encode(), capture_output=True, check=False
    )
    if ended.returncode not in (0, 1) or b"Traceback" in ended.stderr:
        print(ended.stderr.decode()[-600:], file=sys.stderr)
    return ended.returncode


if __name__ == "__main__":
    main(sys.argv[1:])
