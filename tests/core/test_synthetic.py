"""The made-up dossiers: exact figures, due dates that the rules give, nothing after the as-of day, the same bytes."""

import csv
import json
import re
from collections import Counter
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.commands.generate_command import generate_command
from app.context import AppContext
from tracker.calendar_data import load_calendar
from tracker.config_data import load_policy
from tracker.errors import UsageError
from tracker.synthetic.catalogue import Catalogue, CatalogueProcedure, old_style
from tracker.synthetic.cells import HEADERS
from tracker.synthetic.daklak_2022 import Counts
from tracker.synthetic.generate import GenerateResult, generate
from tracker.timekeeping.deadlines import due_only
from tracker.types import VN, Level, Suspension, SuspensionKind

AS_OF = date(2026, 11, 20)
CODE = re.compile(r"(\d{3}\.\d{2}\.\d{2}\.[A-Y]\d{2}|[A-Y]\d{2}(\.\d{1,3})*)-(\d{6})-(\d{4,6})")
KINDS = {
    "Bổ sung hồ sơ": SuspensionKind.SUPPLEMENT,
    "Nghĩa vụ tài chính": SuspensionKind.FINANCIAL,
    "Xác minh": SuspensionKind.VERIFICATION,
    "Niêm yết công khai": SuspensionKind.POSTING,
    "Vi phạm pháp luật đất đai": SuspensionKind.VIOLATION,
    "Tạm dừng": SuspensionKind.PAUSE,
}
EVENTS = ("Ngày nộp", "Ngày tiếp nhận", "Ngày kết thúc xử lý", "Ngày trả kết quả", "Ngày rút", "Ngày từ chối")

Row = dict[str, str]


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def moment(text: str) -> datetime | None:
    return datetime.strptime(text, "%d/%m/%Y %H:%M:%S").replace(tzinfo=VN) if text else None


def is_late(row: Row) -> bool:
    finished, due = moment(row["Ngày kết thúc xử lý"]), moment(row["Ngày hẹn trả"])
    return bool(finished and due and finished.date() > due.date())


def suspensions(row: Row) -> tuple[Suspension, ...]:
    found = []
    for item in filter(None, row["Tạm dừng"].split("; ")):
        kind, span = item.split(": ", 1)
        start, end = (span + " ").split(" - ") if not span.endswith(" -") else (span[:-2], "")
        begin = moment(start.strip())
        assert begin is not None
        found.append(Suspension(begin, moment(end.strip()), KINDS[kind]))
    return tuple(found)


@cache
def catalogue() -> Catalogue:
    return Catalogue()


def procedure_of(row: Row) -> CatalogueProcedure:
    received = moment(row["Ngày tiếp nhận"])
    assert received is not None
    (found,) = [p for p in catalogue().procedures if p.code == row["Mã TTHC"] and p.holds_on(received.date())]
    return found


def documented(row: Row, *, first: bool = False) -> datetime | None:
    received = moment(row["Ngày tiếp nhận"])
    assert received is not None
    return due_only(
        received,
        procedure_of(row).limit,
        load_calendar(),
        suspensions=() if first else suspensions(row),
        policy=load_policy(),
        as_of=datetime(2027, 1, 1, tzinfo=VN),
    )


@pytest.fixture(scope="module")
def daklak(tmp_path_factory: pytest.TempPathFactory) -> tuple[GenerateResult, dict[str, list[Row]]]:
    out = tmp_path_factory.mktemp("daklak")
    result = generate("daklak-2022", out, rows=None, seed=3, as_of=AS_OF, scale=0.01)
    return result, {path.stem.rsplit("-", 1)[1]: read(path) for path in result.files}


