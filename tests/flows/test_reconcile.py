"""`dunghen reconcile`: a report that agrees differs nowhere; each planted difference is found, with both numbers."""

from typing import Any

import pytest

from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL, Office
from tests.flows.reports import form_06, july, load

JUNE = {"received_at": "20/06/2026 08:00:00", "due_at": "03/07/2026 17:00:00"}
NEXT = {"due_at": "14/08/2026 17:00:00"}


def done(day: int) -> dict[str, str]:
    return {"finished_at": f"{day:02d}/07/2026 10:00:00", "status": "Đã xử lý xong"}


WITHDRAWN = {"withdrawn_at": "20/07/2026 10:00:00", "status": "Công dân yêu cầu rút hồ sơ"}
# July 2026 of two units: what they reported, and the dossiers that make it up.
DOSSIERS = (
    july(1, **done(10)),  # early
    july(2, **done(15)),  # on time
    july(3, **done(20)),  # late
    july(4, due_at="", **done(21)),  # no due date: on time in the form
    july(5, **WITHDRAWN),  # on time in the form
    july(6, channel="Trực tuyến"),  # open, late
    july(7, **NEXT),  # open, in time
    july(8, **JUNE),  # carried over, open, late
    july(11, resolving_unit=OTHER_PROVINCIAL, **NEXT),
)
TOLD: dict[str, dict[str, int]] = {
    PROVINCIAL: {
        "total": 8, "received_online": 1, "received_direct": 6, "carried_over": 1, "finished": 5, "early": 1,
        "on_time": 3, "late": 1, "open": 3, "open_in_time": 1, "open_late": 2,
    },
    OTHER_PROVINCIAL: {
        "total": 1, "received_online": 0, "received_direct": 1, "carried_over": 0, "finished": 0, "early": 0,
        "on_time": 0, "late": 0, "open": 1, "open_in_time": 1, "open_late": 0,
    },
}  # fmt: skip


@pytest.fixture
def july_office(office: Office) -> Office:
    """An office with the dossiers of July."""
    load(office, *DOSSIERS)
    return office


def take(office: Office, text: str, *arguments: str, name: str = "bieu-06.csv") -> Any:
    return office.ask("reconcile", "import", office.write(name, text), *arguments)


def compare(office: Office, *arguments: str) -> Any:
    return office.ask("reconcile", "compare", *arguments)


def row(answer: Any, name: str) -> Any:
    (found,) = [each for each in answer["rows"] if each["name"] == name]
    return found


def changed(unit: str, **figures: int) -> dict[str, dict[str, int]]:
    return {**TOLD, unit: {**TOLD[unit], **figures}}


def causes(figure: Any) -> dict[str, int | None]:
    return {each["cause"]: each["count"] for each in figure["causes"]}


def test_a_report_that_agrees_everywhere_has_no_differences(july_office: Office):
    taken = take(july_office, form_06(TOLD))["reports"]
    assert [(one["form"], one["from"], one["to"], one["rows"], one["new"]) for one in taken] == [
        ("e", "2026-07-01", "2026-07-31", 2, True)
    ]
    answer = compare(july_office)
    assert answer["differences"] == 0
    assert not any(each["causes"] or each["imbalances"] for each in answer["rows"])
    assert july_office.run("reconcile", "compare").status == 0
    assert row(answer, PROVINCIAL)["figures"]["on_time"]["parts"] == {
        "on_time": 1,
        "no_due": 1,
        "withdrawn": 1,
    }
    assert answer["as_of"] == "2026-07-31T23:59:59+07:00"
    assert (answer["form_verified"], answer["last_told"] is None) == (False, False)


def test_the_figures_beside_the_report_are_those_of_rates(july_office: Office):
    take(july_office, form_06(TOLD))
    rates = july_office.ask(
        "rates", "--from", "2026-07-01", "--to", "2026-07-31", "--as-of", "2026-07-31", "--by", "unit"
    )
    own = {each["unit"]: each for each in rates["rows"]}[PROVINCIAL]
    told = row(compare(july_office), PROVINCIAL)["figures"]
    assert told["late"]["ours"] == own["late"]
    assert told["open_late"]["ours"] == own["open_late"]
    assert told["total"]["ours"] == own["carried_over"] + own["received"]
    assert told["finished"]["ours"] == own["finished"] + own["withdrawn"] + own["no_due"]


@pytest.mark.parametrize(
    ("unit", "measure", "value", "difference"),
    [(PROVINCIAL, "late", 0, 1), (PROVINCIAL, "open_late", 1, 1), (OTHER_PROVINCIAL, "total", 4, -3)],
)
def test_each_planted_difference_is_found_with_both_numbers(
    july_office: Office, unit: str, measure: str, value: int, difference: int
):
    take(july_office, form_06(changed(unit, **{measure: value})))
    answer = compare(july_office)
    figure = row(answer, unit)["figures"][measure]
    assert (figure["theirs"], figure["ours"], figure["difference"]) == (value, value + difference, difference)
    assert figure["causes"]
    assert july_office.run("reconcile", "compare").status == 1


