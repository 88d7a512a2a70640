"""The receiver answers systems that push as the national portal does: whole dialogues over a real connection."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.web.pushing import (
    CODE,
    DOSSIERS,
    ENVELOPE,
    EVENTS,
    LOOKUP,
    SOURCE,
    Answer,
    Sender,
    application,
    dichvucong,
    dossier,
    event,
    events,
    give_key,
    in_process,
    opencps,
    over_http,
    receiving_context,
    school,
    with_holes,
)
from tests.web.server import serving
from tests.web.world import StandingContext, at
from tracker.store import audit, batches, dossier_queries, source_keys
from tracker.store.models import Batch, SourceKey
from tracker.types import DossierRow

CHANGED = "Đã sửa trích yếu"


@pytest.fixture
def context(tmp_path: Path) -> Iterator[StandingContext]:
    """The day after the example's dossier was finished."""
    context = receiving_context(tmp_path)
    context.instant = at(10, 8, month=9)
    yield context
    context.store.close()


@pytest.fixture
def sender(context: StandingContext) -> Sender:
    """A system of the whole province."""
    secret = give_key(context, "mot-cua-tinh")
    return Sender(in_process(application(context)), "mot-cua-tinh", secret)


@pytest.fixture
def far_sender(sender: Sender, context: StandingContext) -> Iterator[Sender]:
    """The same over a real connection."""
    with serving(application(context)) as address:
        yield replace(sender, wire=over_http(address))


def stored(context: StandingContext, code: str = CODE) -> DossierRow | None:
    with context.store.read() as session:
        return dossier_queries.find_dossier(session, code, unit_ids=None, known=None)


def batches_of(context: StandingContext) -> list[tuple[str, str]]:
    """Where each batch came from, and what proves its bytes."""
    with context.store.read() as session:
        rows = session.query(Batch).order_by(Batch.id)
        return [(row.origin, json.loads(row.files)[0]["sha256"]) for row in rows]


# ---------------------------------------------------------------- dialogues


def test_a_sender_that_looks_up_first_tells_a_dossier_its_events_and_later_its_changes(
    far_sender: Sender, context: StandingContext
):
    assert opencps(far_sender, dossier(), events()) == ["0", "0", "0", "0"]
    found = stored(context)
    assert found is not None
    assert (found.source, found.status, found.finished_at) == (SOURCE, "done", at(4, 10, 30, month=9))
    assert found.received_at == at(10, 9, 20)
    far_sender.heard.clear()
    later = dossier(TrangThaiHoSo="9", NgayKetThucXuLy="20260904103000", GhiChu=CHANGED)
    assert opencps(far_sender, later, events()) == ["0", "0", "0", "0"]
    assert far_sender.heard[1].document["result"][0]["MaHoSo"] == CODE
    assert far_sender.heard[3].document["unchanged"] == 4
    changed = stored(context)
    assert changed
    assert changed.note == CHANGED


def test_a_sender_that_reads_the_words_falls_back_to_changing(far_sender: Sender, context: StandingContext):
    assert dichvucong(far_sender, dossier(), events()) == ["0", "0"]
    far_sender.heard.clear()
    assert dichvucong(far_sender, dossier(GhiChu=CHANGED), events()) == ["-3", "0", "0"]
    assert far_sender.heard[0].message.startswith("Hồ sơ đã tồn tại")
    changed = stored(context)
    assert changed
    assert changed.note == CHANGED


def test_a_sender_that_tells_new_and_changed_within_a_second_ends_with_the_later(
    far_sender: Sender, context: StandingContext
):
    assert school(far_sender, dossier()) == ["0", "0"]
    found = stored(context)
    assert found
    assert found.status_text == "2"
    far_sender.heard.clear()
    assert school(far_sender, dossier()) == ["-3", "0"]  # once more from the beginning
    again = stored(context)
    assert again
    assert again.status_text == "2"


def test_an_update_with_holes_of_a_dossier_that_nobody_knows_is_taken_as_new(
    sender: Sender, context: StandingContext
):
    path = "/lien-thong/DongBoHoSoMC?MaDinhDanhDV=000.00.00.H99&isUpdating=True"
    answer = sender.post(path, [with_holes()], **sender.basic)
    assert (answer.code, answer.message, answer.document["new"]) == ("0", "Thành công", 1)
    found = stored(context, "H99-DN-2026-77")
    assert found
    assert (found.source_due_at, found.returned_at) == (None, at(8, 15, 15, month=9))
    assert "DUE_MISSING" in answer.document["flagged"]


def test_one_object_as_data_is_one_element(sender: Sender, context: StandingContext):
    sender.log_in()
    assert sender.call(DOSSIERS, dossier()).code == "0"
    assert stored(context)