@pytest.fixture(scope="module")
def today(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    result = generate("today", tmp_path_factory.mktemp("today"), rows=3000, seed=3, as_of=AS_OF)
    assert [path.name for path in result.files] == ["today-province.csv", "today-communes.csv"]
    return [row for path in result.files for row in read(path)]


def test_the_full_figures_of_2022_are_those_of_the_notice() -> None:
    counts = Counts()
    assert (counts.land, counts.land_late, counts.land + counts.other, counts.other_late) == (
        358_813,
        46_861,
        420_000,
        24,
    )


def test_provincial_dossiers_and_late_ones_are_exactly_as_many_as_announced(daklak: Any) -> None:
    result, files = daklak
    land = [row for row in files["province"] if row["Lĩnh vực"] == "Đất đai"]
    other = [row for row in files["province"] if row["Lĩnh vực"] != "Đất đai"]
    found = (len(land), sum(map(is_late, land)), len(other), sum(map(is_late, other)))
    assert found == tuple(result.counts[key] for key in ("land", "land_late", "other", "other_late"))
    assert {row["Ngày kết thúc xử lý"][6:10] for row in files["province"]} == {"2022"}


def test_provincial_source_due_dates_are_the_documented_ones_to_the_second(daklak: Any) -> None:
    rows = daklak[1]["province"]
    stopped = [row for row in rows if row["Tạm dừng"]]
    assert 0.12 < len(stopped) / len(rows) < 0.18
    for row in [*stopped, *rows[:500]]:
        due, first = moment(row["Ngày hẹn trả"]), moment(row["Ngày hẹn trả ban đầu"])
        assert due == documented(row)
        assert (first or due) == documented(row, first=True)


def test_suspensions_begin_before_the_promised_date_and_end_before_the_dossier(daklak: Any) -> None:
    for row in daklak[1]["province"]:
        finished = moment(row["Ngày kết thúc xử lý"])
        for item in suspensions(row):
            assert item.end is not None
            assert finished is not None
            assert item.start < item.end <= finished


def test_every_late_dossier_has_a_reason_and_no_other_finished_one(daklak: Any) -> None:
    for name in ("province", "district", "commune"):
        for row in daklak[1][name]:
            assert bool(row["Lý do trễ hạn"]) == is_late(row)


def test_open_dossiers_of_2022_have_no_end_and_stand_in_every_state(daklak: Any) -> None:
    rows = daklak[1]["open"]
    assert not any(row["Ngày kết thúc xử lý"] or row["Ngày trả kết quả"] for row in rows)
    statuses = {row["Trạng thái"] for row in rows}
    assert {"Đang xử lý", "Mới đăng ký", "Yêu cầu thực hiện nghĩa vụ tài chính"} <= statuses
    assert any(row["Tạm dừng"].endswith(" -") for row in rows)
    assert any(row["Ngày tiếp nhận"] and not row["Ngày hẹn trả"] for row in rows)


def test_lower_levels_hold_withdrawn_refused_and_re_set_dossiers(daklak: Any) -> None:
    rows = daklak[1]["district"] + daklak[1]["commune"]
    assert any(row["Ngày rút"] and not row["Ngày kết thúc xử lý"] for row in rows)
    assert any(row["Ngày từ chối"] and not row["Ngày tiếp nhận"] for row in rows)
    assert any(row["Ngày từ chối"] and row["Ngày kết thúc xử lý"] for row in rows)
    extended = [row for row in rows if row["Ghi chú"].startswith("Đã gia hạn")]
    assert extended
    for row in extended:
        assert not is_late(row)
        assert moment(row["Ngày hẹn trả ban đầu"]) == documented(row, first=True)


def test_codes_are_unique_across_files_and_carry_the_day_of_entry(daklak: Any) -> None:
    rows = [row for file in daklak[1].values() for row in file]
    assert len({row["Mã hồ sơ"] for row in rows}) == len(rows) == daklak[0].rows
    for row in rows:
        found = CODE.fullmatch(row["Mã hồ sơ"])
        entered = moment(row["Ngày tiếp nhận"] or row["Ngày nộp"])
        assert found is not None
        assert entered is not None
        assert found[3] == entered.strftime("%y%m%d")


def test_units_and_levels_fit_the_file(daklak: Any) -> None:
    by_name = {unit.name: unit for unit in catalogue().units}
    for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE):
        assert {by_name[row["Cơ quan giải quyết"]].level for row in daklak[1][level.value]} == {level}


def test_today_says_nothing_of_the_as_of_day_or_later(today: list[Row]) -> None:
    for row in today:
        for column in EVENTS:
            at = moment(row[column])
            assert at is None or at.date() < AS_OF


def test_today_has_open_dossiers_due_before_on_and_after_the_as_of_day(today: list[Row]) -> None:
    dues = [
        due.date()
        for row in today
        if not any(row[column] for column in EVENTS[2:])
        and not row["Tạm dừng"].endswith(" -")
        and (due := moment(row["Ngày hẹn trả"]))
    ]
    assert min(dues) < AS_OF < max(dues)
    assert AS_OF in dues


