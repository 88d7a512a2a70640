"""`dunghen simulate` on ingested files: what it foretells of dossiers finished now is what the score says once they are."""

from typing import Any

import pytest
from sqlalchemy import select

from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL, Office, row
from tracker.store.models import Dossier, DossierRisk, ForecastRun
from tracker.store.session import open_store

AS_OF = "2022-08-15T16:00"
AT = ("--year", "2022", "--as-of", AS_OF)
DONE = {"received_at": "01/07/2022 08:00:00", "due_at": "29/07/2022 17:00:00", "status": "Đã xử lý xong"}
OPEN = {"received_at": "01/08/2022 08:00:00"}
LAST_YEAR = {"received_at": "15/12/2021 08:00:00"}
TRADE = {"field_name": "Lưu thông hàng hóa", "resolving_unit": PROVINCIAL}


def still_open() -> list[dict[str, str]]:
    """Two overdue (one received last year), three that can be kept, one of them received last year, one due next year, one suspended,
    one without a due date, one of a district."""
    return [
        row(31, **OPEN, due_at="12/08/2022 17:00:00"),
        row(32, **LAST_YEAR, due_at="01/03/2022 17:00:00", resolving_unit=OTHER_PROVINCIAL),
        row(33, **OPEN, due_at="16/08/2022 17:00:00", resolving_unit=OTHER_PROVINCIAL),
        row(34, **(OPEN | TRADE), due_at="17/08/2022 17:00:00"),
        row(35, **LAST_YEAR, due_at="18/08/2022 17:00:00"),
        row(36, **OPEN, due_at="06/01/2023 17:00:00"),
        row(
            37,
            **OPEN,
            due_at="19/08/2022 17:00:00",
            suspensions="tạm dừng: 10/08/2022 08:00:00 -",
            status="Dừng xử lý",
        ),
        row(38, **OPEN, due_at=""),
        row(39, **OPEN, due_at="16/08/2022 17:00:00", resolving_unit="UBND thành phố Buôn Ma Thuột"),
    ]


@pytest.fixture
def province(office: Office) -> Office:
    """Forty that ended in the last 30 days, four of them late, of two fields; ten of spring, and what is open."""
    ended = [row(n, **DONE, finished_at="28/07/2022 10:00:00") for n in range(1, 27)]
    ended += [row(n, **(DONE | TRADE), finished_at="27/07/2022 10:00:00") for n in range(50, 60)]
    late = [row(n, **DONE, finished_at="02/08/2022 10:00:00") for n in (27, 28, 29)]
    late += [row(60, **(DONE | TRADE), finished_at="03/08/2022 10:00:00")]
    spring = {"received_at": "01/03/2022 08:00:00", "due_at": "15/03/2022 17:00:00"}
    early = [
        row(n, **spring, status="Đã xử lý xong", finished_at="14/03/2022 09:00:00") for n in range(70, 80)
    ]
    office.ingest([*ended, *late, *early, *still_open()])
    return office


def scenario(answer: dict[str, Any], name: str, edition: str = "resolved") -> dict[str, Any]:
    (found,) = [each for each in answer["editions"] if each["edition"] == edition]
    (line,) = [each for each in found["scenarios"] if each["scenario"] == name]
    return line


def finish(office: Office, numbers: list[int]) -> None:
    """What the simulation supposes, really done: these dossiers end at the moment asked for."""
    chosen = [each for each in still_open() if int(each["dossier_code"][-4:]) in numbers]
    done = {
        "finished_at": "15/08/2022 15:59:00",
        "status": "Đã xử lý xong",
        "updated_at": "15/08/2022 15:59:00",
    }
    office.ingest([{**each, **done} for each in chosen])


@pytest.mark.parametrize("edition", ["resolved", "received"])
@pytest.mark.parametrize(
    ("options", "ended"),
    [
        (("--finish", "100"), [31, 32, 33, 34, 35, 36]),
        (("--finish", "2"), [31, 32]),
        (("--finish", "3"), [31, 32, 33]),
        (("--finish", "9", "--which", "overdue"), [31, 32]),
        (("--finish", "9", "--which", "overdue", "--older-than", "4"), [32]),
        (("--finish", "2", "--which", "in_time"), [33, 34]),
        (("--finish", "9", "--unit", OTHER_PROVINCIAL), [32, 33]),
        (("--finish", "9", "--field", "Lưu thông hàng hóa"), [34]),
    ],
)
def test_what_is_foretold_of_dossiers_finished_now_is_what_the_score_says_once_they_are(
    province: Office, edition: str, options: tuple[str, ...], ended: list[int]
):
    foretold = scenario(province.ask("simulate", *AT, *options), "finished", edition)
    finish(province, ended)
    score = province.ask("score", "3.4.1", *AT, "--edition", edition)
    for name in ("numerator", "denominator", "rate", "points", "budget_late", "late", "headroom"):
        assert foretold[name] == score[name], name


@pytest.mark.parametrize("edition", ["resolved", "received"])
def test_now_is_the_score_itself(province: Office, edition: str):
    now = scenario(province.ask("simulate", *AT), "now", edition)
    score = province.ask("score", "3.4.1", *AT, "--edition", edition)
    assert (now["numerator"], now["denominator"], now["points"]) == (
        score["numerator"],
        score["denominator"],
        score["points"],
    )
    assert now["points_change"] == 0