@pytest.mark.parametrize("head", ["session", "Bearer token", "Bearer name:secret"])
def test_a_call_without_an_envelope_says_who_it_is_in_its_head(
    sender: Sender, context: StandingContext, head: str
):
    sender.log_in()
    told = {
        "session": {"session": sender.session},
        "Bearer token": {"Authorization": f"Bearer {sender.session}"},
        "Bearer name:secret": {"Authorization": f"Bearer {sender.login}:{sender.secret}"},
    }[head]
    assert sender.post("/lien-thong/CapNhat", [dossier()], **told).code == "0"
    assert stored(context)


# ---------------------------------------------------------------- what it answers


def test_a_login_is_answered_with_a_session_and_a_number(sender: Sender):
    answer = sender.log_in()
    assert answer.status == 200
    assert answer.document["error_code"] == 0
    assert len(answer.document["session"]) > 30


def test_making_a_dossier_that_is_there_changes_nothing_and_stores_the_others(
    sender: Sender, context: StandingContext
):
    sender.log_in()
    sender.call(DOSSIERS, [dossier()], isUpdating="False")
    other = dossier(MaHoSo="000.15.28.H99-260810-00413")
    answer = sender.call(DOSSIERS, [dossier(GhiChu=CHANGED), other], isUpdating="False")
    assert (answer.code, answer.document["new"]) == ("-3", 1)
    assert f"phần tử 1: {CODE}" in answer.message
    assert stored(context, other["MaHoSo"])
    kept = stored(context)
    assert kept
    assert kept.note == ""
    alone = sender.call(DOSSIERS, [dossier(GhiChu=CHANGED)], isUpdating=False)
    assert (alone.code, len(batches_of(context))) == ("-3", 2)


def test_what_cannot_be_used_is_named_by_element_field_and_value_and_the_rest_is_stored(
    sender: Sender, context: StandingContext
):
    sender.log_in()
    bad = dossier(MaHoSo="A-2", NgayHenTra="31022026")
    no_code = dossier(MaHoSo="")
    odd = dossier(MaHoSo="A-4", ChuHoSo={"Ten": "x"})
    answer = sender.call(DOSSIERS, [dossier(), bad, no_code, odd, "chữ"])
    told = answer.document
    assert (answer.status, answer.code, told["new"], told["rejected"]) == (200, "-5", 1, 4)
    named = [(each["PhanTu"], each["MaHoSo"], each["Truong"], each["MaLoi"]) for each in told["result"]]
    assert sorted(named) == [
        (2, "A-2", "NgayHenTra", "DATE_INVALID"),
        (3, "", "MaHoSo", "CODE_MISSING"),
        (4, "A-4", "ChuHoSo", "FIELD_NOT_TEXT"),
        (5, "", "MaHoSo", "CODE_MISSING"),
    ]
    assert "phần tử 2, trường NgayHenTra, giá trị “31022026”" in answer.message
    assert "thành công" not in answer.message.lower()
    with context.store.read() as session:
        kept = [rejection for _, rejection in batches.rejections(session, told["batch"])]
    assert {each.row for each in kept} == {2, 3, 4, 5}
    assert {each.file for each in kept} == {"DongBoHoSoMC (mot-cua-tinh)"}


def test_events_that_cannot_be_used_are_named_and_never_become_dossiers(
    sender: Sender, context: StandingContext
):
    sender.log_in()
    sender.call(DOSSIERS, [dossier()])
    untimed = {name: value for name, value in event("", "4", "Xử lý").items() if name != "ThoiDiemXuLy"}
    strange = event("20260811080000", "4", "Xử lý", NguoiXuLy=["A"])
    answer = sender.call(
        EVENTS, [event("20260811080000", "4", "Xử lý"), {**untimed, **dossier(MaHoSo="B-1")}, strange]
    )
    assert (answer.code, answer.document["changed"], answer.document["rejected"]) == ("-5", 1, 2)
    assert [each["MaLoi"] for each in answer.document["result"]] == ["DATE_INVALID", "FIELD_NOT_TEXT"]
    assert stored(context, "B-1") is None


def test_an_event_that_comes_before_its_dossier_waits_for_it(sender: Sender, context: StandingContext):
    sender.log_in()
    answer = sender.call(EVENTS, events())
    assert (answer.code, answer.document["flagged"]) == ("0", {"EVENT_WAITING": 4})
    sender.call(DOSSIERS, [dossier()])
    found = stored(context)
    assert found
    assert found.finished_at == at(4, 10, 30, month=9)


def test_the_same_call_again_changes_nothing(sender: Sender, context: StandingContext):
    sender.log_in()
    for _ in range(2):
        answer = sender.call(DOSSIERS, [dossier()])
    assert (answer.code, answer.document["unchanged"]) == ("0", 1)
    first, second = batches_of(context)
    assert first == second


