"""What programs do by the API, end to end: letters moved on, work taken on, files brought in and taken; each in the log."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.api.faults import PREFIX
from app.api.routes import OPERATIONS
from tests.web.api_calls import BY_NAME, a_token, asking, bearer, own_letter_file
from tests.web.imports import a_list
from tests.web.works import work_all
from tests.web.world import NAME, NOW, OVERDUE_A, PHONE, StandingContext
from tracker.store import audit, letter_rows, office_events, work

REASON = "Quyết định phân công số 7 (thử nghiệm)"
# What a call that does something sends, by whom, and the act that stands in the log beside the call itself; "" = none.
CALLS: Mapping[str, tuple[str, dict[str, Any], str]] = {
    "note_write": ("desk", {"json": {"text": "Đã gọi điện hẹn lại"}}, "note_write"),
    "letter_step": ("desk", {"json": {"step": "correct", "reason": REASON}}, "letter_correct"),
    "obligation_decision": ("desk", {"json": {"decision": "reason", "reason": REASON}}, "obligation_reason"),
    "alert_acts": (
        "head", {"json": {"act": "take_on", "dossiers": [1], "promised_on": "2026-08-28"}}, "alert_take_on",
    ),
    "calendar_propose": (
        "reform",
        {"json": {"days": [{"day": "2026-12-30", "name": "Nghỉ thử", "notice": "TB 2"}], "reason": REASON}},
        "calendar_propose_asked",
    ),
    "source_file": (
        "reform", {"data": a_list().encode(), "content_type": "text/csv", "query": {"name": "thang 8.csv"}}, "ingest_asked",
    ),
    "report_ask": (
        "reform",
        {"json": {"report": "II.06a", "ending": ".xlsx", "start": "2026-07-01", "end": "2026-07-31"}},
        "report_export_asked",
    ),
    "late_export": ("reform", {"json": {}}, "late_export_asked"),
    "deadline": ("desk", {"json": {"received": "2026-08-24", "limit": "5 ngày làm việc"}}, ""),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _letter(context: StandingContext, tmp_path: Path) -> None:
    own_letter_file(context, tmp_path)


def entries(context: StandingContext) -> list[audit.Act]:
    with context.store.read() as session:
        return audit.recent_acts(session, 1000)[::-1]


def test_every_operation_that_does_something_is_gone_through():
    doing = {operation.name for operation in OPERATIONS if operation.method != "GET"}
    assert doing - set(CALLS) == {"note_withdraw"}  # `test_a_note_is_written_read_and_taken_back`


@pytest.mark.parametrize("name", CALLS)
def test_doing_something_is_answered_and_leaves_its_entry_and_that_of_the_call(
    app: Flask, context: StandingContext, name: str
):
    role, sent, action = CALLS[name]
    before = len(entries(context))
    answer = asking(app, context, role)(name, **sent)
    assert answer.status_code == BY_NAME[name].status, answer.text
    new = [act for act in entries(context)[before:] if act.action != "api_token_make"]
    assert {act.actor for act in new} <= {role}
    wanted = {action, "api"} - {""} if action else set()
    assert {act.action for act in new} == wanted
    for act in new:
        assert NAME not in str(act)
        assert REASON not in str(act)
        assert act.action != "api" or act.detail["operation"] == name


def test_reading_a_dossier_is_in_the_log_by_its_number_and_the_token(app: Flask, context: StandingContext):
    assert asking(app, context, "auditor")("dossier").status_code == 200
    act = entries(context)[-1]
    assert (act.actor, act.action, act.subject) == ("auditor", "api", "dossier:1")
    assert act.detail["operation"] == "dossier"
    assert act.detail["token"] > 1


def test_what_was_looked_for_is_not_in_the_log(app: Flask, context: StandingContext):
    ask = asking(app, context, "desk")
    ask("dossiers_search", query={"code": PHONE})
    ask("letters", query={"code": NAME})
    ask("dossiers_late", query={"field": NAME})
    assert PHONE not in str(entries(context))
    assert NAME not in str(entries(context))


def test_a_letter_goes_its_whole_way(app: Flask, context: StandingContext):
    desk, head = asking(app, context, "desk"), asking(app, context, "head")
    steps = [
        (head, {"step": "approve"}, "approved"),
        (desk, {"step": "sign", "signed_on": "2026-08-24"}, "signed"),
        (desk, {"step": "number", "number": "12/PXL", "issued_on": "2026-08-24"}, "numbered"),
        (desk, {"step": "deliver", "channel": "in_person", "at": "2026-08-24T09:15:00+07:00"}, "delivered"),
    ]
    for ask, sent, state in steps:
        assert sent["step"] in head("letter").json["can"]
        answer = ask("letter_step", json=sent)
        assert (answer.status_code, answer.json["state"]) == (200, state), answer.text
    with context.store.read() as session:
        [letter] = letter_rows.letters_by_id(session, [1], None)
        kinds = office_events.listed(session, kinds=[each.value for each in office_events.EventKind])
    assert (letter.number, letter.delivered_by) == ("12/PXL", "in_person")
    assert [(each.kind, each.subject) for each in kinds] == [
        ("letter.signed", "letter:1"), ("letter.delivered", "letter:1"),
    ]  # fmt: skip
    told = desk("events").json
    assert [each["kind"] for each in told["items"]] == ["letter.signed", "letter.delivered"]
    assert desk("events", query={"after": told["last"]}).json["items"] == []


def test_a_step_that_may_not_be_or_cannot_be_is_told_apart(app: Flask, context: StandingContext):
    desk, head = asking(app, context, "desk"), asking(app, context, "head")
    assert desk("letter_step", json={"step": "approve"}).status_code == 403
    assert (
        head("letter_step", json={"step": "sign", "signed_on": "2026-08-24"}).json["code"] == "STATE_CONFLICT"
    )
    assert head("letter_step", json={"step": "return"}).json["code"] == "INVALID_FIELD"
    answer = head("letter_step", json={"step": "approve", "reason": "x"})
    assert answer.json["errors"] == [{"field": "reason", "told": "việc này không dùng trường này"}]
    assert head("letter_step", json={"step": "approve"}, own={"letter_id": 999}).status_code == 404


def test_a_note_is_written_read_and_taken_back(app: Flask, context: StandingContext):
    desk, auditor = asking(app, context, "desk"), asking(app, context, "auditor")
    written = desk("note_write", json={"text": "Bà Ngọc hẹn chiều mai"}).json["note_id"]
    assert desk("notes").json["items"][0]["text"] == "Bà Ngọc hẹn chiều mai"
    assert auditor("notes").json["items"][0]["text"] == "(ẩn)"
    assert desk("note_withdraw", own={"note_id": written}).status_code == 200
    assert desk("note_withdraw", own={"note_id": written}).json["code"] == "STATE_CONFLICT"
    assert desk("notes").json["items"][0]["text"] is None


def test_a_file_brought_in_is_loaded_by_a_worker_and_told_as_an_event(app: Flask, context: StandingContext):
    ask = asking(app, context, "reform")
    sent = {
        "data": a_list().encode(),
        "content_type": "text/csv",
        "query": {"name": "thang 8.csv", "source": "thu"},
    }
    asked = ask("source_file", **sent).json
    with app.test_client() as client:
        work_all(client)
    row = ask("work", own={"work_id": asked["work_id"]}).json
    assert (row["state"], row["result"]["new"], row["result"]["rejected"]) == ("done", 1, 1)
    batch = ask("batches").json["items"][0]
    assert (batch["source"], batch["new"], batch["open_rejections"]) == ("thu", 1, 1)
    assert ask("rejections", query={"batch": batch["id"]}).json["items"][0]["code"] == "DATE_INVALID"
    [event] = ask("events", query={"kind": "batch.loaded"}).json["items"]
    assert (event["subject"], event["body"]["new"]) == (f"batch:{batch['id']}", 1)


def test_a_file_that_was_made_is_taken_by_its_asker_alone(app: Flask, context: StandingContext):
    ask, other = asking(app, context, "reform"), asking(app, context, "admin")
    asked = ask("late_export", json={"state": "all"}).json
    with app.test_client() as client:
        work_all(client)
    own = {"work_id": asked["work_id"]}
    assert ask("work", own=own).json["file"] == f"{PREFIX}/tasks/{asked['work_id']}/file"
    answer = ask("work_file", own=own)
    assert (answer.status_code, answer.data[:2]) == (200, b"PK")
    assert other("work_file", own=own).status_code == 403


def test_a_file_with_names_is_not_taken_by_a_token_without_them(app: Flask, context: StandingContext):
    full, without = asking(app, context, "head"), asking(app, context, "head", ["work:read", "reports:write"])
    asked = full("late_export", json={"state": "all"}).json
    masked = without("late_export", json={}).json
    with app.test_client() as client:
        work_all(client)
    assert full("work_file", own={"work_id": asked["work_id"]}).status_code == 200
    assert without("work_file", own={"work_id": asked["work_id"]}).status_code == 403
    assert without("work_file", own={"work_id": masked["work_id"]}).status_code == 200


def test_a_deadline_is_the_one_of_the_command(app: Flask, context: StandingContext):
    answer = asking(app, context, "desk")(
        "deadline",
        json={"received": "2026-08-24T09:00+07:00", "limit": "5 ngày làm việc", "as_of": "2026-09-10"},
    ).json
    assert (answer["due_at"], answer["state"], answer["is_late"]) == (
        "2026-09-03T17:00:00+07:00",
        "overdue",
        True,
    )
    assert answer["steps"]


def test_outside_its_years_the_calendar_refuses(app: Flask, context: StandingContext):
    ask = asking(app, context, "desk")
    answer = ask("calendar_days", query={"start": "2190-01-01", "end": "2190-01-31"})
    assert (answer.status_code, answer.json["code"]) == (400, "OUT_OF_CALENDAR")


def test_a_catalogue_that_has_not_changed_is_not_sent_again(app: Flask, context: StandingContext):
    ask = asking(app, context, "desk")
    first = ask("units")
    again = ask("units", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_pages_of_a_list_follow_each_other_by_their_address(app: Flask, context: StandingContext):
    client, token = app.test_client(), bearer(a_token(context, "desk"))
    address, seen = f"{PREFIX}/units?limit=7", []
    while address:
        answer = client.get(address, headers=token)
        seen += [unit["id"] for unit in answer.json["items"]]
        address = answer.json["next"]
        assert (address is None) or answer.headers["Link"] == f'<{address}>; rel="next"'
    assert seen == sorted(set(seen))
    assert len(seen) > 20


def test_when_a_token_was_used_is_kept_to_the_minute(app: Flask, context: StandingContext):
    ask = asking(app, context, "desk")
    ask("me")
    with context.store.read() as session:
        from tracker.store import api_tokens

        assert api_tokens.listed(session)[0].last_used_at == NOW.replace(second=0)


def test_work_of_others_does_not_exist(app: Flask, context: StandingContext):
    with context.store.read() as session:
        other = next(row for row in work.list_work(session) if row.asked_by == "desk")
    assert asking(app, context, "auditor")("work", own={"work_id": other.work_id}).status_code == 404


def test_the_code_of_a_dossier_is_found_however_it_is_written(app: Flask, context: StandingContext):
    ask = asking(app, context, "desk")
    assert ask("dossier", own={"code": OVERDUE_A.lower()}).json["code"] == OVERDUE_A
    assert ask("dossier", own={"code": "%00"}).status_code == 400
