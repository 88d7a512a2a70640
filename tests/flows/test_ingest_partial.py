"""Lists with few columns told over a full export: what they tell is taken, what they do not tell stays."""

from tests.flows.office import Office, csv_text, row

FULL = row(
    1,
    limit_text="10 ngày làm việc",
    suspensions="Xác minh: 02/03/2022 08:00:00 - 04/03/2022 08:00:00",
    officer_name="Trần Thị Bịa",
    previous_due_at="11/03/2022 17:00:00",
)
LATE_LIST = ("dossier_code", "received_at", "due_at", "finished_at", "resolving_unit", "note")


def list_text(*rows: dict[str, str], columns: tuple[str, ...] = LATE_LIST) -> str:
    return csv_text(rows, names=columns)


def shown(office: Office):
    return office.ask("dossier", FULL["dossier_code"])


def test_a_list_of_late_dossiers_adds_the_finish_and_takes_nothing_away(office: Office):
    office.ingest([FULL])
    before = shown(office)
    report = office.ingest(list_text({**FULL, "finished_at": "20/03/2022 10:00:00"}))
    assert (report["changed"], report["rejected"]) == (1, 0)
    after = shown(office)
    assert (after["state"], after["finished_at"]) == ("finished_late", "2022-03-20T10:00+07:00")
    for kept in ("procedure", "field", "applicant", "suspensions", "due"):
        assert after[kept] == before[kept], kept
    assert "PAUSES_UNKNOWN" not in after["flags"]
    ((officer, status),) = office.query("SELECT officer_name, status FROM dossier")
    assert (officer, status) == ("Trần Thị Bịa", "done")


def test_a_list_that_says_what_is_known_changes_nothing_and_the_full_export_is_still_unchanged(
    office: Office,
):
    full = {**FULL, "finished_at": "20/03/2022 10:00:00", "status": "Đã xử lý xong"}
    office.ingest([full])
    before = office.dump(without=("batch", "ingested_at"))
    assert office.ingest(list_text(full))["unchanged"] == 1
    after = office.dump(without=("batch", "ingested_at"))
    assert {name for name in after if after[name] != before[name]} == {
        "batch",
        "batch_seen",
        "office_event",
        "audit_entry",
    }
    assert office.ingest([full])["unchanged"] == 1


def test_a_moved_due_date_in_a_list_is_remembered_like_any_other(office: Office):
    office.ingest([FULL])
    office.ingest(list_text({**FULL, "due_at": "25/03/2022 17:00:00"}))
    answer = shown(office)
    assert answer["due"]["source"] == "2022-03-25T17:00+07:00"
    assert answer["due"]["promised"] == "2022-03-11T17:00+07:00"
    assert len(answer["due_seen"]) == 3
    assert "DUE_CHANGED" in answer["flags"]


def test_a_new_limit_or_reception_moves_the_documented_date_with_the_known_suspension(office: Office):
    office.ingest([FULL])
    before = shown(office)["due"]["documented"]
    columns = ("dossier_code", "received_at", "due_at", "limit_text")
    office.ingest(list_text({**FULL, "limit_text": "12 ngày làm việc"}, columns=columns))
    after = shown(office)["due"]["documented"]
    assert (before, after) == ("2022-03-17T17:00+07:00", "2022-03-21T17:00+07:00")


def test_an_open_list_without_status_leaves_the_known_status_alone(office: Office):
    office.ingest([{**FULL, "status": "Yêu cầu bổ sung giấy tờ"}])
    columns = ("dossier_code", "received_at", "due_at", "officer_name")
    office.ingest(list_text({**FULL, "officer_name": "Lê Văn Bịa"}, columns=columns))
    ((officer, status),) = office.query("SELECT officer_name, status FROM dossier")
    assert (officer, status) == ("Lê Văn Bịa", "awaiting_supplement")


def test_many_dossiers_changed_at_once_are_each_changed_by_their_own_row(office: Office):
    rows = [row(number, limit_text="10 ngày làm việc") for number in range(1, 61)]
    office.ingest(rows)
    later = [
        {**each, "finished_at": f"{14 + number % 5}/03/2022 10:00:00", "status": "Đã xử lý xong"}
        for number, each in enumerate(rows)
    ]
    office.now = office.now.replace(hour=15)
    assert office.ingest(later)["changed"] == 60
    assert office.ingest(later)["unchanged"] == 60
    ((ends,),) = office.query("SELECT count(DISTINCT ended_at) FROM dossier")
    ((revisions,),) = office.query("SELECT count(*) FROM dossier_revision WHERE ended_at IS NULL")
    assert (ends, revisions) == (5, 60)
