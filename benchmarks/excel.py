"""A year's late list as a workbook: ours beside XlsxWriter (`constant_memory`, no row heights) and the bare deflating, in one run.

`python -m benchmarks.excel [--rows N] [--rounds N] [--json FILE]` prints a table: seconds (medians of the rounds), ratios
within a round to the floor and to XlsxWriter, memory over that of the rows themselves. Each way runs in a process of its
own. What it wrote is read back by calamine, and must be the same cells.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from tracker.types import VN

YEAR = 46_885
MUST_MIB, AIM_TIMES_FLOOR = 60, 4
OURS, PEER, FLOOR = "ours", "xlsxwriter", "floor"
WAYS = (OURS, PEER, FLOOR)
# Twenty columns: nine of text, five instants, six numbers, wide as in the auditor's list.
COLUMNS = (
    ("STT", 6), ("Mã hồ sơ", 15), ("Thủ tục", 29), ("Lĩnh vực", 12), ("Đơn vị", 22), ("Cấp", 8), ("Tiếp nhận", 22),
    ("Kênh", 11), ("Chủ hồ sơ", 15), ("Nhận", 15), ("Hẹn đầu", 15), ("Theo quy định", 15), ("Theo nguồn", 15),
    ("Xong", 15), ("Trễ 1", 8), ("Trễ 2", 8), ("Trễ 3", 8), ("Tạm dừng", 8), ("Lý do", 24), ("Cờ", 24),
)  # fmt: skip
Answer = dict[str, Any]


def made_rows(count: int) -> list[list[Any]]:
    """Rows as a late list has them: few different procedures and units, many names; everybody is invented."""
    chance = random.Random(341)
    family, given = (
        ["Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi"],
        ["An", "Bình", "Cường", "Dung", "Hà", "Hùng", "Lan", "Mai", "Nam"],
    )
    procedures = [
        f"Đăng ký biến động quyền sử dụng đất do chuyển nhượng, tặng cho, trường hợp {n}" for n in range(200)
    ]
    units = [f"Chi nhánh Văn phòng Đăng ký đất đai khu vực {n}" for n in range(20)]
    rows = []
    for number in range(1, count + 1):
        received = datetime(2022, 1, 3, 8, tzinfo=VN) + timedelta(minutes=chance.randrange(400_000))
        days = [received + timedelta(days=n) if chance.random() < 0.9 else None for n in (0, 15, 17, 20, 30)]
        name = " ".join(
            (chance.choice(family), chance.choice(given), chance.choice(given), chance.choice(given))
        )
        late = [chance.randrange(40) for _ in range(4)]
        code = f"H15.03-22{received:%m%d}-{number % 10_000:04d}"
        rows.append(
            [number, code, chance.choice(procedures), "Đất đai", chance.choice(units), "Cấp tỉnh", chance.choice(units),
             "Trực tiếp", name, *days, *late, "Khối lượng hồ sơ tăng cao trong kỳ", ""]
        )  # fmt: skip
    return rows


# ---------------------------------------------------------------- the ways


def ours(rows: list[list[Any]], path: Path) -> None:
    """As the program writes it: typed, header, filter, row heights."""
    from tracker.reports.listing import write_xlsx

    write_xlsx(path, COLUMNS, rows, "Hồ sơ quá hạn")


def xlsxwriter(rows: list[list[Any]], path: Path) -> None:
    """As a program writes it with the library that offices' programs mostly use: typed, header, filter."""
    from xlsxwriter import Workbook

    book = Workbook(path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("Danh sách")
    date = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    bold = book.add_format({"bold": True})
    sheet.write_string(0, 0, "Hồ sơ quá hạn", bold)
    for position, (heading, width) in enumerate(COLUMNS):
        sheet.set_column(position, position, width)
        sheet.write_string(2, position, heading, bold)
    for line, cells in enumerate(rows, 3):
        for position, value in enumerate(cells):
            if isinstance(value, datetime):
                sheet.write_datetime(line, position, value.replace(tzinfo=None), date)
            elif isinstance(value, int):
                sheet.write_number(line, position, value)
            elif value:
                sheet.write_string(line, position, value)
    sheet.autofilter(2, 0, len(rows) + 2, len(COLUMNS) - 1)
    book.close()


def deflated(xml: bytes, path: Path) -> None:
    """The least that must happen: the ready XML, deflated and written."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    path.write_bytes(packer.compress(xml) + packer.flush())


def one_way(way: str, count: int, path: Path) -> Answer:
    """One way in this process: seconds, and memory over what it held before."""
    rows = made_rows(count)
    xml = b""
    if way == FLOOR:
        ours(rows, path)
        xml = ZipFile(path).read("xl/worksheets/sheet1.xml")
    base = _mib("VmRSS:")
    started = time.perf_counter()
    if way == FLOOR:
        deflated(xml, path)
    else:
        {OURS: ours, PEER: xlsxwriter}[way](rows, path)
    seconds = time.perf_counter() - started
    over = max(0.0, _mib("VmHWM:") - base)
    return {"seconds": seconds, "over_mib": over, "base_mib": base, "bytes": path.stat().st_size}


def _mib(what: str) -> float:
    return int(Path("/proc/self/status").read_text().split(what)[1].split()[0]) / 1024


# ---------------------------------------------------------------- the run


def one_round(count: int, folder: Path) -> dict[str, Answer]:
    """Every way in turn, each in a process of its own; what the two writers wrote is the same."""
    measured = {}
    for way in WAYS:
        command = [sys.executable, "-m", "benchmarks.excel", "--way", way, "--rows", str(count)]
        done = subprocess.run(
            [*command, "--out", str(folder / f"{way}.xlsx")], capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"{way} failed:\n{done.stderr[-2000:]}")
        measured[way] = json.loads(done.stdout)
    if _cells(folder / f"{OURS}.xlsx") != _cells(folder / f"{PEER}.xlsx"):
        sys.exit("the two files hold different cells")
    return measured


def _cells(path: Path) -> list[list[Any]]:
    from python_calamine import CalamineWorkbook

    return CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()


def summary(rounds: list[dict[str, Answer]]) -> list[Answer]:
    """Medians of seconds, ratios within each round, largest memory."""
    return [
        {
            "way": way,
            "seconds": statistics.median(each[way]["seconds"] for each in rounds),
            "lowest": min(each[way]["seconds"] for each in rounds),
            "highest": max(each[way]["seconds"] for each in rounds),
            "times_floor": statistics.median(
                each[way]["seconds"] / each[FLOOR]["seconds"] for each in rounds
            ),
            "times_peer": statistics.median(each[way]["seconds"] / each[PEER]["seconds"] for each in rounds),
            "over_mib": max(each[way]["over_mib"] for each in rounds),
            "megabytes": rounds[0][way]["bytes"] / 1e6,
        }
        for way in WAYS
    ]


def table(lines: list[Answer]) -> str:
    """The figures as a Markdown table."""
    head = [
        f"| way | seconds (lowest to highest) | this / floor (aim {AIM_TIMES_FLOOR}) | this / XlsxWriter (must 1) |"
        f" MiB over the rows (must {MUST_MIB}) | file MB |",
        "|---|---|---|---|---|---|",
    ]
    body = [
        f"| {s['way']} | {s['seconds']:.2f} ({s['lowest']:.2f} to {s['highest']:.2f}) | {s['times_floor']:.1f} |"
        f" {s['times_peer']:.2f} | {s['over_mib']:.0f} | {s['megabytes']:.1f} |"
        for s in lines
    ]
    return "\n".join([*head, *body])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=YEAR)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.way:
        print(json.dumps(one_way(given.way, given.rows, given.out)))
        return
    rounds = []
    with tempfile.TemporaryDirectory(prefix="dunghen-bench-") as folder:
        for _ in range(given.rounds):
            rounds.append(one_round(given.rows, Path(folder)))
            print(f"round {len(rounds)}: load {os.getloadavg()[0]:.1f}", file=sys.stderr)
    result = {"rows": given.rows, "columns": len(COLUMNS), "ways": summary(rounds)}
    if given.json:
        given.json.write_text(json.dumps(result, indent=1, ensure_ascii=False), "utf-8")
    print(table(result["ways"]))


if __name__ == "__main__":
    main()
