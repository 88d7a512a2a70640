"""`dunghen pull` against real servers that speak OpenCPS REST and the iGate-style connector: pages and faults."""

import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from app.works.pulling import page_words
from tests.flows.office import Office, at, facts
from tests.flows.pulling import SECRETS, configure, counts, mark, pulled, stored
from tests.portal_servers import (
    SECRET,
    PortalServer,
    Reply,
    codes,
    configured,
    igate_record,
    opencps_record,
    serving,
)
from tracker.config import PullConfig
from tracker.connectors.calling import Caller
from tracker.connectors.igate import Igate
from tracker.connectors.pages import Page

pytestmark = pytest.mark.either_database(
    "about answers of a service; what is stored goes the way of every list"
)

LATER = "20/04/2022 09:00:00"


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the connectors log in with."""
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)


@pytest.fixture
def server() -> Iterator[PortalServer]:
    """A system with 25 dossiers of OpenCPS."""
    with serving(PortalServer([opencps_record(number) for number in range(1, 26)])) as listening:
        yield listening


@pytest.fixture
def puller(office: Office, server: PortalServer) -> Office:
    """An office that asks that system in pages of 10."""
    configure(office, server.opencps)
    return office


# ---------------------------------------------------------------- OpenCPS


def test_all_pages_of_opencps_are_loaded_each_as_a_batch_of_its_source(puller: Office, server: PortalServer):
    told = pulled(puller)
    assert (told["pages"], counts(told)) == (3, (25, 25, 0, 0, 0, 0))
    assert stored(puller) == codes(server.records)
    assert puller.query("SELECT DISTINCT origin FROM batch") == [("pull",)]
    assert puller.query("SELECT count(*), count(DISTINCT batch_id) FROM dossier") == [(25, 3)]
    assert at(puller, "source_due_at", "000.15.28.H15-220301-00001") == "2022-03-15 17:00:00"
    assert facts(puller, "limit_text, applicant_name", "000.15.28.H15-220301-00001") == (
        "10 ngày làm việc",
        "Nguyễn Văn Bịa",
    )
    assert at(puller, "documented_due_at", "000.15.28.H15-220301-00001") == "2022-03-15 17:00:00"


def test_no_identity_number_of_a_pulled_record_is_anywhere_in_the_database(puller: Office):
    pulled(puller)
    found = [
        table for table, rows in puller.dump().items() if any("001099999999" in str(row) for row in rows)
    ]
    assert found == []


def test_a_second_pull_reads_only_what_has_changed_since(puller: Office, server: PortalServer):
    pulled(puller)
    server.calls.clear()
    server.records[3] |= {
        "dossierStatus": "done",
        "releaseDate": LATER,
        "finishDate": LATER,
        "modifiedDate": LATER,
    }
    told = pulled(puller)
    # The last one of the pull before is read again: something may have changed in the same second.
    assert (told["pages"], counts(told)) == (1, (2, 0, 1, 1, 0, 0))
    assert server.starts() == [0]
    assert at(puller, "finished_at", "000.15.28.H15-220301-00004") == "2022-04-20 09:00:00"
    assert counts(pulled(puller)) == (1, 0, 0, 1, 0, 0)


def test_what_changes_while_pages_are_read_is_neither_lost_nor_doubled(puller: Office, server: PortalServer):
    """A dossier of the last page moves to the front after the first page was read."""

    def move(serving: PortalServer) -> None:
        serving.records[0] |= {"modifiedDate": LATER, "dossierStatus": "waiting"}

    server.troubles = [lambda _server: None, move]
    assert pulled(puller)["new"] == 24
    told = pulled(puller)
    assert (told["new"], stored(puller)) == (1, codes(server.records))


def test_what_is_deleted_while_pages_are_read_hides_nothing(puller: Office, server: PortalServer):
    """Twelve dossiers of the first two pages vanish: what stood behind them moves forward by more than pages overlap."""
    server.records += [opencps_record(number) for number in range(26, 46)]
    left = server.records[:25]

    def delete(serving: PortalServer) -> None:
        serving.records = serving.records[:25] + serving.records[37:]

    server.troubles = [lambda _server: None, lambda _server: None, delete]
    pulled(puller)
    assert stored(puller) >= codes(left)


def test_a_system_that_gives_smaller_pages_than_were_asked_for_is_read_to_its_end(
    puller: Office, server: PortalServer
):
    server.largest_page = 7
    assert pulled(puller)["new"] == 25
    assert stored(puller) == codes(server.records)


@pytest.mark.parametrize("total", [0, -1, None, "25", True, 900])
def test_a_total_that_cannot_be_believed_ends_nothing(puller: Office, server: PortalServer, total: Any):
    """Pages of 10, each with the overlap: what an OpenCPS would answer, but for the total."""
    ordered = sorted(server.records, key=lambda one: one["dossierId"], reverse=True)
    asked = [(0, 10), (5, 20), (15, 30), (20, 35), (25, 35), (25, 35)]
    server.troubles = [
        Reply(200, json.dumps({"total": total, "data": ordered[start:end]}).encode()) for start, end in asked
    ]
    assert pulled(puller)["new"] == 25


@pytest.mark.parametrize("changed", ["", "hôm qua", None, 12])
def test_a_list_without_usable_times_of_change_is_read_as_a_whole_each_time(
    puller: Office, server: PortalServer, changed: Any
):
    for record in server.records:
        record["modifiedDate"] = changed if changed != 12 else "01/04/2022"
    assert counts(pulled(puller)) == (25, 25, 0, 0, 0, 0)
    assert mark(puller) == {"since": ""}
    assert counts(pulled(puller)) == (25, 0, 0, 25, 0, 0)


def test_a_dossier_paused_at_opencps_is_suspended_and_a_refusal_after_processing_ends_it(
    puller: Office, server: PortalServer
):
    server.records = [
        opencps_record(1, lockState="PAUSE", dueDate="15/09/2026 17:00:00"),
        opencps_record(2, dossierStatus="unresolved", releaseDate="10/03/2022 08:00:00"),
        opencps_record(3, dossierStatus="cancelled", releaseDate="10/03/2022 08:00:00"),
        opencps_record(4, dossierStatus="denied", releaseDate="02/03/2022 08:00:00", receiveDate=""),
    ]
    pulled(puller)
    ends = puller.query("SELECT code, end_kind FROM dossier ORDER BY code")
    assert [kind for _, kind in ends] == [None, "refused", "withdrawn", "not_accepted"]
    told = puller.ask("dossier", "000.15.28.H15-220301-00001")
    assert told["state"] == "suspended"


def test_records_that_are_no_dossiers_are_rejected_where_they_stood_and_what_has_no_number_is_counted(
    puller: Office, server: PortalServer
):
    broken: list[Any] = [None, "x", 7, opencps_record(26, dossierNo="")]
    server.records = [
        opencps_record(1, dossierStatus=""),
        opencps_record(2),
        opencps_record(3, dueDate="31/02/2022 17:00:00"),
    ]
    page = json.dumps({"total": 7, "data": [*broken, *server.records]}).encode()
    server.troubles = [Reply(200, page)]
    answer = puller.run("pull", "motcua", "--json")
    told = answer.json["pulls"][0]
    assert answer.status == 1
    assert (told["left_out"], counts(told)) == (1, (6, 1, 0, 0, 0, 5))
    rejected = puller.query("SELECT code FROM rejection ORDER BY id")
    assert sorted(code for (code,) in rejected) == ["CODE_MISSING"] * 4 + ["DATE_INVALID"]
    assert puller.query("SELECT DISTINCT file FROM rejection") == [("motcua: hồ sơ 1-7",)]


# ---------------------------------------------------------------- the iGate-style connector


@pytest.fixture
def connector(office: Office) -> Iterator[PortalServer]:
    """A system with 25 dossiers that an office asks through the iGate-style connector."""
    with serving(PortalServer([igate_record(number) for number in range(1, 26)])) as listening:
        configure(office, listening.igate)
        yield listening


@pytest.mark.parametrize("in_envelope", [False, True])
def test_the_list_of_the_igate_style_connector_is_loaded_in_pages(
    office: Office, connector: PortalServer, in_envelope: bool
):
    connector.in_envelope = in_envelope
    told = pulled(office, "cong")
    assert (told["pages"], counts(told)) == (3, (25, 25, 0, 0, 0, 0))
    assert at(office, "received_at", "000.15.28.H15-220301-00001") == "2022-03-01 08:00:00"


def test_a_list_that_has_not_changed_is_not_loaded_again_and_one_that_has_is(
    office: Office, connector: PortalServer
):
    pulled(office, "cong")
    assert counts(pulled(office, "cong")) == (0, 0, 0, 0, 0, 0)
    assert "không có gì mới" in office.run("pull", "cong").out
    connector.records[4]["TrangThaiHoSo"] = "5"
    assert counts(pulled(office, "cong")) == (25, 0, 1, 24, 0, 0)


def test_a_token_that_is_over_is_renewed(office: Office, connector: PortalServer):
    connector.troubles = [Reply(401)]
    assert pulled(office, "cong")["new"] == 25
    assert connector.tokens == ["ma-1", "ma-2"]


def test_a_system_that_never_takes_its_own_token_is_asked_twice_and_no_more(
    office: Office, connector: PortalServer
):
    connector.troubles = [Reply(401), Reply(403), Reply(401)]
    answer = office.run("pull", "cong")
    assert (answer.status, len(connector.tokens), len(connector.troubles)) == (3, 2, 1)


@pytest.mark.parametrize("expires_in", [0, "10", None, "mãi mãi"])
def test_a_token_is_begun_with_only_while_it_lasts(expires_in: Any, connector: PortalServer):
    connector.expires_in = expires_in
    bounds = PullConfig((), 10, 20, 1, 1, 0)
    asking = Igate(Caller("cong", connector.url, bounds, lambda _seconds: None), SECRET, 10)
    assert len(list(asking.pages({}))) == len(list(asking.pages({}))) == 3
    lasts = expires_in in (None, "mãi mãi")
    assert len(connector.tokens) == (1 if lasts else 2)


def test_ten_thousand_dossiers_are_handed_on_without_being_in_memory_at_once(connector: PortalServer):
    connector.records = [igate_record(number) for number in range(10_000)]
    bounds = PullConfig((), 500, 60, 16, 1, 0)
    asking = Igate(Caller("cong", connector.url, bounds, lambda _seconds: None), SECRET, 500)
    size = sum(len(json.dumps(one, ensure_ascii=False).encode()) for one in connector.records)
    tracemalloc.start()
    base = tracemalloc.get_traced_memory()[0]
    read = sum(len(page.elements) for page in asking.pages({}))
    peak = tracemalloc.get_traced_memory()[1] - base
    tracemalloc.stop()
    assert read == 10_000
    # Server and program share this process: the body on both sides, its parts, and windows of text of 4 MiB.
    assert peak < 5 * size + 24 * 1024 * 1024


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    "trouble",
    [
        Reply(500, b"oops"),
        Reply(503, headers={"Retry-After": "0"}),
        Reply(429, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}),
        Reply(200, b'{"total": 25, "data": [{"dossierId": 1'),  # cut, and its length told right
        Reply(200, b'{"total": 25, "data": []}', cut=8),
        Reply(200, b"<html>B\xe1\xba\xa3o tr\xc3\xac</html>"),
        Reply(200, b'{"total": 25, "data": "\xff"}'),
        Reply(200, b""),
    ],
)  # fmt: skip
def test_a_passing_fault_is_asked_again(puller: Office, server: PortalServer, trouble: Reply):
    server.troubles = [trouble, trouble]
    assert pulled(puller)["new"] == 25
    assert server.troubles == []


def test_a_system_that_stays_silent_or_drips_is_given_up_in_time_and_what_was_read_stays(
    office: Office, server: PortalServer
):
    configure(office, server.opencps, tries="2", answer_seconds="1")
    server.troubles = [lambda _server: None, Reply(silent=True), Reply(200, b" " * 1000, drip=True)]
    answer = office.run("pull", "motcua")
    assert answer.status == 3
    assert "Hệ thống nguồn motcua: không trả lời kịp (đã thử 2 lần)." in answer.err
    assert len(stored(office)) == 10
    assert office.ask("pull", "--status")["connectors"][0]["fault"] == (
        "Hệ thống nguồn motcua: không trả lời kịp (đã thử 2 lần)."
    )
    assert counts(pulled(office)) == (15, 15, 0, 0, 0, 0) or len(stored(office)) == 25
    assert office.ask("pull", "--status")["connectors"][0]["fault"] == ""


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Reply(404), "không hiểu lời gọi (mã 404)"),
        (Reply(302, headers={"Location": "http://localhost:1/khac"}), "chuyển hướng sang địa chỉ khác (mã 302)"),
        (Reply(200, b"[" * 100_000), "JSON lồng nhau quá sâu"),
        (Reply(200, b"[]"), "trả lời không phải danh sách hồ sơ"),
        (Reply(200, b'{"total": 1, "data": {"dossierId": 1}}'), "trả lời không phải danh sách hồ sơ"),
        (Reply(200, b'{"data": [1,1,1,1,1,1,1,1,1,1,1]}'), "trả 11 hồ sơ khi chỉ hỏi 10"),
        (Reply(200, headers={"Content-Length": "2147483648"}), "lớn hơn 1 MiB"),
        (Reply(200, b" " * 1_100_000, headers={"Content-Length": ""}), "lớn hơn 1 MiB"),
        (Reply(200, b"x", headers={"Content-Encoding": "gzip"}), "đã nén dù không được yêu cầu"),
        (Reply(503, headers={"Retry-After": "86400"}), "đang bận hoặc có lỗi (mã 503) (đã thử 1 lần)"),
        (Reply(203), "từ chối đăng nhập (mã 203)"),
        (Reply(403), "từ chối đăng nhập (mã 403)"),
    ],
)  # fmt: skip
def test_what_asking_again_would_not_mend_is_told_at_once_and_nothing_is_loaded(
    office: Office, server: PortalServer, reply: Reply, words: str
):
    configure(office, server.opencps, max_answer_mib="1")
    server.troubles = [reply]
    answer = office.run("pull", "motcua")
    assert answer.status == 3
    assert words in answer.err
    assert len(server.calls) == 1
    assert office.query("SELECT count(*) FROM batch") == [(0,)]
    assert office.query("SELECT mark, done_at FROM pull_mark") == [("{}", None)]


def test_a_system_that_repeats_one_page_for_ever_is_noticed(puller: Office, server: PortalServer):
    page = Reply(200, json.dumps({"total": 900, "data": server.records[:10]}).encode())
    server.troubles = [page] * 20
    answer = puller.run("pull", "motcua")
    assert answer.status == 3
    assert "trả lại mãi một trang" in answer.err
    assert len(server.calls) < 12


def test_nobody_listening_is_told_without_the_secret(puller: Office, server: PortalServer):
    server.troubles = []
    puller.configure(
        connectors=configured("motcua opencps http://localhost:1/o/rest/v2 main 1"), wait_seconds="0"
    )
    answer = puller.run("pull", "motcua")
    assert "không nối được" in answer.err
    assert SECRET.split(":")[1] not in answer.err


def test_a_wrong_password_and_a_missing_one_are_told_apart(
    puller: Office, server: PortalServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DUNGHEN_PULL_SECRET_MOTCUA", "nguoi-doc:sai")
    answer = puller.run("pull", "motcua")
    assert (answer.status, "từ chối đăng nhập (mã 203)" in answer.err) == (3, True)
    monkeypatch.delenv("DUNGHEN_PULL_SECRET_MOTCUA")
    answer = puller.run("pull", "motcua")
    assert (answer.status, "DUNGHEN_PULL_SECRET_MOTCUA" in answer.err) == (2, True)
    assert "DUNGHEN_PULL_SECRET_MOTCUA" in puller.ask("pull", "--status")["connectors"][0]["fault"]


# ---------------------------------------------------------------- the command


def test_without_a_system_in_the_configuration_nobody_is_asked(office: Office):
    assert office.run("pull").status == 2
    assert office.run("pull", "motcua").status == 2
    assert office.query("SELECT count(*) FROM pull_mark") == [(0,)]


def test_one_system_that_fails_keeps_nobody_from_the_others(
    office: Office, server: PortalServer, connector: PortalServer
):
    configure(office, server.opencps, connector.igate)
    server.troubles = [Reply(404)]
    answer = office.run("pull", "--json")
    assert answer.status == 3
    first, second = answer.json["pulls"]
    assert ("mã 404" in first["fault"], second["new"], second["fault"]) == (True, 25, None)


def test_how_far_a_pull_is_reads_in_vietnamese():
    assert (
        page_words(Page("motcua: hồ sơ 1-500", (), "", {}, 500, 12_500)) == "motcua: hồ sơ 1-500 trên 12.500"
    )


def test_a_dossier_is_pulled_once_it_has_its_number(puller: Office, server: PortalServer):
    filed = {"dossierNo": "", "dossierStatus": "new", "receiveDate": "", "dueDate": ""}
    server.records = [opencps_record(1, **filed)]
    assert "chưa lấy 1 hồ sơ chưa được tiếp nhận nên chưa có số" in puller.run("pull", "motcua").out
    server.records = [opencps_record(1, modifiedDate=LATER)]
    assert counts(pulled(puller)) == (1, 1, 0, 0, 0, 0)
    assert stored(puller) == codes(server.records)