def test_a_report_that_does_not_add_up_in_itself_is_told(july_office: Office):
    take(july_office, form_06(changed(PROVINCIAL, finished=9)))
    (one, whole) = row(compare(july_office), PROVINCIAL)["imbalances"]
    assert (one["total"], one["told"], one["sum"]) == ("finished", 9, 5)
    assert (whole["total"], whole["sum"]) == ("total", 12)


def test_a_unit_name_that_nobody_knows_is_told_when_the_report_comes_in_and_shown_beside_it(
    july_office: Office,
):
    answer = july_office.run(
        "reconcile",
        "import",
        july_office.write("b.csv", form_06({"Phòng lạ": {"total": 4}, **TOLD})),
        "--json",
    )
    assert (answer.status, answer.json["reports"][0]["unknown_units"]) == (1, ["Phòng lạ"])
    unknown = row(compare(july_office), "Phòng lạ")
    assert (unknown["causes"][0]["cause"], unknown["figures"]["total"]["ours"]) == ("row_unknown", None)


def test_dossiers_of_a_unit_that_no_catalogue_knows_stand_in_a_row_of_their_own(july_office: Office):
    load(july_office, july(12, resolving_unit="Phòng mới lập"))
    take(july_office, form_06(changed(OTHER_PROVINCIAL, open_late=1)))
    answer = compare(july_office)
    strange = row(answer, "Phòng mới lập")
    assert (strange["reported"], strange["figures"]["open_late"]["ours"]) == (False, 1)
    assert causes(row(answer, OTHER_PROVINCIAL)["figures"]["open_late"]) == {
        "unit_names": 1,
        "definition": None,
    }


def test_rows_that_could_not_be_used_explain_what_is_missing(july_office: Office):
    load(july_office, july(13, received_at="31/02/2026"), *DOSSIERS)
    take(july_office, form_06(changed(PROVINCIAL, total=9)))
    answer = compare(july_office)
    assert answer["rejected"] == 1
    assert causes(row(answer, PROVINCIAL)["figures"]["total"]) == {"rejected": 1}
    assert causes(row(answer, OTHER_PROVINCIAL)["figures"]["total"]) == {}


def test_dossiers_that_only_another_source_tells_of_explain_what_we_have_more(july_office: Office):
    load(july_office, july(21), july(6, channel="Trực tuyến"), source="cong-dvc")
    take(july_office, form_06(TOLD))
    figures = row(compare(july_office), PROVINCIAL)["figures"]
    assert (figures["open_late"]["difference"], causes(figures["open_late"])) == (
        1,
        {"other_source": 1, "definition": None},
    )
    assert causes(figures["total"]) == {"other_source": 1}


def test_dossiers_that_vanished_explain_what_stands_open_with_us(july_office: Office):
    load(july_office, *(each for each in DOSSIERS if not each["dossier_code"].endswith("0006")))
    take(july_office, form_06(changed(PROVINCIAL, open=2, open_late=1, total=7, received_online=0)))
    figures = row(compare(july_office), PROVINCIAL)["figures"]
    assert causes(figures["open"]) == {"vanished": 1}


# ---------------------------------------------------------------- reports, one after the other


def test_the_same_report_twice_is_one_and_a_newer_one_replaces_it_while_both_stay_visible(
    july_office: Office,
):
    first = take(july_office, form_06(TOLD))["reports"][0]
    again = take(july_office, form_06(TOLD), name="lai.csv")["reports"][0]
    assert (again["report"], again["new"]) == (first["report"], False)
    newer = take(july_office, form_06({PROVINCIAL: {**TOLD[PROVINCIAL], "late": 0}}), name="moi.csv")[
        "reports"
    ][0]
    answer = compare(july_office)
    assert answer["reports"] == [newer["report"], first["report"]]
    assert row(answer, PROVINCIAL)["figures"]["late"]["theirs"] == 0
    assert row(answer, OTHER_PROVINCIAL)["reported"] is False
    listed = july_office.ask("reconcile", "list")["reports"]
    assert [one["file"] for one in listed] == ["moi.csv", "bieu-06.csv"]


def test_a_figure_that_is_typed_in_stands_beside_the_file(july_office: Office):
    take(july_office, form_06(TOLD))
    period = ("--from", "2026-07-01", "--to", "2026-07-31", "--form", "e")
    july_office.ask("reconcile", "enter", *period, "--of", PROVINCIAL, "late=0", "open=9")
    figures = row(compare(july_office), PROVINCIAL)["figures"]
    assert (figures["late"]["theirs"], figures["open"]["theirs"], figures["total"]["theirs"]) == (0, 9, 8)
    noted = july_office.query(
        "SELECT action, subject FROM audit_entry WHERE action LIKE 'report%' ORDER BY id"
    )
    assert noted == [("report_import", "report:1"), ("report_enter", "report:2")]


def test_totals_alone_are_compared_with_everything_counted_as_we_do(july_office: Office):
    period = ("--from", "2026-07-01", "--to", "2026-07-31")
    july_office.ask(
        "reconcile", "enter", *period, "received=8", "finished=3", "withdrawn=1", "open_in_time=2"
    )
    answer = compare(july_office)
    assert (answer["form"], answer["form_verified"], answer["differences"]) == ("own", True, 0)


