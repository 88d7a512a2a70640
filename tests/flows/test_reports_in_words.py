"""The reform report, the report on faults, the evidence sheet: the very figures of rates and score, nothing empty, nothing invented."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from docx import Document

from tests.flows.office import OTHER_PROVINCIAL, PROVINCIAL, Office, row
from tracker.store import pack_store
from tracker.store.pack_store import NewPack
from tracker.store.session import open_store
from tracker.types import VN

YEAR = ("--from", "2022-01-01", "--to", "2022-12-31")
NB = "\u00a0"
LATE = {"finished_at": "20/03/2022 10:00:00", "status": "Đã xử lý xong"}
EARLY = {"finished_at": "14/03/2022 10:00:00", "status": "Đã xử lý xong"}
ON_TIME = {"finished_at": "15/03/2022 10:00:00", "status": "Đã xử lý xong"}
OTHER_FIELD = {"field_name": "Lưu thông hàng hóa trong nước", "resolving_unit": OTHER_PROVINCIAL}
FAULT = "Hồ sơ đất đai trễ hạn nhiều"
SHA, FINGERPRINT = "ab" * 32, "cd" * 32


@pytest.fixture
def loaded(office: Office) -> Office:
    """Five of 2022 finished, two late; one open; one of the year before; a fault with its deadline passed."""
    office.ingest(
        [
            row(1, **LATE), row(2, **LATE), row(3, **EARLY), row(4, **ON_TIME), row(5, **ON_TIME, **OTHER_FIELD),
            row(6, **OTHER_FIELD),
            row("H15.03-210301-0001", received_at="01/03/2021 08:00:00", due_at="15/03/2021 17:00:00",
                finished_at="15/03/2021 10:00:00", status="Đã xử lý xong"),
        ]
    )  # fmt: skip
    office.ask(
        "remedies", "add", "--unit", PROVINCIAL, "--year", "2022", "--fault", FAULT, "--due", "2022-12-31"
    )
    return office


def written(office: Office, key: str, *more: str) -> Path:
    out = office.folder / f"{key}.docx"
    office.ask("report", key, *YEAR, *more, "--out", out)
    return out


def paragraphs(path: Path) -> str:
    return "\n".join(each.text for each in Document(str(path)).paragraphs)


def tables(path: Path) -> list[list[list[str]]]:
    """The ruled tables, row by row; the first is the head, the last recipients and signature."""
    found = Document(str(path)).tables[1:-1]
    return [[[cell.text for cell in line.cells] for line in table.rows] for table in found]


def texts(path: Path) -> Iterator[str]:
    yield paragraphs(path)
    for table in tables(path):
        for line in table:
            yield from line


# ---------------------------------------------------------------- reform


def test_the_reform_report_holds_the_figures_of_rates_and_score(loaded: Office):
    path = written(loaded, "reform")
    (level,) = loaded.ask("rates", *YEAR)["rows"]
    said = paragraphs(path)
    assert (level["received"], level["finished"], level["late"], level["open"], level["open_late"]) == (
        6,
        5,
        2,
        1,
        1,
    )
    assert "Tiếp nhận trong kỳ: 6 hồ sơ; từ kỳ trước chuyển sang: 0 hồ sơ." in said
    assert f"tỷ lệ trước và đúng hạn: 60,00{NB}% (3/5). Trong đó trước hạn 20,00{NB}% (1/5)" in said
    assert f"Đang giải quyết cuối kỳ: 1 hồ sơ; quá hạn 100,00{NB}% (1/1)" in said
    by_level, by_field, compared = tables(path)
    assert by_level[-1] == ["Tổng cộng", "0", "6", "5", "3", "2", f"60,00{NB}%", "1", "1"]
    fields = loaded.ask("rates", *YEAR, "--by", "field")["rows"]
    assert {line[1]: line[3:5] for line in by_field[1:-1]} == {
        each["field"]: [str(each["finished"]), str(each["late"])] for each in fields
    }
    assert compared[2] == ["Đã giải quyết", "5", "1", "+4"]
    assert compared[4] == [
        "Tỷ lệ trước và đúng hạn",
        f"60,00{NB}% (3/5)",
        f"100,00{NB}% (1/1)",
        "-40,00 điểm %",
    ]
    score = loaded.ask("score", "3.4.1", "--year", "2022")
    assert (
        f"tỷ lệ đúng hạn 60,00{NB}% ({score['numerator']}/{score['denominator']}); điểm tạm tính 0,0/1,5."
        in said
    )
    assert f"vượt {-score['headroom']} hồ sơ" in said
    assert "(chưa đối chiếu văn bản)" in said


def test_every_basis_is_told_with_how_many_it_could_judge(loaded: Office):
    said = paragraphs(written(loaded, "reform"))
    (level,) = loaded.ask("rates", *YEAR)["rows"]
    for name, words in (("source", "ngày hẹn theo hệ thống nguồn"), ("promised", "ngày hẹn ban đầu"), ("documented", "hạn tính theo quy định")):  # fmt: skip
        told = level["bases"][name]
        assert f"Căn cứ {words}: " in said
        assert (
            f"({told['numerator']}/{told['denominator']}); xét được {told['computed']}/{told['total']}"
            in said
        )


def test_a_units_report_counts_its_own_and_tells_its_part_of_the_criterion(loaded: Office):
    path = written(loaded, "reform", "--unit", PROVINCIAL)
    said = paragraphs(path)
    assert f"{PROVINCIAL} báo cáo kết quả" in said
    assert tables(path)[0][-1] == ["Tổng cộng", "0", "4", "4", "2", "2", f"50,00{NB}%", "0", "0"]
    assert f"Phần của đơn vị báo cáo: quá hạn 2 trong 4 hồ sơ; tỷ lệ đúng hạn 50,00{NB}% (2/4)." in said
    assert "Cuối kỳ không còn hồ sơ đang giải quyết." in said


def test_a_year_before_of_which_nothing_is_known_is_not_compared(office: Office):
    office.ingest([row(1, **LATE)])
    path = written(office, "reform")
    assert "chưa có hồ sơ nào được giải quyết ở cùng kỳ năm trước (từ ngày 01/01/2021" in paragraphs(path)
    assert len(tables(path)) == 2


# ---------------------------------------------------------------- remediation


def test_the_report_on_faults_says_what_nobody_has_told_yet(loaded: Office):
    path = written(loaded, "remediation")
    (table,) = tables(path)
    assert table[0][1:] == ["Tồn tại, hạn chế", "Nguyên nhân", "Đơn vị chịu trách nhiệm", "Biện pháp", "Thời hạn", "Kết quả"]  # fmt: skip
    assert table[1:] == [
        ["1", FAULT, "chưa xác định", PROVINCIAL, "chưa xác định", "31/12/2022", "Chưa xong, đã quá thời hạn"]
    ]
    said = paragraphs(path)
    assert f"trước và đúng hạn 60,00{NB}% (3/5); quá hạn 40,00{NB}% (2/5)" in said
    assert f"Đất đai, 2 hồ sơ, chiếm 50,00{NB}% (2/4)" in said
    assert f"Quá thời hạn: {FAULT} ({PROVINCIAL}, thời hạn 31/12/2022)." in said
    assert "Kính gửi: Sở Nội vụ tỉnh Đắk Lắk" in said


def test_what_was_done_is_told_with_its_day_and_a_period_before_tells_of_none(loaded: Office):
    loaded.ask("remedies", "done", "1", "--on", "2023-02-01", "--note", "đủ người")
    (table,) = tables(written(loaded, "remediation"))
    assert table[1][-1] == "Đã xong ngày 01/02/2023: đủ người"
    out = loaded.folder / "earlier.docx"
    loaded.ask("report", "remediation", "--from", "2021-01-01", "--to", "2021-12-31", "--out", out)
    assert "Chưa có tồn tại, hạn chế nào được ghi" in paragraphs(out)


# ---------------------------------------------------------------- evidence sheet


def register_pack(office: Office, number: str, start: str) -> None:
    store = open_store(office.url)
    question = {"from": start, "to": f"{start[:4]}-12-31", "basis": "source", "masked": True}
    new = NewPack(number, "Kiểm tra", question, {}, "goi.zip", 1, SHA, SHA, "00", FINGERPRINT)
    with store.transaction() as session:
        if pack_store.find_key(session, FINGERPRINT) is None:
            pack_store.add_key(session, FINGERPRINT, "00", by="auditor", now=office.now)
        pack_store.add_pack(session, new, by="auditor", now=office.now)
    store.close()


def test_the_evidence_sheet_holds_the_score_its_formula_and_the_packs_of_the_year(loaded: Office):
    register_pack(loaded, "2026-0001", "2022-01-01")
    register_pack(loaded, "2026-0002", "2023-01-01")
    path = written(loaded, "parindex")
    score = loaded.ask("score", "3.4.1", "--year", "2022")
    result, bases, files = tables(path)
    told = dict(result[1:])
    assert told["a: hồ sơ ở mẫu số"] == str(score["denominator"]) == "5"
    assert told["b: hồ sơ trước và đúng hạn"] == str(score["numerator"]) == "3"
    assert told["Công thức"] == score["formula"]
    assert told["Điểm tự đánh giá"] == "0,0/1,5 (chưa đối chiếu văn bản)"
    assert told["Ngưỡng"] == f"95{NB}%"
    assert len(bases) == 4
    packs = [line for line in files if "Gói chứng cứ" in line[1]]
    assert len(packs) == 1
    assert "2026-0001" in packs[0][1]
    assert packs[0][2].replace(" ", "") == f"SHA-256{SHA};khóaký{FINGERPRINT}"
    said = paragraphs(path)
    assert "Cần đối chiếu: Ngưỡng 95 %" in said
    assert "Người lập phiếu: operator." in said


def test_without_a_pack_the_sheet_says_so_and_two_years_are_no_year(loaded: Office):
    assert "Chưa có gói chứng cứ nào được lập cho năm 2022." in paragraphs(written(loaded, "parindex"))
    two = loaded.run(
        "report", "parindex", "--from", "2021-06-01", "--to", "2022-05-31", "--out", loaded.folder / "x.docx"
    )
    assert (two.status, (loaded.folder / "x.docx").exists()) == (2, False)


# ---------------------------------------------------------------- all of them

KEYS = ("reform", "remediation", "parindex")


@pytest.mark.parametrize("key", KEYS)
def test_nothing_is_left_empty_or_unread(loaded: Office, key: str):
    path = written(loaded, key)
    for text in texts(path):
        assert "None" not in text
        assert "…………" not in text
    empty = [
        line for table in tables(path) for line in table for at, cell in enumerate(line) if at and not cell
    ]
    assert empty == []


@pytest.mark.parametrize("key", KEYS)
def test_before_the_first_load_no_figure_is_told(office: Office, key: str):
    path = written(office, key)
    assert "%" not in paragraphs(path).replace("95 %", "")
    assert "Chưa có số liệu" in paragraphs(path)


@pytest.mark.parametrize("key", KEYS)
def test_the_same_question_gives_the_same_bytes_after_later_news(loaded: Office, key: str):
    moments = ("--as-of", "2026-08-24T09:30:00", "--known", "2026-08-24T09:30:00")
    before = written(loaded, key, *moments).read_bytes()
    loaded.now = datetime(2026, 9, 1, 9, tzinfo=VN)
    loaded.ingest([row(9, **LATE)])
    loaded.ask("remedies", "drop", "1", "--reason", "thôi")
    assert written(loaded, key, *moments).read_bytes() == before
    assert written(loaded, key).read_bytes() != before