def test_the_pace_is_that_of_the_last_30_days_by_working_days(province: Office):
    answer = province.ask("simulate", *AT)
    pace = answer["last_30"]
    assert (pace["from"], pace["to"]) == ("2022-07-17", "2022-08-15")
    assert (pace["working_days"], pace["working_days_left"]) == (21, 97)  # 02/09 and 01/09 are off
    # 40 ended, 4 late; of the open ones six, and of the ended none, were received in the window.
    assert (pace["ended"], pace["late"], pace["received"], pace["late_rate"]) == (40, 4, 6, 0.1)
    line = scenario(answer, "pace")
    assert line["moved"][0]["cause"] == "pace"
    assert "stock" in line["cautions"]  # there are not that many
    assert line["low"]["rate"] < line["rate"] < line["high"]["rate"]


def test_one_field_improves_and_the_others_go_on(province: Office):
    answer = province.ask("simulate", *AT, "--field-rate", "Đất đai=98 %")
    moved = scenario(answer, "target")["moved"]
    assert [(each["cause"], each["part"]) for each in moved] == [("target", "Đất đai"), ("pace", "")]
    assert scenario(answer, "target")["rate"] >= scenario(answer, "pace")["rate"]


def test_all_wishes_together_are_one_more_line(province: Office):
    answer = province.ask("simulate", *AT, "--finish", "3", "--none-late")
    names = [each["scenario"] for each in answer["editions"][0]["scenarios"]]
    assert names == ["now", "finished", "pace", "none_late", "together"]
    assert answer["chosen"] == {"in_time": 1, "late": 2}
    # Nothing new comes, what can be kept ends in time, and what is overdue ends late: as the budget says it.
    budget = province.ask("budget", *AT)["if_all_end"]
    together = scenario(answer, "together")
    assert (together["numerator"], together["denominator"]) == (budget["numerator"], budget["denominator"])


def test_what_the_year_lacked_is_told_of_a_year_that_is_over(province: Office):
    answer = province.ask("simulate", "--year", "2022", "--as-of", "2023-02-01", "--fewer-late", "2")
    assert answer["is_over"] is True
    assert [each["scenario"] for each in answer["editions"][0]["scenarios"]] == ["now", "fewer_late"]
    now, fewer = scenario(answer, "now"), scenario(answer, "fewer_late")
    assert (now["late"], fewer["late"], fewer["points"]) == (4, 2, pytest.approx(1.5 * 48 / 50))
    assert answer["worth_an_hour"]["rows"] == []
    told = province.run("simulate", "--year", "2022", "--as-of", "2023-02-01").out
    assert "Kỳ tính điểm năm 2022 đã hết" in told


def test_the_list_says_what_it_would_take_and_how_likely_each_is_late(province: Office):
    listed = province.ask("simulate", *AT, "--hours", "1000")["worth_an_hour"]
    by_code = {each["code"][-2:]: each for each in listed["rows"]}
    assert set(by_code) == {"33", "34", "35"}
    assert listed["total"] == 3
    assert listed["ended_behind"] == 40
    first = by_code["34"]
    assert (first["chance"], first["chance_by"]) == (0.1, "history")
    # Its likes took 26 to 33 days; it has had 14, so 13 more: nine working days, far more than the two that it has.
    assert first["tight"] is True
    assert first["planned"] is False
    assert by_code["35"]["needed_minutes"] is None  # nothing took as long
    assert listed["unknown"] == 1
    assert listed["plan"] == {
        "dossiers": 0,
        "hours": 0,
        "spared": 0,
        "before": listed["plan"]["before"],
        "after": listed["plan"]["before"],
    }


def test_where_the_forecast_tells_a_chance_that_is_taken_and_said_to_be_learned_from_invented_data(
    province: Office,
):
    store = open_store(province.url)
    with store.transaction() as session:
        wanted = session.scalars(select(Dossier).where(Dossier.code.endswith("0034"))).one()
        run = ForecastRun(
            id=1, made_at=wanted.known_from, as_of=wanted.known_from, is_on=True, why_off="", is_invented=True,
            report="{}", model=b"",
        )  # fmt: skip
        unit_id = wanted.resolving_unit_id or 0
        session.add_all(
            [run, DossierRisk(dossier_id=wanted.id, run_id=1, unit_id=unit_id, chance=7_200, due_on=None)]
        )
    store.close()
    listed = province.ask("simulate", *AT)["worth_an_hour"]
    by_code = {each["code"][-2:]: each for each in listed["rows"]}
    assert (by_code["34"]["chance"], by_code["34"]["chance_by"]) == (0.72, "forecast")
    assert by_code["33"]["chance_by"] == "history"
    assert listed["foreseen"] == 1
    assert "học từ dữ liệu sinh ra" in province.run("simulate", *AT).out
    of_promised = province.ask("simulate", *AT, "--basis", "promised")["worth_an_hour"]
    assert of_promised["foreseen"] == 0  # the forecast is about the source's date


def test_before_anything_was_known_there_is_nothing_and_it_says_why(province: Office):
    answer = province.ask("simulate", *AT, "--known", "2022-01-01")
    assert (answer["editions"], answer["open"]) == ([], None)
    assert answer["unknown"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--field", "Không có"), "không có lĩnh vực"),
        (("--unit", "Không có"), "không có đơn vị"),
        (("--field-rate", "Đất đai"), "cần dạng"),
        (("--field-rate", "Đất đai=1,5"), "cần dạng"),
        (("--unit-rate", "=98 %"), "cần dạng"),
    ],
)
def test_a_wrong_option_is_told_in_words(province: Office, options: tuple[str, ...], words: str):
    answer = province.run("simulate", *AT, "--finish", "1", *options)
    assert answer.status == 2
    assert words in answer.err


def test_it_is_told_in_words_that_overdue_ones_have_to_be_finished_all_the_same(province: Office):
    told = province.run("simulate", *AT, "--finish", "3", "--hours", "8").out
    assert "phải giải quyết ngay" in told
    assert "CHƯA ĐỐI CHIẾU VĂN BẢN" in told
    assert "Xong ngay 3 hồ sơ" in told