def test_a_report_of_one_unit_by_field_is_compared_with_that_unit_alone(july_office: Office):
    load(july_office, *DOSSIERS, july(31, resolving_unit=OTHER_PROVINCIAL, field_name="Tư pháp"))
    told = {"Đất đai": TOLD[PROVINCIAL]}
    take(july_office, form_06(told, name="Lĩnh vực, công việc giải quyết theo cấp"), "--unit", PROVINCIAL)
    assert compare(july_office, "--unit", PROVINCIAL)["differences"] == 0
    take(july_office, form_06(told, name="Lĩnh vực, công việc giải quyết theo cấp"))
    whole = compare(july_office)
    assert row(whole, "Đất đai")["figures"]["open"]["difference"] == 1
    assert row(whole, "Tư pháp")["reported"] is False


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("import", "khong-co.xlsx"), 3),
        (("compare",), 2),
        (("enter", "--from", "2026-07-31", "--to", "2026-07-01", "late=1"), 2),
        (("enter", "--from", "2026-07-01", "--to", "2026-07-31", "late=-1"), 2),
        (("enter", "--from", "2026-07-01", "--to", "2026-07-31", "la=1"), 2),
        (("enter", "--source", "la", "--from", "2026-07-01", "--to", "2026-07-31", "late=1"), 2),
        (("enter", "--from", "2026-07-01", "--to", "2026-07-31", "--of", "Phòng lạ", "late=1"), 2),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_leaves_nothing(
    july_office: Office, arguments: tuple[str, ...], status: int
):
    answer = july_office.run("reconcile", *arguments)
    assert (answer.status, bool(answer.err.strip())) == (status, True)
    assert july_office.query("SELECT count(*) FROM reported_total") == [(0,)]


def test_a_list_of_dossiers_is_no_report_and_a_table_without_a_period_asks_for_it(july_office: Office):
    answer = july_office.run("reconcile", "import", july_office.write("ho-so.csv", [july(1)]))
    assert (answer.status, "không có bảng tổng hợp" in answer.err) == (3, True)
    text = form_06(TOLD).replace("Từ ngày 01/07/2026 đến ngày 31/07/2026", "Quý III")
    answer = july_office.run("reconcile", "import", july_office.write("quy.csv", text))
    assert (answer.status, "kỳ" in answer.err) == (3, True)
    take(july_office, text, "--from", "2026-07-01", "--to", "2026-07-31")
    assert compare(july_office)["differences"] == 0


def test_the_comparison_is_written_as_a_workbook(july_office: Office):
    take(july_office, form_06(TOLD))
    path = july_office.folder / "doi-chieu.xlsx"
    compare(july_office, "--out", str(path))
    assert path.read_bytes()[:2] == b"PK"


def test_a_comparison_by_what_was_known_then_stays_the_same_after_a_later_load(july_office: Office):
    take(july_office, form_06(TOLD))
    known = july_office.now.isoformat()
    load(july_office, july(99), *DOSSIERS)
    assert compare(july_office)["differences"] > 0
    assert compare(july_office, "--known", known)["differences"] == 0
    assert compare(july_office, "--known", "2020-01-01")["unknown"] is not None


def test_a_feed_of_statistics_counts_early_and_on_time_together(july_office: Office):
    head = "Madonvi;TenDonVi;SoNhanTrongKy;SoTonKyTruoc;TongSoXuLy;TongDaXuLy;TongXuLyDungHan;TongXuLyTreHan;TongChuaXuLy"
    body = f"1;{PROVINCIAL};7;1;8;4;3;1;3\n2;{OTHER_PROVINCIAL};1;0;1;0;0;0;1"
    take(july_office, f"{head}\n{body}\n", "--from", "2026-07-01", "--to", "2026-07-31")
    answer = compare(july_office)
    assert (answer["form"], answer["differences"]) == ("i", 0)
    assert row(answer, PROVINCIAL)["figures"]["in_time"]["parts"] == {"early": 1, "on_time": 1, "no_due": 1}


def test_a_summary_that_sets_withdrawn_and_waiting_dossiers_apart_agrees_as_well(july_office: Office):
    waiting = july(9, **NEXT, status="Yêu cầu bổ sung giấy tờ", suspensions="06/07/2026 08:00:00/")
    load(july_office, *DOSSIERS, waiting)
    head = (
        "STT;Đơn vị;Tiếp nhận;;;Đã xử lý;;;;Đang xử lý;;;Bổ sung;Trả lại/ Rút HS\n"
        ";;Tổng số;Kỳ trước;Trong kỳ;Tổng số;Trước hạn;Đúng hạn;Quá hạn;Tổng số;Trong hạn;Quá hạn;;\n"
    )
    body = f"1;{PROVINCIAL};9;1;8;4;1;2;1;3;1;2;1;1\n2;{OTHER_PROVINCIAL};1;0;1;0;0;0;0;1;1;0;0;0\n"
    take(july_office, head + body, "--from", "2026-07-01", "--to", "2026-07-31")
    answer = compare(july_office)
    assert (answer["form"], answer["differences"]) == ("f", 0)