def test_a_lookup_tells_what_the_caller_told_and_nothing_of_a_person(
    sender: Sender, context: StandingContext
):
    sender.log_in()
    assert sender.call(LOOKUP, mahoso=CODE).document["result"] == []
    sender.call(DOSSIERS, [dossier(SoDienThoai="0912345678")])
    (found,) = sender.call(LOOKUP, mahoso=f" {CODE.lower()} ").document["result"]
    assert found == {
        "MaHoSo": CODE, "TrangThaiHoSo": "2", "NgayTiepNhan": "20260810092000", "NgayHenTra": "20260828092000",
        "NgayKetThucXuLy": "", "NgayTra": "",
    }  # fmt: skip
    assert sender.post("/lien-thong/TraCuuHoSo", {"mahoso": CODE}, **sender.basic).document["result"] == [
        found
    ]


def test_what_another_source_told_is_not_told_to_this_one(sender: Sender, context: StandingContext):
    secret = give_key(context, "khac", source="khac")
    other = Sender(sender.wire, "khac", secret)
    other.log_in()
    other.call(DOSSIERS, [dossier(TrangThaiHoSo="4")])
    sender.log_in()
    assert sender.call(LOOKUP, mahoso=CODE).document["result"] == []
    assert sender.call(DOSSIERS, [dossier()], isUpdating="False").code == "0"
    assert sender.call(LOOKUP, mahoso=CODE).document["result"][0]["TrangThaiHoSo"] == "2"
    assert other.call(LOOKUP, mahoso=CODE).document["result"][0]["TrangThaiHoSo"] == "4"


def test_each_push_is_one_batch_in_the_log_under_the_name_of_its_key(
    sender: Sender, context: StandingContext
):
    sender.log_in()
    sender.call(DOSSIERS, [dossier(), dossier(MaHoSo="A-2")])
    sender.call(LOOKUP, mahoso="A-2")
    with context.store.read() as session:
        looked, told = audit.recent_acts(session, 2)
        key = source_keys.find_key(session, "mot-cua-tinh")
    assert (told.action, told.actor, told.detail["new"]) == ("ingest", "key:mot-cua-tinh", 2)
    assert (looked.action, looked.actor) == ("push_lookup", "key:mot-cua-tinh")
    assert looked.subject.startswith("dossier:")
    assert key
    assert key.used_at == context.now()
    assert [origin for origin, _ in batches_of(context)] == ["push"]


def test_a_push_while_another_load_is_at_work_is_asked_to_come_again(
    sender: Sender, context: StandingContext, monkeypatch: pytest.MonkeyPatch
):
    from app import receiver
    from tracker.store.locks import Lock
    from tracker.store.turns import staged_turn

    monkeypatch.setattr(receiver, "PATIENCE_MS", 50)
    sender.log_in()
    with staged_turn(context.store, Lock.INGEST):
        answer = sender.call(DOSSIERS, [dossier()])
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (503, "-9", "5")
    assert "hãy gửi lại" in answer.message
    assert stored(context) is None
    assert sender.call(DOSSIERS, [dossier()]).code == "0"


def test_a_call_that_fails_unexpectedly_is_answered_in_json_and_tells_nothing_of_it(
    sender: Sender, context: StandingContext, caplog: pytest.LogCaptureFixture
):
    sender.log_in()
    with context.store.transaction() as session:
        broken = session.query(SourceKey).one()
        broken.units = "no JSON"
    answer = sender.call(DOSSIERS, [dossier(ChuHoSo="Người Bí Mật")])
    assert (answer.status, answer.code) == (500, "-99")
    assert "JSONDecodeError" in caplog.text
    assert "Người Bí Mật" not in caplog.text


def test_systems_that_push_at_once_are_taken_in_one_after_the_other_or_told_to_come_again(
    far_sender: Sender, context: StandingContext
):
    far_sender.log_in()

    def until_taken(number: int) -> set[int]:
        sender, statuses = replace(far_sender, heard=[]), set()
        while 200 not in statuses:
            statuses.add(sender.call(DOSSIERS, [dossier(MaHoSo=f"A-{number}")]).status)
        return statuses

    with ThreadPoolExecutor(8) as threads:
        heard = set().union(*threads.map(until_taken, range(24)))
    assert heard <= {200, 503}
    assert len(batches_of(context)) == 24
    assert all(stored(context, f"A-{number}") for number in range(24))


def read_as_senders_do(answer: Answer) -> tuple[int, str]:
    return int(answer.document["error_code"]), str(answer.document["error_code"])


def test_every_answer_is_json_whatever_was_asked(far_sender: Sender, context: StandingContext):
    asked: list[tuple[str, Any]] = [
        (ENVELOPE, b"\x00\x01"), (ENVELOPE, []), (f"{ENVELOPE}/khong-co", {}), (f"{ENVELOPE}/a/b", {}),
        (f"{ENVELOPE}/dang-nhap", "x"), (f"{ENVELOPE}/dang-nhap", {"username": 1}), (f"{ENVELOPE}/", {}),
    ]  # fmt: skip
    for path, body in asked:
        answer = far_sender.post(path, body)
        assert answer.headers["Content-Type"].startswith("application/json"), path
        assert "Set-Cookie" not in answer.headers
        assert read_as_senders_do(answer)[0] < 0
        assert (answer.status == 404) is (answer.code == "-7")
        assert "<" not in answer.text