def test_today_keeps_dossiers_of_units_that_are_no_more(today: list[Row]) -> None:
    gone = {unit.name for unit in catalogue().units if unit.valid_to < AS_OF}
    owed = [row for row in today if row["Cơ quan giải quyết"] in gone]
    assert any(row["Mã hồ sơ"].startswith("H45") for row in owed)
    assert any(row["Mã hồ sơ"].startswith("H15") and not row["Ngày kết thúc xử lý"] for row in owed)


def test_today_works_on_a_day_off(tmp_path: Path) -> None:
    assert generate("today", tmp_path, rows=400, seed=1, as_of=date(2026, 11, 22)).rows == 400


@pytest.mark.parametrize("rows", [1, 777, 25_000])
def test_stress_has_exactly_the_rows_asked_for(rows: int, tmp_path: Path) -> None:
    result = generate("stress", tmp_path, rows=rows, seed=5, as_of=AS_OF)
    found = read(result.files[0])
    assert len(found) == result.rows == rows
    assert len({row["Mã hồ sơ"] for row in found}) == rows


@pytest.mark.parametrize("preset", ["daklak-2022", "today", "stress"])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(preset: str, tmp_path: Path) -> None:
    one, two, other = (
        [
            path.read_bytes()
            for path in generate(preset, tmp_path / name, rows=900, seed=seed, as_of=AS_OF).files
        ]
        for name, seed in (("one", 8), ("two", 8), ("other", 9))
    )
    assert one == two
    assert one != other


def test_files_begin_with_a_bom_the_headers_and_end_lines_as_windows_does(tmp_path: Path) -> None:
    raw = generate("stress", tmp_path, rows=50, seed=1, as_of=AS_OF).files[0].read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf" + ",".join(HEADERS).encode() + b"\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n") == 51


def test_no_number_could_be_rung_and_no_identity_number_is_given(daklak: Any) -> None:
    for row in daklak[1]["province"]:
        assert re.fullmatch(r"0100\d{6}", row["Số điện thoại"])
        assert not re.search(r"\d{9}", row["Chủ hồ sơ"] + row["Địa chỉ"] + row["Ghi chú"])


def test_the_catalogue_holds_both_eras() -> None:
    before, after = date(2022, 6, 1), date(2025, 7, 1)
    communes = [len(catalogue().units_of("commune", Level.COMMUNE, day)) for day in (before, after)]
    of_phu_yen = sum(u.code.startswith("H45") and u.kind == "commune" for u in catalogue().units)
    assert (communes[0] - of_phu_yen, communes[1]) == (184, 102)
    assert not catalogue().units_of("district", Level.DISTRICT, after)
    centres = catalogue().units_of("centre", Level.COMMUNE, after)
    assert len(centres) == 102


def test_every_abolished_unit_has_a_successor_that_still_stands() -> None:
    for unit in catalogue().units:
        assert catalogue().standing(unit.code, date(2026, 1, 1)) is not None, unit.code


def test_names_and_codes_of_units_are_unique() -> None:
    units = catalogue().units
    assert max(Counter(unit.name for unit in units).values()) == 1
    assert max(Counter(unit.code for unit in units).values()) == 1


def test_old_codes_put_the_first_level_last() -> None:
    assert [old_style(code) for code in ("H15", "H15.18", "H15.18.21")] == [
        "000.00.00.H15",
        "000.00.18.H15",
        "000.21.18.H15",
    ]


@pytest.mark.parametrize(
    ("preset", "rows", "as_of"),
    [
        ("tomorrow", None, AS_OF),
        ("today", 10, AS_OF),
        ("today", None, date(2025, 8, 1)),
        ("stress", 0, AS_OF),
    ],
)
def test_what_cannot_be_generated_is_refused(
    preset: str, rows: int | None, as_of: date, tmp_path: Path
) -> None:
    with pytest.raises(UsageError):
        generate(preset, tmp_path, rows=rows, seed=1, as_of=as_of)


def test_the_command_answers_files_and_rows(tmp_path: Path) -> None:
    arguments = [
        "--preset",
        "stress",
        "--rows",
        "20",
        "--out",
        str(tmp_path),
        "--as-of",
        "2026-11-20",
        "--json",
    ]
    ran = CliRunner().invoke(generate_command, arguments, obj=AppContext(Path("config.toml")))
    answer = json.loads(ran.output)
    assert answer == {"files": [str(tmp_path / "stress.csv")], "rows": 20}
